"""Rearranging as modules: windows as columns and back, and channels as pixels and back."""

from __future__ import annotations

from typing import Any

from nn import functional as f
from nn.arguments import size, sizes
from nn.layers.function import FunctionModule


class Unfold(FunctionModule):
    """All windows of an image, each with its channels as one column; see `nn.functional.unfold`.

    Example:
        >>> import nn
        >>> nn.Unfold(2, stride=2)(np.ones((5, 3, 4, 6))).shape
        (5, 12, 6)
    """

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        options = _geometry("Unfold", kernel_size, dilation, padding, stride)
        super().__init__(f.unfold, **options)


class Fold(FunctionModule):
    """The columns of `Unfold` added back to their places; see `nn.functional.fold`.

    Example:
        >>> import nn
        >>> nn.Fold((4, 6), 2, stride=2)(np.ones((5, 12, 6))).shape
        (5, 3, 4, 6)
    """

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        lengths = sizes("Fold", "output_size", output_size, 2)
        options = _geometry("Fold", kernel_size, dilation, padding, stride)
        super().__init__(f.fold, output_size=lengths, **options)


class PixelShuffle(FunctionModule):
    """Each r² channels become r × r pixels; see `nn.functional.pixel_shuffle`.

    Example:
        >>> import nn
        >>> nn.PixelShuffle(2)(np.ones((5, 12, 3, 3))).shape
        (5, 3, 6, 6)
    """

    def __init__(self, upscale_factor: int) -> None:
        r = size("PixelShuffle", "upscale_factor", upscale_factor, 1)
        super().__init__(f.pixel_shuffle, upscale_factor=r)


class PixelUnshuffle(FunctionModule):
    """Each r × r pixels become r² channels; see `nn.functional.pixel_unshuffle`.

    Example:
        >>> import nn
        >>> nn.PixelUnshuffle(2)(np.ones((5, 3, 6, 6))).shape
        (5, 12, 3, 3)
    """

    def __init__(self, downscale_factor: int) -> None:
        r = size("PixelUnshuffle", "downscale_factor", downscale_factor, 1)
        super().__init__(f.pixel_unshuffle, downscale_factor=r)


class ChannelShuffle(FunctionModule):
    """The channels of all groups in turn; see `nn.functional.channel_shuffle`.

    Example:
        >>> import nn
        >>> nn.ChannelShuffle(2)(ag.Tensor([[[1.0], [2.0], [3.0], [4.0]]])).tolist()
        [[[1.0], [3.0], [2.0], [4.0]]]
    """

    def __init__(self, groups: int) -> None:
        super().__init__(f.channel_shuffle, groups=size("ChannelShuffle", "groups", groups, 1))


def _geometry(
    what: str, kernel: Any, dilation: Any, padding: Any, stride: Any
) -> dict[str, tuple[int, ...]]:
    """The checked options of windows over two axes."""
    return {
        "kernel_size": sizes(what, "kernel_size", kernel, 2),
        "dilation": sizes(what, "dilation", dilation, 2),
        "padding": sizes(what, "padding", padding, 2, 0),
        "stride": sizes(what, "stride", stride, 2),
    }
