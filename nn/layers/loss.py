"""Losses as modules: functions of `nn.functional` with their options.

`size_average` and `reduce` are PyTorch's old names for `reduction` and must be None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Node
from autograd.errors import described, is_int, message, one_of
from nn import functional as f
from nn.arguments import flags, integer, number, plain_array
from nn.functional.losses.reduction import (
    IGNORE_INDEX,
    REDUCTIONS,
    check_weight,
    refuse_old_names,
)
from nn.layers.function import WithOptions


class Loss(WithOptions):
    """A loss of an input and a target, whose options are checked when it is made."""

    def __init__(
        self,
        function: Callable[..., Any],
        size_average: bool | None,
        reduce: bool | None,
        reductions: tuple[str, ...] = REDUCTIONS,
        **options: Any,
    ) -> None:
        what = type(self).__name__
        refuse_old_names(what, size_average, reduce)
        one_of(what, "reduction", options["reduction"], reductions)
        super().__init__(function, **options)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss of an input and its target."""
        return self._apply(input, target)


class MSELoss(Loss):
    """(input - target)²; see `nn.functional.mse_loss`.

    Example:
        >>> import nn
        >>> nn.MSELoss()(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(2.)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(f.mse_loss, size_average, reduce, reduction=reduction)


class L1Loss(Loss):
    """|input - target|; see `nn.functional.l1_loss`.

    Example:
        >>> import nn
        >>> nn.L1Loss()(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(1.)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(f.l1_loss, size_average, reduce, reduction=reduction)


class SmoothL1Loss(Loss):
    """A parabola that becomes a line; see `nn.functional.smooth_l1_loss`.

    Example:
        >>> import nn
        >>> nn.SmoothL1Loss()(ag.Tensor([2.0]), [4.0])
        Tensor(1.5)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        beta = number("SmoothL1Loss", "beta", beta, 0.0)
        super().__init__(f.smooth_l1_loss, size_average, reduce, reduction=reduction, beta=beta)


class HuberLoss(Loss):
    """A parabola that becomes a line; see `nn.functional.huber_loss`.

    Example:
        >>> import nn
        >>> nn.HuberLoss(delta=2.0)(ag.Tensor([2.0]), [6.0])
        Tensor(6.)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        delta = number("HuberLoss", "delta", delta, 0.0, open_low=True)
        super().__init__(f.huber_loss, None, None, reduction=reduction, delta=delta)


class CrossEntropyLoss(Loss):
    """-ln softmax(input)[target]; see `nn.functional.cross_entropy`.

    Example:
        >>> import nn
        >>> nn.CrossEntropyLoss()(ag.Tensor([[0.0, 0.0]]), [1])
        Tensor(0.69314718)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        ignore_index: int = IGNORE_INDEX,
        reduce: bool | None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        what = "CrossEntropyLoss"
        super().__init__(
            f.cross_entropy,
            size_average,
            reduce,
            weight=weight_buffer(self, weight),
            ignore_index=integer(what, "ignore_index", ignore_index),
            reduction=reduction,
            label_smoothing=number(what, "label_smoothing", label_smoothing, 0.0, 1.0),
        )


class NLLLoss(Loss):
    """-input[target] of log-probabilities; see `nn.functional.nll_loss`.

    Example:
        >>> import nn
        >>> nn.NLLLoss()(ag.Tensor([[-0.5, -1.5]]), [1])
        Tensor(1.5)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        ignore_index: int = IGNORE_INDEX,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            f.nll_loss,
            size_average,
            reduce,
            weight=weight_buffer(self, weight),
            ignore_index=integer("NLLLoss", "ignore_index", ignore_index),
            reduction=reduction,
        )


class BCELoss(Loss):
    """Cross-entropy of probabilities; see `nn.functional.binary_cross_entropy`.

    Example:
        >>> import nn
        >>> nn.BCELoss()(ag.Tensor([0.5]), [1.0])
        Tensor(0.69314718)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        options: dict[str, Any] = {"weight": weight_buffer(self, weight), "reduction": reduction}
        super().__init__(f.binary_cross_entropy, size_average, reduce, **options)


class BCEWithLogitsLoss(Loss):
    """Cross-entropy of logits; see `nn.functional.binary_cross_entropy_with_logits`.

    Example:
        >>> import nn
        >>> nn.BCEWithLogitsLoss()(ag.Tensor([-1000.0]), [1.0])
        Tensor(1000.)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        pos_weight: Any = None,
    ) -> None:
        super().__init__(
            f.binary_cross_entropy_with_logits,
            size_average,
            reduce,
            weight=weight_buffer(self, weight),
            reduction=reduction,
            pos_weight=weight_buffer(self, pos_weight, "pos_weight"),
        )


