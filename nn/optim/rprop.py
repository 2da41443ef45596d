"""Rprop: steps whose sizes grow and shrink by the signs of the gradient alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd.errors import message
from nn.arguments import optional_flags, refuse
from nn.optim.formulas import count_step
from nn.optim.optimizer import Optimizer
from nn.optim.options import NON_NEGATIVE, Each, Option


class Rprop(Optimizer):
    """Each entry has a step size of its own; only signs of the gradient count.

    Where the sign stays, the size is multiplied by η₊; where it changes, by η₋, and that step is
    left out. For gradients of the whole data set, not of batches.

    Args:
        params: the parameters, or groups of them with options of their own.
        lr: the first step size.
        etas: η₋ and η₊, below and above 1.
        step_sizes: the smallest and the largest step size.
        maximize: whether to ascend instead of descend.
        foreach, capturable: PyTorch's choices between implementations; without effect.
        differentiable: PyTorch's; only False.

    Raises:
        ValueError: an option is out of range.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, -300.0])
        >>> optimizer = nn.optim.Rprop([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(6).tolist()
        [0.9, -299.9]

    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning
        (1993).
    """

    state_names: ClassVar[frozenset[str]] = frozenset({"prev", "step_size"})
    options: ClassVar[Mapping[str, Option]] = {
        "etas": Each(NON_NEGATIVE, 2),
        "step_sizes": Each(NON_NEGATIVE, 2),
    }
    scalar_state = frozenset({"step"})

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        optional_flags("Rprop", foreach=foreach, capturable=capturable)
        refuse("Rprop", differentiable=differentiable)
        super().__init__(params, lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)

    def _check(self, operation: str, group: Mapping[str, Any]) -> None:
        super()._check(operation, group)
        shrink, grow = group["etas"]
        if not shrink < 1.0 < grow:
            raise ValueError(message(operation, f"etas={group['etas']}", "one below 1, one above"))

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """sign(g) · step size, and 0 where the sign has changed."""
        count_step(state)
        (shrink, grow), (least, most) = group["etas"], group["step_sizes"]
        before, size = state.get("prev"), state.get("step_size")
        agreement = np.zeros_like(g) if before is None else np.sign(before * g)
        size = np.full_like(g, group["lr"]) if size is None else size
        factor = np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1.0))
        state["step_size"] = size = np.clip(size * factor.astype(g.dtype), least, most)
        state["prev"] = g = g * (agreement >= 0)
        return np.sign(g) * size
