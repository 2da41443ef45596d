"""Pooling over one or two axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn.arguments import flags, floats, integer, sizes, with_batch_axis
from nn.functional.convolution import AXES, effective_kernel_size, pad, pad_widths, times


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window along the last axis; ties share the gradient.

    Args:
        input: shape (N, C, L) or (C, L).
        kernel_size: the length of a window.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep a last window that is cut off.
        return_indices: whether to return the indices of the largest entries too.

    Returns:
        shape (N, C, L'); or with return_indices a pair, with a plain array of indices along L.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool1d(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[5., 3.]])
    """
    options = padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, *options)


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest entry of each window over the last two axes; ties share the gradient.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        kernel_size: the lengths of a window, an int or a pair; so are the next three.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep last windows that are cut off.
        return_indices: whether to return the indices of the largest entries too.

    Returns:
        shape (N, C, H', W'); or with return_indices a pair, with a plain array of indices into an
        image whose rows are joined.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
        Tensor([[[4.]]])
    """
    options = padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, *options)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window along the last axis.

    Args:
        input: shape (N, C, L) or (C, L).
        kernel_size: the length of a window.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of zeros on either side, at most half a window; "valid" or "same".
        ceil_mode: whether to keep a last window that is cut off.
        count_include_pad: whether zeros of an int padding count; those of "same" do not, as in
            TensorFlow.

    Returns:
        shape (N, C, L').

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool1d(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[3. , 2.5]])
    """
    options = padding, ceil_mode, count_include_pad, None
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, *options)


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window over the last two axes.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        kernel_size: the lengths of a window, an int or a pair; so are the next two.
        stride: the step from one window to the next; by default the kernel size.
        padding: the number of zeros on either side, at most half a window; "valid" or "same".
        ceil_mode: whether to keep last windows that are cut off.
        count_include_pad: whether zeros of an int padding count.
        divisor_override: divides the sums instead of the count.

    Returns:
        shape (N, C, H', W').

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
        Tensor([[[2.5]]])
    """
    options = padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool("avg_pool2d", 2, input, kernel_size, stride, *options)


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


def _max_pool(
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
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    lengths = x.shape[2:]
    kernel, stride, dilation, geometry = _window_geometry(
        what, k, x, kernel, stride, padding, dilation, ceil_mode
    )
    x = pad(x, [(a, b + c) for a, b, c in geometry], constant_values=-np.inf)
    out = ag.max(ag.windows(x, kernel, stride, dilation), axis=tuple(range(-k, 0)))
    if return_indices is not False:
        flags(what, return_indices=return_indices)
        before = tuple(a for a, _, _ in geometry)
        places = [
            s * np.arange(m)[:, None] + d * np.arange(n) - a
            for m, n, s, d, a in zip(out.shape[2:], kernel, stride, dilation, before, strict=True)
        ]
        plain = np.asanyarray(ag.stop_gradient(x))
        windows = ag.windows(plain, kernel, stride, dilation)
        indices = indices_of_maxima(windows, places, lengths)
        return (out[0], indices[0]) if unbatched else (out, indices)
    return ag.squeeze(out, 0) if unbatched else out


def indices_of_maxima(windows: Any, places: list[Any], lengths: Sequence[int]) -> Any:
    """The index of the first largest entry of each window, in the input with its axes joined.

    Args:
        windows: shape (N, C, *windows, *entries).
        places: for each axis, the place of each entry of each window, shape (windows, entries).
        lengths: the lengths of the input.
    """
    k = len(places)
    flat = np.argmax(windows.reshape((*windows.shape[:-k], -1)), axis=-1)
    entries = np.unravel_index(flat, windows.shape[-k:])
    window = np.indices(windows.shape[2 : 2 + k], sparse=True)
    index: Any = 0
    for place, i, j, n in zip(places, window, entries, lengths, strict=True):
        index = index * n + place[i, j]
    return index


def _avg_pool(
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
    x = pad(x, [(a, b + c) for a, b, c in geometry])
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
