"""Adam and its variants: moving averages of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nn.arguments import optional_flags, refuse
from nn.optim.formulas import count_step, ema, factor_for
from nn.optim.optimizer import Optimizer
from nn.optim.options import BETAS, NON_NEGATIVE, Option


class Adam(Optimizer):
    """Steps along the mean gradient, in units of its root mean square.

    m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  p ← p - lr · m̂ / (√v̂ + eps), where m̂ and v̂
    are m and v divided by 1 - β₁ᵗ and 1 - β₂ᵗ, and g = gradient + weight_decay · p.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to the denominator.
        weight_decay: the multiple of the parameter that is added to its gradient (L2 penalty);
            `AdamW` decouples it.
        amsgrad: whether the largest v so far is used.
        maximize: whether to ascend instead of descend.
        foreach, capturable, fused: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.
        decoupled_weight_decay: whether weight_decay acts as in `AdamW`.

    Raises:
        ValueError: an option is out of range.

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

    state_names: ClassVar[frozenset[str]] = frozenset({"step", "exp_avg", "exp_avg_sq"})
    options: ClassVar[Mapping[str, Option]] = {"betas": BETAS, "eps": NON_NEGATIVE}
    flags = frozenset({"amsgrad", "decoupled_weight_decay"})
    scalar_state = frozenset({"step"})
    non_negative_state = frozenset({"exp_avg_sq", "max_exp_avg_sq"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        optional_flags(type(self).__name__, foreach=foreach, capturable=capturable, fused=fused)
        refuse(type(self).__name__, differentiable=differentiable)
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · m̂ / (√v̂ + eps)."""
        beta1, beta2 = group["betas"]
        t = count_step(state)
        state["exp_avg"] = m = ema(state.get("exp_avg"), g, beta1)
        state["exp_avg_sq"] = v = ema(state.get("exp_avg_sq"), g * g, beta2)
        if group["amsgrad"]:
            before = state.get("max_exp_avg_sq")
            state["max_exp_avg_sq"] = v = v if before is None else np.maximum(before, v)
        size = np.sqrt(v) / factor_for(v, (1.0 - beta2**t) ** 0.5) + group["eps"]
        return factor_for(m, group["lr"] / (1.0 - beta1**t)) * m / size


class AdamW(Adam):
    """Adam with decoupled weight decay: p ← p - lr · (m̂ / (√v̂ + eps) + weight_decay · p).

    The arguments are those of `Adam`; weight_decay is 0.01 by default.

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
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            differentiable=differentiable,
            foreach=foreach,
            capturable=capturable,
            fused=fused,
            decoupled_weight_decay=True,
        )


class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the root mean square.

    m ← β₁ m + (1 - β₁) g;  u ← max(β₂ u, |g| + eps);  p ← p - lr / (1 - β₁ᵗ) · m / u.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to |g|.
        weight_decay: the multiple of the parameter that is added to its gradient.
        maximize: whether to ascend instead of descend.
        foreach, capturable: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

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

    state_names: ClassVar[frozenset[str]] = frozenset({"exp_avg", "exp_inf"})
    options: ClassVar[Mapping[str, Option]] = {"betas": BETAS, "eps": NON_NEGATIVE}
    scalar_state = frozenset({"step"})
    non_negative_state = frozenset({"exp_inf"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        optional_flags("Adamax", foreach=foreach, capturable=capturable)
        refuse("Adamax", differentiable=differentiable)
        options = {"betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, lr=lr, **options, maximize=maximize)

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr / (1 - β₁ᵗ) · m / u."""
        beta1, beta2 = group["betas"]
        t = count_step(state)
        state["exp_avg"] = m = ema(state.get("exp_avg"), g, beta1)
        u, size = state.get("exp_inf"), np.abs(g) + group["eps"]
        state["exp_inf"] = u = size if u is None else np.maximum(beta2 * u, size)
        return factor_for(m, group["lr"] / (1.0 - beta1**t)) * m / u


class NAdam(Optimizer):
    """Adam with Nesterov's momentum, which looks ahead.

    μₜ = β₁ (1 - 0.96^(t · momentum_decay) / 2);  p ← p - lr · ((1 - μₜ) g / (1 - Πμ) + μₜ₊₁ m /
    (1 - μₜ₊₁ Πμ)) / (√v̂ + eps), Πμ being the product of all μ up to t.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        betas: β₁ and β₂.
        eps: added to the denominator.
        weight_decay: the multiple of the parameter that is added to its gradient.
        momentum_decay: how fast μ rises to β₁.
        decoupled_weight_decay: whether weight_decay acts as in `AdamW`.
        maximize: whether to ascend instead of descend.
        foreach, capturable: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

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

    state_names: ClassVar[frozenset[str]] = frozenset({"mu_product", "exp_avg", "exp_avg_sq"})
    options: ClassVar[Mapping[str, Option]] = {
        "betas": BETAS,
        "eps": NON_NEGATIVE,
        "momentum_decay": NON_NEGATIVE,
    }
    flags = frozenset({"decoupled_weight_decay"})
    scalar_state = frozenset({"step", "mu_product"})
    non_negative_state = frozenset({"exp_avg_sq"})

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
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        optional_flags("NAdam", foreach=foreach, capturable=capturable)
        refuse("NAdam", differentiable=differentiable)
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

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · ((1 - μₜ) g / (1 - Πμ) + μₜ₊₁ m / (1 - μₜ₊₁ Πμ)) / (√v̂ + eps)."""
        beta1, beta2 = group["betas"]
        t = count_step(state)
        mu, ahead = (
            beta1 * (1.0 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (t, t + 1.0)
        )
        product = state.get("mu_product", 1.0) * mu
        state["mu_product"] = np.asanyarray(product)
        state["exp_avg"] = m = ema(state.get("exp_avg"), g, beta1)
        state["exp_avg_sq"] = v = ema(state.get("exp_avg_sq"), g * g, beta2)
        size = np.sqrt(v / factor_for(v, 1.0 - beta2**t)) + group["eps"]
        from_gradient = factor_for(g, (1.0 - mu) / (1.0 - product)) * g
        from_momentum = factor_for(m, ahead / (1.0 - product * ahead)) * m
        return group["lr"] * (from_gradient + from_momentum) / size
