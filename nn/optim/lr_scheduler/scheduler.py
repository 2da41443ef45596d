"""The base of all schedulers, and the cosine that several follow."""

from __future__ import annotations

import math
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autograd.errors import kind, message
from nn.optim.optimizer import Optimizer

# The schedulers that set the rates of each optimizer, which compose: see `LRScheduler`.
_living: weakref.WeakKeyDictionary[Optimizer, list[weakref.ref[LRScheduler]]] = (
    weakref.WeakKeyDictionary()
)


class LRScheduler:
    """The base of every scheduler: a subclass gives the rate by a formula, `lr_at`.

    Several schedulers of one optimizer compose: each multiplies the initial rate by a factor, as
    PyTorch's chainable schedulers do. One that cannot be such a factor (LambdaLR, OneCycleLR, a
    cosine that ends above 0, a cosine with restarts) refuses to step beside another.

    Args:
        optimizer: the optimizer whose rates are set.

    Attributes:
        last_epoch: the number of steps so far.
        base_lrs: the rates from which formulas start, one for each group.

    Raises:
        TypeError: `optimizer` is not an Optimizer.
        ValueError: on stepping, two schedulers of the optimizer cannot compose.
    """

    takes_metric: ClassVar[bool] = False
    schedulers: Sequence[LRScheduler] = ()  # those that this one steps
    _is_factor: bool = True

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(message(type(self).__name__, kind(optimizer), "an optimizer"))
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs: list[float] = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = 0
        self._enlist()
        self._set()

    def lr_at(self, epoch: int, base_lr: float) -> float:
        """The rate after `epoch` steps, for a group whose initial rate is `base_lr`."""
        raise NotImplementedError

    def _lrs(self) -> list[float]:
        return [self.lr_at(self.last_epoch, base) for base in self.base_lrs]

    def _factors(self) -> list[float]:
        """The present rates as multiples of the initial ones."""
        pairs = zip(self._lrs(), self.base_lrs, strict=True)
        return [lr / base if base else 1.0 for lr, base in pairs]

    def _set(self) -> None:
        rates = self._lrs()
        for other in self._others():
            if other._is_factor and self._is_factor:
                rates = [lr * factor for lr, factor in zip(rates, other._factors(), strict=True)]
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr

    # --- beside other schedulers ---

    def _enlist(self) -> None:
        """Be one of the schedulers of the optimizer."""
        living = _living.setdefault(self.optimizer, [])
        living[:] = [reference for reference in living if reference() not in (None, self)]
        living.append(weakref.ref(self))

    def _others(self) -> list[LRScheduler]:
        """The schedulers that set the rates beside this one, in the order of their creation."""
        living = [reference() for reference in _living.get(self.optimizer, ())]
        present = [scheduler for scheduler in living if scheduler is not None]
        led = [inner for scheduler in present for inner in scheduler._led()]
        outer = [scheduler for scheduler in present if self in scheduler._led()]
        return [s for s in present if s is not self and s not in outer and s not in led]

    def _led(self) -> list[LRScheduler]:
        """The schedulers that this one steps, and those that they step."""
        return [s for inner in self.schedulers for s in (inner, *inner._led())]

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

    def step(self) -> None:
        """Advance by one step."""
        self._check_composes()
        self.move_to(self.last_epoch + 1)

    def move_to(self, epoch: int) -> None:
        """Set the rates to those after `epoch` steps."""
        self.last_epoch = epoch
        self._set()

    def get_last_lr(self) -> list[float]:
        """The present rates, one for each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes over time: numbers and lists of numbers."""
        return {"last_epoch": self.last_epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned; the optimizer restores the rates themselves.

        Raises:
            ValueError: it belongs to another scheduler.
        """
        ours = self.state_dict()
        if not isinstance(state, Mapping) or set(state) != set(ours):
            what = f"load_state_dict of {type(self).__name__}"
            got = f"keys {list(state)}" if isinstance(state, Mapping) else kind(state)
            raise ValueError(message(what, got, f"keys {list(ours)}"))
        for name, value in state.items():
            setattr(self, name, list(value) if isinstance(value, (list, tuple)) else value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(last_epoch={self.last_epoch}, lr={self.get_last_lr()})"


def cosine(start: float, end: float, share: float) -> float:
    """Half a cosine from start to end; `share`, from 0 to 1, says how far along.

    Example:
        >>> from nn.optim.lr_scheduler.scheduler import cosine
        >>> cosine(1.0, 0.0, 0.0), round(cosine(1.0, 0.0, 0.5), 9)
        (1.0, 0.5)
    """
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))
