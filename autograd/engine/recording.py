"""Whether new nodes remember where they came from, and which note they get."""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import sys
from contextvars import ContextVar, Token
from types import FrameType
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


# --- Blocks ---------------------------------------------------------------------------------------
#
# `current` is OFF from the beginning of the outermost `no_grad` block to its end. Ctrl-C may come
# at the beginning or the end itself, another thread may close the generator that a block is in, and
# a generator may be suspended in its block. So OFF is believed only after a look at the blocks:
#
# - A block is open while its switch lists it. It begins with the last assignment of `__enter__`,
#   after which Python looks at no signal until the block has begun. It ends when the list is popped
#   by `__exit__`, which is written in C: before the first line of a function that is written in
#   Python, Python looks at signals, and would never run that line.
# - A block in a generator is in force while the generator runs: its frame has a caller then.
#
# What tidies up `current` at the end may be interrupted; then the next look does it.


class _Switch(io.IOBase):
    """A block that sets `current`: re-entrant, and a decorator.

    It is no file: of `io.IOBase` it needs the `__exit__`, which calls `self.close()`.
    """

    closed = True  # nothing to do when it is collected

    def __init__(self, name: str, enabled: bool) -> None:
        self._name, self._enabled = name, enabled
        self._open: list[_Block] = []
        # Pops a block and hands it to `_end`, all of it in C.
        ended = map(_end, iter(self._open.pop, None))
        self.close = functools.partial(next, ended)  # type: ignore[method-assign]

    def __enter__(self) -> None:  # type: ignore[override]
        note, found = note_of_new(), current.get()
        if not self._enabled:
            note = OFF
        elif note is OFF:
            note = None
        block = _Block(self, note, _generator(sys._getframe(1)))
        _blocks.set((*_blocks.get(), (block, found)))
        if note is OFF:  # where it is OFF already, the block is asked for its note
            current.set(OFF)
        block.token = _began.set(None)
        self._open += (block,)

    def __call__(self, function: F) -> F:
        return within(function, lambda: _Switch(self._name, self._enabled), self._name)


class _Block:
    """One `with` of a switch, from its beginning to its end."""

    __slots__ = ("copied", "frame", "listed", "note", "switch", "token")
    token: Token[None]

    def __init__(self, switch: _Switch, note: Any, frame: FrameType | None) -> None:
        self.switch, self.listed = switch, switch._open
        self.note = note  # of new nodes, in the block
        self.frame = frame  # of the generator that the block is in
        # Once it is over in the context that it began in: then only copies of that have it, such as
        # the context of a task that was created in the block, and there it goes on.
        self.copied = False

    def is_over(self) -> bool:
        return self not in self.listed and not self.copied

    def is_suspended(self) -> bool:
        return self.frame is not None and self.frame.f_back is None


# The blocks that were begun, from the outermost in, each with the note that it found.
_blocks: ContextVar[tuple[tuple[_Block, Any], ...]] = ContextVar("blocks", default=())

# Tells by its tokens in which context a block began.
_began: ContextVar[None] = ContextVar("began", default=None)

GENERATORS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def _generator(frame: FrameType | None) -> FrameType | None:
    """The frame of the generator that a block begins in; None for one that begins elsewhere.

    A generator that `contextlib.contextmanager` runs is suspended while the body of the `with` is
    running, which is where its block belongs: the question is where that `with` stands.
    """
    while frame is not None:
        around = frame.f_back
        by_contextlib = around is not None and around.f_globals.get("__name__") == "contextlib"
        if frame.f_globals.get("__name__") != "contextlib":
            if not frame.f_code.co_flags & GENERATORS:
                return None
            if not by_contextlib:
                return frame
        frame = around
    return None


def never_record() -> None:
    """Turn recording off in this context for good, whatever block surrounds it."""
    _blocks.set(())
    current.set(OFF)


def _end(block: _Block) -> None:
    """Tidy up after a block that its switch no longer lists."""
    blocks = [other for other, _ in _blocks.get()]
    if block not in blocks:  # one of another thread or task, which may share the switch
        shared = [other for other in blocks if other.switch is block.switch and not other.is_over()]
        if shared:
            block.switch._open.append(block)
            block.switch._open.remove(shared[-1])
    _tidy()
    with contextlib.suppress(ValueError):  # it began in another context
        _began.reset(block.token)
        block.copied = True


def _tidy() -> None:
    """Take the blocks that are over out of this context."""
    for block, _ in _blocks.get():
        if block.is_over():
            _leave(block)


def _leave(block: _Block) -> None:
    """Take a block out of this context, whether it is the innermost or not."""
    blocks = _blocks.get()
    at = [other for other, _ in blocks].index(block)
    found, outer, inner = blocks[at][1], blocks[:at], blocks[at + 1 :]
    if inner:  # what the next one found is what this one made
        _blocks.set((*outer, (inner[0][0], found), *inner[1:]))
        return
    # The call of a module that began before the block may be over; then its scope is too.
    if found is OFF or current.get() is OFF:
        current.set(found)
    _blocks.set(outer)


def note_of_new() -> Any:
    """The note that new nodes get, or OFF: `current`, if it is up to date."""
    note = current.get()
    return note if note is not OFF else note_if_off()


def note_if_off() -> Any:
    """The same, where `current` is OFF: by the innermost block that is in force."""
    blocks = _blocks.get()
    if blocks:
        block = blocks[-1][0]
        if block.frame is None and block in block.listed:
            return block.note  # as nearly always
    for block, _ in blocks:
        if block.is_over():
            _tidy()
            return note_of_new()
    for block, found in reversed(blocks):
        if not block.is_suspended():
            return block.note
        if found is not OFF:
            return found
    return OFF


@overload
def no_grad() -> _Switch: ...
@overload
def no_grad(function: F, /) -> F: ...
def no_grad(function: Any = None, /) -> Any:
    """Compute without recording: results are constants. A context manager and a decorator.

    As a decorator, with brackets or without, it takes functions, generators, coroutines and async
    generators. A generator records nothing while its body runs, and its consumer is not affected.
    The same holds for a `with ag.no_grad()` in the body of a generator, unless the generator is one
    that `contextlib.contextmanager` or `asynccontextmanager` runs: then it is in force in the block
    that these make, too.

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
    return note_of_new() is not OFF
