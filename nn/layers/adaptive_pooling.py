"""Adaptive pooling as modules: one base for each kind, whose subclasses say over how many axes."""

from __future__ import annotations

from typing import Any, ClassVar

from nn import functional as f
from nn.arguments import flags
from nn.functional.adaptive_pooling import check_output_size
from nn.layers.function import FunctionModule


class _AdaptiveAvgPool(FunctionModule):
    _axes: ClassVar[int]

    def __init__(self, output_size: Any) -> None:
        check_output_size(type(self).__name__, self._axes, output_size)
        functions = f.adaptive_avg_pool1d, f.adaptive_avg_pool2d, f.adaptive_avg_pool3d
        super().__init__(functions[self._axes - 1], output_size=output_size)


class _AdaptiveMaxPool(FunctionModule):
    _axes: ClassVar[int]

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        what = type(self).__name__
        check_output_size(what, self._axes, output_size)
        flags(what, return_indices=return_indices)
        functions = f.adaptive_max_pool1d, f.adaptive_max_pool2d, f.adaptive_max_pool3d
        indices = {"return_indices": True} if return_indices else {}
        super().__init__(functions[self._axes - 1], output_size=output_size, **indices)
        self.return_indices = return_indices


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means of even bins of the last axis; see `nn.functional.adaptive_avg_pool1d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
        Tensor([[1.5, 4. ]])
    """

    _axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means of even bins of the last two axes; see `nn.functional.adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool2d(1)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[2.5]]])
    """

    _axes = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means of even bins of the last three axes; see `nn.functional.adaptive_avg_pool3d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool3d(1)(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))).tolist()
        [[[[3.5]]]]
    """

    _axes = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The maximum of each even bin of the last axis; see `nn.functional.adaptive_max_pool1d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool1d(2)(ag.Tensor([[1.0, 2.0, 6.0]]))
        Tensor([[2., 6.]])
    """

    _axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The maximum of each even bin of the last two axes; see `nn.functional.adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool2d(1)(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        Tensor([[[4.]]])
    """

    _axes = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The maximum of each even bin of the last three axes; see `nn.functional.adaptive_max_pool3d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool3d(1)(ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))).tolist()
        [[[[7.0]]]]
    """

    _axes = 3