class KLDivLoss(Loss):
    """The divergence Σ q (ln q - ln p); see `nn.functional.kl_div`.

    Example:
        >>> import nn
        >>> nn.KLDivLoss(reduction="batchmean")(ag.Tensor([[-1.0, 0.0]]), [[1.0, 0.0]])
        Tensor(1.)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
        log_target: bool = False,
    ) -> None:
        flags("KLDivLoss", log_target=log_target)
        super().__init__(
            f.kl_div,
            size_average,
            reduce,
            (*REDUCTIONS, "batchmean"),
            reduction=reduction,
            log_target=log_target,
        )


class DistillationLoss(Loss):
    """The divergence from a teacher's logits; see `nn.functional.distillation_loss`.

    Example:
        >>> import nn
        >>> nn.DistillationLoss(4.0)(ag.Tensor([[1.0, 2.0]]), [[11.0, 12.0]]).item() < 1e-14
        True
    """

    def __init__(self, temperature: float = 2.0, reduction: str = "batchmean") -> None:
        super().__init__(
            f.distillation_loss,
            None,
            None,
            (*REDUCTIONS, "batchmean"),
            temperature=number("DistillationLoss", "temperature", temperature, 0.0, open_low=True),
            reduction=reduction,
        )


class HingeLoss(Loss):
    """max(0, margin - y f); see `nn.functional.hinge_loss`.

    Example:
        >>> import nn
        >>> nn.HingeLoss()(ag.Tensor([0.5]), [1])
        Tensor(0.5)
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        margin = number("HingeLoss", "margin", margin)
        super().__init__(f.hinge_loss, None, None, margin=margin, reduction=reduction)


class HingeEmbeddingLoss(Loss):
    """A hinge for distances; see `nn.functional.hinge_embedding_loss`.

    Example:
        >>> import nn
        >>> nn.HingeEmbeddingLoss()(ag.Tensor([0.25]), [-1])
        Tensor(0.75)
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        margin = number("HingeEmbeddingLoss", "margin", margin)
        options: dict[str, Any] = {"margin": margin, "reduction": reduction}
        super().__init__(f.hinge_embedding_loss, size_average, reduce, **options)


class MultiMarginLoss(Loss):
    """A hinge for many classes; see `nn.functional.multi_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiMarginLoss()(ag.Tensor([[0.5, 0.0]]), [0])
        Tensor(0.25)
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        if not is_int(p) or p not in (1, 2):
            raise ValueError(message("MultiMarginLoss", f"p={described(p)}", "1 or 2"))
        super().__init__(
            f.multi_margin_loss,
            size_average,
            reduce,
            p=p,
            margin=number("MultiMarginLoss", "margin", margin),
            weight=weight_buffer(self, weight),
            reduction=reduction,
        )


class CosineEmbeddingLoss(Loss):
    """A margin for pairs of vectors; see `nn.functional.cosine_embedding_loss`.

    Example:
        >>> import nn
        >>> nn.CosineEmbeddingLoss()(ag.Tensor([[1.0, 0.0]]), [[0.0, 1.0]], [1])
        Tensor(1.)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        margin = number("CosineEmbeddingLoss", "margin", margin, -1.0, 1.0)
        options: dict[str, Any] = {"margin": margin, "reduction": reduction}
        super().__init__(f.cosine_embedding_loss, size_average, reduce, **options)

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
        """The loss of pairs of vectors and their signs."""
        return self._apply(input1, input2, target)


class TripletMarginLoss(Loss):
    """A margin between a match and a mismatch; see `nn.functional.triplet_margin_loss`.

    Example:
        >>> import nn
        >>> nn.TripletMarginLoss(eps=0.0)(ag.Tensor([[0.0]]), [[0.0]], [[0.25]])
        Tensor(0.75)
    """

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        what = "TripletMarginLoss"
        flags(what, swap=swap)
        super().__init__(
            f.triplet_margin_loss,
            size_average,
            reduce,
            margin=number(what, "margin", margin),
            p=number(what, "p", p, finite=False),
            eps=number(what, "eps", eps),
            swap=swap,
            reduction=reduction,
        )

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:  # type: ignore[override]
        """The loss of anchors, matches and mismatches."""
        return self._apply(anchor, positive, negative)


def weight_buffer(loss: Loss, weight: Any, name: str = "weight") -> Any:
    """A copy as an array of floats, which becomes a buffer; it keeps a floating dtype."""
    if weight is None:
        return None
    check_weight(type(loss).__name__, weight, name)
    what = type(loss).__name__
    plain = weight.detach() if isinstance(weight, Node) else plain_array(f"{what}: {name}", weight)
    array = np.array(plain)
    return array if array.dtype.kind == "f" else array.astype(float)
