"""SGD and Lion: steps along the gradient itself, or along its sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd.errors import message
from nn.arguments import optional_flags, refuse
from nn.optim.formulas import ema
from nn.optim.optimizer import Optimizer
from nn.optim.options import BETAS, NON_NEGATIVE, Number, Option


class SGD(Optimizer):
    """Gradient descent, with optional momentum.

    v ← momentum · v + (1 - dampening) · g, beginning with v = g;  p ← p - lr · v, where
    g = gradient + weight_decay · p; with `nesterov` g + momentum · v takes the place of v in the
    step.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        momentum: the share of the last step that is kept.
        dampening: the share of the gradient that does not enter the momentum.
        weight_decay: the multiple of the parameter that is added to its gradient (L2 penalty).
        nesterov: whether the step looks ahead along the momentum; needs momentum > 0 and
            dampening = 0.
        maximize: whether to ascend instead of descend.
        foreach, fused: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        TypeError: an entry of `params` is not a Tensor.
        GraphError: an entry is the result of a computation, not a leaf.
        ValueError: an option is out of range, there are no parameters, or one is given twice.

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

    options: ClassVar[Mapping[str, Option]] = {"momentum": NON_NEGATIVE, "dampening": Number()}
    flags = frozenset({"nesterov"})

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
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        optional_flags("SGD", foreach=foreach, fused=fused)
        refuse("SGD", differentiable=differentiable)
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
        )

    def _check(self, operation: str, group: Mapping[str, Any]) -> None:
        super()._check(operation, group)
        momentum, dampening = group["momentum"], group["dampening"]
        if group["nesterov"] and (momentum == 0 or dampening != 0):
            got = f"nesterov=True with momentum={momentum} and dampening={dampening}"
            raise ValueError(message(operation, got, "momentum > 0 and dampening = 0"))

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · v, or lr · (g + momentum · v) with `nesterov`."""
        momentum = group["momentum"]
        if momentum:
            v = state.get("momentum_buffer")
            v = g.copy() if v is None else momentum * v + (1.0 - group["dampening"]) * g
            state["momentum_buffer"] = v
            g = g + momentum * v if group["nesterov"] else v
        return group["lr"] * g


class Lion(Optimizer):
    """Steps of one size in every entry, along the sign of an averaged gradient.

    p ← p - lr · (sign(β₁ m + (1 - β₁) g) + weight_decay · p);  m ← β₂ m + (1 - β₂) g.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size, three to ten times smaller than Adam's.
        betas: β₁ and β₂.
        weight_decay: decoupled from the gradient, as in `AdamW`.
        maximize: whether to ascend instead of descend.

    Raises:
        ValueError: an option is out of range.

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

    state_names: ClassVar[frozenset[str]] = frozenset({"exp_avg"})
    options: ClassVar[Mapping[str, Option]] = {"betas": BETAS}
    decoupled_weight_decay = True

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

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · sign(β₁ m + (1 - β₁) g)."""
        beta1, beta2 = group["betas"]
        m = state.get("exp_avg")
        state["exp_avg"] = ema(m, g, beta2)
        return group["lr"] * np.sign(ema(m, g, beta1))
