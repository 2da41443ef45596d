"""Steps along the gradient itself, or its sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.optimizer import Optimizer, average


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    v ← momentum · v + (1 - dampening) · g, beginning with v = g;  p ← p - lr · v, where
    g = gradient + weight_decay · p; with `nesterov` g + momentum · v takes the place of v in the
    step.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        momentum: how much of the last step is kept.
        dampening: how much of the gradient is left out of it.
        weight_decay: the factor of the parameter that is added to its gradient (L2 penalty).
        nesterov: whether the gradient is looked at ahead; needs momentum and no dampening.
        maximize: whether to go up instead of down.

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
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if group["nesterov"] and (group["momentum"] == 0 or group["dampening"] != 0):
            raise ValueError("SGD: nesterov=True needs momentum > 0 and dampening = 0")

    def _step(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        momentum = group["momentum"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        if momentum:
            v = state.get("momentum_buffer")
            v = g.copy() if v is None else momentum * v + (1.0 - group["dampening"]) * g
            state["momentum_buffer"] = v
            g = g + momentum * v if group["nesterov"] else v
        return group["lr"] * g


class Lion(Optimizer):
    """Steps of one size in the direction of a sign.

    p ← p - lr · (sign(β₁ m + (1 - β₁) g) + weight_decay · p);  m ← β₂ m + (1 - β₂) g.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size, three to ten times smaller than Adam's.
        betas: β₁ and β₂.
        weight_decay: decoupled from the gradient.
        maximize: whether to go up instead of down.

    Raises:
        ValueError: a number is out of its range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -3.0])
        >>> optimizer = nn.optim.Lion([p], lr=0.5)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.tolist()
        [0.5, -2.5]

    Source: Chen et al., Symbolic discovery of optimization algorithms (2023).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize)

    def _step(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        toward, remembered = group["betas"]
        m = state.get("exp_avg")
        state["exp_avg"] = average(m, g, remembered)
        return group["lr"] * (np.sign(average(m, g, toward)) + group["weight_decay"] * p)
