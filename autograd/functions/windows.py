"""Sliding windows, by NumPy's name: what convolution and pooling are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError
from autograd.functions._arguments import as_operand, normalize_one_axis
from autograd.functions.shaping import moveaxis
from autograd.numpy_names import implements, unsupported
from autograd.primitives import window


@implements(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    """All windows of a shape, their axes put last.

    Derivative: an entry gets the sum over the windows that it stands in.

    Args:
        x: a Tensor or array.
        window_shape: the length of a window along each axis; an int for one axis.
        axis: the axes along which windows slide; by default all.
        subok: accepted for NumPy's sake.
        writeable: must be False.

    Raises:
        ShapeError: a window is longer than its axis.

    Example:
        >>> ag.sliding_window_view(ag.Tensor([1.0, 2.0, 3.0]), 2).tolist()
        [[1.0, 2.0], [2.0, 3.0]]
    """
    if writeable:
        raise unsupported(np.lib.stride_tricks.sliding_window_view, "writeable= must be False")
    x = as_operand(x, "sliding_window_view")
    size = tuple(np.atleast_1d(window_shape).tolist())
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    places = [normalize_one_axis(i, x.ndim, "sliding_window_view") for i in axes]
    if len(places) != len(size):
        raise ShapeError(
            f"sliding_window_view: window {size} has not one length for each of axes {places}"
        )
    if len(set(places)) < len(places):
        raise ShapeError(f"sliding_window_view: axes {places} name one axis twice")
    for i, n in zip(places, size, strict=True):
        if not 0 < n <= x.shape[i]:
            raise ShapeError(
                f"sliding_window_view: a window of {n} does not fit axis {i} of shape {x.shape}"
            )
    k = len(size)
    ones = (1,) * k
    last = moveaxis(x, places, range(x.ndim - k, x.ndim))
    out = window.windows(last, size=size, stride=ones, dilation=ones)
    return moveaxis(out, range(x.ndim - k, x.ndim), places)
