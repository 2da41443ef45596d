"""Running extremes and running logarithms of sums, and what `ufunc.accumulate` stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.looking import look
from autograd.numpy import reductions as r
from autograd.numpy.arguments import as_operand, normalize_one_axis
from autograd.numpy.picking import take_along_axis
from autograd.numpy.refusals import explained
from autograd.numpy.shaping import moveaxis, reshape
from autograd.primitives import arithmetic as a

__all__ = ["cummax", "cummin", "logcumsumexp"]


@explained
def cummax(x: Any, axis: int | None = None) -> Any:
    """The largest entry so far along one axis, as np.maximum.accumulate; nan from the first nan on.

    axis=None takes all entries in order.

    Derivative: 1 for the largest entry so far; of equal ones for the last, as in PyTorch.

    Example:
        >>> ag.cummax(ag.Tensor([1.0, 3.0, 2.0]))
        Tensor([1., 3., 3.])
    """
    return _extreme_so_far(np.maximum, x, axis, "cummax")


@explained
def cummin(x: Any, axis: int | None = None) -> Any:
    """The smallest entry so far along one axis, as np.minimum.accumulate; nan from the first on.

    axis=None takes all entries in order.

    Derivative: 1 for the smallest entry so far; of equal ones for the last, as in PyTorch.

    Example:
        >>> ag.cummin(ag.Tensor([2.0, 3.0, 1.0]))
        Tensor([2., 2., 1.])
    """
    return _extreme_so_far(np.minimum, x, axis, "cummin")


def _extreme_so_far(ufunc: np.ufunc, x: Any, axis: int | None, what: str) -> Any:
    x, i = _line_up(x, axis, what)
    data = look(x)
    so_far = ufunc.accumulate(data, axis=i)
    reached = (data == so_far) | ((data != data) & (so_far != so_far))
    numbers = np.arange(data.shape[i]).reshape(-1, *[1] * (data.ndim - 1 - i))
    return take_along_axis(x, np.maximum.accumulate(np.where(reached, numbers, 0), axis=i), i)


def _line_up(x: Any, axis: int | None, what: str) -> tuple[Any, int]:
    """The operand with at least one axis, and the axis to go along."""
    x = as_operand(x, what)
    if axis is None or not x.ndim:
        x, axis = reshape(x, (x.size,)), 0 if axis is None else axis
    return x, normalize_one_axis(axis, x.ndim, what)


@explained
def logcumsumexp(x: Any, axis: int | None = None) -> Any:
    """ln Σ eˣ of the entries up to each place along one axis, without overflow.

    axis=None takes all entries in order. Like `cumprod` it takes memory in proportion to the square
    of the axis.

    Derivative: the share of each entry in the sum, e^(x_i - out_j).

    Example:
        >>> ag.logcumsumexp(ag.Tensor([1000.0, 1000.0]))
        Tensor([1000.        , 1000.69314718])
    """
    x, i = _line_up(x, axis, "logcumsumexp")
    lines = moveaxis(r.as_floats(x), i, -1)
    n = lines.shape[-1]
    square = reshape(lines, (*lines.shape[:-1], 1, n))
    so_far = a.where(np.tri(n, dtype=bool), square, -np.inf)
    return moveaxis(r.logsumexp(so_far, -1), -1, i)


ACCUMULATIONS: dict[Any, Callable[..., Any]] = {
    np.add: r.cumsum,
    np.multiply: r.cumprod,
    np.maximum: cummax,
    np.minimum: cummin,
    np.logaddexp: logcumsumexp,
}
