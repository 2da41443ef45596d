"""Schedulers in sequence and in parallel, and the one that follows a metric."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from autograd.errors import counted, kind, message, one_of
from nn.arguments import number, one_number, refuse, size
from nn.optim.lr_scheduler.scheduler import LRScheduler, clock, counts, for_each_group
from nn.optim.optimizer import Optimizer


class _WithMembers(LRScheduler):
    """What schedulers made of others share: their states."""

    def state_dict(self) -> dict[str, Any]:
        """The state, with that of each scheduler."""
        inner = [scheduler.state_dict() for scheduler in self.schedulers]
        return {**super().state_dict(), "schedulers": inner}

    def _load(self, state: Mapping[str, Any]) -> None:
        _load_with_members(self, state)


class SequentialLR(_WithMembers):
    """One scheduler after the other, each starting at its own step 0.

    Args:
        optimizer: the optimizer whose rates are set.
        schedulers: the schedulers, made for this optimizer.
        milestones: the steps after which the second scheduler takes over, the third, and so on.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Raises:
        TypeError: an entry of `schedulers` is not a scheduler.
        ValueError: there is not one milestone fewer than schedulers, milestones do not increase, or
            a scheduler takes a metric or belongs to another optimizer.

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
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        what = "SequentialLR"
        self.schedulers = _members(what, schedulers, optimizer)
        self.milestones = counts(what, "milestones", milestones)
        if len(self.schedulers) != len(self.milestones) + 1 or any(
            a >= b for a, b in itertools.pairwise([0, *self.milestones])
        ):
            got = f"{counted(len(self.schedulers), 'scheduler')} and milestones {self.milestones}"
            expected = "one milestone fewer than schedulers, in increasing order"
            raise ValueError(message(what, got, expected))
        super().__init__(optimizer, last_epoch)

    def _begin(self) -> None:
        # Each member has changed the rates for its own step 0 when it was made.
        for inner in self._led():
            inner.last_epoch = 0
        for group, lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = lr
        self.schedulers[0]._shift(self.base_lrs, self._lrs())

    def _place(self, epoch: int) -> int:
        return bisect.bisect_right(self.milestones, epoch)

    @property
    def _is_factor(self) -> bool:  # type: ignore[override]
        return self.schedulers[self._place(self.last_epoch)]._is_factor

    def _lrs(self) -> list[float]:
        return self.schedulers[self._place(self.last_epoch)]._lrs()

    def _move(self, epoch: int, before: Sequence[float]) -> None:
        place = self._place(epoch)
        start = self.milestones[place - 1] if place else 0
        self.schedulers[place]._move(epoch - start, before)
        self.last_epoch = epoch


class ChainedScheduler(_WithMembers):
    """Several schedulers at once: each step multiplies the rate by the factors of all of them.

    Args:
        schedulers: the schedulers, made for one optimizer.
        optimizer: that optimizer; by default it is taken from the schedulers.

    Raises:
        TypeError: an entry of `schedulers` is not a scheduler.
        ValueError: there are no schedulers, one takes a metric, belongs to another optimizer, or
            sets the rate instead of multiplying it.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=1.0)
        >>> halves = nn.optim.ExponentialLR(optimizer, 0.5)
        >>> warmup = nn.optim.LinearWarmup(optimizer, 2)
        >>> scheduler = nn.optim.ChainedScheduler([halves, warmup])
        >>> rates = []
        >>> for _ in range(4):
        ...     rates.append(optimizer.lr)
        ...     scheduler.step()
        >>> rates
        [0.5, 0.5, 0.25, 0.125]
    """

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        what = "ChainedScheduler"
        self.schedulers = _members(what, schedulers, optimizer)
        if not self.schedulers:
            raise ValueError(message(what, "no schedulers", "one or more"))
        optimizer = self.schedulers[0].optimizer
        for scheduler in self.schedulers if len(self.schedulers) > 1 else ():
            if not scheduler._is_factor:
                got = f"{kind(scheduler)}, which sets the learning rate"
                expected = "schedulers that multiply it"
                hint = "run it before or after the others with SequentialLR"
                raise ValueError(message(what, got, expected, hint))
        super().__init__(optimizer)

    def _begin(self) -> None:
        """Leave the rates as the members have set them for their step 0."""

    @property
    def _is_factor(self) -> bool:  # type: ignore[override]
        return all(scheduler._is_factor for scheduler in self.schedulers)

    def _lrs(self) -> list[float]:
        """The initial rates, by the factors that the formulas of all members give."""
        rates = list(self.base_lrs)
        for scheduler in self.schedulers:
            triples = zip(rates, scheduler.base_lrs, scheduler._lrs(), strict=True)
            rates = [scheduler._shifted(lr, base, new) for lr, base, new in triples]
        return rates

    def _move(self, epoch: int, before: Sequence[float]) -> None:
        self._shift(before, self._lrs())  # they differ when a sequence comes to this chain
        for scheduler in self.schedulers:
            scheduler.move_to(scheduler.last_epoch + epoch - self.last_epoch)
        self.last_epoch = epoch


