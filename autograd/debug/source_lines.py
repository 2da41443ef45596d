"""Which line of the user's program made a node.

Nodes are numbered, so it is enough to remember the number at which each line began. While lines are
recorded, Python reports every line that runs (`sys.settrace`); otherwise this costs nothing.
"""

from __future__ import annotations

import bisect
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import FrameType
from typing import Any, NamedTuple

from autograd.engine.contexts import context
from autograd.engine.graph import Node, next_number
from autograd.errors import DTypeError, kind, message

LIBRARY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CAPACITY = 1_000_000  # marks; beyond that the oldest are dropped


class SourceLine(NamedTuple):
    """A line of a program.

    Attributes:
        file: the path of the file.
        number: the number of the line, from 1.
        function: the function that contains it.
        text: the line itself, without indentation.
    """

    file: str
    number: int
    function: str
    text: str

    def __str__(self) -> str:
        where = f"{os.path.basename(self.file)}:{self.number}, in {self.function}"
        return f"{where}: {self.text}" if self.text else where


# Functions that see the frame of each call while lines are recorded. One that returns a function
# has it called for what happens in that frame, as `sys.settrace` does.
on_call: list[Callable[[FrameType], Any]] = []

_starts: list[int] = []  # nodes from this number on belong to the place of the same index
_places: list[tuple[str, int, str] | None] = []  # None while no lines are recorded


@context
def record_lines() -> Iterator[None]:
    """Record which lines of the program make nodes, for `line_of`. The program runs slower.

    A node made inside Glassgrad or Python's library belongs to the user's line that called it.

    Example:
        >>> x = ag.Value(3.0)
        >>> with ag.record_lines():
        ...     y = x * x
        >>> ag.line_of(y) is not None, ag.line_of(x)
        (True, None)
    """
    recorder = _Recorder()
    sys.settrace(recorder.follow)
    caller: FrameType | None = sys._getframe()
    while caller is not None and not is_users(caller):
        caller = caller.f_back
    if caller is not None:  # already running, so Python will not report a call to it
        caller.f_trace = recorder.line
        _mark(caller)
    try:
        yield
    finally:
        recorder.stop()
        if caller is not None:
            caller.f_trace = recorder.before
        _starts.append(next_number())
        _places.append(None)
        del _starts[:-CAPACITY], _places[:-CAPACITY]


def line_of(node: Node) -> SourceLine | None:
    """The line that made a node, if it was made under `record_lines()`; else None.

    Example:
        >>> ag.line_of(ag.Value(1.0)) is None
        True
    """
    if not isinstance(node, Node):
        raise DTypeError(message("line_of", kind(node), "a Value or a Tensor"))
    at = bisect.bisect_right(_starts, node.number) - 1
    place = _places[at] if at >= 0 else None
    if place is None:
        return None
    file, number, function = place
    return SourceLine(file, number, function, linecache.getline(file, number).strip())


@cache
def _foreign() -> tuple[str, ...]:
    """The prefixes of files that are not part of the user's program."""
    import sysconfig  # here, because it is slow to import and few programs record lines

    ours = (os.path.join(LIBRARY, package, "") for package in ("autograd", "nn"))
    installed = (sysconfig.get_paths()[kind] for kind in ("stdlib", "purelib", "platlib"))
    return (*ours, *installed, "<frozen")


def is_users(frame: FrameType | None) -> bool:
    """Whether a frame runs code of the user's program, not of Glassgrad or an installed library."""
    if frame is None:
        return False
    file = frame.f_code.co_filename
    return not file.startswith(_foreign())


def _mark(frame: FrameType) -> None:
    code = frame.f_code
    _starts.append(next_number())
    _places.append((code.co_filename, frame.f_lineno, code.co_name))


def place_of(frame: FrameType | None) -> SourceLine | None:
    """The user's line that runs, seen from a frame below it."""
    while frame is not None and not is_users(frame):
        frame = frame.f_back
    if frame is None:
        return None
    file, number = frame.f_code.co_filename, frame.f_lineno
    return SourceLine(file, number, frame.f_code.co_name, linecache.getline(file, number).strip())


class _Recorder:
    """What Python calls for each line of the user's functions; others run at full speed."""

    def __init__(self) -> None:
        self.before: Any = sys.gettrace()
        self.over = False

    def stop(self) -> None:
        """Trace no more, in whichever thread the block began."""
        self.over = True
        if sys.gettrace() == self.follow:  # else `follow` finds out, in its thread
            sys.settrace(self.before)

    def follow(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Python calls a function."""
        if self.over:
            sys.settrace(self.before)
            return None
        if event != "call":
            return None
        if is_users(frame):
            return self.line
        return next((found for look in on_call if (found := look(frame)) is not None), None)

    def line(self, frame: FrameType, event: str, argument: Any) -> Any:
        """A line of the user's begins, or a function returns."""
        if self.over:
            return None
        if event == "line":
            _mark(frame)
        elif event == "return":  # the rest of the caller's line runs now
            back = frame.f_back
            while back is not None and not is_users(back):
                back = back.f_back
            if back is not None:
                _mark(back)
        return self.line
