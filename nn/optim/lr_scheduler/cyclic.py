"""Rates that go up and down between two bounds, and rates that a function multiplies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import counted, described, message, one_of
from nn.arguments import flags, number, size
from nn.optim.lr_scheduler.scheduler import LRScheduler, for_each_group
from nn.optim.optimizer import Optimizer


class CyclicLR(LRScheduler):
    """Up from base_lr to max_lr in step_size_up steps, down again, and so on.

    Args:
        optimizer: the optimizer whose rates are set.
        base_lr: the lowest rate, or one for each group.
        max_lr: the highest rate, or one for each group.
        step_size_up: the number of steps up.
        step_size_down: the number of steps down, by default as many.
        mode: "triangular"; "triangular2", where each cycle is half as high as the one before; or
            "exp_range", where heights fall by gamma^t.
        gamma: the base of "exp_range".
        scale_fn: a function of the cycle's number (1, 2, ...) or of the step, whose result scales
            the height in place of the mode. `state_dict` leaves it out.
        scale_mode: "cycle" or "iterations": what `scale_fn` is a function of.
        cycle_momentum: whether momentum, or the first of betas, moves from max_momentum to
            base_momentum and back.
        base_momentum: the lowest momentum, or one for each group.
        max_momentum: the highest momentum, or one for each group.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Raises:
        ValueError: an argument is out of range, or the optimizer has no momentum to cycle.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.CyclicLR(optimizer, 0.5, 1.0, 2, cycle_momentum=False)
        >>> [scheduler.lr_at(t, 0.5) for t in range(5)]
        [0.5, 0.75, 1.0, 0.75, 0.5]

    Source: Smith, Cyclical learning rates for training neural networks (2017).
    """

    _is_factor = False

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[int], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        what = "CyclicLR"
        groups = optimizer.param_groups if isinstance(optimizer, Optimizer) else []
        lowest = for_each_group(what, "base_lr", base_lr, groups)
        self.max_lrs = for_each_group(what, "max_lr", max_lr, groups)
        self.up = size(what, "step_size_up", step_size_up, 1)
        down = self.up if step_size_down is None else step_size_down
        self.down = size(what, "step_size_down", down, 1)
        self.mode = one_of(what, "mode", mode, ("triangular", "triangular2", "exp_range"))
        self.gamma = number(what, "gamma", gamma, 0.0)
        if scale_fn is not None and not callable(scale_fn):
            got = f"scale_fn={described(scale_fn)}"
            raise TypeError(message(what, got, "a function of one number"))
        self._scale_fn = scale_fn
        self.scale_mode = one_of(what, "scale_mode", scale_mode, ("cycle", "iterations"))
        flags(what, cycle_momentum=cycle_momentum)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum and any("betas" not in g and "momentum" not in g for g in groups):
            got = "an optimizer with neither momentum nor betas"
            raise ValueError(message(what, got, hint="pass cycle_momentum=False"))
        self.base_momentums = for_each_group(what, "base_momentum", base_momentum, groups)
        self.max_momentums = for_each_group(what, "max_momentum", max_momentum, groups)
        for momentum in (*self.base_momentums, *self.max_momentums):
            number(what, "a momentum", momentum, 0.0, 1.0)
        for group, rate in zip(groups, lowest, strict=True):
            group["initial_lr"] = rate
        super().__init__(optimizer, last_epoch)

    def _height(self, epoch: int) -> float:
        """How far up the rate is, as a share of the whole height."""
        cycle, place = divmod(epoch, self.up + self.down)
        share = place / self.up if place <= self.up else (self.up + self.down - place) / self.down
        return share * self._scale(cycle + 1, epoch)

    def _scale(self, cycle: int, epoch: int) -> float:
        if self._scale_fn is not None:
            at = cycle if self.scale_mode == "cycle" else epoch
            return number("CyclicLR", f"scale_fn({at})", self._scale_fn(at))
        if self.mode == "triangular2":
            return float(0.5 ** (cycle - 1))
        return float(self.gamma**epoch) if self.mode == "exp_range" else 1.0

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate on the way up or down, to the first group's highest rate."""
        return base_lr + (self.max_lrs[0] - base_lr) * self._height(epoch)

    def _lrs(self) -> list[float]:
        height = self._height(self.last_epoch)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]

    def _take_in(self, group: dict[str, Any]) -> None:
        if len(self.base_lrs) == len(self.max_lrs):
            got, hint = "a group that was added later", "make the scheduler after add_param_group"
            raise ValueError(message("CyclicLR", got, "the groups for which it has max_lr", hint))
        super()._take_in(group)

    def _shift(self, before: Sequence[float], after: Sequence[float]) -> None:
        super()._shift(before, after)
        if self.cycle_momentum:
            height = self._height(self.last_epoch)
            bounds = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, bounds, strict=True):
                momentum = high - (high - low) * height
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum


class MultiplicativeLR(LRScheduler):
    """base · function(1) · function(2) ··· function(t): each step multiplies the rate.

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
        >>> scheduler = nn.optim.MultiplicativeLR(optimizer, lambda t: 0.5)
        >>> [scheduler.lr_at(t, 1.0) for t in range(4)]
        [1.0, 0.5, 0.25, 0.125]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        what = "MultiplicativeLR"
        groups = getattr(optimizer, "param_groups", [])
        given = [lr_lambda] * len(groups) if callable(lr_lambda) else lr_lambda
        if not isinstance(given, Sequence) or not all(map(callable, given)):
            expected = "a function of the number of steps, or one for each group"
            raise TypeError(message(what, f"lr_lambda={lr_lambda!r}", expected))
        if len(given) != len(groups):
            got, expected = counted(len(given), "function"), f"{len(groups)}, one for each group"
            raise ValueError(message(what, got, expected))
        self._every = lr_lambda if callable(lr_lambda) else None
        self.lr_lambdas: list[Callable[[int], float]] = list(given)
        self._products: list[list[float]] = []  # of each group, at every step so far
        super().__init__(optimizer, last_epoch)

    def _take_in(self, group: dict[str, Any]) -> None:
        if len(self.lr_lambdas) == len(self.base_lrs):
            if self._every is None:
                got, hint = "a group that was added later", "append one to lr_lambdas"
                expected = "a function for each group"
                raise ValueError(message("MultiplicativeLR", got, expected, hint))
            self.lr_lambdas.append(self._every)
        self._products.append([1.0])
        super()._take_in(group)

    def _product(self, group: int, epoch: int) -> float:
        """The product of the first results, of which those that were needed before are kept."""
        products = self._products[group]
        for t in range(len(products), epoch + 1):
            name = f"lr_lambda({t})"
            factor = number("MultiplicativeLR", name, self.lr_lambdas[group](t))
            products.append(products[-1] * factor)
        return products[epoch]

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base times the product, by the first group's function."""
        return base_lr * self._product(0, epoch)

    def _lrs(self) -> list[float]:
        return [base * self._product(i, self.last_epoch) for i, base in enumerate(self.base_lrs)]
