"""Pooling as modules: one base for each kind, whose subclasses say over how many axes."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as f
from nn.arguments import flags, number, sizes
from nn.functional.pooling_nd import check_divisor, check_windows
from nn.layers.function import FunctionModule
from nn.module.module import Module


class _MaxPool(FunctionModule):
    _axes: ClassVar[int]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        what = type(self).__name__
        check_windows(what, self._axes, kernel_size, stride, padding, dilation)
        flags(what, return_indices=return_indices, ceil_mode=ceil_mode)
        super().__init__(
            (f.max_pool1d, f.max_pool2d, f.max_pool3d)[self._axes - 1],
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            **({"return_indices": True} if return_indices else {}),
        )
        self.return_indices = return_indices


class _AvgPool(FunctionModule):
    _axes: ClassVar[int]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        what = type(self).__name__
        check_windows(what, self._axes, kernel_size, stride, padding, 1)
        flags(what, ceil_mode=ceil_mode, count_include_pad=count_include_pad)
        if divisor_override is not None:
            check_divisor(what, divisor_override)
        super().__init__(
            (f.avg_pool1d, f.avg_pool2d, f.avg_pool3d)[self._axes - 1],
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            **({} if self._axes == 1 else {"divisor_override": divisor_override}),
        )


class _LPPool(FunctionModule):
    _axes: ClassVar[int]

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        what = type(self).__name__
        check_windows(what, self._axes, kernel_size, stride, 0, 1)
        flags(what, ceil_mode=ceil_mode)
        super().__init__(
            (f.lp_pool1d, f.lp_pool2d, f.lp_pool3d)[self._axes - 1],
            norm_type=number(what, "norm_type", norm_type, 0.0, open_low=True),
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            ceil_mode=ceil_mode,
        )


class _MaxUnpool(Module):
    _axes: ClassVar[int]

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        what, k = type(self).__name__, self._axes
        self.kernel_size = sizes(what, "kernel_size", kernel_size, k)
        self.stride = self.kernel_size if stride is None else sizes(what, "stride", stride, k)
        self.padding = sizes(what, "padding", padding, k, 0)

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        """The entries at their indices, and zeros between them."""
        function = (f.max_unpool1d, f.max_unpool2d, f.max_unpool3d)[self._axes - 1]
        options = self.kernel_size, self.stride, self.padding
        return function(input, indices, *options, output_size)

    def extra_repr(self) -> str:
        """The geometry of the windows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxPool1d(_MaxPool):
    """The largest entry of each window along the last axis; see `nn.functional.max_pool1d`.

    Example:
        >>> import nn
        >>> nn.MaxPool1d(2)(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]))
        Tensor([[5., 3.]])
    """

    _axes = 1


class MaxPool2d(_MaxPool):
    """The largest entry of each window over the last two axes; see `nn.functional.max_pool2d`.

    Example:
        >>> import nn
        >>> nn.MaxPool2d(2)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[4.]]])
    """

    _axes = 2


class MaxPool3d(_MaxPool):
    """The largest entry of each window over the last three axes; see `nn.functional.max_pool3d`.

    Example:
        >>> import nn
        >>> nn.MaxPool3d(2)(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))).tolist()
        [[[[7.0]]]]
    """

    _axes = 3


class AvgPool1d(_AvgPool):
    """The mean of each window along the last axis; see `nn.functional.avg_pool1d`.

    Example:
        >>> import nn
        >>> nn.AvgPool1d(2)(ag.Tensor([[1.0, 5.0, 2.0, 3.0]]))
        Tensor([[3. , 2.5]])
    """

    _axes = 1

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)


class AvgPool2d(_AvgPool):
    """The mean of each window over the last two axes; see `nn.functional.avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AvgPool2d(2)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[2.5]]])
    """

    _axes = 2


class AvgPool3d(_AvgPool):
    """The mean of each window over the last three axes; see `nn.functional.avg_pool3d`.

    Example:
        >>> import nn
        >>> nn.AvgPool3d(2)(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))).tolist()
        [[[[3.5]]]]
    """

    _axes = 3


class LPPool1d(_LPPool):
    """(Σ xᵖ)^(1 / p) over each window along the last axis; see `nn.functional.lp_pool1d`.

    Example:
        >>> import nn
        >>> nn.LPPool1d(2, 2)(ag.Tensor([[3.0, 4.0, 0.0, 2.0]]))
        Tensor([[5., 2.]])
    """

    _axes = 1


class LPPool2d(_LPPool):
    """(Σ xᵖ)^(1 / p) over each window along the last two axes; see `nn.functional.lp_pool2d`.

    Example:
        >>> import nn
        >>> nn.LPPool2d(1, 2)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[10.]]])
    """

    _axes = 2


class LPPool3d(_LPPool):
    """(Σ xᵖ)^(1 / p) over each window along the last three axes; see `nn.functional.lp_pool3d`.

    Example:
        >>> import nn
        >>> nn.LPPool3d(1, 2)(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))).tolist()
        [[[[28.0]]]]
    """

    _axes = 3


class MaxUnpool1d(_MaxUnpool):
    """The entries of a `MaxPool1d` at their places again; see `nn.functional.max_unpool1d`.

    Example:
        >>> import nn
        >>> out, indices = nn.MaxPool1d(2, return_indices=True)(ag.Tensor([[1.0, 5.0, 7.0, 3.0]]))
        >>> nn.MaxUnpool1d(2)(out, indices)
        Tensor([[0., 5., 7., 0.]])
    """

    _axes = 1


class MaxUnpool2d(_MaxUnpool):
    """The entries of a `MaxPool2d` at their places again; see `nn.functional.max_unpool2d`.

    Example:
        >>> import nn
        >>> pooled = nn.MaxPool2d(2, return_indices=True)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        >>> nn.MaxUnpool2d(2)(*pooled).tolist()
        [[[0.0, 0.0], [0.0, 4.0]]]
    """

    _axes = 2


class MaxUnpool3d(_MaxUnpool):
    """The entries of a `MaxPool3d` at their places again; see `nn.functional.max_unpool3d`.

    Example:
        >>> import nn
        >>> pooled = nn.MaxPool3d(2, return_indices=True)(np.arange(8.0).reshape(1, 2, 2, 2))
        >>> nn.MaxUnpool3d(2)(*pooled).shape
        (1, 2, 2, 2)
    """

    _axes = 3
