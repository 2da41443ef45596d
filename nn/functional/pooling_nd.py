"""Pooling over any number of axes: windows, then a reduction of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn.arguments import flags, floats, integer, number, sizes, with_batch_axis
from nn.functional.padding import AXES, effective_kernel_size, pad_last, pad_widths, times


def check_windows(what: str, k: int, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """Kernel, stride and dilation as tuples of k ints; a stride of None is the kernel.

    Raises:
        ValueError: one is out of range, or the padding is larger than half the kernel.
    """
    kernel = sizes(what, "kernel_size", kernel, k)
    stride = kernel if stride is None else sizes(what, "stride", stride, k)
    dilation = sizes(what, "dilation", dilation, k)
    # A window that lies in the padding would have no entry.
    for (before, _), n in zip(
        pad_widths(what, padding, kernel, kernel, kernel), kernel, strict=True
    ):
        if 2 * before > n:
            got = f"padding={padding!r} with kernel_size={kernel}"
            raise ValueError(message(what, got, "at most half of the kernel size"))
    return kernel, stride, dilation


def _window_geometry(
    what: str,
    k: int,
    x: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> Any:
    """The arguments as tuples, and the padding (before, after, beyond) for each axis.

    `beyond` is the part of a last window of `ceil_mode` outside of the padded input.
    """
    if ceil_mode is not True and ceil_mode is not False:
        flags(what, ceil_mode=ceil_mode)
    kernel, stride, dilation = check_windows(what, k, kernel, stride, padding, dilation)
    reach, lengths = effective_kernel_size(kernel, dilation), x.shape[2:]
    widths = pad_widths(what, padding, lengths, reach, stride)
    geometry = []
    for n, r, s, (a, b) in zip(lengths, reach, stride, widths, strict=True):
        last = (n + a + b - r) // s
        if ceil_mode:
            last = -((n + a + b - r) // -s)
            last -= last * s >= n + a  # a window must not start behind the input
        if last < 0:
            widened = [n + a + b for n, (a, b) in zip(lengths, widths, strict=True)]
            raise ShapeError(
                message(
                    what,
                    f"windows of {times(reach)} for an input of {times(widened)} with its padding",
                    "ones that fit",
                    "pad the input or use padding='same'",
                )
            )
        geometry.append((a, b, max(last * s + r - (n + a + b), 0)))
    return kernel, stride, dilation, geometry


def max_pool(
    what: str,
    k: int,
    x: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    """The largest entry of each window over k axes; arguments as in `max_pool1d`."""
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    lengths = x.shape[2:]
    kernel, stride, dilation, geometry = _window_geometry(
        what, k, x, kernel, stride, padding, dilation, ceil_mode
    )
    x = pad_last(x, [(a, b + c) for a, b, c in geometry], constant_values=-np.inf)
    out = ag.max(ag.windows(x, kernel, stride, dilation), axis=tuple(range(-k, 0)))
    if return_indices is not False:
        flags(what, return_indices=return_indices)
        starts = [
            s * np.arange(m) - a
            for m, s, (a, _, _) in zip(out.shape[2:], stride, geometry, strict=True)
        ]
        plain = np.asanyarray(ag.stop_gradient(x))
        windows = ag.windows(plain, kernel, stride, dilation)
        indices = indices_of_maxima(windows, starts, dilation, lengths)
        return (out[0], indices[0]) if unbatched else (out, indices)
    return ag.squeeze(out, 0) if unbatched else out


def indices_of_maxima(
    windows: Any, starts: Sequence[Any], dilation: Sequence[int], lengths: Sequence[int]
) -> Any:
    """The index of the first largest entry of each window, in the input with its axes joined.

    Args:
        windows: shape (N, C, *windows, *entries).
        starts: for each axis, the place of the first entry of each window.
        dilation: for each axis, the step between the entries of a window.
        lengths: the lengths of the input.
    """
    k = len(starts)
    flat = np.argmax(windows.reshape((*windows.shape[:-k], -1)), axis=-1)
    entries = np.unravel_index(flat, windows.shape[-k:])
    index: Any = 0
    for i, (start, step, entry, n) in enumerate(
        zip(starts, dilation, entries, lengths, strict=True)
    ):
        index = index * n + (start.reshape((-1, *(1,) * (k - 1 - i))) + step * entry)
    return index


def avg_pool(
    what: str,
    k: int,
    x: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor: int | None,
) -> Any:
    """The mean of each window over k axes; arguments as in `avg_pool2d`."""
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    flags(what, count_include_pad=count_include_pad)
    if divisor is not None:
        check_divisor(what, divisor)
    kernel, stride, dilation, geometry = _window_geometry(
        what, k, x, kernel, stride, padding, 1, ceil_mode
    )
    counted = count_include_pad and padding != "same"
    counts: Any = np.ones(1)
    for n, (a, b, c), m, s in zip(x.shape[2:], geometry, kernel, stride, strict=True):
        inside = np.repeat([float(counted), 1.0, float(counted), 0.0], [a, n, b, c])
        counts = counts[..., None] * ag.windows(inside, m, s).sum(axis=-1)
    x = pad_last(x, [(a, b + c) for a, b, c in geometry])
    sums = ag.sum(ag.windows(x, kernel, stride, dilation), axis=tuple(range(-k, 0)))
    out = sums / (counts[0].astype(x.dtype) if divisor is None else divisor)
    return ag.squeeze(out, 0) if unbatched else out


def check_divisor(what: str, divisor: Any) -> int:
    """`divisor_override` as an int, which may be negative, as in PyTorch.

    Raises:
        ValueError: it is 0 or not an integer.
    """
    number = integer(what, "divisor_override", divisor)
    if number == 0:
        raise ValueError(message(what, "divisor_override=0", "an integer other than 0"))
    return number


def lp_pool(
    what: str, k: int, x: Any, norm_type: Any, kernel: Any, stride: Any, ceil_mode: bool
) -> Any:
    """(Σ x^p)^(1 / p) of each window, from the mean, so that a window cut off counts as a whole."""
    x, p = floats(x), number(what, "norm_type", norm_type, 0.0, open_low=True)
    kernel = sizes(what, "kernel_size", kernel, k)
    sums = avg_pool(what, k, x**p, kernel, stride, 0, ceil_mode, True, None) * math.prod(kernel)
    empty = sums == 0  # where the slope of a root is infinite
    return ag.where(empty, 0.0, ag.where(empty, 1.0, sums) ** (1.0 / p))
