"""Proximal steps: they set weights to exactly zero, which subgradient steps only jump across."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from autograd import Tensor
from autograd.errors import kind, message
from nn.arguments import check_broadcast, floats, later_axis, number
from nn.optim.optimizer import Optimizer


class Penalty(Protocol):
    """A penalty by its proximal operator, argmin over x of ‖x - w‖² / 2 + step · penalty(x)."""

    def prox(self, w: Any, step: float) -> Any:
        """The operator at an array."""
        ...


class L1:
    """strength · Σ |w|: its proximal operator is the soft threshold.

    Args:
        strength: λ, 0 or more.

    Example:
        >>> import nn
        >>> nn.optim.L1(0.5).prox(np.array([2.0, 0.3, -1.0]), 1.0).tolist()
        [1.5, 0.0, -0.5]

    Source: Daubechies, Defrise and De Mol, An iterative thresholding algorithm for linear inverse
        problems with a sparsity constraint (2004).
    """

    def __init__(self, strength: float) -> None:
        self.strength = number("L1", "strength", strength, 0.0)

    def prox(self, w: Any, step: float) -> Any:
        """sign(w) max(|w| - step · strength, 0)."""
        return soft_threshold(w, step * self.strength)


class ElasticNet:
    """l1 · Σ |w| + l2 · Σ w².

    Args:
        l1: the strength of the first, 0 or more.
        l2: the strength of the second, 0 or more.

    Example:
        >>> import nn
        >>> nn.optim.ElasticNet(0.5, 0.5).prox(np.array([2.5, 0.3]), 1.0).tolist()
        [1.0, 0.0]

    Source: Zou and Hastie, Regularization and variable selection via the elastic net (2005).
    """

    def __init__(self, l1: float, l2: float) -> None:
        self.l1, self.l2 = number("ElasticNet", "l1", l1, 0.0), number("ElasticNet", "l2", l2, 0.0)

    def prox(self, w: Any, step: float) -> Any:
        """The soft threshold, divided by 1 + 2 · step · l2."""
        return soft_threshold(w, step * self.l1) / (1.0 + 2.0 * step * self.l2)


class GroupLasso:
    """strength · Σ √size ‖group‖: whole groups become zero, such as all weights into a unit.

    Args:
        strength: λ, 0 or more.
        axis: the axis that numbers the groups: 0 makes each row of a Linear's weight a group, 1
            each column, which holds all weights of one input. In an array of one axis, each entry
            is a group.

    Example:
        >>> import nn
        >>> w = np.array([[3.0, 4.0, 0.0, 0.0], [0.1, 0.1, 0.1, 0.1]])
        >>> nn.optim.GroupLasso(1.25).prox(w, 1.0).tolist()
        [[1.5, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]

    Source: Yuan and Lin, Model selection and estimation in regression with grouped variables
        (2006).
    """

    def __init__(self, strength: float, axis: int = 0) -> None:
        self.strength = number("GroupLasso", "strength", strength, 0.0)
        self.axis = later_axis("GroupLasso", "axis", axis)

    def prox(self, w: Any, step: float) -> Any:
        """w · max(1 - step · strength · √size / ‖w‖, 0) for each group."""
        axis = self.axis % w.ndim if w.ndim else 0
        others = tuple(i for i in range(w.ndim) if i != axis)
        norms = np.sqrt(np.square(w).sum(axis=others, keepdims=True))
        entries = w.size / max(1, w.shape[axis]) if w.ndim else 1.0
        threshold = step * self.strength * float(entries) ** 0.5
        left = np.maximum(norms - threshold, 0.0) / np.where(norms > 0, norms, 1.0)
        return w * left.astype(w.dtype)


class Proximal:
    """Any optimizer, followed by the proximal operator of a penalty that the loss leaves out.

    p ← prox(p - step of the optimizer), with the group's learning rate as the step of the operator.
    With SGD this is proximal gradient descent, which finds the minimum of loss + penalty. Adaptive
    optimizers scale each entry's step, so for them the threshold lr · strength is a heuristic.

    Args:
        optimizer: any optimizer.
        penalty: `L1`, `ElasticNet`, `GroupLasso`, or any object with a method prox(array, step).
        params: the parameters to penalize; by default all of the optimizer's. It is usually better
            to leave biases out.

    Raises:
        TypeError: `optimizer` is not an optimizer, `penalty` has no prox, or `params` is not
            iterable.
        ValueError: a parameter does not belong to the optimizer.

    Example:
        >>> import nn
        >>> p = nn.Parameter([1.0, 0.01])
        >>> optimizer = nn.optim.Proximal(nn.optim.SGD([p], lr=0.1), nn.optim.L1(1.0))
        >>> (0.5 * p * p).sum().backward()
        >>> optimizer.step()
        >>> p.round(9).tolist()
        [0.8, 0.0]

    Source: Parikh and Boyd, Proximal algorithms (2014), section 4.2.
    """

    def __init__(
        self, optimizer: Optimizer, penalty: Penalty, params: Iterable[Tensor] | None = None
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            hint = "pass e.g. nn.optim.SGD(model.parameters(), lr=0.1)"
            raise TypeError(message("Proximal", kind(optimizer), "an optimizer", hint))
        if not hasattr(penalty, "prox") or isinstance(penalty, type):
            hint = "pass e.g. nn.optim.L1(0.1)"
            raise TypeError(
                message("Proximal", f"{kind(penalty)} as the penalty", "a method prox", hint)
            )
        known = {id(p) for p in optimizer.parameters}
        if isinstance(params, Tensor) or not isinstance(params, Iterable | None):
            got, hint = f"{kind(params)} as params", "pass a list"
            raise TypeError(message("Proximal", got, "several of the optimizer's parameters", hint))
        chosen = optimizer.parameters if params is None else list(params)
        if any(id(p) not in known for p in chosen):
            got = "a parameter that the optimizer does not change"
            raise ValueError(message("Proximal", got, "some of the optimizer's parameters"))
        self.optimizer, self.penalty = optimizer, penalty
        self._chosen = {id(p) for p in chosen}

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The optimizer's groups."""
        return self.optimizer.param_groups

    @property
    def lr(self) -> float:
        """The learning rate of the first group; assigning sets that of all groups."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self.optimizer.lr = lr

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters."""
        self.optimizer.zero_grad(set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Step the optimizer, then apply the operator to each parameter that has a gradient."""
        loss = self.optimizer.step(closure)
        for group in self.optimizer.param_groups:
            for p in group["params"]:
                if p.grad is not None and id(p) in self._chosen:
                    p.data = self.penalty.prox(p.data, group["lr"])
        return loss

    def state_dict(self) -> dict[str, Any]:
        """The optimizer's state."""
        return self.optimizer.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.optimizer.load_state_dict(state_dict)

    def __repr__(self) -> str:
        options = ", ".join(f"{k}={v}" for k, v in vars(self.penalty).items())
        return f"Proximal({type(self.penalty).__name__}({options}), {self.optimizer!r})"


def soft_threshold(w: Any, threshold: Any) -> Any:
    """sign(w) max(|w| - threshold, 0), elementwise.

    Example:
        >>> import nn
        >>> nn.optim.soft_threshold(np.array([2.0, -0.3]), 0.5).tolist()
        [1.5, 0.0]
    """
    w = floats(w)
    if type(threshold) is not float:
        limits: Any = floats(threshold)
        check_broadcast("soft_threshold", "threshold", limits.shape, w.shape)
        threshold = limits
    # Adding 0.0 turns -0.0 into 0.0.
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0.0) + 0.0
