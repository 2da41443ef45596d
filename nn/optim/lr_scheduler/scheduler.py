"""The base of all schedulers, and the cosine that several follow."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from autograd.errors import counted, kind, message
from nn.arguments import number, refuse, size, undefined
from nn.module.state import check_state
from nn.optim.optimizer import Optimizer

# The schedulers that set the rates of each optimizer, which compose: see `LRScheduler`.
_living: weakref.WeakKeyDictionary[Optimizer, list[weakref.ref[LRScheduler]]] = (
    weakref.WeakKeyDictionary()
)


# Attributes that no state has, or that only PyTorch's has.
UNSAVED = {"optimizer", "schedulers", "lr_lambdas", "mode_worse", "use_beta1", "default_min_lr"}
UNSAVED |= {"T_i", "T_cur"}


class LRScheduler:
    """The base of every scheduler: a subclass gives the rate by a formula, `lr_at`.

    Several schedulers of one optimizer compose: each multiplies the initial rate by a factor, as
    PyTorch's chainable schedulers do. One that cannot be such a factor (LambdaLR, OneCycleLR, a
    cosine that ends above 0, a cosine with restarts) refuses to step together with another.

    Args:
        optimizer: the optimizer whose rates are set.
        last_epoch: PyTorch's; only -1, because `load_state_dict` restores a scheduler.

    Attributes:
        last_epoch: the number of steps so far.
        base_lrs: the rates from which formulas start, one for each group.

    Raises:
        TypeError: `optimizer` is not an Optimizer.
        ValueError: on stepping, two schedulers of the optimizer cannot compose.
    """

    takes_metric: ClassVar[bool] = False
    schedulers: Sequence[LRScheduler] = ()  # those that this one steps
    _at_once: ClassVar[bool] = False  # whether it steps all of them at each step
    _is_factor: bool = True

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(message(type(self).__name__, kind(optimizer), "an optimizer"))
        refuse(type(self).__name__, last_epoch=last_epoch)
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = 0
        self._enlist()
        self._set()

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate after `epoch` steps, for a group whose initial rate is `base_lr`."""
        purpose = "returns the rate after that many steps"
        raise undefined(self, "lr_at(self, epoch, base_lr)", purpose)

    def _lrs(self) -> list[float]:
        return [self.lr_at(self.last_epoch, base) for base in self.base_lrs]

    def _factors(self) -> list[float]:
        """The current rates as multiples of the initial ones."""
        pairs = zip(self._lrs(), self.base_lrs, strict=True)
        return [lr / base if base else 1.0 for lr, base in pairs]

    def _set(self) -> None:
        rates = self._lrs()
        for other in self._others():
            if other._is_factor and self._is_factor:
                rates = [lr * factor for lr, factor in zip(rates, other._factors(), strict=True)]
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr

    # --- together with other schedulers ---

    def _enlist(self) -> None:
        """Register with the optimizer."""
        living = _living.setdefault(self.optimizer, [])
        living[:] = [reference for reference in living if reference() not in (None, self)]
        living.append(weakref.ref(self))

    def _present(self) -> list[LRScheduler]:
        """All schedulers of the optimizer, in the order of their creation."""
        living = [reference() for reference in _living.get(self.optimizer, ())]
        return [scheduler for scheduler in living if scheduler is not None]

    def _others(self) -> list[LRScheduler]:
        """The other schedulers that set the rates, in the order of their creation."""
        present = self._present()
        led = [inner for scheduler in present for inner in scheduler._led()]
        outer = [scheduler for scheduler in present if self in scheduler._led()]
        return [s for s in present if s is not self and s not in outer and s not in led]

    def _led(self) -> list[LRScheduler]:
        """The schedulers that this one steps, and those that they step."""
        return [s for inner in self.schedulers for s in (inner, *inner._led())]

    def _factors_beside(self) -> list[float]:
        """The product of the factors of all other schedulers, including those in its chain."""
        chains = [s for s in self._present() if s._at_once and self in s.schedulers]
        siblings = [s for chain in chains for s in chain.schedulers if s is not self]
        products = [1.0] * len(self.base_lrs)
        for other in (*self._others(), *siblings):
            if other._is_factor:
                pairs = zip(products, other._factors(), strict=True)
                products = [product * factor for product, factor in pairs]
        return products

    def _check_composes(self) -> None:
        for other in self._others():
            if not (self._is_factor and other._is_factor):
                raise ValueError(
                    message(
                        type(self).__name__,
                        f"a step beside {kind(other)} of the same optimizer",
                        "schedulers that multiply the initial rate, because one of these sets it",
                        "run one after the other with SequentialLR",
                    )
                )

    def step(self, epoch: None = None) -> None:
        """Advance by one step."""
        if epoch is not None:
            refuse(type(self).__name__, epoch=epoch)
        self._check_composes()
        self.move_to(self.last_epoch + 1)

    def move_to(self, epoch: int) -> None:
        """Set the rates to those after `epoch` steps."""
        self.last_epoch = epoch
        self._set()

    def get_last_lr(self) -> list[float]:
        """The current rates, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes over time: numbers and lists of numbers."""
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned, here or in PyTorch's scheduler of that name.

        The optimizer restores the rates themselves.

        Raises:
            ValueError: it belongs to another scheduler.
        """
        ours = LRScheduler.state_dict(self) | self.state_dict()
        if isinstance(state_dict, Mapping) and "_last_lr" in state_dict:
            state_dict = self._from_pytorch(state_dict, ours)
        what = type(self).__name__
        check_state(what, state_dict, ours)
        what = f"load_state_dict of {what}"
        loaded = dict(state_dict)
        loaded["last_epoch"] = size(what, "last_epoch", state_dict["last_epoch"])
        groups = self.optimizer.param_groups
        loaded["base_lrs"] = for_each_group(what, "base_lrs", state_dict["base_lrs"], groups)
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
        loaded["last_epoch"] = max(0, loaded["last_epoch"])  # -1 before its turn in a sequence
        return loaded

    def __repr__(self) -> str:
        return f"{type(self).__name__}(last_epoch={self.last_epoch}, lr={self.get_last_lr()})"


def counts(what: str, name: str, values: Any) -> list[int]:
    """Numbers of steps, each 0 or more.

    Raises:
        ValueError: one is something else.
    """
    if not isinstance(values, Iterable):
        raise ValueError(message(what, f"{name}={values!r}", "a list of integers"))
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
