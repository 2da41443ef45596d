"""Activations as modules."""

from __future__ import annotations

from typing import Any

import autograd as ag
from nn.module import Module


class ReLU(Module):
    """max(x, 0), elementwise.

    Example:
        >>> import nn
        >>> nn.ReLU()(ag.Tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """

    def forward(self, x: Any) -> Any:
        """max(x, 0)."""
        return ag.relu(x)


class Tanh(Module):
    """The hyperbolic tangent, elementwise.

    Example:
        >>> import nn
        >>> nn.Tanh()(ag.Tensor([0.0]))
        Tensor([0.])
    """

    def forward(self, x: Any) -> Any:
        """tanh x."""
        return ag.tanh(x)
