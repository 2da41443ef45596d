"""Similarities and distances as modules."""

from __future__ import annotations

from typing import Any

from autograd.names import both_keywords
from nn import functional as f
from nn.arguments import axes_numbers, flags, number
from nn.layers.function import WithOptions


class _OfPairs(WithOptions):
    def forward(self, x1: Any, x2: Any) -> Any:
        """The number for each pair of vectors."""
        return self._apply(x1, x2)


class CosineSimilarity(_OfPairs):
    """The cosine of the angle between vectors; see `nn.functional.cosine_similarity`.

    Example:
        >>> import nn
        >>> nn.CosineSimilarity(dim=0)(ag.Tensor([3.0, 4.0]), [3.0, 0.0])
        Tensor(0.6)
    """

    @both_keywords
    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        what = "CosineSimilarity"
        eps = number(what, "eps", eps, 0.0)
        super().__init__(f.cosine_similarity, dim=axes_numbers(what, dim), eps=eps)


class PairwiseDistance(_OfPairs):
    """‖x₁ - x₂ + eps‖_p along the last axis; see `nn.functional.pairwise_distance`.

    Example:
        >>> import nn
        >>> nn.PairwiseDistance(eps=0.0)(ag.Tensor([3.0, 4.0]), [0.0, 0.0])
        Tensor(5.)
    """

    @both_keywords
    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        what = "PairwiseDistance"
        flags(what, keepdim=keepdim)
        p, eps = number(what, "p", p, finite=False), number(what, "eps", eps)
        super().__init__(f.pairwise_distance, p=p, eps=eps, keepdim=keepdim)
