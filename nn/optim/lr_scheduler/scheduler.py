"""The base of all schedulers, and the cosine that several follow."""

from __future__ import annotations

import itertools
import math
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autograd.errors import counted, described, kind, message
from nn.arguments import is_listed, number, refuse, size, undefined
from nn.module.state import check_state
from nn.optim.optimizer import Optimizer

# The schedulers of each optimizer, so that two that cannot compose refuse: see `_check_composes`.
_living: weakref.WeakKeyDictionary[Optimizer, list[weakref.ref[LRScheduler]]] = (
    weakref.WeakKeyDictionary()
)
clock = itertools.count(1)

# Attributes that no state has, or that only PyTorch's has.
UNSAVED = {"optimizer", "schedulers", "lr_lambdas", "mode_worse", "use_beta1", "default_min_lr"}
UNSAVED |= {"T_i", "T_cur"}


class LRScheduler:
    """The base of every scheduler: a subclass gives the rate by a formula, `lr_at`.

    A step multiplies the current rate by what the formula gains in it, lr_at(t) / lr_at(t - 1), as
    PyTorch's chainable schedulers do. So several schedulers of one optimizer compose, and a rate
    that is set by hand stays in effect. LambdaLR, OneCycleLR, CyclicLR and
    CosineAnnealingWarmRestarts set the rate to the formula's value; they refuse to step beside
    another scheduler.

    Args:
        optimizer: the optimizer whose rates are set.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Attributes:
        last_epoch: the number of steps so far.
        base_lrs: the rates from which formulas start, one for each group. A group that is added
            later starts from the rate that it has at the next step.

    Raises:
        TypeError: `optimizer` is not an Optimizer.
        ValueError: on stepping, two schedulers of the optimizer cannot compose.
    """

    takes_metric: ClassVar[bool] = False
    schedulers: Sequence[LRScheduler] = ()  # those that this one steps
    _is_factor: bool = True  # whether it multiplies the present rate, or sets it
    _floor: float = 0.0  # what the formula ends at; factors multiply what is above it
    _made = _stepped = 0  # when, by the clock; 0 for never

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(message(type(self).__name__, kind(optimizer), "an optimizer"))
        refuse(type(self).__name__, last_epoch=last_epoch)
        self.optimizer = optimizer
        self.base_lrs: list[float] = []
        self._take_in_groups()
        self.last_epoch = 0
        self._made = next(clock)
        living = _living.setdefault(optimizer, [])
        living[:] = [reference for reference in living if reference() is not None]
        living.append(weakref.ref(self))
        self._begin()
        if not self._is_factor:
            self._check_composes(made=True)

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate after `epoch` steps, for a group whose initial rate is `base_lr`."""
        purpose = "returns the rate after that many steps"
        raise undefined(self, "lr_at(self, epoch, base_lr)", purpose)

    def _lrs(self) -> list[float]:
        """The formula's rates at the present step."""
        return [self.lr_at(self.last_epoch, base) for base in self.base_lrs]

    def _take_in_groups(self) -> None:
        """Note the initial rates of groups that were added to the optimizer since."""
        for scheduler in self.schedulers:
            scheduler._take_in_groups()
        for group in self.optimizer.param_groups[len(self.base_lrs) :]:
            self._take_in(group)

    def _take_in(self, group: dict[str, Any]) -> None:
        self.base_lrs.append(group.setdefault("initial_lr", group["lr"]))

    # --- moving the rates ---

    def _begin(self) -> None:
        """Set the rates for step 0."""
        self._shift(self.base_lrs, self._lrs())

    def _shift(self, before: Sequence[float], after: Sequence[float]) -> None:
        """Change the present rates as the formula's rates change, from `before` to `after`."""
        for group, old, new in zip(self.optimizer.param_groups, before, after, strict=True):
            group["lr"] = self._shifted(group["lr"], old, new) if self._is_factor else new

    def _shifted(self, lr: float, old: float, new: float) -> float:
        if lr == old:  # nobody else has changed it: no rounding errors add up
            return new
        if old == self._floor:  # a factor of 0 says nothing of the rates after it
            return lr + (new - old)
        return self._floor + (lr - self._floor) * ((new - self._floor) / (old - self._floor))

    def step(self, epoch: None = None) -> None:
        """Advance by one step."""
        if epoch is not None:
            refuse(type(self).__name__, epoch=epoch)
        self._check_composes()
        self._stepped = next(clock)
        self.move_to(self.last_epoch + 1)

    def move_to(self, epoch: int) -> None:
        """Change the rates to those after `epoch` steps."""
        self._take_in_groups()
        self._move(epoch, self._lrs())

    def _move(self, epoch: int, before: Sequence[float]) -> None:
        """Move to a step, where the formula's rates were `before`."""
        self.last_epoch = epoch
        self._shift(before, self._lrs())

    # --- together with other schedulers ---

    def _led(self) -> list[LRScheduler]:
        """The schedulers that this one steps, and those that they step."""
        return [s for inner in self.schedulers for s in (inner, *inner._led())]

    def _check_composes(self, made: bool = False) -> None:
        """Raise if another scheduler changes the rates too, and one of the two sets them.

        Another one that was stepped before this one was made, and not since, has had its turn.
        """
        living = [reference() for reference in _living.get(self.optimizer, ())]
        present = [s for s in living if s is not None]
        led = {id(inner) for s in present for inner in s._led()}
        for other in present:
            if other is self or id(other) in led or self in other._led():
                continue
            if 0 < other._stepped < self._made or (self._is_factor and other._is_factor):
                continue
            if not made or self.takes_metric or other.takes_metric:
                one = type(other if self._is_factor else self).__name__
                got = f"{'' if made else 'a step beside '}{kind(other)} of the same optimizer"
                expected = f"schedulers that multiply the learning rate, because {one} sets it"
                hint = "run one after the other with SequentialLR"
                raise ValueError(message(type(self).__name__, got, expected, hint))

    def get_last_lr(self) -> list[float]:
        """The current rates, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes over time: numbers and lists of numbers."""
        self._take_in_groups()
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned, here or in PyTorch's scheduler of that name.

        The optimizer restores the rates themselves; rates that are still as this scheduler set them
        become those of the loaded step.

        Raises:
            ValueError: it belongs to another scheduler.
        """
        self._take_in_groups()
        before = self._lrs()
        self._load(state_dict)
        for group, old, new in zip(self.optimizer.param_groups, before, self._lrs(), strict=True):
            if group["lr"] == old:
                group["lr"] = new

    def _load(self, state: Mapping[str, Any]) -> None:
        """Restore a state and leave the rates as they are."""
        ours = LRScheduler.state_dict(self) | self.state_dict()
        if isinstance(state, Mapping) and "_last_lr" in state:
            state = self._from_pytorch(state, ours)
        what = type(self).__name__
        check_state(what, state, ours)
        what = f"load_state_dict of {what}"
        loaded = dict(state)
        loaded["last_epoch"] = size(what, "last_epoch", state["last_epoch"])
        groups = self.optimizer.param_groups
        loaded["base_lrs"] = for_each_group(what, "base_lrs", state["base_lrs"], groups)
        for name, value in loaded.items():
            setattr(self, name, list(value) if isinstance(value, (list, tuple)) else value)

    def _from_pytorch(self, state: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
        """The state of PyTorch's scheduler of this name as one of ours; options are taken over."""
        options = {name for name in vars(self) if name[0] != "_"} - set(ours) - UNSAVED
        theirs = {name for name in state if name[0] != "_"}
        if not theirs <= options | set(ours) | UNSAVED:
            what, got = f"load_state_dict of {type(self).__name__}", f"keys {list(state)}"
            raise ValueError(message(what, got, f"some of the keys {[*ours, *sorted(options)]}"))
        for name in theirs & options:
            value = state[name]  # MultiStepLR has a Counter of milestones
            setattr(self, name, sorted(value.elements()) if hasattr(value, "elements") else value)
        loaded = {**ours, **{name: state[name] for name in theirs & set(ours)}}
        if loaded["last_epoch"] == -1:  # before its turn in a sequence
            loaded["last_epoch"] = 0
        return loaded

    def __repr__(self) -> str:
        return f"{type(self).__name__}(last_epoch={self.last_epoch}, lr={self.get_last_lr()})"


