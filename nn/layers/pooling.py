"""Pooling and resizing as modules."""

from __future__ import annotations

from typing import Any

from nn import functional as f
from nn.layers.function import FunctionModule


class MaxPool1d(FunctionModule):
    """The largest entry of each window along the last axis; see `nn.functional.max_pool1d`.

    Example:
        >>> import nn
        >>> nn.MaxPool1d(2)(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]))
        Tensor([[5., 3.]])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            f.max_pool1d,
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )


class MaxPool2d(FunctionModule):
    """The largest entry of each window over the last two axes; see `nn.functional.max_pool2d`.

    Example:
        >>> import nn
        >>> nn.MaxPool2d(2)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[4.]]])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            f.max_pool2d,
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )


class AvgPool1d(FunctionModule):
    """The mean of each window along the last axis; see `nn.functional.avg_pool1d`.

    Example:
        >>> import nn
        >>> nn.AvgPool1d(2)(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]))
        Tensor([[3. , 2.5]])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            f.avg_pool1d,
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
        )


class AvgPool2d(FunctionModule):
    """The mean of each window over the last two axes; see `nn.functional.avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AvgPool2d(2)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[2.5]]])
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(
            f.avg_pool2d,
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
        )


class AdaptiveAvgPool1d(FunctionModule):
    """Means of even bins of the last axis; see `nn.functional.adaptive_avg_pool1d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
        Tensor([[1.5, 4. ]])
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__(f.adaptive_avg_pool1d, output_size=output_size)


class AdaptiveAvgPool2d(FunctionModule):
    """Means of even bins of the last two axes; see `nn.functional.adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool2d(1)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[2.5]]])
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__(f.adaptive_avg_pool2d, output_size=output_size)


class AdaptiveMaxPool1d(FunctionModule):
    """The maximum of each even bin of the last axis; see `nn.functional.adaptive_max_pool1d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
        Tensor([[2., 6.]])
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__(f.adaptive_max_pool1d, output_size=output_size)


class AdaptiveMaxPool2d(FunctionModule):
    """The maximum of each even bin of the last two axes; see `nn.functional.adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool2d(1)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[4.]]])
    """

    def __init__(self, output_size: Any) -> None:
        super().__init__(f.adaptive_max_pool2d, output_size=output_size)


class Upsample(FunctionModule):
    """Resizes the input along its last one or two axes; see `nn.functional.interpolate`.

    Example:
        >>> import nn
        >>> nn.Upsample(scale_factor=2)(ag.Tensor([[[1.0, 3.0]]])).tolist()
        [[[1.0, 1.0, 3.0, 3.0]]]
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        super().__init__(
            f.interpolate,
            size=size,
            scale_factor=scale_factor,
            mode=mode,
            align_corners=align_corners,
        )
