"""Losses that vanish once a margin is kept."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, is_int, message
from nn.arguments import flags, floats, number
from nn.functional.distance import cosine_similarity, pairwise_distance
from nn.functional.losses.classification import class_axis, class_numbers, class_weights
from nn.functional.losses.reduction import (
    check_same_shape,
    check_signs,
    reduce_loss,
    refuse_old_names,
)


def hinge_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """max(0, margin - y f), the loss of a support vector machine.

    Args:
        input: scores f of any shape.
        target: y of the same shape, 1 or -1.
        margin: the score at which the loss reaches 0.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a target is neither 1 nor -1.

    Example:
        >>> import nn
        >>> nn.functional.hinge_loss(ag.Tensor([0.5, 3.0]), [1, 1], reduction="none")
        Tensor([0.5, 0. ])

    Source: Cortes and Vapnik, Support-vector networks (1995).
    """
    margin = number("hinge_loss", "margin", margin)
    f, y = check_same_shape("hinge_loss", input, check_signs("hinge_loss", target, input))
    return reduce_loss("hinge_loss", ag.relu(margin - y * f), reduction)


def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The distance x where y = 1, and max(0, margin - x) where y = -1.

    Args:
        input: distances x of any shape.
        target: y of the same shape, 1 or -1.
        margin: the distance at which the loss reaches 0.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a target is neither 1 nor -1.

    Example:
        >>> import nn
        >>> nn.functional.hinge_embedding_loss(ag.Tensor([0.4, 0.4]), [1, -1], reduction="none")
        Tensor([0.4, 0.6])
    """
    what = "hinge_embedding_loss"
    refuse_old_names(what, size_average, reduce)
    margin = number(what, "margin", margin)
    x, y = check_same_shape(what, input, check_signs(what, target, input))
    return reduce_loss(what, ag.where(y > 0, x, ag.relu(margin - x)), reduction)


def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """1 - cos(x, y) for a matching pair, max(0, cos(x, y) - margin) for any other.

    Args:
        input1: x, shape (N, D) or (D,).
        input2: y, of the same shape.
        target: 1 or -1, shape (N,) or ().
        margin: the cosine up to which the loss of a pair that does not match is 0, from -1 to 1.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a target is neither 1 nor -1.

    Example:
        >>> import nn
        >>> nn.functional.cosine_embedding_loss(ag.Tensor([[1.0, 0.0]]), [[0.0, 1.0]], [1])
        Tensor(1.)
    """
    what = "cosine_embedding_loss"
    refuse_old_names(what, size_average, reduce)
    margin = number(what, "margin", margin, -1.0, 1.0)
    x, y = check_same_shape(what, input1, input2)
    cosine = cosine_similarity(x, y, dim=-1)
    cosine, sign = check_same_shape(what, cosine, check_signs(what, target, cosine))
    losses = ag.where(sign > 0, 1.0 - cosine, ag.relu(cosine - margin))
    return reduce_loss(what, losses, reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), where d is the p-norm distance.

    Args:
        anchor: shape (N, D) or (D,).
        positive: a match of the anchor, of the same shape.
        negative: a mismatch, of the same shape.
        margin: how much farther away the negative must be.
        p: the order of the norm.
        eps: added to each difference.
        swap: whether d(positive, negative) replaces d(anchor, negative) where it is smaller.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> a, n = ag.Tensor([[0.0, 0.0]]), ag.Tensor([[0.6, 0.8]])
        >>> nn.functional.triplet_margin_loss(a, a, n, eps=0.0)
        Tensor(0.)

    Source: Balntas, Riba, Ponsa and Mikolajczyk, Learning local feature descriptors with triplets
        and shallow convolutional neural networks (2016).
    """
    what = "triplet_margin_loss"
    refuse_old_names(what, size_average, reduce)
    flags(what, swap=swap)
    margin, eps = number(what, "margin", margin), number(what, "eps", eps)
    p = number(what, "p", p, finite=False)
    anchor, positive = check_same_shape(what, anchor, positive)
    anchor, negative = check_same_shape(what, anchor, negative)
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ag.minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduce_loss(what, ag.relu(near - far + margin), reduction)


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Σ_j w max(0, margin - x[target] + x[j])ᵖ / C, over the classes j other than the target.

    Args:
        input: scores of shape (N, C) or (C,).
        target: class numbers of shape (N,) or ().
        p: the power, 1 or 2.
        margin: how far the true class must lead.
        weight: w for each class as the target, shape (C,), or None for 1.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: input and target do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is not a class.

    Example:
        >>> import nn
        >>> nn.functional.multi_margin_loss(ag.Tensor([[0.5, 0.0]]), [0])
        Tensor(0.25)

    Source: Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector
        machines (2001).
    """
    what = "multi_margin_loss"
    refuse_old_names(what, size_average, reduce)
    margin = number(what, "margin", margin)
    if not is_int(p) or p not in (1, 2):
        raise ValueError(message(what, f"p={described(p)}", "1 or 2"))
    x = floats(input)
    axis = class_axis(what, x)
    if x.ndim > 2:
        raise ShapeError(message(what, f"an input of shape {x.shape}", "(N, C) or (C,)"))
    classes, _ = class_numbers(what, x, axis, target, None)
    others = classes[..., None] != np.arange(x.shape[-1])
    true = ag.take_along_axis(x, classes[..., None], axis=-1)
    excess = ag.relu(margin - true + x)
    excess = excess if p == 1 else ag.square(excess)
    if weight is not None:
        excess = excess * class_weights(what, weight, x, axis)[classes][..., None]
    losses = ag.sum(ag.where(others, excess, 0.0), axis=-1) / x.shape[-1]
    return reduce_loss(what, losses, reduction)
