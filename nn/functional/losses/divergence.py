"""Losses that compare probabilities."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.errors import message
from nn.arguments import flags, number
from nn.functional.losses.reduction import (
    REDUCTIONS,
    check_same_shape,
    loss_weight,
    reduce_loss,
    refuse_old_names,
)
from nn.functional.softmax import log_softmax


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """-(y ln p + (1 - y) ln(1 - p)), with logarithms clipped at -100 and slopes at 10¹².

    A prediction that is certain and wrong thus has a finite loss and the largest gradient. Prefer
    `binary_cross_entropy_with_logits`, which is exact even where p rounds to 0 or 1.

    Args:
        input: probabilities p of any shape.
        target: y of the same shape, from 0 to 1, or one number.
        weight: a weight for each entry; broadcasts.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
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
    refuse_old_names(what, size_average, reduce)
    p, y = check_same_shape(what, input, target)
    if (p < 0).any() or (p > 1).any():
        raise ValueError(
            message(
                what,
                "an input outside 0 to 1",
                "probabilities",
                "apply sigmoid first, or better use binary_cross_entropy_with_logits",
            )
        )
    losses = -(y * _bounded_log(p, p, ag.log) + (1.0 - y) * _bounded_log(1.0 - p, -p, ag.log1p))
    return reduce_loss(what, losses, reduction, weight=weight)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """-(y ln σ(x) + (1 - y) ln(1 - σ(x))), exact for every x.

    Args:
        input: logits x of any shape.
        target: y of the same shape, from 0 to 1, or one number.
        weight: a weight for each entry; broadcasts.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "mean", "sum" or "none".
        pos_weight: a factor for the first term, one for each class; broadcasts.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.binary_cross_entropy_with_logits(ag.Tensor([-1000.0]), [1.0])
        Tensor(1000.)
    """
    what = "binary_cross_entropy_with_logits"
    if size_average is not None or reduce is not None:
        refuse_old_names(what, size_average, reduce)
    x, y = check_same_shape(what, input, target)
    positive = y if pos_weight is None else y * loss_weight(what, pos_weight, x, "pos_weight")
    losses = positive * ag.softplus(-x) + (1.0 - y) * ag.softplus(x)
    return reduce_loss(what, losses, reduction, weight=weight)


def kl_div(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """Σ q (ln q - ln p), the divergence of p from q, where `input` is ln p and `target` is q.

    Args:
        input: log-probabilities of shape (N, ...).
        target: probabilities of the same shape, or with `log_target` their logarithms.
        size_average: only None; `reduction` replaces it.
        reduce: only None; `reduction` replaces it.
        reduction: "batchmean" for the divergence itself, averaged over N; "mean" over all
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
    refuse_old_names("kl_div", size_average, reduce)
    flags("kl_div", log_target=log_target)
    logs, target = check_same_shape("kl_div", input, target)
    if log_target:
        losses = ag.exp(target) * (target - logs)
    else:  # 0 · ln 0 would be nan; that is 0, but not 0 · ln p where ln p is inf or nan
        q = ag.where(target != 0, target, 1.0)
        losses = ag.where(target != 0, q * (ag.log(q) - logs), 0.0 - 0.0 * target * logs)
    if isinstance(reduction, str) and reduction == "batchmean":
        return ag.sum(losses) / (losses.shape[0] if losses.ndim else 1)
    return reduce_loss("kl_div", losses, reduction, (*REDUCTIONS, "batchmean"))


def distillation_loss(
    input: Any,
    target: Any,
    temperature: float = 2.0,
    reduction: str = "batchmean",
) -> Any:
    """T² Σ q (ln q - ln p), where p is softmax(student / T) and q is softmax(teacher / T).

    The factor T² keeps the size of gradients when T changes. No gradient flows to the teacher.

    Args:
        input: the student's logits, shape (N, C).
        target: the teacher's logits, of the same shape.
        temperature: T, above 0.
        reduction: as in `kl_div`.

    Raises:
        ShapeError: the shapes differ.
        ValueError: the temperature is not above 0.

    Example:
        >>> import nn
        >>> nn.functional.distillation_loss(ag.Tensor([[1.0, 2.0]]), [[11.0, 12.0]]).item() < 1e-15
        True

    Source: Hinton, Vinyals and Dean, Distilling the knowledge in a neural network (2015).
    """
    student, teacher = check_same_shape("distillation_loss", input, target)
    t = number("distillation_loss", "temperature", temperature, 0.0, open_low=True)
    teacher = ag.stop_gradient(log_softmax(teacher, -1, temperature=t))
    logs = log_softmax(student, -1, temperature=t)
    losses = kl_div(logs, teacher, reduction=reduction, log_target=True)
    return losses * (t * t)


def _bounded_log(p: Any, x: Any, log: Any) -> Any:
    """max(ln p, -100) as log(x); where p is below 10⁻¹², it has the slope 10¹² instead of 1 / p."""
    inside = p > 1e-12
    bounded = ag.maximum(log(x), -100.0)
    if isinstance(bounded, ag.Node):  # not stop_gradient, which a drawn page does not compute again
        bounded = bounded.detach()
    line = bounded + 1e12 * (p - ag.stop_gradient(p))
    return ag.where(inside, log(ag.where(inside, x, 0.5 if log is ag.log else 0.0)), line)
