"""Similarities and distances of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import message
from autograd.names import both_keywords
from nn.arguments import axis_number, flags, floats, number, refuse


@both_keywords
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """x₁ · x₂ / (max(‖x₁‖, eps) max(‖x₂‖, eps)) along an axis.

    Args:
        x1: any shape.
        x2: a shape that broadcasts with it.
        dim: the axis of the vectors, counted in the common shape.
        eps: the smallest length to divide by.

    Example:
        >>> import nn
        >>> nn.functional.cosine_similarity(ag.Tensor([3.0, 4.0]), ag.Tensor([3.0, 0.0]), dim=0)
        Tensor(0.6)
    """
    # Along an axis that broadcasts, the length of the shorter vector counts every repetition.
    x1, x2 = ag.broadcast_arrays(floats(x1), floats(x2))
    axis_number("cosine_similarity", dim, x1.ndim)
    eps = number("cosine_similarity", "eps", eps, 0.0)
    return ag.sum(normalize(x1, dim=dim, eps=eps) * normalize(x2, dim=dim, eps=eps), axis=dim)


@both_keywords
def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """‖x₁ - x₂ + eps‖_p along the last axis.

    Example:
        >>> import nn
        >>> nn.functional.pairwise_distance(ag.Tensor([3.0, 4.0]), ag.Tensor([0.0, 0.0]), eps=0.0)
        Tensor(5.)
    """
    what = "pairwise_distance"
    flags(what, keepdim=keepdim)
    eps, p = number(what, "eps", eps), number(what, "p", p, finite=False)
    difference = ag.subtract(floats(x1), floats(x2)) + eps
    axis_number(what, -1, difference.ndim)
    return ag.norm(difference, ord=p, axis=-1, keepdims=keepdim)


def pdist(input: Any, p: float = 2.0) -> Any:
    """‖xᵢ - xⱼ‖_p for all pairs i < j of rows, in the order (0, 1), (0, 2), …, (1, 2), ….

    Args:
        input: shape (N, M).
        p: the order of the norm, at least 0.

    Returns:
        shape (N (N - 1) / 2,). The slope is 0 where two rows are equal.

    Raises:
        ShapeError: the input is not a matrix.
        ValueError: p is negative.

    Example:
        >>> import nn
        >>> nn.functional.pdist(ag.Tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
        Tensor([5.        , 1.        , 4.24264069])
    """
    x, p = floats(input), number("pdist", "p", p, 0.0, finite=False)
    if x.ndim != 2:
        raise ShapeError(message("pdist", f"an input of shape {x.shape}", "(N, M)"))
    first, second = np.triu_indices(x.shape[0], 1)
    return ag.norm(x[first] - x[second], ord=p, axis=-1)


@both_keywords
def normalize(
    input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: None = None
) -> Any:
    """x / max(‖x‖_p, eps) along an axis.

    Args:
        input: x, of any shape.
        p: the order of the norm.
        dim: the axis of the vectors.
        eps: the smallest length to divide by.
        out: only None.

    Raises:
        ShapeError: there is no such axis.

    Example:
        >>> import nn
        >>> nn.functional.normalize(ag.Tensor([3.0, 4.0]), dim=0)
        Tensor([0.6, 0.8])
    """
    x = floats(input)
    if out is not None:
        refuse("normalize", out=out)
    eps = number("normalize", "eps", eps, 0.0)
    p = number("normalize", "p", p, finite=False)
    axis_number("normalize", dim, x.ndim)
    return x / ag.maximum(ag.norm(x, ord=p, axis=dim, keepdims=True), eps)
