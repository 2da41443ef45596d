"""Adafactor: second moments of a matrix as a row and a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor
from autograd.errors import described, message
from nn.arguments import number, optional_flags
from nn.optim.formulas import count_step, factor_for
from nn.optim.optimizer import Optimizer
from nn.optim.options import Number, Option


class _Floors:
    """A pair of small numbers, of which the first may be None."""

    def check(self, operation: str, name: str, value: Any) -> None:
        """Raise ValueError for anything else."""
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            got = f"{name}={described(value)}"
            raise ValueError(message(operation, got, "two numbers, of which the first may be None"))
        for i, floor in enumerate(value):
            if floor is not None or i == 1:
                number(operation, f"{name}[{i}]", floor, 0.0)


class Adafactor(Optimizer):
    """Adam without momentum that needs little memory: v of an n × m matrix is n + m numbers.

    r and c are moving averages of g² along rows and columns, v = r c / mean(r). The step g / √v is
    clipped to a root mean square of d, and scaled by the size of the parameter:
    p ← p - max(eps₂, rms(p)) · min(lr, 1 / √t) · step / max(1, rms(step) / d).

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the largest relative step size.
        beta2_decay: the averages keep a share of 1 - t^beta2_decay.
        eps: the smallest √v, by default the dtype's, and the smallest size of a parameter.
        d: the largest root mean square of a step.
        weight_decay: decoupled from the gradient, as in `AdamW`.
        foreach: PyTorch's choice between implementations; without effect.
        maximize: whether to ascend instead of descend.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter(np.ones((2, 3)))
        >>> optimizer = nn.optim.Adafactor([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [[0.9, 0.9, 0.9], [0.9, 0.9, 0.9]]
        >>> {name: x.shape for name, x in optimizer.state[p].items()}
        {'step': (), 'row_var': (2, 1), 'col_var': (1, 3)}

    Source: Shazeer and Stern, Adafactor (2018).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"step"})
    options: ClassVar[Mapping[str, Option]] = {
        "beta2_decay": Number(high=0.0),
        "eps": _Floors(),
        "d": Number(1.0),
    }
    scalar_state = frozenset({"step"})
    decoupled_weight_decay = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        optional_flags("Adafactor", foreach=foreach)
        super().__init__(
            params,
            lr=lr,
            beta2_decay=beta2_decay,
            eps=eps,
            d=d,
            weight_decay=weight_decay,
            maximize=maximize,
        )

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """The clipped step, scaled by the size of the parameter."""
        t = count_step(state)
        share = factor_for(g, t ** group["beta2_decay"])
        small, smallest_size = group["eps"]
        small = float(np.finfo(p.dtype).eps) if small is None else small
        squares = g * g
        if p.ndim > 1:
            rows = _averaged(state, "row_var", squares.mean(axis=-1, keepdims=True), share)
            columns = _averaged(state, "col_var", squares.mean(axis=-2, keepdims=True), share)
            mean = np.maximum(rows.mean(axis=-2, keepdims=True), small)
            v = rows * columns / mean
        else:
            v = _averaged(state, "variance", squares, share)
        step = g / np.sqrt(np.maximum(v, small * small))
        size = np.maximum(_size(p), smallest_size)
        rate = np.minimum(group["lr"], t**-0.5)
        clipped = np.maximum(_size(step) / group["d"], 1.0)
        return factor_for(g, size * rate / clipped) * step

    def _loaded(self, what: str, p: Tensor, name: str, x: Any) -> Any:
        """Rows and columns have length 1 along the axis that they average."""
        if name in ("row_var", "col_var") and p.ndim > 1:
            shape = (*p.shape[:-1], 1) if name == "row_var" else (*p.shape[:-2], 1, p.shape[-1])
            array = np.array(x, p.dtype)
            if array.shape != shape:
                raise ValueError(message(what, f"{name} of shape {array.shape}", f"shape {shape}"))
            return array
        return super()._loaded(what, p, name, x)


def _size(x: Any) -> Any:
    """The root of the mean square."""
    return np.sqrt((x * x).mean())


def _averaged(state: dict[str, Any], name: str, new: Any, share: Any) -> Any:
    """A moving average in the state, which takes over a share of what is new."""
    old = state.get(name)
    state[name] = average = share * new if old is None else old + share * (new - old)
    return average
