"""RMSprop, Adagrad and Adadelta: each entry's step is scaled by its own past gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nn.arguments import optional_flags, refuse
from nn.optim.formulas import count_step, ema, factor_for
from nn.optim.optimizer import Optimizer
from nn.optim.options import NON_NEGATIVE, SHARE, Option


class RMSprop(Optimizer):
    """Steps in units of the root mean square of the gradient.

    v ← α v + (1 - α) g²;  p ← p - lr · g / (√v + eps), with momentum p ← p - lr · b, b ← momentum ·
    b + g / (√v + eps).

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        alpha: α.
        eps: added to the denominator.
        weight_decay: the multiple of the parameter that is added to its gradient.
        momentum: the share of the last step that is kept.
        centered: whether to subtract the square of the mean gradient from v, which leaves the
            variance.
        maximize: whether to ascend instead of descend.
        capturable, foreach: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -300.0])
        >>> optimizer = nn.optim.RMSprop([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [0.0, -299.0]

    Source: Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning (2012); Graves,
        Generating sequences with recurrent neural networks (2013), for centered.
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"square_avg"})
    non_negative_state = frozenset({"square_avg"})
    options: ClassVar[Mapping[str, Option]] = {
        "alpha": SHARE,
        "eps": NON_NEGATIVE,
        "momentum": NON_NEGATIVE,
    }
    flags = frozenset({"centered"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        optional_flags("RMSprop", foreach=foreach, capturable=capturable)
        refuse("RMSprop", differentiable=differentiable)
        super().__init__(
            params,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
        )

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · g / (√v + eps), with momentum if that is above 0."""
        state["square_avg"] = v = ema(state.get("square_avg"), g * g, group["alpha"])
        if group["centered"]:
            state["grad_avg"] = m = ema(state.get("grad_avg"), g, group["alpha"])
            v = v - m * m
        step = g / (np.sqrt(v) + group["eps"])
        if group["momentum"]:
            before = state.get("momentum_buffer")
            step = step if before is None else group["momentum"] * before + step
            state["momentum_buffer"] = step
        return group["lr"] * step


class Adagrad(Optimizer):
    """Steps that shrink with the sum of all squared gradients.

    s ← s + g²;  p ← p - lr / (1 + (t - 1) lr_decay) · g / (√s + eps).

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the step size.
        lr_decay: how fast the step size falls on top of that.
        weight_decay: the multiple of the parameter that is added to its gradient.
        initial_accumulator_value: the initial value of s.
        eps: added to the denominator.
        maximize: whether to ascend instead of descend.
        foreach, fused: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -300.0])
        >>> optimizer = nn.optim.Adagrad([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [0.9, -299.9]

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods (2011).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"sum"})
    non_negative_state = frozenset({"sum"})
    options: ClassVar[Mapping[str, Option]] = {
        "lr_decay": NON_NEGATIVE,
        "initial_accumulator_value": NON_NEGATIVE,
        "eps": NON_NEGATIVE,
    }
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        optional_flags("Adagrad", foreach=foreach, fused=fused)
        refuse("Adagrad", differentiable=differentiable)
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
        )

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr / (1 + (t - 1) lr_decay) · g / (√s + eps)."""
        t = count_step(state)
        state["sum"] = s = state.get("sum", group["initial_accumulator_value"]) + g * g
        lr = group["lr"] / (1.0 + (t - 1) * group["lr_decay"])
        return factor_for(g, lr) * g / (np.sqrt(s) + group["eps"])


class Adadelta(Optimizer):
    """Steps in the units of the parameter: past steps over past gradients, in root mean square.

    v ← ρ v + (1 - ρ) g²;  d = √(u + eps) / √(v + eps) · g;  u ← ρ u + (1 - ρ) d²;  p ← p - lr · d.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: a factor of the step.
        rho: ρ.
        eps: added under the roots.
        weight_decay: the multiple of the parameter that is added to its gradient.
        maximize: whether to ascend instead of descend.
        foreach, capturable: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0])
        >>> optimizer = nn.optim.Adadelta([p])
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(4).tolist()
        [0.9968]

    Source: Zeiler, ADADELTA (2012).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"square_avg", "acc_delta"})
    non_negative_state = frozenset({"square_avg", "acc_delta"})
    options: ClassVar[Mapping[str, Option]] = {"rho": SHARE, "eps": NON_NEGATIVE}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        optional_flags("Adadelta", foreach=foreach, capturable=capturable)
        refuse("Adadelta", differentiable=differentiable)
        options = {"rho": rho, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, lr=lr, **options, maximize=maximize)

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lr · √(u + eps) / √(v + eps) · g."""
        rho, eps = group["rho"], group["eps"]
        state["square_avg"] = v = ema(state.get("square_avg"), g * g, rho)
        before = state.get("acc_delta")
        before = np.zeros_like(g) if before is None else before
        delta = np.sqrt(before + eps) / np.sqrt(v + eps) * g
        state["acc_delta"] = rho * before + (1.0 - rho) * delta * delta
        return group["lr"] * delta
