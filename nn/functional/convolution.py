"""Convolution and its transpose, along one axis or two: windows, then one matrix product.

Both are written for any number k of axes. Shapes: N batch, C channels, G groups, then k lengths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import autograd as ag
from autograd import ShapeError
from nn.arguments import array, floats, one_of, size, sizes, with_batch_axis

AXES = {1: "N, C, L", 2: "N, C, H, W"}
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def conv1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel along one axis: out[n, o, i] = b[o] + Σ_c,j w[o, c, j] x[n, c, i·stride +
    j·dilation].

    Args:
        x: shape (N, C, L) or (C, L).
        weight: shape (out_channels, C / groups, K).
        bias: shape (out_channels,), or None.
        stride: the step from one place of the kernel to the next.
        padding: zeros on either side, an int; "valid" for none; "same" for as many as make the
            output ⌈L / stride⌉ long, the odd one at the end, as TensorFlow defines it.
        dilation: the step between the entries of the kernel.
        groups: into how many parts channels are divided that do not see each other.

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
    return _convolve("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Slide a kernel over two axes.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
        weight: shape (out_channels, C / groups, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one place of the kernel to the next, an int or a pair.
        padding: zeros on either side, an int or a pair; "valid" or "same" as for `conv1d`.
        dilation: the step between the entries of the kernel, an int or a pair.
        groups: into how many parts channels are divided that do not see each other.

    Returns:
        shape (N, out_channels, H', W'), each length as for `conv1d`.

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> nn.functional.conv2d(ag.Tensor(np.ones((1, 4, 4))), np.ones((1, 1, 3, 3))).shape
        (1, 2, 2)

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    return _convolve("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv1d`: each entry of the input lays a kernel, and overlaps add up.

    Args:
        x: shape (N, C, L) or (C, L).
        weight: shape (C, out_channels / groups, K).
        bias: shape (out_channels,), or None.
        stride: the step from one laid kernel to the next.
        padding: how much is cut off on either side; "valid" for nothing; "same" for as much as
            makes the output stride · L long, as TensorFlow defines it.
        output_padding: how much is added at the end, below stride or dilation.
        groups: into how many parts channels are divided that do not see each other.
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
    return _transpose("conv_transpose1d", 1, x, weight, bias, *options)


def conv_transpose2d(
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """The transpose of `conv2d`; arguments as for `conv_transpose1d`, ints or pairs.

    Args:
        x: shape (N, C, H, W) or (C, H, W).
        weight: shape (C, out_channels / groups, K_H, K_W).
        bias: shape (out_channels,), or None.
        stride: the step from one laid kernel to the next.
        padding: how much is cut off on either side, or "valid" or "same".
        output_padding: how much is added at the end.
        groups: into how many parts channels are divided that do not see each other.
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
    return _transpose("conv_transpose2d", 2, x, weight, bias, *options)


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
    """(before, after) for each axis, from an int, several, "valid" or "same".

    Raises:
        ValueError: `padding` is something else.
    """
    if isinstance(padding, str):
        one_of(what, "padding", padding, ("valid", "same"))
        if padding == "valid":
            return [(0, 0)] * len(lengths)
        return [same_padding(*each) for each in zip(lengths, reach, stride, strict=True)]
    return [(p, p) for p in sizes(what, "padding", padding, len(lengths), 0)]


def pad(x: Any, widths: Sequence[tuple[int, int]], **options: Any) -> Any:
    """x with margins around its last axes; x itself where there are none."""
    if not any(map(any, widths)):
        return x
    return ag.pad(x, [(0, 0)] * (x.ndim - len(widths)) + list(widths), **options)


def effective_kernel_size(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Over how many entries a dilated kernel reaches."""
    return tuple(d * (n - 1) + 1 for n, d in zip(kernel, dilation, strict=True))


# --- the two ---


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
            f"{what}: an input of {channels} channels and a weight of shape {weight.shape} came "
            f"with groups={groups}; {depth * groups} input channels are expected, and output "
            "channels "
            "that the groups divide"
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
    # One column for each place; so the gradients of all places at one entry of the kernel lie side
    # by side, which is how they are added up.
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
            f"{what}: an input of {channels} channels and a weight of shape {weight.shape} came "
            f"with groups={groups}; {weight.shape[0]} input channels are expected, which the "
            "groups "
            "divide"
        )
    stride, dilation = sizes(what, "stride", stride, k), sizes(what, "dilation", dilation, k)
    extra = sizes(what, "output_padding", output_padding, k, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(
            f"{what}: output_padding={output_padding!r} came; less than the stride {stride} or the "
            f"dilation {dilation} is expected"
        )
    kernel = weight.shape[2:]
    rows = x.reshape((n, groups, channels // groups, math.prod(lengths)))
    kernels = weight.reshape((groups, channels // groups, -1))
    laid = rows.mT @ kernels  # (N, G, places, depth · kernel)
    laid = laid.reshape((n, groups, *lengths, depth, *kernel))
    laid = ag.transpose(laid, (0, 1, k + 2, *range(2, k + 2), *range(k + 3, 2 * k + 3)))
    laid = laid.reshape((n, groups * depth, *lengths, *kernel))
    reach = effective_kernel_size(kernel, dilation)
    whole = [(m - 1) * s + r for m, s, r in zip(lengths, stride, reach, strict=True)]
    out = ag.fold(laid, whole, stride, dilation)
    if padding == "same":
        wanted = [m * s for m, s in zip(lengths, stride, strict=True)]
        start = [max(r - s, 0) // 2 for r, s in zip(reach, stride, strict=True)]
    else:
        cut = [a for a, _ in pad_widths(what, padding, lengths, reach, stride)]
        wanted = [w - 2 * c + e for w, c, e in zip(whole, cut, extra, strict=True)]
        start = cut
    if min(wanted) < 1:
        raise ShapeError(
            f"{what}: padding={padding!r} cuts off all of the output, whose lengths are {whole}"
        )
    missing = [max(a + w - m, 0) for a, w, m in zip(start, wanted, whole, strict=True)]
    out = pad(out, [(0, m) for m in missing])
    if out.shape[2:] != tuple(wanted):
        out = out[(..., *(slice(a, a + w) for a, w in zip(start, wanted, strict=True)))]
    return _add_bias(what, out, bias, unbatched)


def _kernel(what: str, k: int, weight: Any, form: str) -> Any:
    weight = array(weight)
    if weight.ndim != k + 2 or 0 in weight.shape:
        raise ShapeError(
            f"{what}: weight of shape {weight.shape} came; {form} is expected, {k + 2} axes"
        )
    return weight


def _fits(what: str, x: Any, kernel: Sequence[int], dilation: Sequence[int]) -> None:
    reach = effective_kernel_size(kernel, dilation)
    if any(r > n for r, n in zip(reach, x.shape[2:], strict=True)):
        raise ShapeError(
            f"{what}: a kernel that reaches over {reach} entries came, the padded input has only "
            f"{x.shape[2:]}"
        )


def _add_bias(what: str, out: Any, bias: Any, unbatched: bool) -> Any:
    if bias is not None:
        bias = floats(bias)
        if bias.shape != (out.shape[1],):
            raise ShapeError(
                f"{what}: bias of shape {bias.shape} came; ({out.shape[1]},) is expected, one "
                "number "
                "for each output channel"
            )
        out = out + bias.reshape((-1, *(1,) * (out.ndim - 2)))
    return ag.squeeze(out, 0) if unbatched else out
