"""Whether new nodes remember where they came from, and which note they get."""

from __future__ import annotations

import contextlib
from contextvars import ContextVar
from typing import Any

from autograd.engine.note import Note

# The note that new nodes get: the `Scope` of the module call that is running, None outside of one,
# or OFF while nothing is recorded. It is a context variable, so threads and coroutines do not
# disturb each other.

OFF: Any = Note(label="recording is off")
current: ContextVar[Any] = ContextVar("current", default=None)
_outer: ContextVar[tuple[Any, ...]] = ContextVar("outer", default=())  # what to return to


# How deeply transforms such as `grad` are nested. In a function that one of them differentiates, a
# node that requires a gradient is not turned into a plain number, not even under `no_grad()`.
tracing: ContextVar[int] = ContextVar("tracing", default=0)


class _Switch(contextlib.ContextDecorator):
    """A context manager, re-entrant and usable as a decorator, that sets `current`."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __enter__(self) -> None:
        previous = current.get()
        _outer.set((*_outer.get(), previous))
        if not self._enabled:
            current.set(OFF)
        elif previous is OFF:
            current.set(None)

    def __exit__(self, *_: object) -> None:
        *outer, previous = _outer.get()
        _outer.set(tuple(outer))
        current.set(previous)


def no_grad() -> _Switch:
    """Compute without recording: results are constants. A context manager and a decorator.

    Example:
        >>> import autograd as ag
        >>> x = ag.Value(3.0)
        >>> with ag.no_grad():
        ...     y = x * x
        >>> y.requires_grad, y.inputs
        (False, ())
    """
    return _Switch(False)


def enable_grad() -> _Switch:
    """Record again, inside `no_grad()`. A context manager and a decorator.

    Example:
        >>> import autograd as ag
        >>> x = ag.Value(3.0)
        >>> with ag.no_grad(), ag.enable_grad():
        ...     y = x * x
        >>> y.requires_grad
        True
    """
    return _Switch(True)


def is_recording() -> bool:
    """Whether new results remember where they came from.

    Example:
        >>> import autograd as ag
        >>> with ag.no_grad():
        ...     print(ag.is_recording())
        False
    """
    return current.get() is not OFF
