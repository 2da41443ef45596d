"""Parameter: a Tensor that a module owns and an optimizer updates."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy.typing as npt

from autograd import Tensor


class Parameter(Tensor):
    """A leaf Tensor that a `Module` registers when it is assigned to an attribute.

    Args:
        data: array-like of floats; copied.
        requires_grad: False freezes the parameter.
        dtype: a floating dtype; by default that of `data`.
        name: a label for drawings; by default the attribute it is assigned to.

    Example:
        >>> from nn import Parameter
        >>> Parameter([1.0, 2.0])
        Parameter([1., 2.], requires_grad=True)
    """

    __slots__ = ()

    _is_parameter: ClassVar[bool] = True

    def __init__(
        self,
        data: Any,
        requires_grad: bool = True,
        *,
        dtype: npt.DTypeLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(data, dtype=dtype, requires_grad=requires_grad, name=name)
