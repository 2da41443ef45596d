"""Learning rates as functions of time. Call `scheduler.step()` after the optimizer's, once an epoch
or a batch.

Each rate is a closed formula of the rate that the optimizer had when the first scheduler was made
(`initial_lr` of a group) and of the number of steps since, `last_epoch`. So a rate that is set by
hand lasts until the next step.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from nn._arguments import number, one_of, size
from nn.optim.optimizer import Optimizer


class LRScheduler:
    """The base of every scheduler: a subclass says by its formula what the rate is.

    Args:
        optimizer: whose rates are set.

    Attributes:
        last_epoch: the number of steps so far.
        base_lrs: the rates from which formulas start, one for each group.

    Raises:
        TypeError: something else than an Optimizer came.
    """

    takes_metric: ClassVar[bool] = False

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: a {type(optimizer).__name__} came; an optimizer is "
                "expected"
            )
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = 0
        self._set()

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate after so many steps, for a group that began with `base_lr`."""
        raise NotImplementedError

    def _lrs(self) -> list[float]:
        return [self.lr_at(self.last_epoch, base) for base in self.base_lrs]

    def _set(self) -> None:
        for group, lr in zip(self.optimizer.param_groups, self._lrs(), strict=True):
            group["lr"] = lr

    def step(self) -> None:
        """Go on by one step."""
        self.move_to(self.last_epoch + 1)

    def move_to(self, epoch: int) -> None:
        """Set the rates as they are after so many steps."""
        self.last_epoch = epoch
        self._set()

    def get_last_lr(self) -> list[float]:
        """The present rates, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """All that changes: numbers and lists of numbers."""
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned; the optimizer loads its rates itself.

        Raises:
            ValueError: it belongs to another scheduler.
        """
        ours = self.state_dict()
        if not isinstance(state, Mapping) or set(state) != set(ours):
            raise ValueError(
                f"load_state_dict of {type(self).__name__}: keys {list(state)} came; {list(ours)} "
                "are "
                "expected"
            )
        for name, value in state.items():
            setattr(self, name, list(value) if isinstance(value, (list, tuple)) else value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(last_epoch={self.last_epoch}, lr={self.get_last_lr()})"


class StepLR(LRScheduler):
    """base · gamma^⌊t / step_size⌋.

    Args:
        optimizer: whose rates are set.
        step_size: after how many steps the rate falls.
        gamma: by what factor.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.StepLR(optimizer, step_size=2, gamma=0.5)
        >>> for _ in range(4):
        ...     scheduler.step()
        >>> optimizer.lr
        0.25
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = size("StepLR", "step_size", step_size, 1)
        self.gamma = number("StepLR", "gamma", gamma, 0.0)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · gamma^⌊t / step_size⌋."""
        return float(base_lr * self.gamma ** (epoch // self.step_size))


class MultiStepLR(LRScheduler):
    """base · gamma^n, n being the number of milestones reached.

    Args:
        optimizer: whose rates are set.
        milestones: after which numbers of steps the rate falls.
        gamma: by what factor.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.MultiStepLR(optimizer, [1, 3], gamma=0.5)
        >>> [scheduler.lr_at(t, 1.0) for t in range(5)]
        [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        self.milestones = sorted(size("MultiStepLR", "milestones", m) for m in milestones)
        self.gamma = number("MultiStepLR", "gamma", gamma, 0.0)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · gamma^n."""
        return float(base_lr * self.gamma ** bisect.bisect_right(self.milestones, epoch))


class ExponentialLR(LRScheduler):
    """base · gamma^t.

    Args:
        optimizer: whose rates are set.
        gamma: the factor of each step.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> nn.optim.ExponentialLR(optimizer, 0.5).lr_at(3, 1.0)
        0.125
    """

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = number("ExponentialLR", "gamma", gamma, 0.0)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · gamma^t."""
        return float(base_lr * self.gamma**epoch)


class ConstantLR(LRScheduler):
    """base · factor for the first steps, then base.

    Args:
        optimizer: whose rates are set.
        factor: from 0 to 1.
        total_iters: how many steps it lasts.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.ConstantLR(optimizer, 0.5, total_iters=2)
        >>> [scheduler.lr_at(t, 1.0) for t in range(4)]
        [0.5, 0.5, 1.0, 1.0]
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3.0, total_iters: int = 5
    ) -> None:
        self.factor = number("ConstantLR", "factor", factor, 0.0, 1.0)
        self.total_iters = size("ConstantLR", "total_iters", total_iters)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · factor, or base."""
        return base_lr * (self.factor if epoch < self.total_iters else 1.0)


class LinearLR(LRScheduler):
    """From base · start_factor in a straight line to base · end_factor.

    Args:
        optimizer: whose rates are set.
        start_factor: above 0, 1 at most.
        end_factor: from 0 to 1.
        total_iters: after how many steps it is reached.

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
    ) -> None:
        self.start_factor = number("LinearLR", "start_factor", start_factor, 0, 1, open_low=True)
        self.end_factor = number("LinearLR", "end_factor", end_factor, 0.0, 1.0)
        self.total_iters = size("LinearLR", "total_iters", total_iters, 1)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """On the line, or at its end."""
        share = min(epoch, self.total_iters) / self.total_iters
        return base_lr * (self.start_factor + (self.end_factor - self.start_factor) * share)


class LinearWarmup(LRScheduler):
    """base · (t + 1) / steps for the first steps, then base.

    Args:
        optimizer: whose rates are set.
        steps: how many steps the rate rises.

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
        optimizer: whose rates are set.
        total_iters: after how many steps it is 0.
        power: 1 for a straight line.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> nn.optim.PolynomialLR(optimizer, 4, power=2.0).lr_at(2, 1.0)
        0.25
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self.total_iters = size("PolynomialLR", "total_iters", total_iters, 1)
        self.power = number("PolynomialLR", "power", power, 0.0)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · (1 - t / total_iters)^power."""
        left = 1.0 - min(epoch, self.total_iters) / self.total_iters
        return float(base_lr * left**self.power)


class CosineAnnealingLR(LRScheduler):
    """From base along half a cosine to eta_min after T_max steps; from there on back up, and so on.

    Args:
        optimizer: whose rates are set.
        T_max: the steps down.
        eta_min: the least rate.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.CosineAnnealingLR(optimizer, T_max=2)
        >>> [round(scheduler.lr_at(t, 1.0), 9) for t in range(3)]
        [1.0, 0.5, 0.0]

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = size("CosineAnnealingLR", "T_max", T_max, 1)
        self.eta_min = number("CosineAnnealingLR", "eta_min", eta_min, 0.0)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """eta_min + (base - eta_min) (1 + cos(π t / T_max)) / 2."""
        return _cosine(base_lr, self.eta_min, epoch / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down, then from the top again, each time T_mult times as long.

    Args:
        optimizer: whose rates are set.
        T_0: the steps of the first descent.
        T_mult: by what factor descents grow, an int.
        eta_min: the least rate.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.CosineAnnealingWarmRestarts(optimizer, 2, T_mult=2)
        >>> [round(scheduler.lr_at(t, 1.0), 3) for t in range(7)]
        [1.0, 0.5, 1.0, 0.854, 0.5, 0.146, 1.0]

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts (2017).
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0
    ) -> None:
        self.T_0 = size("CosineAnnealingWarmRestarts", "T_0", T_0, 1)
        self.T_mult = size("CosineAnnealingWarmRestarts", "T_mult", T_mult, 1)
        self.eta_min = number("CosineAnnealingWarmRestarts", "eta_min", eta_min, 0.0)
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The cosine of the present descent."""
        length = self.T_0
        if self.T_mult == 1:
            epoch %= length
        while epoch >= length:
            epoch -= length
            length *= self.T_mult
        return _cosine(base_lr, self.eta_min, epoch / length)


class OneCycleLR(LRScheduler):
    """Up to max_lr and down to nearly nothing, once, momentum going the other way.

    Args:
        optimizer: whose rates are set.
        max_lr: the highest rate, or one for each group.
        total_steps: the length of the cycle; or
        epochs: how many epochs there are, and
        steps_per_epoch: how many steps in each.
        pct_start: the share of steps that go up.
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether momentum, or the first of betas, goes from max_momentum to
            base_momentum and back.
        base_momentum: the least momentum.
        max_momentum: the largest.
        div_factor: the first rate is max_lr / div_factor.
        final_div_factor: the last rate is the first one / final_div_factor.
        three_phase: whether the way down is as long as that up, with a third phase to the last
            rate.

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
    ) -> None:
        what = "OneCycleLR"
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(f"{what}: total_steps, or epochs and steps_per_epoch, is expected")
            total_steps = size(what, "epochs", epochs, 1) * size(
                what, "steps_per_epoch", steps_per_epoch, 1
            )
        self.total_steps = size(what, "total_steps", total_steps, 1)
        self.pct_start = number(what, "pct_start", pct_start, 0.0, 1.0)
        self.anneal_strategy = one_of(what, "anneal_strategy", anneal_strategy, ("cos", "linear"))
        self.cycle_momentum, self.three_phase = cycle_momentum, three_phase
        self.base_momentum, self.max_momentum = base_momentum, max_momentum
        self.div_factor, self.final_div_factor = div_factor, final_div_factor
        groups = optimizer.param_groups if isinstance(optimizer, Optimizer) else []
        rates = list(max_lr) if isinstance(max_lr, Sequence) else [max_lr] * len(groups)
        if len(rates) != len(groups):
            raise ValueError(f"{what}: {len(rates)} max_lr came; there are {len(groups)} groups")
        if cycle_momentum and any("betas" not in g and "momentum" not in g for g in groups):
            raise ValueError(
                f"{what}: the optimizer has neither momentum nor betas; pass cycle_momentum=False"
            )
        for group, rate in zip(groups, rates, strict=True):
            group["initial_lr"] = rate / div_factor
        super().__init__(optimizer)

    def _phases(self) -> list[tuple[float, str, str]]:
        """(the last step, from where, to where) of each phase."""
        up, end = self.pct_start * self.total_steps - 1, self.total_steps - 1
        if self.three_phase:
            down = 2 * self.pct_start * self.total_steps - 2
            return [(up, "first", "max"), (down, "max", "first"), (end, "first", "last")]
        return [(up, "first", "max"), (end, "max", "last")]

    def _between(self, epoch: int, at: Mapping[str, float]) -> float:
        start = 0.0
        phases = self._phases()
        for end, before, after in phases:
            if epoch <= end or end == phases[-1][0]:
                share = (epoch - start) / (end - start) if end != start else 1.0
                if self.anneal_strategy == "linear":
                    return at[before] + (at[after] - at[before]) * share
                return _cosine(at[before], at[after], share)
            start = end
        raise AssertionError("the last phase has an end")

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate of the present phase."""
        last = base_lr / self.final_div_factor
        return self._between(
            epoch, {"first": base_lr, "max": base_lr * self.div_factor, "last": last}
        )

    def _set(self) -> None:
        if self.last_epoch >= self.total_steps:
            raise ValueError(
                f"OneCycleLR: step {self.last_epoch} came; the cycle has total_steps = "
                f"{self.total_steps}"
            )
        super()._set()
        if self.cycle_momentum:
            top, low = self.max_momentum, self.base_momentum
            momentum = self._between(self.last_epoch, {"first": top, "max": low, "last": top})
            for group in self.optimizer.param_groups:
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum


class LambdaLR(LRScheduler):
    """base · function(t).

    Args:
        optimizer: whose rates are set.
        lr_lambda: a function of the number of steps, or one for each group. `state_dict` does not
            hold it.

    Raises:
        ValueError: there are not as many functions as groups.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> nn.optim.LambdaLR(optimizer, lambda t: 1.0 / (1 + t)).lr_at(1, 1.0)
        0.5
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
    ) -> None:
        groups = getattr(optimizer, "param_groups", [])
        self.lr_lambdas: list[Callable[[int], float]] = (
            [lr_lambda] * len(groups) if callable(lr_lambda) else list(lr_lambda)
        )
        if len(self.lr_lambdas) != len(groups):
            raise ValueError(
                f"LambdaLR: {len(self.lr_lambdas)} functions came; there are {len(groups)} groups"
            )
        super().__init__(optimizer)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """base · function(t), by the first group's function."""
        return base_lr * self.lr_lambdas[0](epoch)

    def _lrs(self) -> list[float]:
        return [
            base * function(self.last_epoch)
            for base, function in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]


class SequentialLR(LRScheduler):
    """One scheduler after the other, each beginning with its own step 0.

    Args:
        optimizer: whose rates are set.
        schedulers: the schedulers, made for this optimizer.
        milestones: after how many steps the second takes over, the third, and so on.

    Raises:
        ValueError: there is not one milestone fewer than schedulers, or they do not increase.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> warmup = nn.optim.LinearWarmup(optimizer, 2)
        >>> decay = nn.optim.ExponentialLR(optimizer, 0.5)
        >>> scheduler = nn.optim.SequentialLR(optimizer, [warmup, decay], milestones=[2])
        >>> rates = []
        >>> for _ in range(4):
        ...     rates.append(optimizer.lr)
        ...     scheduler.step()
        >>> rates
        [0.5, 1.0, 1.0, 0.5]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]
    ) -> None:
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        if len(self.schedulers) != len(self.milestones) + 1 or any(
            a >= b for a, b in zip([0, *self.milestones], self.milestones, strict=False)
        ):
            raise ValueError(
                f"SequentialLR: {len(self.schedulers)} schedulers and milestones {self.milestones} "
                "came; one milestone fewer is expected, each later than the one before"
            )
        for scheduler in self.schedulers:
            if scheduler.takes_metric or scheduler.optimizer is not optimizer:
                raise ValueError(
                    f"SequentialLR: a {type(scheduler).__name__} came that takes a metric or has "
                    "another optimizer"
                )
        super().__init__(optimizer)

    def _set(self) -> None:
        place = bisect.bisect_right(self.milestones, self.last_epoch)
        start = self.milestones[place - 1] if place else 0
        self.schedulers[place].move_to(self.last_epoch - start)

    def state_dict(self) -> dict[str, Any]:
        """That of all schedulers too."""
        return {**super().state_dict(), "schedulers": [s.state_dict() for s in self.schedulers]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        inner = state.get("schedulers", ())
        if len(inner) != len(self.schedulers):
            raise ValueError(
                f"load_state_dict of SequentialLR: {len(inner)} schedulers came; "
                f"{len(self.schedulers)} are expected"
            )
        for scheduler, saved in zip(self.schedulers, inner, strict=True):
            scheduler.load_state_dict(saved)
        self.last_epoch, self.base_lrs = state["last_epoch"], list(state["base_lrs"])


class ReduceLROnPlateau(LRScheduler):
    """Lower the rate when a metric has not improved for a while; `step(metric)` tells it.

    Args:
        optimizer: whose rates are set.
        mode: "min" if the metric should fall, "max" if it should rise.
        factor: by what the rate is multiplied, below 1.
        patience: how many steps without improvement are borne.
        threshold: how much counts as an improvement.
        threshold_mode: "rel" for a share of the best, "abs" for a difference.
        cooldown: how many steps after a reduction do not count.
        min_lr: the least rate, or one for each group.
        eps: smaller changes of the rate are not made.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> scheduler = nn.optim.ReduceLROnPlateau(optimizer, patience=1, factor=0.5)
        >>> for loss in (3.0, 2.0, 2.0, 2.0):
        ...     scheduler.step(loss)
        >>> optimizer.lr
        0.5
    """

    takes_metric: ClassVar[bool] = True

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        what = "ReduceLROnPlateau"
        self.mode = one_of(what, "mode", mode, ("min", "max"))
        self.threshold_mode = one_of(what, "threshold_mode", threshold_mode, ("rel", "abs"))
        self.factor = number(what, "factor", factor, 0.0, 1.0)
        if factor == 1.0:
            raise ValueError(f"{what}: factor=1.0 came; a number below 1 is expected")
        self.patience = size(what, "patience", patience)
        self.threshold, self.eps = threshold, eps
        self.cooldown = size(what, "cooldown", cooldown)
        groups = getattr(optimizer, "param_groups", [])
        self.min_lrs = list(min_lr) if isinstance(min_lr, Sequence) else [min_lr] * len(groups)
        if len(self.min_lrs) != len(groups):
            raise ValueError(
                f"{what}: {len(self.min_lrs)} min_lr came; there are {len(groups)} groups"
            )
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0
        super().__init__(optimizer)

    def _lrs(self) -> list[float]:
        return self.get_last_lr()

    def step(self, metric: Any = None) -> None:
        """Take notice of a metric.

        Raises:
            ValueError: none came.
        """
        if metric is None:
            raise ValueError("ReduceLROnPlateau: step() needs the metric, e.g. the validation loss")
        value = float(metric)
        self.last_epoch += 1
        if self._improves(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                lr = max(group["lr"] * self.factor, least)
                if group["lr"] - lr > self.eps:
                    group["lr"] = lr
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0

    def _improves(self, value: float) -> bool:
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "abs":
            return sign * value > sign * self.best + self.threshold
        if math.isinf(self.best):
            return sign * value > sign * self.best
        return sign * value > sign * self.best * (1.0 + sign * self.threshold)

    def state_dict(self) -> dict[str, Any]:
        """The best metric and the counters too."""
        names = ("best", "num_bad_epochs", "cooldown_counter")
        return {**super().state_dict(), **{name: getattr(self, name) for name in names}}


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))
