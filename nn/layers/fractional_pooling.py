"""Max pooling over windows at random places as modules."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nn import functional as f
from nn.arguments import flags, generator_or_default
from nn.functional.fractional_pooling import check_samples, check_sizes
from nn.layers.function import FunctionModule


class _FractionalMaxPool(FunctionModule):
    _axes: ClassVar[int]

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        what = type(self).__name__
        check_sizes(what, self._axes, kernel_size, output_size, output_ratio)
        flags(what, return_indices=return_indices)
        if generator is not None:
            generator_or_default(what, generator)
        if _random_samples is not None:
            _random_samples = check_samples(what, self._axes, _random_samples)
        given = {
            "kernel_size": kernel_size,
            "output_size": output_size,
            "output_ratio": output_ratio,
            "return_indices": return_indices,
            "_random_samples": _random_samples,
            "generator": generator,
        }
        function = (f.fractional_max_pool2d, f.fractional_max_pool3d)[self._axes - 2]
        super().__init__(function, **{k: v for k, v in given.items() if v is not None})


class FractionalMaxPool2d(_FractionalMaxPool):
    """Max pooling over random windows; see `nn.functional.fractional_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.FractionalMaxPool2d(2, output_ratio=0.7)(np.ones((1, 10, 20))).shape
        (1, 7, 14)
    """

    _axes = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """Max pooling over random windows; see `nn.functional.fractional_max_pool3d`.

    Example:
        >>> import nn
        >>> nn.FractionalMaxPool3d(2, output_size=3)(np.ones((2, 1, 5, 6, 7))).shape
        (2, 1, 3, 3, 3)
    """

    _axes = 3
