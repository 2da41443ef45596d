"""ASGD: gradient descent whose iterates are averaged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from nn.arguments import optional_flags, refuse
from nn.optim.formulas import count_step, factor_for
from nn.optim.optimizer import Optimizer
from nn.optim.options import NON_NEGATIVE, Option


class ASGD(Optimizer):
    """Gradient descent with a falling rate, and beside the parameters their mean since step t0.

    p ← (1 - lambd · η) p - η g with η = lr / (1 + lambd · lr · t)^alpha. The mean is the entry "ax"
    of `state`: it is p until step t0, and from then on the mean of the iterates.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the first rate.
        lambd: how fast the rate falls, and how strongly parameters decay.
        alpha: the power of its fall.
        t0: the step from which iterates are averaged.
        weight_decay: the multiple of the parameter that is added to its gradient.
        maximize: whether to ascend instead of descend.
        foreach, capturable: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0])
        >>> optimizer = nn.optim.ASGD([p], lr=0.25, lambd=0.0, t0=1)
        >>> for _ in range(4):  # to 0.5, 0.25, 0.125 and 0.0625
        ...     optimizer.zero_grad()
        ...     (p * p).sum().backward()
        ...     optimizer.step()
        >>> p.tolist(), optimizer.state[p]["ax"].tolist()
        ([0.0625], [0.09375])

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging (1992).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"step", "eta", "mu", "ax"})
    options: ClassVar[Mapping[str, Option]] = {
        "lambd": NON_NEGATIVE,
        "alpha": NON_NEGATIVE,
        "t0": NON_NEGATIVE,
    }
    scalar_state = frozenset({"step", "eta", "mu"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        optional_flags("ASGD", foreach=foreach, capturable=capturable)
        refuse("ASGD", differentiable=differentiable)
        super().__init__(
            params,
            lr=lr,
            lambd=lambd,
            alpha=alpha,
            t0=t0,
            weight_decay=weight_decay,
            maximize=maximize,
        )

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """lambd · η p + η g."""
        lr, lambd = group["lr"], group["lambd"]
        t = count_step(state)
        eta = state.get("eta", np.array(lr))
        change = factor_for(p, lambd * eta) * p + factor_for(g, eta) * g
        after, mean = p - change, state.get("ax")
        if mean is not None:  # as long as mu is 1, the parameter itself to the last bit
            after = after - factor_for(p, 1.0 - state["mu"]) * (after - mean)
        state["ax"] = after
        state["eta"] = np.asanyarray(lr / (1.0 + lambd * lr * t) ** group["alpha"])
        state["mu"] = np.asanyarray(1.0 / np.maximum(t - group["t0"], 1.0))
        return change
