"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError, Tensor, data_of
from autograd.errors import described, kind, message
from nn.arguments import array


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """The entries of all parameters, one after the other, as a Tensor of one axis.

    Args:
        parameters: Tensors, such as `model.parameters()`.

    Raises:
        TypeError: one is no Tensor.
        ValueError: there are none.

    Example:
        >>> import nn
        >>> nn.utils.parameters_to_vector([ag.Tensor([[1.0, 2.0]]), ag.Tensor([3.0])])
        Tensor([1., 2., 3.])
    """
    found = _tensors("parameters_to_vector", parameters)
    if not found:
        raise ValueError(message("parameters_to_vector", "no parameters", "at least one"))
    return ag.concatenate([p.reshape((-1,)) for p in found])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Replace the data of parameters by the entries of a vector, in the dtype of each.

    Args:
        vec: shape (entries,): as many as the parameters have.
        parameters: Tensors, such as `model.parameters()`.

    Raises:
        TypeError: one is no Tensor.
        ShapeError: there are more or fewer entries.

    Example:
        >>> import nn
        >>> p = nn.Parameter([[0.0, 0.0]])
        >>> nn.utils.vector_to_parameters([1.0, 2.0], [p])
        >>> p.tolist()
        [[1.0, 2.0]]
    """
    what = "vector_to_parameters"
    found = _tensors(what, parameters)
    flat, count = np.asanyarray(data_of(array(vec))), sum(p.size for p in found)
    if flat.shape != (count,):
        raise ShapeError(message(what, f"a vector of shape {flat.shape}", f"({count},)"))
    start = 0
    for p in found:
        p.data = flat[start : start + p.size].reshape(p.shape).astype(p.dtype)
        start += p.size


def _tensors(what: str, parameters: Any) -> list[Any]:
    if isinstance(parameters, Tensor) or not isinstance(parameters, Iterable):
        got = f"{kind(parameters)}, {described(parameters)}"
        raise TypeError(message(what, got, "several Tensors, such as model.parameters()"))
    found = list(parameters)
    for p in found:
        if not isinstance(p, Tensor):
            raise TypeError(message(what, f"{kind(p)} among the parameters", "Tensors"))
    return found
