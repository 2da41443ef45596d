"""Losses: compositions, each with the formula of its docstring.

An input and a target of different shapes are refused: (N, 1) against (N,) would broadcast to (N,
N), and the loss of every prediction with every target would fall without the model learning
anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from nn._arguments import array, floats, integers, number, one_of
from nn.functional.activation import log_softmax
from nn.functional.distance import cosine_similarity, pairwise_distance

REDUCTIONS = ("mean", "sum", "none")
IGNORE_INDEX = -100


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(input - target)², the mean of it by default.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape, or one number.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.mse_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(2.)
    """
    input, target = _alike("mse_loss", input, target)
    return _reduced("mse_loss", ag.square(input - target), reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """|input - target|, the mean of it by default.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape, or one number.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.l1_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(1.)
    """
    input, target = _alike("l1_loss", input, target)
    return _reduced("l1_loss", ag.abs(input - target), reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    """d² / (2 beta) where |d| < beta, |d| - beta / 2 elsewhere, d being input - target.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape, or one number.
        reduction: "mean", "sum" or "none".
        beta: where the parabola becomes a line; with 0 it is `l1_loss`.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.smooth_l1_loss(ag.Tensor([1.0, 2.0]), [1.0, 4.0], reduction="sum")
        Tensor(1.5)

    Source: Girshick, Fast R-CNN (2015).
    """
    input, target = _alike("smooth_l1_loss", input, target)
    if number("smooth_l1_loss", "beta", beta, 0.0) == 0:
        return l1_loss(input, target, reduction)
    return _reduced("smooth_l1_loss", _huber(input - target, beta) / beta, reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """d² / 2 where |d| < delta, delta · (|d| - delta / 2) elsewhere, d being input - target.

    Args:
        input: predictions of any shape.
        target: numbers of the same shape, or one number.
        reduction: "mean", "sum" or "none".
        delta: where the parabola becomes a line.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.huber_loss(ag.Tensor([1.0, 2.0]), [1.0, 6.0], delta=2.0, reduction="none")
        Tensor([0., 6.])

    Source: Huber, Robust estimation of a location parameter (1964).
    """
    input, target = _alike("huber_loss", input, target)
    delta = number("huber_loss", "delta", delta, 0.0, open_low=True)
    return _reduced("huber_loss", _huber(input - target, delta), reduction)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = IGNORE_INDEX,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-ln softmax(input)[target]: how surprising the true classes are, in nats.

    Its gradient by the logits is softmax(input) minus the one-hot target; nothing here says so.

    Args:
        input: logits of shape (N, C), (C,), or (N, C, ...), any real numbers.
        target: class numbers from 0 to C - 1, of the input's shape without C; or probabilities, of
            the input's shape.
        weight: shape (C,), what each class counts.
        ignore_index: the class number of entries that do not count.
        reduction: "mean", which for class numbers is weighted by `weight`, "sum" or "none".
        label_smoothing: which part of the target is spread evenly over all classes, from 0 to 1.

    Returns:
        one number, or with "none" the shape of the class numbers. The mean of no losses is nan.

    Raises:
        ShapeError: input, target and weight do not fit.
        DTypeError: class numbers are not integers.
        IndexError: a target is no class.
        ValueError: a word or number is none of those that are possible.

    Example:
        >>> import nn
        >>> nn.functional.cross_entropy(ag.Tensor([[0.0, 0.0]]), [1])
        Tensor(0.69314718)

    Source: Szegedy et al., Rethinking the Inception architecture (2016), for label smoothing.
    """
    what = "cross_entropy"
    input, target = floats(input), array(target)
    smoothing = number(what, "label_smoothing", label_smoothing, 0.0, 1.0)
    if target.dtype.kind == "f" and target.shape != input.shape:
        raise ag.DTypeError(
            f"{what}: targets of dtype {target.dtype} and shape {target.shape} came with logits of "
            f"shape {input.shape}; class numbers, which are integers, or probabilities of the "
            "shape "
            "of the logits are expected"
        )
    axis = _class_axis(what, input)
    logs = log_softmax(input, axis)
    if target.dtype.kind != "f":
        return _of_classes(what, logs, target, weight, ignore_index, reduction, smoothing)
    if smoothing:
        target = target * (1.0 - smoothing) + smoothing / input.shape[axis]
    losses = -ag.sum(logs * target * _class_weights(what, weight, logs, axis), axis=axis)
    return _reduced(what, losses, reduction)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = IGNORE_INDEX,
    reduction: str = "mean",
) -> Any:
    """-input[target]: `cross_entropy` of what are log-probabilities already.

    Args:
        input: log-probabilities of shape (N, C), (C,), or (N, C, ...).
        target: class numbers of the input's shape without C.
        weight: shape (C,), what each class counts.
        ignore_index: the class number of entries that do not count.
        reduction: "mean", which is weighted by `weight`, "sum" or "none".

    Raises:
        ShapeError: input, target and weight do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is no class.

    Example:
        >>> import nn
        >>> nn.functional.nll_loss(ag.Tensor([[-0.5, -1.5]]), [1])
        Tensor(1.5)
    """
    _class_axis("nll_loss", floats(input))
    return _of_classes("nll_loss", floats(input), target, weight, ignore_index, reduction, 0.0)


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, reduction: str = "mean"
) -> Any:
    """-(y ln p + (1 - y) ln(1 - p)), a logarithm below -100 counting as -100.

    `binary_cross_entropy_with_logits` is exact where p rounds to 0 or 1, and should be preferred.

    Args:
        input: probabilities p of any shape.
        target: y of the same shape, from 0 to 1, or one number.
        weight: what each entry counts; broadcasts.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a probability is outside 0 to 1.

    Example:
        >>> import nn
        >>> nn.functional.binary_cross_entropy(ag.Tensor([0.5]), [1.0])
        Tensor(0.69314718)
    """
    what = "binary_cross_entropy"
    p, y = _alike(what, input, target)
    if (p < 0).any() or (p > 1).any():
        raise ValueError(
            f"{what}: an input outside 0 to 1 came, probabilities are expected; apply sigmoid "
            "first, or better use binary_cross_entropy_with_logits"
        )
    losses = -(y * ag.maximum(ag.log(p), -100.0) + (1.0 - y) * ag.maximum(ag.log1p(-p), -100.0))
    return _reduced(what, losses if weight is None else losses * array(weight), reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """-(y ln σ(x) + (1 - y) ln(1 - σ(x))), exact for every x.

    Args:
        input: logits x of any shape.
        target: y of the same shape, from 0 to 1, or one number.
        weight: what each entry counts; broadcasts.
        reduction: "mean", "sum" or "none".
        pos_weight: a factor of the first term, one for each class; broadcasts.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.binary_cross_entropy_with_logits(ag.Tensor([-1000.0]), [1.0])
        Tensor(1000.)
    """
    what = "binary_cross_entropy_with_logits"
    x, y = _alike(what, input, target)
    positive = y if pos_weight is None else y * array(pos_weight)
    losses = positive * ag.softplus(-x) + (1.0 - y) * ag.softplus(x)
    return _reduced(what, losses if weight is None else losses * array(weight), reduction)


def kl_div(input: Any, target: Any, reduction: str = "mean", *, log_target: bool = False) -> Any:
    """Σ q (ln q - ln p): the divergence of p from q, `input` being ln p and `target` q.

    Args:
        input: log-probabilities of shape (N, ...).
        target: probabilities of the same shape, or with `log_target` their logarithms.
        reduction: "batchmean", which is the divergence itself, a mean over N; "mean" over all
            entries, as in PyTorch; "sum" or "none".
        log_target: whether `target` holds logarithms.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.kl_div(np.log([[0.5, 0.5]]), [[1.0, 0.0]], reduction="batchmean").round(6)
        np.float64(0.693147)

    Source: Kullback and Leibler, On information and sufficiency (1951).
    """
    logs, target = _alike("kl_div", input, target)
    if log_target:
        losses = ag.exp(target) * (target - logs)
    else:  # where q = 0 the term is 0, not 0 · ln 0
        q = ag.where(target > 0, target, 1.0)
        losses = ag.where(target > 0, q * (ag.log(q) - logs), 0.0 * target)
    if reduction == "batchmean":
        return ag.sum(losses) / losses.shape[0]
    return _reduced("kl_div", losses, reduction, (*REDUCTIONS, "batchmean"))


def distillation_loss(
    input: Any,
    target: Any,
    temperature: float = 2.0,
    reduction: str = "batchmean",
) -> Any:
    """T² Σ q (ln q - ln p), p and q being softmax(student / T) and softmax(teacher / T).

    The factor T² keeps gradients of one size when T changes. No gradient flows to the teacher.

    Args:
        input: the student's logits, shape (N, C).
        target: the teacher's logits, of the same shape.
        temperature: T, above 0.
        reduction: as for `kl_div`.

    Raises:
        ShapeError: the shapes differ.
        ValueError: the temperature is not above 0.

    Example:
        >>> import nn
        >>> nn.functional.distillation_loss(ag.Tensor([[1.0, 2.0]]), [[11.0, 12.0]]).item() < 1e-15
        True

    Source: Hinton, Vinyals and Dean, Distilling the knowledge in a neural network (2015).
    """
    student, teacher = _alike("distillation_loss", input, target)
    t = number("distillation_loss", "temperature", temperature, 0.0, open_low=True)
    teacher = ag.stop_gradient(log_softmax(teacher, -1, t))
    losses = kl_div(log_softmax(student, -1, t), teacher, reduction, log_target=True)
    return losses * (t * t)


def hinge_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """max(0, margin - y f): the loss of a support vector machine.

    Args:
        input: scores f of any shape.
        target: y of the same shape, 1 or -1.
        margin: from what score on nothing is lost.
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
    f, y = _alike("hinge_loss", input, _signs("hinge_loss", target))
    return _reduced("hinge_loss", ag.relu(margin - y * f), reduction)


def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    """A distance x itself where y = 1, and max(0, margin - x) where y = -1.

    Args:
        input: distances x of any shape.
        target: y of the same shape, 1 or -1.
        margin: from what distance on nothing is lost.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        ValueError: a target is neither 1 nor -1.

    Example:
        >>> import nn
        >>> nn.functional.hinge_embedding_loss(ag.Tensor([0.4, 0.4]), [1, -1], reduction="none")
        Tensor([0.4, 0.6])
    """
    x, y = _alike("hinge_embedding_loss", input, _signs("hinge_embedding_loss", target))
    return _reduced("hinge_embedding_loss", ag.where(y > 0, x, ag.relu(margin - x)), reduction)


def multi_margin_loss(input: Any, target: Any, margin: float = 1.0, reduction: str = "mean") -> Any:
    """Σ_j max(0, margin - x[target] + x[j]) / C over the other classes j.

    Args:
        input: scores of shape (N, C) or (C,).
        target: class numbers of shape (N,) or ().
        margin: by how much the true class must lead.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: input and target do not fit.
        DTypeError: targets are not integers.
        IndexError: a target is no class.

    Example:
        >>> import nn
        >>> nn.functional.multi_margin_loss(ag.Tensor([[0.5, 0.0]]), [0])
        Tensor(0.25)

    Source: Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector
        machines (2001).
    """
    x = floats(input)
    classes = _classes("multi_margin_loss", x, target, None)
    others = classes[..., None] != np.arange(x.shape[-1])
    true = ag.take_along_axis(x, classes[..., None], axis=-1)
    losses = ag.sum(ag.where(others, ag.relu(margin - true + x), 0.0), axis=-1) / x.shape[-1]
    return _reduced("multi_margin_loss", losses, reduction)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    """1 - cos(x, y) for a pair that belongs together, max(0, cos(x, y) - margin) for another.

    Args:
        input1: x, shape (N, D) or (D,).
        input2: y, of the same shape.
        target: 1 or -1, shape (N,) or ().
        margin: up to which cosine another pair loses nothing, from -1 to 1.
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
    x, y = _alike(what, input1, input2)
    cosine, sign = _alike(what, cosine_similarity(x, y, dim=-1), _signs(what, target))
    losses = ag.where(sign > 0, 1.0 - cosine, ag.relu(cosine - margin))
    return _reduced(what, losses, reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d being the p-norm distance.

    Args:
        anchor: shape (N, D) or (D,).
        positive: what belongs to it, of the same shape.
        negative: what does not, of the same shape.
        margin: by how much the negative must be farther away.
        p: of the norm.
        eps: added to each difference.
        swap: whether d(positive, negative), if smaller, takes the place of d(anchor, negative).
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
    anchor, positive = _alike(what, anchor, positive)
    anchor, negative = _alike(what, anchor, negative)
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = ag.minimum(far, pairwise_distance(positive, negative, p, eps))
    return _reduced(what, ag.relu(near - far + margin), reduction)


# --- what they have in common ---


def _alike(what: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Both as arrays of floats, of one shape; one number may stand for a whole target."""
    input, target = floats(input), floats(target)
    if input.shape == target.shape or target.shape == ():
        return input, target
    hint = ""
    if input.shape == (*target.shape, 1):
        hint = "; drop the last axis of the input: input.squeeze(-1)"
    elif target.shape == (*input.shape, 1):
        hint = "; drop the last axis of the target: target.squeeze(-1)"
    raise ShapeError(
        f"{what}: an input of shape {input.shape} and a target of shape {target.shape} came; equal "
        "shapes are expected, for broadcasting would pair entries that do not belong "
        f"together{hint}"
    )


def _reduced(what: str, losses: Any, reduction: str, choices: tuple[str, ...] = REDUCTIONS) -> Any:
    one_of(what, "reduction", reduction, choices)
    if reduction == "none":
        return losses
    return ag.mean(losses) if reduction == "mean" else ag.sum(losses)


def _huber(d: Any, delta: float) -> Any:
    size = ag.abs(d)
    return ag.where(size < delta, 0.5 * (d * d), delta * (size - 0.5 * delta))


def _signs(what: str, target: Any) -> Any:
    target = floats(target)
    if (abs(target) != 1).any():
        raise ValueError(f"{what}: a target that is neither 1 nor -1 came; those are expected")
    return target


def _class_axis(what: str, x: Any) -> int:
    if x.ndim == 0:
        raise ShapeError(f"{what}: one number came; (N, C), (C,) or (N, C, ...) is expected")
    return 0 if x.ndim == 1 else 1


def _classes(what: str, x: Any, target: Any, ignore_index: int | None) -> Any:
    """The target as class numbers that fit x; those to be ignored are let through."""
    classes = integers(
        target,
        what,
        "targets",
        "class numbers are expected, which one-hot rows give by targets.argmax(axis=-1)",
    )
    axis = _class_axis(what, x)
    expected = (*x.shape[:axis], *x.shape[axis + 1 :])
    if classes.shape != expected:
        raise ShapeError(
            f"{what}: logits of shape {x.shape} and targets of shape {classes.shape} came; (N, C) "
            f"and (N,), or (C,) and (), are expected, here {expected} for the targets"
        )
    real = classes if ignore_index is None else classes[classes != ignore_index]
    if real.size and not 0 <= real.min() <= real.max() < x.shape[axis]:
        raise IndexError(
            f"{what}: targets from {real.min()} to {real.max()} came; there are {x.shape[axis]} "
            "classes, numbered from 0"
        )
    return classes


def _class_weights(what: str, weight: Any, x: Any, axis: int) -> Any:
    """What each class counts, as it broadcasts against x."""
    if weight is None:
        return 1.0
    weight = array(weight)
    if weight.shape != (x.shape[axis],):
        raise ShapeError(
            f"{what}: weight of shape {weight.shape} came; ({x.shape[axis]},) is expected, one "
            "number for each class"
        )
    return weight.reshape((-1, *(1,) * (x.ndim - axis - 1)))


def _of_classes(
    what: str,
    logs: Any,
    target: Any,
    weight: Any,
    ignore_index: int,
    reduction: str,
    smoothing: float,
) -> Any:
    axis = _class_axis(what, logs)
    classes = _classes(what, logs, target, ignore_index)
    counted = classes != ignore_index
    index = np.expand_dims(np.where(counted, classes, 0), axis)

    def at_target(x: Any) -> Any:
        return ag.squeeze(ag.take_along_axis(x, index, axis=axis), axis)

    losses, amounts = -at_target(logs), counted.astype(logs.dtype)
    weights = _class_weights(what, weight, logs, axis)
    if weight is not None:
        amounts = at_target(ag.broadcast_to(weights, logs.shape)) * amounts
        losses = losses * amounts
    if smoothing:
        even = -ag.sum(logs * weights, axis=axis) / logs.shape[axis]
        losses = (1.0 - smoothing) * losses + smoothing * even
    everything = bool(counted.all())
    if not everything:
        losses = ag.where(counted, losses, 0.0)
    if reduction != "mean" or (weight is None and everything):
        return _reduced(what, losses, reduction)
    return ag.sum(losses) / ag.sum(amounts)
