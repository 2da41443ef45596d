"""Rates that fall, warm up, or follow any function."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import counted, message
from nn.arguments import number, size
from nn.optim.lr_scheduler.scheduler import LRScheduler, counts
from nn.optim.optimizer import Optimizer


class StepLR(LRScheduler):
    """base · gamma^⌊t / step_size⌋.

    Args:
        optimizer: the optimizer whose rates are set.
        step_size: the number of steps between two drops.
        gamma: the factor of each drop.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.StepLR(optimizer, step_size=2, gamma=0.5)
        >>> for _ in range(4):
        ...     scheduler.step()
        >>> optimizer.lr
        0.25
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size = size("StepLR", "step_size", step_size, 1)
        self.gamma = number("StepLR", "gamma", gamma, 0.0)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · gamma^⌊t / step_size⌋."""
        return float(base_lr * self.gamma ** (epoch // self.step_size))


class MultiStepLR(LRScheduler):
    """base · gamma^n, where n is the number of milestones reached.

    Args:
        optimizer: the optimizer whose rates are set.
        milestones: the steps after which the rate drops.
        gamma: the factor of each drop.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.MultiStepLR(optimizer, [1, 3], gamma=0.5)
        >>> [scheduler.lr_at(t, 1.0) for t in range(5)]
        [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Sequence[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        self.milestones = sorted(counts("MultiStepLR", "milestones", milestones))
        self.gamma = number("MultiStepLR", "gamma", gamma, 0.0)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · gamma^n."""
        return float(base_lr * self.gamma ** bisect.bisect_right(self.milestones, epoch))


class ExponentialLR(LRScheduler):
    """base · gamma^t.

    Args:
        optimizer: the optimizer whose rates are set.
        gamma: the factor of each step.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> nn.optim.ExponentialLR(optimizer, 0.5).lr_at(3, 1.0)
        0.125
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = number("ExponentialLR", "gamma", gamma, 0.0)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · gamma^t."""
        return float(base_lr * self.gamma**epoch)


class ConstantLR(LRScheduler):
    """base · factor for the first steps, then base.

    Args:
        optimizer: the optimizer whose rates are set.
        factor: from 0 to 1.
        total_iters: the number of steps with the factor.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.ConstantLR(optimizer, 0.5, total_iters=2)
        >>> [scheduler.lr_at(t, 1.0) for t in range(4)]
        [0.5, 0.5, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.factor = number("ConstantLR", "factor", factor, 0.0, 1.0)
        self.total_iters = size("ConstantLR", "total_iters", total_iters)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · factor, or base."""
        return base_lr * (self.factor if epoch < self.total_iters else 1.0)


class LinearLR(LRScheduler):
    """A straight line from base · start_factor to base · end_factor.

    Args:
        optimizer: the optimizer whose rates are set.
        start_factor: above 0 and at most 1.
        end_factor: from 0 to 1.
        total_iters: the number of steps to the end of the line.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.LinearLR(optimizer, 0.5, total_iters=2)
        >>> [scheduler.lr_at(t, 1.0) for t in range(4)]
        [0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = number("LinearLR", "start_factor", start_factor, 0, 1, open_low=True)
        self.end_factor = number("LinearLR", "end_factor", end_factor, 0.0, 1.0)
        self.total_iters = size("LinearLR", "total_iters", total_iters, 1)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """On the line, or at its end."""
        share = min(epoch, self.total_iters) / self.total_iters
        return base_lr * (self.start_factor + (self.end_factor - self.start_factor) * share)


class LinearWarmup(LRScheduler):
    """base · (t + 1) / steps for the first steps, then base.

    Args:
        optimizer: the optimizer whose rates are set.
        steps: the number of steps on which the rate rises.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.LinearWarmup(optimizer, 4)
        >>> [scheduler.lr_at(t, 1.0) for t in range(6)]
        [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]

    Source: Goyal et al., Accurate, large minibatch SGD (2017).
    """

    def __init__(self, optimizer: Optimizer, steps: int) -> None:
        self.steps = size("LinearWarmup", "steps", steps, 1)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · (t + 1) / steps, or base."""
        return base_lr * min(1.0, (epoch + 1) / self.steps)


class PolynomialLR(LRScheduler):
    """base · (1 - t / total_iters)^power, down to 0.

    Args:
        optimizer: the optimizer whose rates are set.
        total_iters: the number of steps until the rate is 0.
        power: 1 for a straight line.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> nn.optim.PolynomialLR(optimizer, 4, power=2.0).lr_at(2, 1.0)
        0.25
    """

    def __init__(
        self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1
    ) -> None:
        self.total_iters = size("PolynomialLR", "total_iters", total_iters, 1)
        self.power = number("PolynomialLR", "power", power, 0.0)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · (1 - t / total_iters)^power."""
        left = 1.0 - min(epoch, self.total_iters) / self.total_iters
        return float(base_lr * left**self.power)


class LambdaLR(LRScheduler):
    """base · function(t).

    Args:
        optimizer: the optimizer whose rates are set.
        lr_lambda: a function of the number of steps, or one for each group. `state_dict` leaves
            it out.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Raises:
        TypeError: an entry is not a function.
        ValueError: the numbers of functions and groups differ, or a result is not a finite number.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> nn.optim.LambdaLR(optimizer, lambda t: 1.0 / (1 + t)).lr_at(1, 1.0)
        0.5
    """

    _is_factor = False

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = getattr(optimizer, "param_groups", [])
        given = [lr_lambda] * len(groups) if callable(lr_lambda) else lr_lambda
        if not isinstance(given, Sequence) or not all(map(callable, given)):
            expected = "a function of the number of steps, or one for each group"
            raise TypeError(message("LambdaLR", f"lr_lambda={lr_lambda!r}", expected))
        self._every = lr_lambda if callable(lr_lambda) else None
        self.lr_lambdas: list[Callable[[int], float]] = list(given)
        if len(self.lr_lambdas) != len(groups):
            got, expected = counted(len(given), "function"), f"{len(groups)}, one for each group"
            raise ValueError(message("LambdaLR", got, expected))
        super().__init__(optimizer, last_epoch)

    def _take_in(self, group: dict[str, Any]) -> None:
        if len(self.lr_lambdas) == len(self.base_lrs):
            if self._every is None:
                hint = "append one to lr_lambdas"
                got = "a group that was added later"
                raise ValueError(message("LambdaLR", got, "a function for each group", hint))
            self.lr_lambdas.append(self._every)
        super()._take_in(group)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · function(t), by the first group's function."""
        return base_lr * self.lr_lambdas[0](epoch)

    def _lrs(self) -> list[float]:
        what, name = "LambdaLR", f"lr_lambda({self.last_epoch})"
        return [
            base * number(what, name, function(self.last_epoch))
            for base, function in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]
