"""Parameter: a Tensor that a module owns and an optimizer changes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy.typing as npt

from autograd import Tensor


class Parameter(Tensor):
    """A leaf Tensor that is registered when it is assigned to an attribute of a `Module`.

    Args:
        data: array-like of floats; copied.
        dtype: a floating dtype; by default that of `data`.
        requires_grad: False freezes it.
        name: a label for drawings; a module gives its parameters their own.

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
        *,
        dtype: npt.DTypeLike | None = None,
        requires_grad: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(data, dtype=dtype, requires_grad=requires_grad, name=name)
