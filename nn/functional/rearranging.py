"""Rearranging: windows as columns and back, and channels as pixels and back."""

from __future__ import annotations

import math
from typing import Any

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from nn.arguments import array, floats, size, sizes, with_batch_axis
from nn.functional.padding import AXES, effective_kernel_size, pad_last, times


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """All windows over the last two axes, each with its channels as one column.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        kernel_size: the lengths of a window, an int or a pair; so are the other three.
        dilation: the step between the entries of a window.
        padding: the number of zeros on either side.
        stride: the step from one window to the next.

    Returns:
        shape (N, C · height · width, windows).

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.unfold(ag.Tensor(np.arange(9.0).reshape(1, 3, 3)), 2).tolist()[0]
        [0.0, 1.0, 3.0, 4.0]
    """
    what = "unfold"
    x, unbatched = with_batch_axis(what, floats(input), 4, AXES[2])
    kernel, dilation, padding, stride = _geometry(what, kernel_size, dilation, padding, stride)
    x = pad_last(x, [(p, p) for p in padding])
    counts = _counts(what, x.shape[2:], kernel, dilation, stride)
    windows = ag.transpose(ag.windows(x, kernel, stride, dilation), (0, 1, 4, 5, 2, 3))
    shape = (x.shape[0], x.shape[1] * math.prod(kernel), math.prod(counts))
    columns = windows.reshape(shape)
    return ag.squeeze(columns, 0) if unbatched else columns


def fold(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """The columns of `unfold` added back to their places, where windows overlap: its transpose.

    Args:
        input: shape (N, C · height · width, windows), or without N.
        output_size: the lengths of the output, an int or a pair.
        kernel_size: as in `unfold`; so are the next three.
        dilation: the step between the entries of a window.
        padding: the number of entries cut off on either side.
        stride: the step from one window to the next.

    Returns:
        shape (N, C, *output_size).

    Raises:
        ShapeError: the shape does not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> columns = nn.functional.unfold(ag.Tensor(np.ones((1, 3, 3))), 2)
        >>> nn.functional.fold(columns, 3, 2).tolist()
        [[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]
    """
    what = "fold"
    x, unbatched = with_batch_axis(what, floats(input), 3, "N, C · height · width, windows")
    lengths = sizes(what, "output_size", output_size, 2)
    kernel, dilation, padding, stride = _geometry(what, kernel_size, dilation, padding, stride)
    padded = [n + 2 * p for n, p in zip(lengths, padding, strict=True)]
    counts = _counts(what, padded, kernel, dilation, stride)
    channels, rest = divmod(x.shape[1], math.prod(kernel))
    if rest or x.shape[2] != math.prod(counts):
        expected = f"(N, C · {math.prod(kernel)}, {math.prod(counts)})"
        raise ShapeError(message(what, f"an input of shape {x.shape}", expected))
    windows = x.reshape((x.shape[0], channels, *kernel, *counts))
    out = ag.fold(ag.transpose(windows, (0, 1, 4, 5, 2, 3)), padded, stride, dilation)
    if any(padding):
        cuts = (slice(p, p + n) for p, n in zip(padding, lengths, strict=True))
        out = out[(..., *cuts)]
    return ag.squeeze(out, 0) if unbatched else out


def _geometry(what: str, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    """The arguments as pairs."""
    return (
        sizes(what, "kernel_size", kernel, 2),
        sizes(what, "dilation", dilation, 2),
        sizes(what, "padding", padding, 2, 0),
        sizes(what, "stride", stride, 2),
    )


def _counts(what: str, lengths: Any, kernel: Any, dilation: Any, stride: Any) -> tuple[int, ...]:
    """The number of windows along each axis."""
    reach = effective_kernel_size(kernel, dilation)
    if any(r > n for r, n in zip(reach, lengths, strict=True)):
        got = f"windows of {times(reach)} for {times(lengths)} entries with their padding"
        raise ShapeError(message(what, got, "ones that fit"))
    return tuple((n - r) // s + 1 for n, r, s in zip(lengths, reach, stride, strict=True))


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Each r² channels become r × r pixels: a resolution that a convolution has learned.

    Args:
        input: shape (..., C r², H, W).
        upscale_factor: r.

    Returns:
        shape (..., C, H r, W r).

    Raises:
        ShapeError: the channels are not a multiple of r².
        ValueError: r is not a positive int.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]])
        >>> nn.functional.pixel_shuffle(x, 2).tolist()
        [[[1.0, 2.0], [3.0, 4.0]]]

    Source: Shi et al., Real-time single image and video super-resolution using an efficient
        sub-pixel convolutional neural network (2016).
    """
    x, r = array(input), size("pixel_shuffle", "upscale_factor", upscale_factor, 1)
    if x.ndim < 3 or x.shape[-3] % r**2:
        expected = f"(..., C, H, W), C a multiple of {r**2}"
        raise ShapeError(message("pixel_shuffle", f"an input of shape {x.shape}", expected))
    *rest, channels, h, w = x.shape
    b = len(rest)
    parts = x.reshape((*rest, channels // r**2, r, r, h, w))
    parts = ag.transpose(parts, (*range(b + 1), b + 3, b + 1, b + 4, b + 2))
    return parts.reshape((*rest, channels // r**2, h * r, w * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Each r × r pixels become r² channels: the inverse of `pixel_shuffle`.

    Args:
        input: shape (..., C, H r, W r).
        downscale_factor: r.

    Returns:
        shape (..., C r², H, W).

    Raises:
        ShapeError: a length is not a multiple of r.
        ValueError: r is not a positive int.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]])
        >>> nn.functional.pixel_unshuffle(x, 2).tolist()
        [[[1.0]], [[2.0]], [[3.0]], [[4.0]]]
    """
    x, r = array(input), size("pixel_unshuffle", "downscale_factor", downscale_factor, 1)
    if x.ndim < 3 or x.shape[-1] % r or x.shape[-2] % r:
        expected = f"(..., C, H, W), H and W multiples of {r}"
        raise ShapeError(message("pixel_unshuffle", f"an input of shape {x.shape}", expected))
    *rest, channels, h, w = x.shape
    b = len(rest)
    parts = x.reshape((*rest, channels, h // r, r, w // r, r))
    parts = ag.transpose(parts, (*range(b + 1), b + 2, b + 4, b + 1, b + 3))
    return parts.reshape((*rest, channels * r**2, h // r, w // r))


def channel_shuffle(input: Any, groups: int) -> Any:
    """The channels of all groups in turn, so that the next grouped convolution mixes them.

    Args:
        input: shape (N, C, ...).
        groups: the number of groups, a divisor of C.

    Raises:
        ShapeError: C is not a multiple of groups.
        ValueError: groups is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.channel_shuffle(ag.Tensor([[[1.0], [2.0], [3.0], [4.0]]]), 2).tolist()
        [[[1.0], [3.0], [2.0], [4.0]]]

    Source: Zhang, Zhou, Lin and Sun, ShuffleNet (2018).
    """
    x, count = array(input), size("channel_shuffle", "groups", groups, 1)
    if x.ndim < 3 or x.shape[1] % count:
        expected = f"(N, C, L, ...), C a multiple of groups = {count}"
        raise ShapeError(message("channel_shuffle", f"an input of shape {x.shape}", expected))
    parts = x.reshape((x.shape[0], count, x.shape[1] // count, *x.shape[2:]))
    return ag.swapaxes(parts, 1, 2).reshape(x.shape)
