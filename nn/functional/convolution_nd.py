"""Convolution and its transpose over any number of axes: windows, then one matrix product.

N is the batch, C channels, G groups; then follow k lengths.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import autograd as ag
from autograd import ShapeError
from autograd.errors import counted, message
from nn.arguments import array, floats, size, sizes, with_batch_axis
from nn.functional.padding import (
    AXES,
    check_output_padding,
    effective_kernel_size,
    pad_last,
    pad_widths,
    times,
)


def convolve(
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
    """The convolution over k axes; arguments as in `conv1d`."""
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
    x = pad_last(
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


def convolve_transposed(
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
    """The transposed convolution over k axes; arguments as in `conv_transpose1d`."""
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
    out = pad_last(out, [(0, m) for m in missing])
    if out.shape[2:] != tuple(wanted):
        out = out[(..., *(slice(a, a + w) for a, w in zip(start, wanted, strict=True)))]
    return _add_bias(what, out, bias, unbatched)


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
