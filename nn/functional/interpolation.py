"""Resizing over one or two axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message, one_of
from nn.arguments import LARGEST, flags, floats, is_listed, number, refuse, sizes
from nn.functional.convolution import AXES


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Resize the input along its last one or two axes.

    Args:
        input: shape (N, C, L) or (N, C, H, W).
        size: the new lengths, an int or one for each axis; or
        scale_factor: the factor of the lengths, a number or one for each axis.
        mode: "nearest", "linear" (one axis) or "bilinear" (two).
        align_corners: for the linear modes, whether the first and the last entries keep their
            places; otherwise entries are areas, whose outer borders keep their places.
        recompute_scale_factor: whether the factor is that of the new lengths, which are ints.
        antialias: only False.

    Raises:
        ShapeError: the input does not have the axes of the mode.
        ValueError: an argument is out of range, or not exactly one of size and scale_factor is
            given.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[[1.0, 3.0]]])
        >>> nn.functional.interpolate(x, scale_factor=2).tolist()
        [[[1.0, 1.0, 3.0, 3.0]]]
        >>> nn.functional.interpolate(x, 3, mode="linear", align_corners=True).tolist()
        [[[1.0, 2.0, 3.0]]]
    """
    what = "interpolate"
    x = floats(input)
    refuse(what, antialias=antialias)
    check_resize(what, size, scale_factor, mode, align_corners, recompute_scale_factor)
    k = {"linear": 1, "bilinear": 2}.get(mode, x.ndim - 2)
    if k not in (1, 2) or x.ndim != k + 2:
        expected = "(N, C, L) or (N, C, H, W)" if mode == "nearest" else f"({AXES[k]})"
        raise ShapeError(message(what, f"an input of shape {x.shape} with mode={mode!r}", expected))
    lengths = x.shape[2:]
    if scale_factor is None:
        new = sizes(what, "size", size, k)
        steps = [n / m for n, m in zip(lengths, new, strict=True)]
    else:
        factors = tuple(scale_factor) if is_listed(scale_factor) else (scale_factor,) * k
        if len(factors) != k:
            expected = f"a number, or {k} of them" if k > 1 else "a number"
            raise ValueError(message(what, f"scale_factor={described(scale_factor)}", expected))
        wanted = [n * f for n, f in zip(lengths, factors, strict=True)]
        if max(wanted) > LARGEST:
            got = f"scale_factor={described(scale_factor)} for an input of shape {x.shape}"
            raise ValueError(message(what, got, f"at most {LARGEST:,} entries on each axis"))
        new = tuple(map(int, wanted))
        if min(new) < 1:
            got = f"scale_factor={described(scale_factor)} for an input of shape {x.shape}"
            raise ValueError(message(what, got, "one that leaves an entry on each axis"))
        steps = [1.0 / f for f in factors]
        if recompute_scale_factor:
            steps = [n / m for n, m in zip(lengths, new, strict=True)]
    for i, (n, m, step) in enumerate(zip(lengths, new, steps, strict=True)):
        if mode == "nearest":
            x = ag.take(x, np.minimum((np.arange(m) * step).astype(int), n - 1), axis=2 + i)
        else:
            x = matmul_along(
                x, 2 + i, _interpolation_matrix(n, m, step, bool(align_corners), x.dtype)
            )
    return x


def check_resize(
    what: str,
    size: Any,
    scale_factor: Any,
    mode: str,
    align_corners: bool | None,
    recompute_scale_factor: bool | None,
) -> None:
    """Check what does not depend on the input.

    Raises:
        ValueError: an argument is out of range, or not exactly one of size and scale_factor is
            given.
        TypeError: an option is neither None, True nor False.
    """
    one_of(what, "mode", mode, ("nearest", "linear", "bilinear"))
    if (size is None) == (scale_factor is None):
        got = f"size={size} and scale_factor={scale_factor}"
        raise ValueError(message(what, got, "exactly one of the two"))
    if scale_factor is not None:
        factors = tuple(scale_factor) if is_listed(scale_factor) else (scale_factor,)
        if not factors:
            got = f"scale_factor={described(scale_factor)}"
            raise ValueError(message(what, got, "a factor, or one for each axis"))
        for factor in factors:
            number(what, "scale_factor", factor, 0.0, open_low=True)
    else:
        sizes(what, "size", size, max(len(size), 1) if isinstance(size, Sequence) else 1)
    if align_corners is not None:
        flags(what, align_corners=align_corners)
        if align_corners and mode == "nearest":
            got = "align_corners=True with mode='nearest'"
            raise ValueError(message(what, got, "mode='linear' or mode='bilinear'"))
    if recompute_scale_factor is not None:
        flags(what, recompute_scale_factor=recompute_scale_factor)
        if recompute_scale_factor and size is not None:
            got = f"recompute_scale_factor=True and size={size}"
            raise ValueError(message(what, got, "a scale_factor to compute again"))


def matmul_along(x: Any, axis: int, matrix: Any) -> Any:
    """The product of the matrix and x along one axis.

    Example:
        >>> from nn.functional.interpolation import matmul_along
        >>> matmul_along(np.ones((2, 3)), 1, np.ones((5, 3))).shape
        (2, 5)
    """
    return ag.moveaxis(ag.tensordot(x, matrix, axes=([axis], [1])), -1, axis)


def _interpolation_matrix(n: int, m: int, step: float, align_corners: bool, dtype: Any) -> Any:
    """The matrix of linear interpolation from n to m entries."""
    if align_corners:
        position = np.linspace(0.0, n - 1.0, m) if m > 1 else np.zeros(1)
    else:
        position = np.maximum((np.arange(m) + 0.5) * step - 0.5, 0.0)
    below = np.minimum(position.astype(int), n - 1)
    above = np.minimum(below + 1, n - 1)
    share = position - below
    matrix = np.zeros((m, n))
    np.add.at(matrix, (np.arange(m), below), 1.0 - share)
    np.add.at(matrix, (np.arange(m), above), share)
    return matrix.astype(dtype)
