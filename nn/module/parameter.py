"""Parameter: a Tensor that a module owns and an optimizer updates."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from autograd import GraphError, Tensor
from autograd.errors import message
from nn.arguments import flags, floating, is_listed, size


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


class UninitializedParameter(Parameter):
    """A parameter whose shape is not known yet, as in `LazyLinear` before its first call.

    It is empty, of shape (0,), and turns into an ordinary `Parameter` without becoming another
    object: an optimizer that was given it goes on with it.

    Args:
        requires_grad: False freezes the parameter.
        device: None or "cpu".
        dtype: the floating dtype that it will have.

    Raises:
        GraphError: its data are assigned before it has a shape.

    Example:
        >>> import nn
        >>> p = nn.LazyLinear(2).bias
        >>> type(p).__name__, p.shape
        ('UninitializedParameter', (0,))
        >>> p.materialize((3,))
        >>> type(p).__name__, p.tolist()
        ('Parameter', [0.0, 0.0, 0.0])
    """

    __slots__ = ()

    def __init__(
        self,
        requires_grad: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
    ) -> None:
        flags("UninitializedParameter", requires_grad=requires_grad)
        dtype = floating("UninitializedParameter", dtype, device)
        super().__init__(np.zeros(0, dtype), requires_grad)

    def materialize(self, shape: Any) -> None:
        """Give it a shape, and zeros for data.

        Raises:
            ValueError: a length is not an integer, or is negative.
        """
        what = "UninitializedParameter.materialize"
        lengths = shape if is_listed(shape) else (shape,)
        self.become(Parameter(np.zeros([size(what, "shape", n) for n in lengths])))

    def become(self, other: Parameter) -> None:
        """Take over the shape and the data of another parameter, in this one's dtype."""
        self._replace(other.data.astype(self.dtype))
        self.__class__ = Parameter  # type: ignore[assignment]

    def _set_data(self, data: Any) -> NoReturn:
        which = "a parameter" if self.name is None else f"the parameter {self.name!r}"
        got = f"new data for {which} before it has a shape"
        hint = "call the model once, or write p.materialize(shape)"
        raise GraphError(message("UninitializedParameter", got, hint=hint))
