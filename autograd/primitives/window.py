"""Primitives of sliding windows, an adjoint pair: cutting windows out, and adding them back.

Windows slide over the last axes, one for each entry of `size`; `stride` is the step between windows
and `dilation` the step between entries of a window. (..., H, W) becomes (..., rows, columns,
height, width).
"""

import itertools
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd.engine.primitive import Primitive


def _windows(
    x: Any, *, size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> Any:
    k = len(size)
    reach = tuple(d * (n - 1) + 1 for n, d in zip(size, dilation, strict=True))
    view = sliding_window_view(x, reach, tuple(range(x.ndim - k, x.ndim)))
    steps = [slice(None, None, step) for step in (*stride, *dilation)]
    index: Any = (..., *steps)
    return view[index]


def _windows_rule(g: Any, out: Any, x: Any, **static: Any) -> Any:
    return fold(g, shape=x.shape, **static)


def _fold(
    x: Any,
    *,
    shape: tuple[int, ...],
    size: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> Any:
    """One strided addition for each place in a window, because places are few and windows many."""
    k = len(size)
    out = np.zeros_like(x, shape=shape)
    counts = x.shape[-2 * k : -k]
    for place in itertools.product(*map(range, size)):
        starts = [p * d for p, d in zip(place, dilation, strict=True)]
        target = [
            slice(a, a + s * (n - 1) + 1, s) for a, s, n in zip(starts, stride, counts, strict=True)
        ]
        here: Any = (..., *target)
        out[here] += x[(..., *place)]
    return out


def _fold_rule(g: Any, out: Any, x: Any, *, shape: tuple[int, ...], **static: Any) -> Any:
    return windows(g, **static)


windows: Primitive = Primitive("windows", _windows, _windows_rule, formula="all windows of a size")
fold: Primitive = Primitive("fold", _fold, _fold_rule, formula="windows added back to their places")
