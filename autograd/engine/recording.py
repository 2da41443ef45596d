"""Whether new nodes remember where they came from, and which note they get."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, overload

from autograd.engine.contexts import F, is_decorated, within
from autograd.engine.note import Note
from autograd.errors import DTypeError, kind, message

# The note that new nodes get: the `Scope` of the module call that is running, None outside of one,
# or OFF while nothing is recorded. It is a context variable, so threads and coroutines do not
# disturb each other.

OFF: Any = Note(label="recording is off")
current: ContextVar[Any] = ContextVar("current", default=None)
_outer: ContextVar[tuple[Any, ...]] = ContextVar("outer", default=())  # what to return to


# How deeply transforms such as `grad` are nested. In a function that one of them differentiates, a
# node that requires a gradient is not turned into a plain number, not even under `no_grad()`.
tracing: ContextVar[int] = ContextVar("tracing", default=0)

# The functions that gave positions or counts of a node, in the function that a transform
# differentiates; None outside of one.
positions_of: ContextVar[list[str] | None] = ContextVar("positions_of", default=None)


def note_positions(name: str) -> None:
    """Remember that a function gave positions, in case a float made of them is a result."""
    names = positions_of.get()
    if names is not None:
        names.append(name)


class _Switch:
    """A block that sets `current`: re-entrant, and a decorator."""

    def __init__(self, name: str, enabled: bool) -> None:
        self._name, self._enabled = name, enabled

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

    def __call__(self, function: F) -> F:
        return within(function, lambda: self, self._name)


_no_grad, _enable_grad = _Switch("no_grad", False), _Switch("enable_grad", True)


@overload
def no_grad() -> _Switch: ...
@overload
def no_grad(function: F, /) -> F: ...
def no_grad(function: Any = None, /) -> Any:
    """Compute without recording: results are constants. A context manager and a decorator.

    As a decorator, with brackets or without, it takes functions, generators, coroutines and async
    generators. A generator records nothing while its body runs, and its consumer is not affected.

    Raises:
        DTypeError: it decorates a class.

    Example:
        >>> import autograd as ag
        >>> x = ag.Value(3.0)
        >>> with ag.no_grad():
        ...     y = x * x
        >>> y.requires_grad, y.inputs
        (False, ())
        >>> @ag.no_grad
        ... def squares(x):
        ...     yield x * x
        >>> [y.requires_grad for y in squares(x)]
        [False]
    """
    return _switch(_no_grad, function)


@overload
def enable_grad() -> _Switch: ...
@overload
def enable_grad(function: F, /) -> F: ...
def enable_grad(function: Any = None, /) -> Any:
    """Record again, inside `no_grad()`. A context manager and a decorator, as `no_grad`.

    Example:
        >>> import autograd as ag
        >>> x = ag.Value(3.0)
        >>> with ag.no_grad(), ag.enable_grad():
        ...     y = x * x
        >>> y.requires_grad
        True
    """
    return _switch(_enable_grad, function)


def _switch(switch: _Switch, function: Any) -> Any:
    if function is None:
        return switch
    if not is_decorated(function):
        hint = f"write `with ag.{switch._name}():`, or put `@ag.{switch._name}` above a function"
        raise DTypeError(message(switch._name, kind(function), "no argument or a function", hint))
    return switch(function)


def is_recording() -> bool:
    """Whether new results remember where they came from.

    Example:
        >>> import autograd as ag
        >>> with ag.no_grad():
        ...     print(ag.is_recording())
        False
    """
    return current.get() is not OFF
