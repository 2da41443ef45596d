"""Whether new nodes remember where they came from, and which note they get."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, overload

from autograd.engine.contexts import F, is_decorated, within
from autograd.engine.note import Note
from autograd.errors import DTypeError, kind, message

# The note that new nodes get: the `Scope` of the module call that is running, None outside of one,
# or OFF while nothing is recorded. It is a context variable, so threads and coroutines do not
# disturb each other.

OFF: Any = Note(label="recording is off")
current: ContextVar[Any] = ContextVar("current", default=None)

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
        self._open: list[_Block] = []

    def __enter__(self) -> None:
        previous = _settled()
        block = _Block(self)
        self._open.append(block)
        block.token = _blocks.set((*_blocks.get(), (block, previous)))
        if not self._enabled:
            current.set(OFF)
        elif previous is OFF:
            current.set(None)

    def __exit__(self, *_: object) -> None:
        here = [block for block, _ in _blocks.get() if block.switch is self]
        block = (here or self._open)[-1]
        self._open.remove(block)
        blocks = _blocks.get()
        try:
            _blocks.reset(block.token)
        except ValueError:  # the context that it was entered in is another
            block.over = True
            strays.append(block)
            del strays[:-1]
        _blocks.set(blocks)
        _leave(block)

    def __call__(self, function: F) -> F:
        return within(function, lambda: _Switch(self._name, self._enabled), self._name)


class _Block:
    """One `with` of a switch, from its beginning to its end."""

    __slots__ = ("over", "switch", "token")
    token: Token[tuple[tuple[_Block, Any], ...]]

    def __init__(self, switch: _Switch) -> None:
        self.switch, self.over = switch, False


# The blocks that are open, from the outermost in, each with the note that it found.
_blocks: ContextVar[tuple[tuple[_Block, Any], ...]] = ContextVar("blocks", default=())

# Not empty once a block has ended in another thread or task than it began in, as the one in a
# suspended generator does if another thread closes it. Nothing can set the variable of the first
# thread, so that has to notice itself: before it makes a constant where a node was due.
strays: list[_Block] = []


def never_record() -> None:
    """Turn recording off in this context for good, whatever block surrounds it."""
    _blocks.set(())
    current.set(OFF)


def _leave(block: _Block) -> None:
    """Take a block out of this context, whether it is the innermost or not."""
    blocks = _blocks.get()
    at = next((i for i, (other, _) in enumerate(blocks) if other is block), None)
    if at is None:
        return
    found, outer, inner = blocks[at][1], blocks[:at], blocks[at + 1 :]
    if inner:  # what the next one found is what this one made
        _blocks.set((*outer, (inner[0][0], found), *inner[1:]))
        return
    _blocks.set(outer)
    # The call of a module that began before the block may be over; then its scope is too.
    if found is OFF or current.get() is OFF:
        current.set(found)


def _settled() -> Any:
    """The note of new nodes, once blocks that ended elsewhere are out of the way."""
    if strays and current.get() is OFF:
        for block, _ in _blocks.get():
            if block.over:
                _leave(block)
    return current.get()


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
    return _switch(_Switch("no_grad", False), function)


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
    return _switch(_Switch("enable_grad", True), function)


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
    return _settled() is not OFF
