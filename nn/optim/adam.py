"""Adam and its relatives: running means of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.optim.optimizer import Optimizer, average, unbiased


class Adam(Optimizer):
    """Steps along the mean gradient, in units of its root mean square.

    m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  p ← p - lr · m̂ / (√v̂ + eps), where m̂ and v̂
    are m and v divided by 1 - β₁ᵗ and 1 - β₂ᵗ, and g = gradient + weight_decay · p.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to the denominator.
        weight_decay: the factor of the parameter that is added to its gradient (L2 penalty);
            `AdamW` decouples it.
        amsgrad: whether the largest v so far is used.
        maximize: whether to go up instead of down.

    Raises:
        ValueError: a number is out of its range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -300.0])
        >>> optimizer = nn.optim.Adam([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [0.9, -299.9]

    Source: Kingma and Ba, Adam (2015); Reddi, Kale and Kumar, On the convergence of Adam and beyond
        (2018), for amsgrad.
    """

    _decoupled = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
        )

    def _step(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
        if decay and not self._decoupled:
            g = g + decay * p
        state["step"] = t = state.get("step", 0) + 1
        state["exp_avg"] = m = average(state.get("exp_avg"), g, beta1)
        state["exp_avg_sq"] = v = average(state.get("exp_avg_sq"), g * g, beta2)
        if group["amsgrad"]:
            before = state.get("max_exp_avg_sq")
            state["max_exp_avg_sq"] = v = v if before is None else np.maximum(before, v)
        size = np.sqrt(v) / unbiased(beta2, t) ** 0.5 + group["eps"]
        step = (lr / unbiased(beta1, t)) * m / size
        return step + (lr * decay) * p if decay and self._decoupled else step


class AdamW(Adam):
    """Adam with decoupled weight decay: p ← p - lr · (m̂ / (√v̂ + eps) + weight_decay · p).

    Arguments are those of `Adam`; weight_decay is 0.01 by default.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0])
        >>> optimizer = nn.optim.AdamW([p], lr=0.1, weight_decay=0.5)
        >>> (p * 0.0).sum().backward()
        >>> optimizer.step()
        >>> p.tolist()
        [0.95]

    Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019).
    """

    _decoupled = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)


class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the root mean square.

    m ← β₁ m + (1 - β₁) g;  u ← max(β₂ u, |g| + eps);  p ← p - lr / (1 - β₁ᵗ) · m / u.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to |g|.
        weight_decay: the factor of the parameter that is added to its gradient.
        maximize: whether to go up instead of down.

    Raises:
        ValueError: a number is out of its range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -300.0])
        >>> optimizer = nn.optim.Adamax([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [0.9, -299.9]

    Source: Kingma and Ba, Adam (2015), section 7.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        options = {"betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, lr=lr, **options, maximize=maximize)

    def _step(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        beta1, beta2 = group["betas"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        state["step"] = t = state.get("step", 0) + 1
        state["exp_avg"] = m = average(state.get("exp_avg"), g, beta1)
        u, size = state.get("exp_inf"), np.abs(g) + group["eps"]
        state["exp_inf"] = u = size if u is None else np.maximum(beta2 * u, size)
        return (group["lr"] / unbiased(beta1, t)) * m / u


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, which looks ahead.

    μₜ = β₁ (1 - 0.96^(t · momentum_decay) / 2);  p ← p - lr · ((1 - μₜ) g / (1 - Πμ) + μₜ₊₁ m /
    (1 - μₜ₊₁ Πμ)) / (√v̂ + eps), Πμ being the product of all μ up to t.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to the denominator.
        weight_decay: the factor of the parameter that is added to its gradient.
        momentum_decay: how fast μ rises to β₁.
        decoupled_weight_decay: whether weight_decay acts as in `AdamW`.
        maximize: whether to go up instead of down.

    Raises:
        ValueError: a number is out of its range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0])
        >>> optimizer = nn.optim.NAdam([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> bool(p < 1.0)
        True

    Source: Dozat, Incorporating Nesterov momentum into Adam (2016).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    def _step(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
        kept = p
        if decay and group["decoupled_weight_decay"]:
            kept = (1.0 - lr * decay) * p
        elif decay:
            g = g + decay * p
        state["step"] = t = state.get("step", 0) + 1
        mu, ahead = (
            beta1 * (1.0 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (t, t + 1)
        )
        state["mu_product"] = product = state.get("mu_product", 1.0) * mu
        state["exp_avg"] = m = average(state.get("exp_avg"), g, beta1)
        state["exp_avg_sq"] = v = average(state.get("exp_avg_sq"), g * g, beta2)
        size = np.sqrt(v / unbiased(beta2, t)) + group["eps"]
        mixed = (1.0 - mu) / (1.0 - product) * g + ahead / (1.0 - product * ahead) * m
        return lr * mixed / size if kept is p else p - kept + lr * mixed / size
