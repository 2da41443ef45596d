"""RAdam: Adam that waits for its second moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nn.arguments import optional_flags, refuse
from nn.optim.formulas import count_step, ema, factor_for
from nn.optim.optimizer import Optimizer
from nn.optim.options import BETAS, NON_NEGATIVE, Option


class RAdam(Optimizer):
    """Adam whose first steps, while few gradients say how large they are, follow m̂ alone.

    With m̂ and v̂ of `Adam`, ρ∞ = 2 / (1 - β₂) - 1 and ρ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ):
    p ← p - lr · r m̂ / √v̂ where ρ > 5, and p ← p - lr · m̂ before; r² is (ρ - 4) (ρ - 2) ρ∞ over
    (ρ∞ - 4) (ρ∞ - 2) ρ, the variance of the step without it.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to √v before the correction of its bias.
        weight_decay: the multiple of the parameter that is added to its gradient.
        decoupled_weight_decay: whether weight_decay acts as in `AdamW`.
        maximize: whether to ascend instead of descend.
        foreach, capturable: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -300.0])
        >>> optimizer = nn.optim.RAdam([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [0.8, -240.0]

    Source: Liu et al., On the variance of the adaptive learning rate and beyond (2020).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"step", "exp_avg", "exp_avg_sq"})
    options: ClassVar[Mapping[str, Option]] = {"betas": BETAS, "eps": NON_NEGATIVE}
    flags = frozenset({"decoupled_weight_decay"})
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        optional_flags("RAdam", foreach=foreach, capturable=capturable)
        refuse("RAdam", differentiable=differentiable)
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · m̂ times r / √v̂, or times 1 in the first steps."""
        beta1, beta2 = group["betas"]
        t = count_step(state)
        state["exp_avg"] = m = ema(state.get("exp_avg"), g, beta1)
        state["exp_avg_sq"] = v = ema(state.get("exp_avg_sq"), g * g, beta2)
        unbiased = 1.0 - beta2**t
        most = 2.0 / (1.0 - beta2) - 1.0
        length = most - 2.0 * t * beta2**t / unbiased
        adapts = np.asanyarray(length > 5.0)
        known = np.where(adapts, length, 5.0)
        spread = (known - 4.0) * (known - 2.0) * most / ((most - 4.0) * (most - 2.0) * known)
        scale = factor_for(v, (spread * unbiased) ** 0.5) / (np.sqrt(v) + group["eps"])
        mean = factor_for(m, group["lr"] / (1.0 - beta1**t)) * m
        return mean * np.where(adapts, scale, v.dtype.type(1))
