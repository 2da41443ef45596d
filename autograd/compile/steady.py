"""Steady calls: where nothing that a program's guards read has changed since the last call, one
native call compares, computes and updates.

What still changes from call to call, such as arguments, is looked at as before. Whatever is not as
it was, a watched word or a check, makes the call an ordinary one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.compile.guards import memory
from autograd.compile.guards.learned import Guard
from autograd.compile.guards.memory import Unwatched, Word
from autograd.compile.guards.places import MISSING, Growth
from autograd.compile.guards.watching import Watching
from autograd.compile.native import frame
from autograd.compile.native.runner import Native
from autograd.compile.program import Program, Variable

if TYPE_CHECKING:
    from autograd.compile.compiled import Compiled

# Products and sums of a program for which no other thread should wait longer: about a millisecond.
LARGEST = 2**25
LONGEST = 2**12  # ordinary calls between two attempts
LASTING = 64  # steady calls that are worth an attempt


class Steady:
    """The steady calls of a program.

    Attributes:
        call: runs one; MISSING if the call must be an ordinary one, and nothing has changed then.
        moving: guards and inputs that changed, which Python looks at.
        wait: how many ordinary calls until there is a next attempt; inf if there cannot be one.
        words: how many are compared at a call.
    """

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.moving: set[Any] = set()
        self.wait, self.since = (1.0 if can_be(compiled) else math.inf), 0
        self.made_at = 0
        self.watched: list[tuple[Any, list[Word]]] = []
        self.kept: tuple[Any, ...] = ()
        self.call: Callable[[Any, Any], Any] = never

    @property
    def words(self) -> int:
        """How many are compared at a call."""
        return sum(len(words) for _, words in self.watched)

    def rest(self) -> None:
        """After an ordinary call that no longer holds what it computed with.

        What was watched is no longer what native code would read, even if it comes back.
        """
        self.since += 1
        if self.call is not never:
            self.call = never
            worthwhile = self.compiled.calls - self.made_at > LASTING
            if self._moved() or worthwhile:
                self.wait = 1.0
        if self.since < self.wait:
            return
        self.since, self.wait = 0, min(2 * self.wait, LONGEST)
        self.watched, self.kept = [], ()
        try:
            self.call = self._made()
        except Unwatched:
            return
        self.made_at = self.compiled.calls

    def _moved(self) -> bool:
        """Whether a guard or an input is found to change; from now on Python looks at it."""
        for owner, words in self.watched:
            # A word after one that changed may lie in memory that is gone.
            if any(memory.word(address) != value for address, value in words):
                known = owner is None or owner in self.moving
                self.moving.add(owner)
                return not known
        return False

    def _made(self) -> Callable[[Any, Any], Any]:
        """The function that runs a steady call.

        Raises:
            Unwatched: someone else holds an array that would be written, or memory is not as known.
        """
        compiled, native = self.compiled, self.compiled.native
        own = {"last": compiled.space["last"]}
        watching = Watching({**compiled.recording.names, **own}, tuple(own.values()))
        placed, put = set[int](), set[int]()
        lines = self._places(watching, placed, put)
        asked: list[Guard] = []
        for n, guard in enumerate(compiled.guards):
            words = None if n in self.moving else self._words(watching, guard.source)
            if words is None or any(address in put for address, _ in words):
                asked.append(guard)
            else:
                free = all(address not in placed for address, _ in words)
                self.watched.append((n if free else None, words))
        passed = [v for v in native.inputs if not self._is_fixed(watching, v)]
        if native.writes(passed):
            raise Unwatched
        # The program itself keeps what it writes, and would count as another holder.
        written = {id(native.written(n)) for n in range(len(native.plan.outputs))}
        self.kept = tuple([x for x in watching.values if id(x) not in written])
        del watching
        self.watched.append((None, native.held()))
        return self._defined(asked, passed, lines)

    def _words(self, watching: Watching, source: str) -> list[Word] | None:
        """The words of a guard; None if Python must ask."""
        try:
            return watching.words(source)
        except Unwatched:
            return None

    def _places(self, watching: Watching, placed: set[int], put: set[int]) -> list[str]:
        """The lines that put outputs in their places; those written where they are need none.

        Args:
            placed: becomes the addresses of places that stay as they are.
            put: becomes those of the others.
        """
        compiled, at = self.compiled, 0
        lines: list[str] = []
        for n, (place, template) in enumerate(compiled.changes):
            last = at + len(template.arrays)
            here = compiled.native.written(at)
            try:
                value, words = watching.read(place.expression)
            except Unwatched:
                if here is not None:
                    raise
                words = []
            if here is not None:
                if value is not here:
                    raise Unwatched
                placed |= {address for address, _ in words}
                self.watched.append((None, words))
            else:
                if words:
                    put.add(words[-1][0])
                lines = compiled.put(place, template, at, last, n) + lines
            at = last
        for place in compiled.recording.dropped:
            value, words = watching.read(place.expression)
            if value is not None:
                raise Unwatched
            self.watched.append((None, words))
        return lines

    def _is_fixed(self, watching: Watching, v: Variable) -> bool:
        """Whether an input is what it was as long as its words are."""
        if v in self.moving:
            return False
        try:
            value, words = watching.read(self.compiled.recording.expressions[v])
        except Unwatched:
            return False
        if not self.compiled.native.has(v, value):
            return False
        self.watched.append((v, words))
        return True

    def _defined(
        self, asked: list[Guard], passed: list[Variable], lines: list[str]
    ) -> Callable[[Any, Any], Any]:
        compiled, native = self.compiled, self.compiled.native
        space = compiled.space
        distinct = dict.fromkeys(word for _, words in self.watched for word in words)
        table = frame.frame([*distinct], native.table.ctypes.data, *native.addresses())
        space |= {"frame": table.ctypes.data, "framed": table, "run_frame": frame.run()}
        space["place"] = native.placing(passed)
        expressions = [compiled.recording.expressions[v] for v in passed]
        text = [
            *compiled.guarded("steady(args, kwargs)", asked, "return MISSING"),
            f"    r = place({', '.join(expressions)})",
            "    if run_frame(frame):",
            "        return MISSING",
            *lines,
            f"    return {compiled.returned()}",
        ]
        return compiled.define("steady", text)


def never(args: Any, kwargs: Any) -> Any:
    """No call is steady."""
    return MISSING


def can_be(compiled: Compiled) -> bool:
    """Whether the calls of a program can be steady at all: all of it is native code, which takes no
    longer than a millisecond or so, and it writes and reads only what can be watched."""
    native, recording = compiled.native, compiled.recording
    if not isinstance(native, Native) or not memory.readable() or native.checks or native.foreign():
        return False
    if recording.given or compiled.generators or work(compiled.program) > LARGEST:
        return False
    return not any(p.container is None or isinstance(p, Growth) for p, _ in compiled.changes)


def work(program: Program) -> int:
    """About how many products and sums a program computes."""
    total = 0
    for i in program.instructions:
        deep = i.operation.name == "matmul"  # each entry of a product is a sum of products
        depth = next(iter(i.inputs())).shape[-1] if deep else 1
        total += math.prod(i.result.shape) * depth
    return total
