"""A warning for results that a program keeps with their graphs, as `losses.append(loss)` does.

Every result remembers what it was computed from, so a list of losses holds the activations of all
steps. Looking costs next to nothing: only one pass of `EVERY` marks its root, and the mark is a
note that dies with the root.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from collections import deque

from autograd.engine.graph import Node, next_number
from autograd.engine.note import Note
from autograd.errors import message

EVERY = 16  # passes from one that marks its root to the next
LOOKED_AT = 16  # marks
MANY = 8  # of them are still alive: then at least this many times EVERY steps were kept


class _Mark(Note):
    """The note of one root, which lives as long as the root does."""

    __slots__ = ("__weakref__",)


# Each with the number that the next node had when its pass was over.
_marks: deque[tuple[weakref.ref[_Mark], int]] = deque(maxlen=LOOKED_AT)
_told = False


def look(root: Node) -> None:
    """Mark the root of a pass, and warn, once, if the roots of earlier ones are still there.

    Results that were all computed before the first was differentiated are no history that grows, so
    a root that is older than the pass before does not count.
    """
    global _told
    if _told or root.op is None:
        return
    if not _marks or root.number > _marks[-1][1]:
        note = root.note
        own = _Mark() if note is None else _Mark(note.label, note.hooks, note.retains, note.scope)
        root.note = own
        _marks.append((weakref.ref(own), next_number()))
    # A copy, made in one step of the interpreter, because other threads add marks meanwhile.
    if sum(mark() is not None for mark, _ in tuple(_marks)) >= MANY:
        _told = True
        got = f"results of some {MANY * EVERY} earlier passes that are kept with their graphs"
        hint = "keep loss.item(), or y.detach() for an array, or memory grows with every step"
        text = message("backward", got, "those of the last few", hint)
        warnings.warn(text, UserWarning, stacklevel=_callers())


def _callers() -> int:
    """How many frames above its caller is the first outside of these packages: the user's."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in ("autograd", "nn"):
            return level
        frame, level = frame.f_back, level + 1
    return level


def forget() -> None:
    """Begin again: no marks, and nobody was warned."""
    global _told
    _marks.clear()
    _told = False
