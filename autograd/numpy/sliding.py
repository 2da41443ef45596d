"""Sliding windows and their sum back into place: what convolution and pooling are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError, message
from autograd.numpy.arguments import (
    as_operand,
    flag,
    integers_or_one,
    normalize_one_axis,
    positive_ints,
)
from autograd.numpy.dispatch import implements, unsupported
from autograd.numpy.refusals import explained
from autograd.numpy.shaping import moveaxis
from autograd.primitives import window

__all__ = [
    "fold",
    "sliding_window_view",
    "windows",
]


def windows(x: Any, size: Any, stride: Any = 1, dilation: Any = 1) -> Any:
    """All windows over the last axes, one axis for each entry of `size`; window entries come last.

    Derivative: an entry gets the sum over the windows that contain it, which is `fold`.

    Args:
        x: a Tensor or array of shape (..., length, ...).
        size: how many entries a window has along each of the last axes; an int for one axis.
        stride: the step from one window to the next, an int or one for each axis.
        dilation: the step between the entries of one window, an int or one for each axis.

    Returns:
        shape (..., windows, ..., size, ...): the number of windows along each axis, then `size`.

    Raises:
        ShapeError: a window is longer than its axis, or an argument is not a positive int.

    Example:
        >>> ag.windows(ag.Tensor([1.0, 2.0, 3.0, 4.0, 5.0]), 2, stride=3).tolist()
        [[1.0, 2.0], [4.0, 5.0]]
    """
    x = as_operand(x, "windows")
    size = positive_ints(size, None, "windows", "size")
    k = len(size)
    stride = positive_ints(stride, k, "windows", "stride")
    dilation = positive_ints(dilation, k, "windows", "dilation")
    reach = tuple(d * (n - 1) + 1 for d, n in zip(dilation, size, strict=True))
    lengths = x.shape[x.ndim - k :] if k <= x.ndim else ()
    if len(lengths) < k or any(r > n for r, n in zip(reach, lengths, strict=True)):
        got = f"windows that reach over {reach} entries for shape {x.shape}"
        raise ShapeError(message("windows", got, "windows that fit"))
    return window.windows(x, size=size, stride=stride, dilation=dilation)


def fold(x: Any, shape: Any, stride: Any = 1, dilation: Any = 1) -> Any:
    """Windows added back to where `windows` took them from: its transpose, not its inverse.

    Derivative: each window gets the entries of its places, which is `windows`.

    Args:
        x: a Tensor or array of shape (..., windows, ..., size, ...), as `windows` returns it.
        shape: the lengths of the axes that the windows slide over; an int for one axis.
        stride: as it was given to `windows`.
        dilation: as it was given to `windows`.

    Returns:
        shape (..., *shape).

    Raises:
        ShapeError: there are not as many windows as `windows` cuts out of `shape`.

    Example:
        >>> ag.fold(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 3)
        Tensor([1., 5., 4.])
    """
    x = as_operand(x, "fold")
    shape = positive_ints(shape, None, "fold", "shape")
    k = len(shape)
    stride = positive_ints(stride, k, "fold", "stride")
    dilation = positive_ints(dilation, k, "fold", "dilation")
    if x.ndim < 2 * k:
        raise ShapeError(message("fold", f"shape {x.shape}", f"at least {2 * k} axes"))
    size, counts = x.shape[x.ndim - k :], x.shape[x.ndim - 2 * k : x.ndim - k]
    fitting = tuple(
        (n - d * (m - 1) - 1) // s + 1
        for n, m, s, d in zip(shape, size, stride, dilation, strict=True)
    )
    if counts != fitting:
        which = f"windows of {size} in {shape} with stride {stride} and dilation {dilation}"
        raise ShapeError(message("fold", f"{counts} {which}", str(fitting)))
    return window.fold(
        x, shape=(*x.shape[: x.ndim - 2 * k], *shape), size=size, stride=stride, dilation=dilation
    )


@implements(np.lib.stride_tricks.sliding_window_view)
@explained
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """All windows of a shape, with their axes last.

    Derivative: an entry gets the sum over the windows that contain it.

    Args:
        x: a Tensor or array.
        window_shape: the length of a window along each axis; an int for one axis.
        axis: the axes along which windows slide; by default all.
        subok: accepted for compatibility; it has no effect.
        writeable: must be False.

    Raises:
        ShapeError: a window is longer than its axis.

    Example:
        >>> ag.sliding_window_view(ag.Tensor([1.0, 2.0, 3.0]), 2).tolist()
        [[1.0, 2.0], [2.0, 3.0]]
    """
    if flag(writeable, "sliding_window_view", "writeable"):
        raise unsupported(np.lib.stride_tricks.sliding_window_view, "writeable=True", "False")
    x = as_operand(x, "sliding_window_view")
    size = tuple(integers_or_one(window_shape, "sliding_window_view", "window_shape"))
    axes = range(x.ndim) if axis is None else np.atleast_1d(np.array(axis, object)).tolist()
    places = [normalize_one_axis(i, x.ndim, "sliding_window_view") for i in axes]
    if len(places) != len(size):
        got = f"a window of {size} for axes {places}"
        raise ShapeError(message("sliding_window_view", got, "one length for each axis"))
    if len(set(places)) < len(places):
        raise ShapeError(message("sliding_window_view", f"axes {places}", "each axis once"))
    for i, n in zip(places, size, strict=True):
        if not 0 < n <= x.shape[i]:
            got = f"a window of {n} for axis {i} of shape {x.shape}"
            raise ShapeError(message("sliding_window_view", got, "one that fits"))
    k = len(size)
    ones = (1,) * k
    last = moveaxis(x, places, range(x.ndim - k, x.ndim))
    out = window.windows(last, size=size, stride=ones, dilation=ones)
    return moveaxis(out, range(x.ndim - k, x.ndim), places)
