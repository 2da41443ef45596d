"""One scheduler after the other, and the one that listens to a metric."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from nn.arguments import number, one_of, size
from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.optimizer import Optimizer


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
            a >= b for a, b in itertools.pairwise([0, *self.milestones])
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
