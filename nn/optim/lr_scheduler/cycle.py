"""Rates that follow a cosine, once or repeatedly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.errors import message, one_of
from nn.arguments import flags, number, size
from nn.optim.lr_scheduler.scheduler import LRScheduler, cosine, for_each_group
from nn.optim.optimizer import Optimizer


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from base down to eta_min after T_max steps, then back up, and so on.

    Args:
        optimizer: the optimizer whose rates are set.
        T_max: the number of steps down.
        eta_min: the lowest rate.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.CosineAnnealingLR(optimizer, T_max=2)
        >>> [round(scheduler.lr_at(t, 1.0), 9) for t in range(3)]
        [1.0, 0.5, 0.0]

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = size("CosineAnnealingLR", "T_max", T_max, 1)
        self.eta_min = number("CosineAnnealingLR", "eta_min", eta_min, 0.0)
        super().__init__(optimizer, last_epoch)

    @property
    def _floor(self) -> float:  # type: ignore[override]
        return self.eta_min

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """eta_min + (base - eta_min) (1 + cos(π t / T_max)) / 2."""
        return cosine(base_lr, self.eta_min, epoch / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down, then again from the top, each time T_mult times as long.

    Args:
        optimizer: the optimizer whose rates are set.
        T_0: the number of steps of the first descent.
        T_mult: the factor by which descents grow, an int.
        eta_min: the lowest rate.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.CosineAnnealingWarmRestarts(optimizer, 2, T_mult=2)
        >>> [round(scheduler.lr_at(t, 1.0), 3) for t in range(7)]
        [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
    """

    _is_factor = False

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self.T_0 = size("CosineAnnealingWarmRestarts", "T_0", T_0, 1)
        self.T_mult = size("CosineAnnealingWarmRestarts", "T_mult", T_mult, 1)
        self.eta_min = number("CosineAnnealingWarmRestarts", "eta_min", eta_min, 0.0)
        super().__init__(optimizer, last_epoch)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate on the cosine of the current descent."""
        length = self.T_0
        if self.T_mult == 1:
            epoch %= length
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return cosine(base_lr, self.eta_min, epoch / length)


class OneCycleLR(LRScheduler):
    """Up to max_lr and down to almost zero, once, while momentum goes the other way.

    Args:
        optimizer: the optimizer whose rates are set.
        max_lr: the highest rate, or one for each group.
        total_steps: the length of the cycle; by default epochs · steps_per_epoch.
        epochs: the number of epochs, if total_steps is None.
        steps_per_epoch: the number of steps in each, if total_steps is None.
        pct_start: the share of steps on which the rate rises.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether momentum, or the first of betas, moves from max_momentum to
            base_momentum and back.
        base_momentum: the lowest momentum.
        max_momentum: the highest momentum.
        div_factor: the first rate is max_lr / div_factor.
        final_div_factor: the last rate is the first one / final_div_factor.
        three_phase: whether the descent takes as long as the rise, and a third phase leads to the
            last rate.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Raises:
        ValueError: an argument is out of range, or the optimizer has no momentum to cycle.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0, momentum=0.9)
        >>> scheduler = nn.optim.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
        >>> for _ in range(2):
        ...     scheduler.step()
        >>> optimizer.lr, optimizer.param_groups[0]["momentum"]
        (1.0, 0.85)

    Source: Smith and Topin, Super-convergence (2018).
    """

    _is_factor = False

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        what = "OneCycleLR"
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                expected = "total_steps, or epochs and steps_per_epoch"
                raise ValueError(message(what, "no number of steps", expected))
            total_steps = size(what, "epochs", epochs, 1) * size(
                what, "steps_per_epoch", steps_per_epoch, 1
            )
        self.total_steps = size(what, "total_steps", total_steps, 1)
        self.pct_start = number(what, "pct_start", pct_start, 0.0, 1.0)
        self.anneal_strategy = one_of(what, "anneal_strategy", anneal_strategy, ("cos", "linear"))
        flags(what, cycle_momentum=cycle_momentum, three_phase=three_phase)
        self.cycle_momentum, self.three_phase = cycle_momentum, three_phase
        self.base_momentum = number(what, "base_momentum", base_momentum, 0.0, 1.0)
        self.max_momentum = number(what, "max_momentum", max_momentum, 0.0, 1.0)
        self.div_factor = number(what, "div_factor", div_factor, 0.0, open_low=True)
        self.final_div_factor = number(
            what, "final_div_factor", final_div_factor, 0.0, open_low=True
        )
        groups = optimizer.param_groups if isinstance(optimizer, Optimizer) else []
        rates = for_each_group(what, "max_lr", max_lr, groups)
        if cycle_momentum and any("betas" not in g and "momentum" not in g for g in groups):
            got = "an optimizer with neither momentum nor betas"
            raise ValueError(message(what, got, hint="pass cycle_momentum=False"))
        for group, rate in zip(groups, rates, strict=True):
            group["initial_lr"] = rate / div_factor
        super().__init__(optimizer, last_epoch)

    def _phases(self) -> list[tuple[float, str, str]]:
        """The phases, each as its last step and the names of its first and last rate."""
        up, end = self.pct_start * self.total_steps - 1, self.total_steps - 1
        if self.three_phase:
            down = 2 * self.pct_start * self.total_steps - 2
            return [(up, "first", "max"), (down, "max", "first"), (end, "first", "last")]
        return [(up, "first", "max"), (end, "max", "last")]

    def _between(self, epoch: int, at: Mapping[str, float]) -> float:
        *earlier, last = self._phases()
        start, phase = 0.0, last
        for phase in earlier:
            if epoch <= phase[0]:
                break
            start, phase = phase[0], last
        end, before, after = phase
        share = (epoch - start) / (end - start) if end != start else 1.0
        if self.anneal_strategy == "linear":
            return at[before] + (at[after] - at[before]) * share
        return cosine(at[before], at[after], share)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate in the current phase."""
        last = base_lr / self.final_div_factor
        return self._between(
            epoch, {"first": base_lr, "max": base_lr * self.div_factor, "last": last}
        )

    def _take_in(self, group: dict[str, Any]) -> None:
        if "initial_lr" not in group:
            got, hint = "a group that was added later", "make the scheduler after add_param_group"
            raise ValueError(message("OneCycleLR", got, "the groups for which it has max_lr", hint))
        super()._take_in(group)

    def _move(self, epoch: int, before: Sequence[float]) -> None:
        if epoch >= self.total_steps:
            expected = f"a step below total_steps = {self.total_steps}"
            raise ValueError(message("OneCycleLR", f"step {epoch}", expected))
        super()._move(epoch, before)

    def _shift(self, before: Sequence[float], after: Sequence[float]) -> None:
        super()._shift(before, after)
        if self.cycle_momentum:
            top, low = self.max_momentum, self.base_momentum
            momentum = self._between(self.last_epoch, {"first": top, "max": low, "last": top})
            for group in self.optimizer.param_groups:
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
