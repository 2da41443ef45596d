"""Optimizers: they read the gradients of parameters and replace their data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from autograd import GraphError, Tensor, no_grad


class SGD:
    """Gradient descent, with momentum if wanted.

    v ← momentum · v + (1 - dampening) · g, beginning with v = g;  p ← p - lr · v, where
    g = gradient + weight_decay · p; with `nesterov` g + momentum · v takes the place of v in the
    step.

    Args:
        params: the parameters to change.
        lr: the step size, not negative.
        momentum: how much of the last step is kept, from 0 to 1.
        dampening: how much of the gradient is left out of it.
        weight_decay: the factor of the parameter that is added to its gradient (L2 penalty).
        nesterov: whether the gradient is looked at ahead; needs momentum and no dampening.

    Raises:
        TypeError: something else than leaf Tensors came.
        GraphError: a Tensor was computed from others.
        ValueError: a number is out of its range, there are no parameters, or one comes twice.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0])
        >>> optimizer = nn.optim.SGD([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p
        Parameter([0.8], requires_grad=True)

    Source: Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in
    deep learning (2013).
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        self.params = _leaves("SGD", params)
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if not 0 <= value < math.inf:
                raise ValueError(f"SGD: {name}={value} came; a number, 0 or more, is expected")
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError("SGD: nesterov=True needs momentum > 0 and dampening = 0")
        self.lr, self.momentum, self.dampening = lr, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.velocities: list[Any] = [None] * len(self.params)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for p in self.params:
            p.zero_grad()

    @no_grad()
    def step(self) -> None:
        """Change every parameter that has a gradient."""
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            g = p.grad if self.weight_decay == 0 else p.grad + self.weight_decay * p.data
            if self.momentum:
                v = self.velocities[i]
                v = g.copy() if v is None else self.momentum * v + (1.0 - self.dampening) * g
                self.velocities[i] = v
                g = g + self.momentum * v if self.nesterov else v
            p -= self.lr * g


def _leaves(what: str, params: object) -> list[Tensor]:
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        raise TypeError(
            f"{what}: a {type(params).__name__} came; pass several parameters, such as "
            "model.parameters() or a list"
        )
    leaves: list[Tensor] = []
    seen: set[int] = set()
    for i, p in enumerate(params):
        if not isinstance(p, Tensor):
            raise TypeError(
                f"{what}: entry {i} is a {type(p).__name__}; a Tensor is expected, such as "
                "model.parameters() gives"
            )
        if p.op is not None:
            raise GraphError(
                f"{what}: entry {i} was computed by {p.op.name}; pass the leaf that it was "
                "computed from"
            )
        if id(p) in seen:
            raise ValueError(f"{what}: entry {i} came before; a step would change it twice")
        seen.add(id(p))
        leaves.append(p)
    if not leaves:
        raise ValueError(f"{what}: no parameters came; pass model.parameters()")
    return leaves
