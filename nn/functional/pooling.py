"""Pooling over one or two axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn.arguments import floats, size, sizes, with_batch_axis
from nn.functional.convolution import AXES, effective_kernel_size, pad, pad_widths, times
from nn.functional.interpolation import matmul_along


def max_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The largest entry of each window along the last axis; ties share the gradient.

    Args:
        x: shape (N, C, L) or (C, L).
        kernel_size: the length of a window.
        stride: the step from one window to the next; by default the kernel size.
        padding: how many entries of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep a last window that is cut off.

    Returns:
        shape (N, C, L').

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool1d(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]), 2)
        Tensor([[5., 3.]])
    """
    return _max_pool("max_pool1d", 1, x, kernel_size, stride, padding, dilation, ceil_mode)


def max_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The largest entry of each window over the last two axes; ties share the gradient.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
        kernel_size: the lengths of a window, an int or a pair; so are the next three.
        stride: the step from one window to the next; by default the kernel size.
        padding: how many entries of -∞ on either side, at most half a window; "valid" or "same".
        dilation: the step between the entries of a window.
        ceil_mode: whether to keep last windows that are cut off.

    Returns:
        shape (N, C, H', W').

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.max_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 2)
        Tensor([[[4.]]])
    """
    return _max_pool("max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode)


def avg_pool1d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window along the last axis.

    Args:
        x: shape (N, C, L) or (C, L).
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
    return _avg_pool("avg_pool1d", 1, x, kernel_size, stride, *options)


def avg_pool2d(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window over the last two axes.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
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
    return _avg_pool("avg_pool2d", 2, x, kernel_size, stride, *options)


def adaptive_avg_pool1d(x: Any, output_size: Any) -> Any:
    """Means of L' even bins of the last axis; bin i is from ⌊iL/L'⌋ up to ⌈(i+1)L/L'⌉.

    Args:
        x: shape (N, C, L) or (C, L).
        output_size: L'.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: the size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
        Tensor([[1.5, 4. ]])
    """
    return _adaptive("adaptive_avg_pool1d", 1, x, output_size, _means)


def adaptive_avg_pool2d(x: Any, output_size: Any) -> Any:
    """Means of H' times W' even bins of the last two axes.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
        output_size: an int or a pair; None in it keeps a length.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: a size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), (1, None))
        Tensor([[[2., 3.]]])
    """
    return _adaptive("adaptive_avg_pool2d", 2, x, output_size, _means)


def adaptive_max_pool1d(x: Any, output_size: Any) -> Any:
    """The largest entry of each of L' even bins, which are those of `adaptive_avg_pool1d`.

    Args:
        x: shape (N, C, L) or (C, L).
        output_size: L'.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: the size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
        Tensor([[2., 6.]])
    """
    return _adaptive("adaptive_max_pool1d", 1, x, output_size, _maxima)


def adaptive_max_pool2d(x: Any, output_size: Any) -> Any:
    """The largest entry of each of H' times W' even bins of the last two axes.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
        output_size: an int or a pair; None in it keeps a length.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: a size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 1)
        Tensor([[[4.]]])
    """
    return _adaptive("adaptive_max_pool2d", 2, x, output_size, _maxima)


# --- windows ---


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
    kernel = sizes(what, "kernel_size", kernel, k)
    stride = kernel if stride is None else sizes(what, "stride", stride, k)
    dilation = sizes(what, "dilation", dilation, k)
    reach, lengths = effective_kernel_size(kernel, dilation), x.shape[2:]
    widths = pad_widths(what, padding, lengths, reach, stride)
    if padding != "same" and any(2 * a > n for (a, _), n in zip(widths, kernel, strict=True)):
        raise ValueError(
            message(
                what,
                f"padding={padding!r} with kernel_size={kernel}",
                "at most half of the kernel size",
            )
        )
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
) -> Any:
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    kernel, stride, dilation, geometry = _window_geometry(
        what, k, x, kernel, stride, padding, dilation, ceil_mode
    )
    x = pad(x, [(a, b + c) for a, b, c in geometry], constant_values=-np.inf)
    out = ag.max(ag.windows(x, kernel, stride, dilation), axis=tuple(range(-k, 0)))
    return ag.squeeze(out, 0) if unbatched else out


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
    if divisor is not None:
        size(what, "divisor_override", divisor, 1)
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


# --- bins ---


def _adaptive(what: str, k: int, x: Any, output_size: Any, pool: Any) -> Any:
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    wanted = output_size if isinstance(output_size, Sequence) else (output_size,) * k
    if len(wanted) == k:
        wanted = [n if m is None else m for m, n in zip(wanted, x.shape[2:], strict=True)]
    out = pool(x, sizes(what, "output_size", wanted, k))
    return ag.squeeze(out, 0) if unbatched else out


def _bins(n: int, m: int) -> list[range]:
    return [range(i * n // m, -((i + 1) * n // -m)) for i in range(m)]


def _means(x: Any, output: tuple[int, ...]) -> Any:
    """Means over bins, one axis after the other: a matrix with 1 / length in the rows."""
    for i, m in enumerate(output):
        n = x.shape[2 + i]
        matrix = np.zeros((m, n), x.dtype)
        for row, part in zip(matrix, _bins(n, m), strict=True):
            row[part.start : part.stop] = 1.0 / len(part)
        x = matmul_along(x, 2 + i, matrix)
    return x


def _maxima(x: Any, output: tuple[int, ...]) -> Any:
    """Bins padded to one length with -∞, and the largest entry of all at once."""
    k = len(output)
    for i, m in enumerate(output):
        place = 2 + 2 * i  # each axis before has become two: bins, and entries of a bin
        bins = _bins(x.shape[place], m)
        longest = max(map(len, bins))
        index = np.array([[part[min(j, len(part) - 1)] for j in range(longest)] for part in bins])
        real = np.array([[j < len(part) for j in range(longest)] for part in bins])
        x = ag.take(x, index, axis=place)
        x = ag.where(real.reshape((m, longest, *(1,) * (x.ndim - place - 2))), x, -np.inf)
    return ag.max(x, axis=tuple(3 + 2 * i for i in range(k)))
