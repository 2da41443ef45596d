"""Dropout as modules: noise while `training`, and none in evaluation."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nn import functional as f
from nn.arguments import flags, generator_or_default, number
from nn.module.module import Module


class _Dropout(Module):
    _drop: ClassVar[Any]

    def __init__(
        self,
        p: float = 0.5,
        inplace: bool = False,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.p = number(type(self).__name__, "p", p, 0.0, 1.0)
        flags(type(self).__name__, inplace=inplace)
        generator_or_default(type(self).__name__, generator)
        self.generator = generator

    def forward(self, input: Any) -> Any:
        """The input with noise while training, and the input itself in evaluation."""
        return type(self)._drop(input, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p:g}"


class Dropout(_Dropout):
    """Zeroes each entry with probability p and divides the rest by 1 - p, while training.

    Args:
        p: the probability, from 0 to 1.
        inplace: accepted, and has no effect.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ValueError: p is not a probability.

    Example:
        >>> import nn
        >>> layer = nn.Dropout(0.5)
        >>> layer.eval()(ag.Tensor([1.0, 2.0]))
        Tensor([1., 2.])

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout (2014).
    """

    _drop = staticmethod(f.dropout)


class Dropout1d(_Dropout):
    """Dropout of whole channels of an input of shape (N, C, L) or (C, L); see `Dropout`.

    Example:
        >>> import nn
        >>> nn.Dropout1d(1.0)(ag.Tensor([[3.0, 4.0]]))
        Tensor([[0., 0.]])
    """

    _drop = staticmethod(f.dropout1d)


class Dropout2d(_Dropout):
    """Dropout of whole channels of an input of shape (N, C, H, W) or (C, H, W); see `Dropout`.

    Example:
        >>> import nn
        >>> nn.Dropout2d(1.0)(ag.Tensor([[[3.0, 4.0]]]))
        Tensor([[[0., 0.]]])
    """

    _drop = staticmethod(f.dropout2d)


class Dropout3d(_Dropout):
    """Dropout of whole channels of inputs of shape (N, C, D, H, W) or (C, D, H, W); see `Dropout`.

    Example:
        >>> import nn
        >>> nn.Dropout3d(1.0)(ag.Tensor([[[[3.0, 4.0]]]])).tolist()
        [[[[0.0, 0.0]]]]
    """

    _drop = staticmethod(f.dropout3d)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1, for networks with SELU; see `Dropout`.

    Example:
        >>> import nn
        >>> nn.AlphaDropout(0.1).eval()(ag.Tensor([1.0]))
        Tensor([1.])

    Source: Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017).
    """

    _drop = staticmethod(f.alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """`AlphaDropout` of whole channels of an input of shape (N, C, ...); see `Dropout`.

    Example:
        >>> import nn
        >>> nn.FeatureAlphaDropout(0.1).eval()(ag.Tensor([[1.0]]))
        Tensor([[1.]])
    """

    _drop = staticmethod(f.feature_alpha_dropout)
