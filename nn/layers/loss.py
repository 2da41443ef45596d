"""Losses as modules: functions of `nn.functional` with their options."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import functional as f
from nn.arguments import floats
from nn.layers.function import FunctionModule


class MSELoss(FunctionModule):
    """(input - target)²; see `nn.functional.mse_loss`.

    Example:
        >>> import nn
        >>> nn.MSELoss()(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(2.)
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(f.mse_loss, reduction=reduction)


class L1Loss(FunctionModule):
    """|input - target|; see `nn.functional.l1_loss`.

    Example:
        >>> import nn
        >>> nn.L1Loss()(ag.Tensor([1.0, 2.0]), [1.0, 4.0])
        Tensor(1.)
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(f.l1_loss, reduction=reduction)


class SmoothL1Loss(FunctionModule):
    """A parabola that becomes a line; see `nn.functional.smooth_l1_loss`.

    Example:
        >>> import nn
        >>> nn.SmoothL1Loss()(ag.Tensor([2.0]), [4.0])
        Tensor(1.5)
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(f.smooth_l1_loss, reduction=reduction, beta=beta)


class HuberLoss(FunctionModule):
    """A parabola that becomes a line; see `nn.functional.huber_loss`.

    Example:
        >>> import nn
        >>> nn.HuberLoss(delta=2.0)(ag.Tensor([2.0]), [6.0])
        Tensor(6.)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(f.huber_loss, reduction=reduction, delta=delta)


class CrossEntropyLoss(FunctionModule):
    """-ln softmax(input)[target]; see `nn.functional.cross_entropy`.

    Example:
        >>> import nn
        >>> nn.CrossEntropyLoss()(ag.Tensor([[0.0, 0.0]]), [1])
        Tensor(0.69314718)
    """

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            f.cross_entropy,
            weight=_as_buffer(weight),
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        )


class NLLLoss(FunctionModule):
    """-input[target] of log-probabilities; see `nn.functional.nll_loss`.

    Example:
        >>> import nn
        >>> nn.NLLLoss()(ag.Tensor([[-0.5, -1.5]]), [1])
        Tensor(1.5)
    """

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(
            f.nll_loss, weight=_as_buffer(weight), ignore_index=ignore_index, reduction=reduction
        )


class BCELoss(FunctionModule):
    """Cross-entropy of probabilities; see `nn.functional.binary_cross_entropy`.

    Example:
        >>> import nn
        >>> nn.BCELoss()(ag.Tensor([0.5]), [1.0])
        Tensor(0.69314718)
    """

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(f.binary_cross_entropy, weight=_as_buffer(weight), reduction=reduction)


class BCEWithLogitsLoss(FunctionModule):
    """Cross-entropy of logits; see `nn.functional.binary_cross_entropy_with_logits`.

    Example:
        >>> import nn
        >>> nn.BCEWithLogitsLoss()(ag.Tensor([-1000.0]), [1.0])
        Tensor(1000.)
    """

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(
            f.binary_cross_entropy_with_logits,
            weight=_as_buffer(weight),
            reduction=reduction,
            pos_weight=_as_buffer(pos_weight),
        )


class KLDivLoss(FunctionModule):
    """The divergence Σ q (ln q - ln p); see `nn.functional.kl_div`.

    Example:
        >>> import nn
        >>> nn.KLDivLoss("batchmean")(ag.Tensor([[-1.0, 0.0]]), [[1.0, 0.0]])
        Tensor(1.)
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(f.kl_div, reduction=reduction, log_target=log_target)


class DistillationLoss(FunctionModule):
    """The divergence from a teacher's logits; see `nn.functional.distillation_loss`.

    Example:
        >>> import nn
        >>> nn.DistillationLoss(4.0)(ag.Tensor([[1.0, 2.0]]), [[11.0, 12.0]]).item() < 1e-14
        True
    """

    def __init__(self, temperature: float = 2.0, reduction: str = "batchmean") -> None:
        super().__init__(f.distillation_loss, temperature=temperature, reduction=reduction)


class HingeLoss(FunctionModule):
    """max(0, margin - y f); see `nn.functional.hinge_loss`.

    Example:
        >>> import nn
        >>> nn.HingeLoss()(ag.Tensor([0.5]), [1])
        Tensor(0.5)
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(f.hinge_loss, margin=margin, reduction=reduction)


class HingeEmbeddingLoss(FunctionModule):
    """A hinge for distances; see `nn.functional.hinge_embedding_loss`.

    Example:
        >>> import nn
        >>> nn.HingeEmbeddingLoss()(ag.Tensor([0.25]), [-1])
        Tensor(0.75)
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(f.hinge_embedding_loss, margin=margin, reduction=reduction)


class MultiMarginLoss(FunctionModule):
    """A hinge for many classes; see `nn.functional.multi_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiMarginLoss()(ag.Tensor([[0.5, 0.0]]), [0])
        Tensor(0.25)
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(f.multi_margin_loss, margin=margin, reduction=reduction)


class CosineEmbeddingLoss(FunctionModule):
    """A margin for pairs of vectors; see `nn.functional.cosine_embedding_loss`.

    Example:
        >>> import nn
        >>> nn.CosineEmbeddingLoss()(ag.Tensor([[1.0, 0.0]]), [[0.0, 1.0]], [1])
        Tensor(1.)
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(f.cosine_embedding_loss, margin=margin, reduction=reduction)


class TripletMarginLoss(FunctionModule):
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
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            f.triplet_margin_loss, margin=margin, p=p, eps=eps, swap=swap, reduction=reduction
        )


def _as_buffer(weight: Any) -> Any:
    """A copy as an array of floats, which becomes a buffer."""
    return None if weight is None else floats(np.array(weight))
