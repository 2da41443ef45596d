"""Pooling and resizing as modules."""

from __future__ import annotations

from typing import Any

from nn import functional as f
from nn.arguments import flags
from nn.functional.adaptive_pooling import check_output_size
from nn.functional.interpolation import check_resize
from nn.functional.pooling import check_divisor, check_windows
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
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        what = "MaxPool1d"
        check_windows(what, 1, kernel_size, stride, padding, dilation)
        flags(what, return_indices=return_indices, ceil_mode=ceil_mode)
        super().__init__(
            f.max_pool1d,
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            **({"return_indices": True} if return_indices else {}),
        )
        self.return_indices = return_indices


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
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        what = "MaxPool2d"
        check_windows(what, 2, kernel_size, stride, padding, dilation)
        flags(what, return_indices=return_indices, ceil_mode=ceil_mode)
        super().__init__(
            f.max_pool2d,
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            **({"return_indices": True} if return_indices else {}),
        )
        self.return_indices = return_indices


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
        what = "AvgPool1d"
        check_windows(what, 1, kernel_size, stride, padding, 1)
        flags(what, ceil_mode=ceil_mode, count_include_pad=count_include_pad)
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
        what = "AvgPool2d"
        check_windows(what, 2, kernel_size, stride, padding, 1)
        flags(what, ceil_mode=ceil_mode, count_include_pad=count_include_pad)
        if divisor_override is not None:
            check_divisor(what, divisor_override)
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
        check_output_size("AdaptiveAvgPool1d", 1, output_size)
        super().__init__(f.adaptive_avg_pool1d, output_size=output_size)


class AdaptiveAvgPool2d(FunctionModule):
    """Means of even bins of the last two axes; see `nn.functional.adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool2d(1)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[2.5]]])
    """

    def __init__(self, output_size: Any) -> None:
        check_output_size("AdaptiveAvgPool2d", 2, output_size)
        super().__init__(f.adaptive_avg_pool2d, output_size=output_size)


class AdaptiveMaxPool1d(FunctionModule):
    """The maximum of each even bin of the last axis; see `nn.functional.adaptive_max_pool1d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
        Tensor([[2., 6.]])
    """

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        check_output_size("AdaptiveMaxPool1d", 1, output_size)
        flags("AdaptiveMaxPool1d", return_indices=return_indices)
        indices = {"return_indices": True} if return_indices else {}
        super().__init__(f.adaptive_max_pool1d, output_size=output_size, **indices)
        self.return_indices = return_indices


class AdaptiveMaxPool2d(FunctionModule):
    """The maximum of each even bin of the last two axes; see `nn.functional.adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool2d(1)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[4.]]])
    """

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        check_output_size("AdaptiveMaxPool2d", 2, output_size)
        flags("AdaptiveMaxPool2d", return_indices=return_indices)
        indices = {"return_indices": True} if return_indices else {}
        super().__init__(f.adaptive_max_pool2d, output_size=output_size, **indices)
        self.return_indices = return_indices


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
        recompute_scale_factor: bool | None = None,
    ) -> None:
        options = {"size": size, "scale_factor": scale_factor, "mode": mode}
        options |= {"align_corners": align_corners}
        check_resize("Upsample", **options, recompute_scale_factor=recompute_scale_factor)
        if recompute_scale_factor:
            options |= {"recompute_scale_factor": True}
        super().__init__(f.interpolate, **options)
