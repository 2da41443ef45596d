"""Padding: the margin of an array, and the widths that layers over windows ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import autograd as ag
from autograd import ShapeError
from autograd.errors import as_int, described, message, one_of
from nn.arguments import LARGEST, floats, is_listed, number, sizes

AXES = {1: "N, C, L", 2: "N, C, H, W", 3: "N, C, D, H, W"}
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Any:
    """The input with a margin; negative widths cut entries off.

    Args:
        input: any shape.
        pad: the widths before and after, as ints, beginning with the last axis: (left, right) for
            the last one, (left, right, top, bottom) for the last two, and so on.
        mode: "constant", "reflect" (without the border), "replicate" (the border) or "circular".
        value: the number in the margin of mode "constant"; by default 0.

    Returns:
        the padded array, which has the dtype of the input.

    Raises:
        ShapeError: there are more widths than axes, or they cut off more than there is.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[1.0, 2.0, 3.0]])
        >>> nn.functional.pad(x, (2, -1), mode="reflect")
        Tensor([[3., 2., 1., 2.]])
        >>> nn.functional.pad(x, (0, 0, 1, 0), value=9.0)
        Tensor([[9., 9., 9.],
                [1., 2., 3.]])
    """
    x, what = floats(input), "pad"
    one_of(what, "mode", mode, ("constant", *list(PADDING_MODES)[1:]))
    if value is not None:
        value = number(what, "value", value, finite=False)
        if value and mode != "constant":
            raise ValueError(message(what, f"value={value:g} with mode={mode!r}", "no value"))
    widths = widths_from_last(what, "pad", pad)
    if len(widths) > x.ndim:
        got = f"{2 * len(widths)} widths for an input of shape {x.shape}"
        raise ShapeError(message(what, got, "two for each axis, the last one first"))
    lengths = x.shape[x.ndim - len(widths) :]
    if any(n + a + b < 0 for n, (a, b) in zip(lengths, widths, strict=True)):
        got = f"pad={described(pad)} for an input of shape {x.shape}"
        raise ShapeError(message(what, got, "widths that cut off no more than there is"))
    if mode == "constant" or mode == "circular":  # a circle closes at the new ends
        x = _grown(_cut(x, widths), widths, mode, value or 0.0)
    else:
        _check_copies(what, mode, lengths, widths)
        x = _grown(x, widths, mode, 0.0)
        x = _cut(x, widths)
    return x


def widths_from_last(what: str, name: str, widths: Any) -> list[tuple[int, int]]:
    """(before, after) for each of the last axes, in their order, from PyTorch's flat sequence.

    Raises:
        ValueError: it is not an even number of ints.

    Example:
        >>> from nn.functional.padding import widths_from_last
        >>> widths_from_last("pad", "pad", (1, 2, 3, 4))
        [(3, 4), (1, 2)]
    """
    flat = [as_int(n) for n in widths] if is_listed(widths) else []
    found = [n for n in flat if n is not None and abs(n) <= LARGEST]
    if not found or len(found) != len(flat) or len(found) % 2:
        expected = "two ints for each axis, the last axis first, such as (left, right)"
        raise ValueError(message(what, f"{name}={described(widths)}", expected))
    return list(zip(found[::2], found[1::2], strict=True))[::-1]


def _check_copies(
    what: str, mode: str, lengths: Sequence[int], widths: Sequence[tuple[int, int]]
) -> None:
    """Check that there are entries to copy: a reflection leaves the border out."""
    for n, pair in zip(lengths, widths, strict=True):
        if mode == "reflect" and max(pair) >= max(n, 1):
            expected = "widths below the length of their axis"
            raise ShapeError(message(what, f"widths {pair} for {n} entries", expected))


def _cut(x: Any, widths: Sequence[tuple[int, int]]) -> Any:
    """x without the entries that negative widths cut off."""
    if all(n >= 0 for pair in widths for n in pair):
        return x
    ends = x.shape[x.ndim - len(widths) :]
    cuts = zip(widths, ends, strict=True)
    return x[(..., *(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in cuts))]


def _grown(x: Any, widths: Sequence[tuple[int, int]], mode: str, value: float) -> Any:
    """x with the margins of positive widths."""
    grown = [(max(a, 0), max(b, 0)) for a, b in widths]
    if mode == "constant":
        return pad_last(x, grown, constant_values=value)
    return pad_last(x, grown, mode=PADDING_MODES[mode])


def same_padding(length: int, reach: int, stride: int) -> tuple[int, int]:
    """(before, after) for ⌈length / stride⌉ windows of `reach` entries, the odd one after.

    Example:
        >>> from nn.functional.padding import same_padding
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


def pad_last(x: Any, widths: Sequence[tuple[int, int]], **options: Any) -> Any:
    """x padded along its last axes; x itself if all widths are 0."""
    if not any(map(any, widths)):
        return x
    return ag.pad(x, [(0, 0)] * (x.ndim - len(widths)) + list(widths), **options)


def effective_kernel_size(kernel: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """The number of entries from the first to the last of a dilated kernel, for each axis."""
    return tuple(d * (n - 1) + 1 for n, d in zip(kernel, dilation, strict=True))


def times(lengths: Sequence[int]) -> str:
    """Lengths as a message shows them, "3×3".

    Example:
        >>> from nn.functional.padding import times
        >>> times((3, 5))
        '3×5'
    """
    return "×".join(map(str, lengths)) + (" entries" if len(lengths) == 1 else "")
