"""Whether new nodes remember where they came from, and what they are noted with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ClassVar

# --- Notes ----------------------------------------------------------------------------------------


class Note:
    """What most nodes do without: a label, hooks, the wish to keep a gradient, a module.

    Shared by nodes and never changed; `noted` makes another one. Only one that `acts` concerns the
    backward pass.
    """

    __slots__ = ("acts", "hooks", "label", "retains", "scope")

    def __init__(
        self,
        label: str | None = None,
        hooks: tuple[Callable[[Any], Any], ...] = (),
        retains: bool = False,
        scope: Scope | None = None,
    ) -> None:
        self.label, self.hooks, self.retains, self.scope = label, hooks, retains, scope
        self.acts = bool(hooks) or retains


class Scope:
    """One call of a module: what it is called in the module around it, its class, and that call.

    It is the note of the nodes that are made meanwhile. It holds words, so that a graph does not
    keep a module alive; only while the call is `running` does it know the module's attributes, by
    which the modules that it calls learn their names. `given` are shape and dtype of the arrays
    that an outermost call got.
    """

    __slots__ = ("given", "kind", "name", "parent", "running")

    acts: ClassVar[bool] = False
    label: ClassVar[None] = None
    hooks: ClassVar[tuple[Any, ...]] = ()
    retains: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        kind: str,
        parent: Scope | None,
        given: tuple[Any, ...] = (),
        running: Any = None,
    ) -> None:
        self.name, self.kind, self.parent = name, kind, parent
        self.given, self.running = given, running

    @property
    def scope(self) -> Scope:
        """The call itself."""
        return self

    @property
    def chain(self) -> tuple[Scope, ...]:
        """The calls from the outermost to this one."""
        return (self,) if self.parent is None else (*self.parent.chain, self)

    @property
    def path(self) -> str:
        """The names from the outermost call to this one, joined by dots."""
        return ".".join(scope.name for scope in self.chain if scope.name)


def noted(note: Note | Scope | None, **changes: Any) -> Note:
    """A note that differs."""
    names = ("label", "hooks", "retains", "scope")
    kept = {} if note is None else {name: getattr(note, name) for name in names}
    return Note(**(kept | changes))


# --- The recording switch -------------------------------------------------------------------------
#
# What a new node is noted with, or OFF while nothing is recorded. A context variable, so that
# threads and coroutines do not disturb each other.

OFF: Any = Note(label="recording is off")
recording: ContextVar[Any] = ContextVar("recording", default=None)
_outer: ContextVar[tuple[Any, ...]] = ContextVar("outer", default=())  # what to return to


# Inside a function that a transform such as `grad` is differentiating, turning a node into a bare
# number is an error; here is how deeply such transforms are nested.
tracing: ContextVar[int] = ContextVar("tracing", default=0)


class _Switch(contextlib.ContextDecorator):
    """A context manager, re-entrant and usable as a decorator, that sets `recording`."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __enter__(self) -> None:
        previous = recording.get()
        _outer.set((*_outer.get(), previous))
        if not self._enabled:
            recording.set(OFF)
        elif previous is OFF:
            recording.set(None)

    def __exit__(self, *_: object) -> None:
        *outer, previous = _outer.get()
        _outer.set(tuple(outer))
        recording.set(previous)


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
    return recording.get() is not OFF
