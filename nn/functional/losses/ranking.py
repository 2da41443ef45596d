"""Losses that put the right order or the right labels above the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message
from nn.arguments import flags, floats, integers, number
from nn.functional.distance import pairwise_distance
from nn.functional.losses.reduction import (
    check_same_shape,
    check_signs,
    loss_weight,
    reduce_loss,
    refuse_old_names,
)


def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, margin - y (x₁ - x₂)): which of two scores should be larger.

    Args:
        input1: scores x₁ of any shape.
        input2: scores x₂ of the same shape.
        target: y of the same shape, or one number: 1 if x₁ should be larger, -1 if x₂ should.
        margin: how far the larger score must lead.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a target is neither 1 nor -1.

    Example:
        >>> import nn
        >>> nn.functional.margin_ranking_loss(ag.Tensor([1.0, 1.0]), [0.5, 2.0], [1, 1], 0.25)
        Tensor(0.625)

    Source: Joachims, Optimizing search engines using clickthrough data (2002).
    """
    what = "margin_ranking_loss"
    refuse_old_names(what, size_average, reduce)
    margin = number(what, "margin", margin)
    first, second = check_same_shape(what, input1, input2)
    _, y = check_same_shape(what, first, check_signs(what, target, first))
    return reduce_loss(what, ag.relu(margin - y * (first - second)), reduction)


def soft_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """ln(1 + e^(-y x)), the logistic loss, without overflow.

    Args:
        input: scores x of any shape.
        target: y of the same shape, 1 or -1.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a target is neither 1 nor -1.

    Example:
        >>> import nn
        >>> nn.functional.soft_margin_loss(ag.Tensor([0.0, 1000.0]), [1, 1], reduction="none")
        Tensor([0.69314718, 0.        ])
    """
    what = "soft_margin_loss"
    refuse_old_names(what, size_average, reduce)
    x, y = check_same_shape(what, input, check_signs(what, target, input))
    return reduce_loss(what, ag.softplus(-y * x), reduction)


def multilabel_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """Σ max(0, 1 - (x[j] - x[i])) / C over the labels j and the classes i that are no labels.

    Args:
        input: scores of shape (N, C) or (C,).
        target: class numbers of the labels, of the same shape; a negative number ends the list.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        DTypeError: targets are not integers.
        IndexError: a target is not a class.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[0.5, 0.25, 0.75, 1.0]])
        >>> nn.functional.multilabel_margin_loss(x, [[3, 0, -1, 1]])
        Tensor(0.75)
    """
    what = "multilabel_margin_loss"
    refuse_old_names(what, size_average, reduce)
    x, labels = floats(input), integers(target, what, "targets")
    if x.shape != labels.shape or x.ndim not in (1, 2):
        got = f"an input of shape {x.shape} and a target of shape {labels.shape}"
        raise ShapeError(message(what, got, "both (N, C), or both (C,)"))
    if (labels >= x.shape[-1]).any():
        got = f"target {labels.max()}"
        raise IndexError(message(what, got, f"numbers of the {x.shape[-1]} classes"))
    listed = np.logical_and.accumulate(labels >= 0, axis=-1)
    places = np.where(listed, labels, 0)
    is_label = ((places[..., None] == np.arange(x.shape[-1])) & listed[..., None]).any(-2)
    lead = ag.expand_dims(ag.take_along_axis(x, places, -1), -1) - ag.expand_dims(x, -2)
    counts = listed[..., None] & ~is_label[..., None, :]
    losses = ag.sum(ag.where(counts, ag.relu(1.0 - lead), 0.0), (-2, -1)) / x.shape[-1]
    return reduce_loss(what, losses, reduction)


def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The binary cross-entropy of each label, averaged over the labels.

    Args:
        input: logits of shape (..., C).
        target: 0 or 1 for each label, of the same shape.
        weight: a factor of each label, shape (C,).
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none", over all but the last axis.

    Raises:
        ShapeError: the shapes differ, or the input has no axis.

    Example:
        >>> import nn
        >>> nn.functional.multilabel_soft_margin_loss(ag.Tensor([[0.0, 0.0]]), [[1.0, 0.0]])
        Tensor(0.69314718)
    """
    what = "multilabel_soft_margin_loss"
    refuse_old_names(what, size_average, reduce)
    x, y = check_same_shape(what, input, target)
    if not x.ndim:
        raise ShapeError(message(what, "an input without axes", "(..., C)"))
    losses = y * ag.softplus(-x) + (1.0 - y) * ag.softplus(x)
    if weight is not None:
        losses = losses * loss_weight(what, weight, losses)
    return reduce_loss(what, ag.mean(losses, -1), reduction)


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) for any distance d.

    Args:
        anchor: shape (N, D) or (D,).
        positive: a match of the anchor, of the same shape.
        negative: a mismatch, of the same shape.
        distance_function: d, a function of two such arrays; by default `pairwise_distance`.
        margin: how much farther away the negative must be.
        swap: whether d(positive, negative) replaces d(anchor, negative) where it is smaller.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        TypeError: the distance is not a function.

    Example:
        >>> import nn
        >>> a, n = ag.Tensor([[0.0, 0.0]]), ag.Tensor([[0.25, 0.5]])
        >>> nn.functional.triplet_margin_with_distance_loss(
        ...     a, a, n, distance_function=lambda x, y: ag.abs(x - y).max(1)
        ... )
        Tensor(0.5)
    """
    what = "triplet_margin_with_distance_loss"
    flags(what, swap=swap)
    margin = number(what, "margin", margin)
    distance = checked_distance(what, distance_function)
    anchor, positive = check_same_shape(what, anchor, positive)
    anchor, negative = check_same_shape(what, anchor, negative)
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ag.minimum(far, distance(positive, negative))
    return reduce_loss(what, ag.relu(near - far + margin), reduction)


def checked_distance(what: str, distance: Any) -> Any:
    """A distance function; `pairwise_distance` for None.

    Raises:
        TypeError: it cannot be called.
    """
    if distance is not None and not callable(distance):
        got = f"distance_function={described(distance)}"
        raise TypeError(message(what, got, "a function of two arrays"))
    return pairwise_distance if distance is None else distance