def _members(what: str, schedulers: Any, optimizer: Any) -> list[LRScheduler]:
    """Schedulers of one optimizer, by default of the first one's, as a list."""
    if not isinstance(schedulers, Iterable):
        raise TypeError(message(what, f"{kind(schedulers)} as schedulers", "a list of them"))
    members: list[LRScheduler] = list(schedulers)
    for scheduler in members:
        if not isinstance(scheduler, LRScheduler):
            hint = "pass e.g. nn.optim.StepLR(optimizer, 10)"
            raise TypeError(
                message(what, f"{kind(scheduler)} among the schedulers", "a scheduler", hint)
            )
        optimizer = scheduler.optimizer if optimizer is None else optimizer
        if scheduler.takes_metric or scheduler.optimizer is not optimizer:
            got = f"{kind(scheduler)} that takes a metric or belongs to another optimizer"
            raise ValueError(message(what, got, "schedulers of this optimizer"))
    if len(set(map(id, members))) < len(members):
        raise ValueError(message(what, "the same scheduler twice", "each once"))
    return members


def _load_with_members(scheduler: _WithMembers, state: Mapping[str, Any]) -> None:
    """Load the states of all members and of the scheduler, or nothing if one does not fit."""
    what = f"load_state_dict of {type(scheduler).__name__}"
    if not isinstance(state, Mapping):
        raise ValueError(message(what, kind(state), "a mapping, as state_dict() returns"))
    inner = state.get("schedulers", state.get("_schedulers", ()))  # PyTorch's has an underscore
    if len(inner) != len(scheduler.schedulers):
        got, expected = counted(len(inner), "scheduler"), str(len(scheduler.schedulers))
        raise ValueError(message(what, got, expected))
    own = {name: x for name, x in state.items() if name not in ("schedulers", "_schedulers")}
    own.setdefault("last_epoch", inner[0].get("last_epoch"))  # PyTorch's chains have none
    if "_last_lr" in own:
        own["base_lrs"] = scheduler.base_lrs
    everyone = (scheduler, *scheduler.schedulers)
    before = [dict(vars(member)) for member in everyone]
    pairs = zip(scheduler.schedulers, inner, strict=True)
    try:
        LRScheduler._load(scheduler, {**own, "schedulers": scheduler.schedulers})
        for member, saved in pairs:
            member._load(saved)
    except ValueError:
        for member, old in zip(everyone, before, strict=True):
            vars(member).update(old)
        raise


class ReduceLROnPlateau(LRScheduler):
    """Lower the rate when a metric stops improving; call `step(metric)`.

    Args:
        optimizer: the optimizer whose rates are set.
        mode: "min" if the metric should fall, "max" if it should rise.
        factor: the factor of a reduction, below 1.
        patience: how many steps without improvement are tolerated.
        threshold: how much a metric must change to count as an improvement.
        threshold_mode: "rel" for a share of the best metric, "abs" for a difference.
        cooldown: how many steps after a reduction are ignored.
        min_lr: the lowest rate, or one for each group.
        eps: a reduction by less than this is skipped.

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
            raise ValueError(message(what, "factor=1.0", "a number below 1"))
        self.patience = size(what, "patience", patience)
        self.threshold = number(what, "threshold", threshold, 0.0)
        self.eps = number(what, "eps", eps, 0.0)
        self.cooldown = size(what, "cooldown", cooldown)
        groups = getattr(optimizer, "param_groups", [])
        self.min_lrs = for_each_group(what, "min_lr", min_lr, groups)
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0
        self._min_lr = min_lr
        super().__init__(optimizer)
        self._check_composes(made=True)

    def _begin(self) -> None:
        """Leave the rates as they are."""

    def _lrs(self) -> list[float]:
        return self.get_last_lr()

    def _take_in(self, group: dict[str, Any]) -> None:
        if len(self.min_lrs) == len(self.base_lrs):
            if isinstance(self._min_lr, (list, tuple)):
                got, hint = "a group that was added later", "append its rate to min_lrs"
                raise ValueError(message("ReduceLROnPlateau", got, "a min_lr for each", hint))
            self.min_lrs.append(self.min_lrs[0])
        super()._take_in(group)

    def step(  # type: ignore[override]
        self, metrics: Any = None, epoch: None = None
    ) -> None:
        """Compare a metric with the best, and lower the rates if patience is exhausted.

        Raises:
            TypeError: the metric is not one number.
            ValueError: there is no metric.
        """
        refuse("ReduceLROnPlateau", epoch=epoch)
        if metrics is None:
            hint = "pass step() the metric, e.g. the validation loss"
            raise ValueError(message("ReduceLROnPlateau", "no metric", "one", hint))
        self._check_composes()
        self._take_in_groups()
        value = one_number("ReduceLROnPlateau", "the metric", metrics)
        self._stepped = next(clock)
        self.last_epoch += 1
        if self._improves(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for i, group in enumerate(self.optimizer.param_groups):
                lr = max(group["lr"] * self.factor, self.min_lrs[i])
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
        """The state, with the best metric and the counters."""
        names = ("best", "num_bad_epochs", "cooldown_counter")
        return {**super().state_dict(), **{name: getattr(self, name) for name in names}}
