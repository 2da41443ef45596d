"""Further losses as modules: of likelihoods, rankings, several labels, and focal losses.

`size_average` and `reduce` are PyTorch's old names for `reduction` and must be None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn import functional as f
from nn.arguments import flags, integer, number
from nn.functional.losses.ranking import checked_distance
from nn.functional.losses.reduction import IGNORE_INDEX
from nn.layers.loss import Loss, weight_buffer


class GaussianNLLLoss(Loss):
    """The loss of a predicted mean and variance; see `nn.functional.gaussian_nll_loss`.

    Example:
        >>> import nn
        >>> nn.GaussianNLLLoss()(ag.Tensor([1.0, 2.0]), [1.0, 4.0], ag.Tensor([1.0, 2.0]))
        Tensor(0.6732868)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        flags("GaussianNLLLoss", full=full)
        eps = number("GaussianNLLLoss", "eps", eps, 0.0, open_low=True)
        options: dict[str, Any] = {"full": full, "eps": eps, "reduction": reduction}
        super().__init__(f.gaussian_nll_loss, None, None, **options)

    def forward(self, input: Any, target: Any, var: Any) -> Any:  # type: ignore[override]
        """The loss of means, values and variances."""
        return self._apply(input, target, var)


class PoissonNLLLoss(Loss):
    """The loss of an expected count; see `nn.functional.poisson_nll_loss`.

    Example:
        >>> import nn
        >>> nn.PoissonNLLLoss()(ag.Tensor([0.0, 0.0]), [1.0, 3.0])
        Tensor(1.)
    """

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool | None = None,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        flags("PoissonNLLLoss", log_input=log_input, full=full)
        eps = number("PoissonNLLLoss", "eps", eps, 0.0)
        options: dict[str, Any] = {"log_input": log_input, "full": full, "eps": eps}
        super().__init__(f.poisson_nll_loss, size_average, reduce, **options, reduction=reduction)

    def forward(self, log_input: Any, target: Any) -> Any:
        """The loss of logarithms of expected counts, or of the counts, and what was counted."""
        return self._apply(log_input, target)


class CTCLoss(Loss):
    """The loss of a text without alignment; see `nn.functional.ctc_loss`.

    Example:
        >>> import nn
        >>> even = ag.Tensor(np.full((3, 1, 2), np.log(0.5)))
        >>> nn.CTCLoss()(even, [[1]], [3], [1])
        Tensor(0.28768207)
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        flags("CTCLoss", zero_infinity=zero_infinity)
        options: dict[str, Any] = {"blank": integer("CTCLoss", "blank", blank)}
        options |= {"reduction": reduction, "zero_infinity": zero_infinity}
        super().__init__(f.ctc_loss, None, None, **options)

    def forward(  # type: ignore[override]
        self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any
    ) -> Any:
        """The loss of logarithms of probabilities and texts."""
        return self._apply(log_probs, targets, input_lengths, target_lengths)


class MarginRankingLoss(Loss):
    """Which of two scores should be larger; see `nn.functional.margin_ranking_loss`.

    Example:
        >>> import nn
        >>> nn.MarginRankingLoss()(ag.Tensor([1.0, 1.0]), [0.5, 2.0], [1, 1])
        Tensor(0.5)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        options: dict[str, Any] = {"margin": number("MarginRankingLoss", "margin", margin)}
        super().__init__(
            f.margin_ranking_loss, size_average, reduce, **options, reduction=reduction
        )

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:  # type: ignore[override]
        """The loss of pairs of scores and their order."""
        return self._apply(input1, input2, target)


class SoftMarginLoss(Loss):
    """The logistic loss; see `nn.functional.soft_margin_loss`.

    Example:
        >>> import nn
        >>> nn.SoftMarginLoss()(ag.Tensor([0.0]), [1])
        Tensor(0.69314718)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(f.soft_margin_loss, size_average, reduce, reduction=reduction)


class MultiLabelMarginLoss(Loss):
    """A hinge for several labels; see `nn.functional.multilabel_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiLabelMarginLoss()(ag.Tensor([[0.5, 0.25, 0.75, 1.0]]), [[3, 0, -1, 1]])
        Tensor(0.75)
    """

    def __init__(
        self,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(f.multilabel_margin_loss, size_average, reduce, reduction=reduction)


class MultiLabelSoftMarginLoss(Loss):
    """A binary cross-entropy for each label; see `nn.functional.multilabel_soft_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiLabelSoftMarginLoss()(ag.Tensor([[0.0, 0.0]]), [[1.0, 0.0]])
        Tensor(0.69314718)
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            f.multilabel_soft_margin_loss,
            size_average,
            reduce,
            weight=weight_buffer(self, weight),
            reduction=reduction,
        )


class TripletMarginWithDistanceLoss(Loss):
    """A margin for any distance; see `nn.functional.triplet_margin_with_distance_loss`.

    Example:
        >>> import nn
        >>> largest = lambda x, y: ag.abs(x - y).max(1)
        >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=largest)
        >>> loss(ag.Tensor([[0.0, 0.0]]), [[0.0, 0.0]], [[0.25, 0.5]])
        Tensor(0.5)
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Any, Any], Any] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        what = "TripletMarginWithDistanceLoss"
        flags(what, swap=swap)
        checked_distance(what, distance_function)
        super().__init__(
            f.triplet_margin_with_distance_loss,
            None,
            None,
            distance_function=distance_function,
            margin=number(what, "margin", margin),
            swap=swap,
            reduction=reduction,
        )

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:  # type: ignore[override]
        """The loss of anchors, matches and mismatches."""
        return self._apply(anchor, positive, negative)


class SigmoidFocalLoss(Loss):
    """A focal loss for labels 0 and 1; see `nn.functional.sigmoid_focal_loss`.

    Example:
        >>> import nn
        >>> nn.SigmoidFocalLoss()(ag.Tensor([0.0, 5.0]), [1.0, 1.0])
        Tensor(0.02166089)
    """

    def __init__(self, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "mean") -> None:
        what = "SigmoidFocalLoss"
        options: dict[str, Any] = {"alpha": number(what, "alpha", alpha)}
        options["gamma"] = number(what, "gamma", gamma, 0.0)
        super().__init__(f.sigmoid_focal_loss, None, None, **options, reduction=reduction)


class FocalLoss(Loss):
    """A focal loss for classes; see `nn.functional.focal_loss`.

    Example:
        >>> import nn
        >>> nn.FocalLoss()(ag.Tensor([[0.0, 0.0]]), [0])
        Tensor(0.1732868)
    """

    def __init__(
        self,
        gamma: float = 2.0,
        weight: Any = None,
        ignore_index: int = IGNORE_INDEX,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            f.focal_loss,
            None,
            None,
            gamma=number("FocalLoss", "gamma", gamma, 0.0),
            weight=weight_buffer(self, weight),
            ignore_index=integer("FocalLoss", "ignore_index", ignore_index),
            reduction=reduction,
        )
