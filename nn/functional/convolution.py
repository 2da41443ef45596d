"""Convolution and its transpose over one or two axes: windows, then one matrix product.

The code is written for any number k of axes: N is the batch, C channels, G groups, then k lengths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import autograd as ag
from autograd import ShapeError
from autograd.errors import counted, message, one_of
from nn.arguments import array, floats, size, sizes, with_batch_axis

AXES = {1: "N, C, L", 2: "N, C, H, W"}
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel along one axis.

    out[n, o, i] = b[o] + Σ_c,j w[o, c, j] x[n, c, i·stride + j·dilation].

    Args:
        input: shape (N, C, L) or (C, L).
        weight: shape (out_channels, C / groups, K).
        bias: shape (out_channels,), or None.
        stride: the step from one position of the kernel to the next.
        padding: the number of zeros on either side; "valid" for none; "same" for as many as make
            the output ⌈L / stride⌉ long, an odd one at the end, as TensorFlow defines it.
        dilation: the step between the entries of the kernel.
        groups: the number of groups of channels that are convolved separately.

    Returns:
        shape (N, out_channels, L'), L' = ⌊(L + 2·padding - dilation·(K - 1) - 1) / stride⌋ + 1.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.conv1d(ag.Tensor([[1.0, 2.0, 3.0]]), [[[1.0, -1.0]]])
        Tensor([[-1., -1.]])

    Source: LeCun et al., Gradient-based learning applied to document recognition (1998).
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel over two axes.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        weight: shape (out_channels, C / groups, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one position of the kernel to the next, an int or a pair.
        padding: the number of zeros on either side, an int or a pair; "valid" or "same" as in
            `conv1d`.
        dilation: the step between the entries of the kernel, an int or a pair.
        groups: the number of groups of channels that are convolved separately.

    Returns:
        shape (N, out_channels, H', W'), each length as in `conv1d`.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.conv2d(ag.Tensor(np.ones((1, 4, 4))), np.ones((1, 1, 3, 3))).shape
        (1, 2, 2)

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv1d`: each entry of the input scales a kernel, and overlaps add up.

    Args:
        input: shape (N, C, L) or (C, L).
        weight: shape (C, out_channels / groups, K).
        bias: shape (out_channels,), or None.
        stride: the step from one kernel to the next.
        padding: the number of entries cut off on either side; "valid" for none; "same" for as many
            as make the output stride · L long, as TensorFlow defines it.
        output_padding: the number of entries added at the end, below stride or dilation.
        groups: the number of groups of channels that are convolved separately.
        dilation: the step between the entries of the kernel.

    Returns:
        shape (N, out_channels, L'), L' = (L - 1)·stride - 2·padding + dilation·(K - 1) +
        output_padding + 1.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x, kernel = ag.Tensor([[1.0, 2.0]]), [[[1.0, 10.0, 100.0]]]
        >>> nn.functional.conv_transpose1d(x, kernel, stride=2)
        Tensor([[  1.,  10., 102.,  20., 200.]])

    Source: Zeiler, Krishnan, Taylor and Fergus, Deconvolutional networks (2010).
    """
    options = stride, padding, output_padding, groups, dilation
    return _transpose("conv_transpose1d", 1, input, weight, bias, *options)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv2d`; arguments as in `conv_transpose1d`, ints or pairs.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        weight: shape (C, out_channels / groups, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one kernel to the next.
        padding: the number of entries cut off on either side, or "valid" or "same".
        output_padding: the number of entries added at the end.
        groups: the number of groups of channels that are convolved separately.
        dilation: the step between the entries of the kernel.

    Returns:
        shape (N, out_channels, H', W').

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.ones((1, 2, 2)))
        >>> nn.functional.conv_transpose2d(x, np.ones((1, 1, 2, 2)), stride=2).shape
        (1, 4, 4)
    """
    options = stride, padding, output_padding, groups, dilation
    return _transpose("conv_transpose2d", 2, input, weight, bias, *options)


# --- padding ---


def same_padding(length: int, reach: int, stride: int) -> tuple[int, int]:
    """(before, after) for ⌈length / stride⌉ windows of `reach` entries, the odd one after.

    Example:
        >>> from nn.functional.convolution import same_padding
        >>> same_padding(5, 3, 2), same_padding(6, 3, 2)
        ((1, 1), (0, 1))

    Source: TensorFlow's documentation of tf.nn.convolution, notes on padding.
    """
    total = max((math.ceil(length / stride) - 1) * stride + reach - length, 0)
    return total // 2, total - total // 2


def pad_widths(
    what: str,
    padding: Any,
    lengths: Sequence[int],
    reach: Sequence[int],
    stride: Sequence[int],
) -> list[tuple[int, int]]:
    """(before, after) for each axis, from an int, a sequence, "valid" or "same".

    Raises:
        ValueError: `padding` is something else.
    """
    if isinstance(padding, str):
        one_of(what, "padding", padding, ("valid", "same"))
        if padding == "valid":
            return [(0, 0)] * len(lengths)
        return [same_padding(*each) for each in zip(lengths, reach, stride, strict=True)]
    return [(p, p) for p in sizes(what, "padding", padding, len(lengths), 0)]


def check_output_padding(
    what: str, extra: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> None:
    """Check that only entries are added that a larger input would give too.

    Raises:
        ValueError: there are as many as the stride and the dilation, or more.
    """
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        got, expected = f"output_padding={extra}", f"less than the stride {stride} or the dilation"
        raise ValueError(message(what, got, f"{expected} {dilation}"))


def pad(x: Any, widths: Sequence[tuple[int, int]], **options: Any) -> Any:
    """x padded along its last axes; x itself if all widths are 0."""
    if not any(map(any, widths)):
        return x
    return ag.pad(x, [(0, 0)] * (x.ndim - len(widths)) + list(widths), **options)


def effective_kernel_size(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """The number of entries from the first to the last of a dilated kernel, for each axis."""
    return tuple(d * (n - 1) + 1 for n, d in zip(kernel, dilation, strict=True))


# --- both convolutions ---


def _convolve(
    what: str,
    k: int,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Any:
    x, unbatched = with_batch_axis(what, x, k + 2, AXES[k])
    weight = _kernel(what, k, weight, "(out_channels, in_channels / groups, ...)")
    groups = size(what, "groups", groups, 1)
    (n, channels), (filters, depth) = x.shape[:2], weight.shape[:2]
    if channels != depth * groups or filters % groups:
        raise ShapeError(
            message(
                what,
                f"an input of {counted(channels, 'channel')} and a weight of shape {weight.shape} "
                f"with groups={groups}",
                f"{counted(depth * groups, 'input channel')}, and groups that divides the output's",
            )
        )
    stride, dilation = sizes(what, "stride", stride, k), sizes(what, "dilation", dilation, k)
    kernel = weight.shape[2:]
    x = pad(
        x, pad_widths(what, padding, x.shape[2:], effective_kernel_size(kernel, dilation), stride)
    )
    _fits(what, x, kernel, dilation)
    windows = ag.windows(x, kernel, stride, dilation)  # (N, C, *places, *kernel)
    places = windows.shape[2 : 2 + k]
    windows = windows.reshape((n, groups, depth, *places, *kernel))
    # One column for each position: the gradients of all positions at one entry of the kernel are
    # then adjacent in memory, in the order in which they are summed.
    columns = ag.transpose(windows, (1, 2, *range(3 + k, 3 + 2 * k), 0, *range(3, 3 + k)))
    columns = columns.reshape((groups, depth * math.prod(kernel), n * math.prod(places)))
    out = weight.reshape((groups, filters // groups, -1)) @ columns
    out = ag.moveaxis(out.reshape((filters, n, *places)), 1, 0)
    return _add_bias(what, out, bias, unbatched)


def _transpose(
    what: str,
    k: int,
    x: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> Any:
    x, unbatched = with_batch_axis(what, x, k + 2, AXES[k])
    weight = _kernel(what, k, weight, "(in_channels, out_channels / groups, ...)")
    groups = size(what, "groups", groups, 1)
    n, channels, *lengths = x.shape
    depth = weight.shape[1]
    if channels != weight.shape[0] or channels % groups:
        raise ShapeError(
            message(
                what,
                f"an input of {counted(channels, 'channel')} and a weight of shape {weight.shape} "
                f"with groups={groups}",
                f"{counted(weight.shape[0], 'input channel')}, a multiple of groups",
            )
        )
    stride, dilation = sizes(what, "stride", stride, k), sizes(what, "dilation", dilation, k)
    extra = sizes(what, "output_padding", output_padding, k, 0)
    check_output_padding(what, extra, stride, dilation)
    kernel = weight.shape[2:]
    rows = x.reshape((n, groups, channels // groups, math.prod(lengths)))
    kernels = weight.reshape((groups, channels // groups, -1))
    patches = rows.mT @ kernels  # (N, G, places, depth · kernel)
    patches = patches.reshape((n, groups, *lengths, depth, *kernel))
    patches = ag.transpose(patches, (0, 1, k + 2, *range(2, k + 2), *range(k + 3, 2 * k + 3)))
    patches = patches.reshape((n, groups * depth, *lengths, *kernel))
    reach = effective_kernel_size(kernel, dilation)
    full = [(m - 1) * s + r for m, s, r in zip(lengths, stride, reach, strict=True)]
    out = ag.fold(patches, full, stride, dilation)
    if isinstance(padding, str) and padding == "same":
        wanted = [m * s for m, s in zip(lengths, stride, strict=True)]
        start = [max(r - s, 0) // 2 for r, s in zip(reach, stride, strict=True)]
    else:
        cut = [a for a, _ in pad_widths(what, padding, lengths, reach, stride)]
        wanted = [w - 2 * c + e for w, c, e in zip(full, cut, extra, strict=True)]
        start = cut
    if min(wanted) < 1:
        raise ShapeError(
            message(
                what,
                f"padding={padding!r} for an output of lengths {full}, all of which it cuts off",
                "less padding",
            )
        )
    missing = [max(a + w - m, 0) for a, w, m in zip(start, wanted, full, strict=True)]
    out = pad(out, [(0, m) for m in missing])
    if out.shape[2:] != tuple(wanted):
        out = out[(..., *(slice(a, a + w) for a, w in zip(start, wanted, strict=True)))]
    return _add_bias(what, out, bias, unbatched)


def times(lengths: Sequence[int]) -> str:
    """Lengths as a message shows them, "3×3".

    Example:
        >>> from nn.functional.convolution import times
        >>> times((3, 5))
        '3×5'
    """
    return "×".join(map(str, lengths)) + (" entries" if len(lengths) == 1 else "")


def _kernel(what: str, k: int, weight: Any, form: str) -> Any:
    weight = array(weight)
    if weight.ndim != k + 2 or 0 in weight.shape:
        raise ShapeError(
            message(what, f"a weight of shape {weight.shape}", f"{k + 2} axes, {form}")
        )
    return weight


def _fits(what: str, x: Any, kernel: Sequence[int], dilation: Sequence[int]) -> None:
    reach = effective_kernel_size(kernel, dilation)
    if any(r > n for r, n in zip(reach, x.shape[2:], strict=True)):
        raise ShapeError(
            message(
                what,
                f"a kernel of {times(reach)} for an input of {times(x.shape[2:])} with its padding",
                "one that fits",
                "pad the input or use padding='same'",
            )
        )


def _add_bias(what: str, out: Any, bias: Any, unbatched: bool) -> Any:
    if bias is not None:
        bias = floats(bias)
        if bias.shape != (out.shape[1],):
            raise ShapeError(
                message(
                    what,
                    f"bias of shape {bias.shape}",
                    f"({out.shape[1]},), one value for each output channel",
                )
            )
        out = out + bias.reshape((-1, *(1,) * (out.ndim - 2)))
    return ag.squeeze(out, 0) if unbatched else out