def counts(what: str, name: str, values: Any) -> list[int]:
    """Numbers of steps, each 0 or more.

    Raises:
        ValueError: one is something else.
    """
    if not is_listed(values):
        raise ValueError(message(what, f"{name}={described(values)}", "a list of integers"))
    return [size(what, name, value) for value in values]


def for_each_group(what: str, name: str, value: Any, groups: Sequence[Any]) -> list[float]:
    """A number of at least 0 for each group of parameters; a single one is repeated.

    Raises:
        ValueError: there are more or fewer, or one is negative or not finite.
    """
    several = isinstance(value, (list, tuple))
    rates = list(value) if several else [value] * len(groups)
    if len(rates) != len(groups):
        got, expected = counted(len(rates), "value"), f"{len(groups)}, one for each group"
        raise ValueError(message(what, f"{got} of {name}", expected))
    return [
        number(what, f"{name}[{i}]" if several else name, rate, 0.0) for i, rate in enumerate(rates)
    ]


def cosine(start: float, end: float, share: float) -> float:
    """Half a cosine from start to end; `share`, from 0 to 1, says how far along.

    Example:
        >>> from nn.optim.lr_scheduler.scheduler import cosine
        >>> cosine(1.0, 0.0, 0.0), round(cosine(1.0, 0.0, 0.5), 9)
        (1.0, 0.5)
    """
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))
