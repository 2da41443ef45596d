"""Equal steps are drawn once: the steps of a recurrent network, layers of equal shapes in a row.

Steps are equal if they compute the same with arrays of the same shapes, if they are connected
alike, and if each uses what the one before it computed. The last of them is drawn and stands for
all. What only hands things to the steps or collects their results, one for each step, is also drawn
once.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node
from autograd.visualize.clusters import Closed, inputs_of, is_parameter
from autograd.visualize.tree import Group, Thing, groups_of, nodes_of

LONGEST = 200  # things in one step
TRIES = 40  # rows of equal things that are looked at, if they are as long as all things
SHORTER = 8  # times that steps at the end of a row are left out
LARGE = 5000  # things in a frame; of more, only short steps are looked for
SMALL_STEP = 12  # nodes; two steps of more than these are drawn as one
WORTH = 8  # nodes that are left out, at least, where no module is among them


class Rolled:
    """Which node stands for which.

    Attributes:
        copies: what stands behind a leaf or a node that is drawn for several, the oldest first.
    """

    def __init__(
        self,
        root: Group,
        consumers: Mapping[Node, Sequence[Node]],
        roots: Collection[Node],
        enabled: bool = True,
    ) -> None:
        self.root, self._consumers, self._roots = root, consumers, set(roots)
        self._steps: dict[Node, list[tuple[Group, int, Node]]] = {}
        self._same: dict[Node, Node] = {}  # of leaves, and of what serves the steps
        self.copies: dict[Node, list[Node]] = {}
        self._effort = 0  # things that were looked at for a row
        self._numbers: dict[Any, int] = {}  # equal things have equal numbers
        self._number_of: dict[Any, int] = {}
        if enabled:
            stack = [root]
            while stack:
                group = stack.pop()
                group.children = self._roll(group.children)
                stack.extend(c for c in group.children if isinstance(c, Group))
            if self._steps:
                self._join_twins()

    def trail(self, node: Node) -> tuple[list[tuple[Group, int]], Node]:
        """The loops that a node is in, each with its step, from the outermost; and what is drawn
        for it."""
        trail: list[tuple[Group, int]] = []
        node = self._last(node)
        at = 0
        while node in self._steps and at < len(self._steps[node]):
            loop, step, drawn = self._steps[node][at]
            trail.append((loop, step))
            if drawn is not node:
                node = drawn
                at = next(i for i, e in enumerate(self._steps[node]) if e[0] is loop)
            at += 1
        return trail, node

    def drawn(self, node: Node) -> Node:
        """What is drawn for a node."""
        return self.trail(node)[1]

    def loop_of(self, source: Node, target: Node) -> Group | None:
        """The loop in which an arrow leads from a step to a later one; None for other arrows."""
        for (a, i), (b, j) in zip(self.trail(source)[0], self.trail(target)[0], strict=False):
            if a is not b:
                return None
            if i != j:
                return a
        return None

    # --- equal things ---

    def _number(self, thing: Thing) -> int:
        """A number that two things share if they compute the same, wherever their inputs are."""
        if thing in self._number_of:
            return self._number_of[thing]
        if isinstance(thing, Group):
            scope = thing.scope
            look: Any = (
                "group", scope and scope.kind, scope and scope.is_part and scope.name,
                tuple(map(self._number, thing.children)),
            )  # fmt: skip
        elif isinstance(thing, Closed):
            scope = thing.scope
            look = (
                "box", scope.kind, scope.is_part and scope.name,
                tuple(map(self._number, nodes_of(thing))),
                tuple(np.shape(p._data) for p in thing.parameters),
            )  # fmt: skip
        else:
            static = tuple((k, _loose(v)) for k, v in (thing.static or {}).items())
            given = tuple(x is None and np.ndim(d) == 0 for x, d in inputs_of(thing))
            look = ("node", thing.op.name, static, np.shape(thing._data), len(given))
        number = self._numbers.setdefault(look, len(self._numbers))
        self._number_of[thing] = number
        return number

    # --- steps in a row ---

    def _roll(self, things: list[Thing]) -> list[Thing]:
        """The things with the longest rows of equal steps replaced by loops.

        A row that overlaps a loop is looked at again as what is left of it. The effort is bounded:
        at most `TRIES` times as many things are looked at as there are here and in the loops that
        were found; after that nothing more is looked for.
        """
        if len(things) < 2:
            return things
        rows = _rows(np.array([self._number(thing) for thing in things]))
        heapq.heapify(rows)
        loops: dict[int, tuple[int, Group]] = {}  # where a loop ends, by where it starts
        starts: list[int] = []
        failed: list[_Row] = []
        left = TRIES * len(things)
        while rows and left > 0:
            row = heapq.heappop(rows)
            pieces = list(_gaps(row, starts, loops))
            if pieces != [row]:
                for piece in pieces:
                    heapq.heappush(rows, piece)
                continue
            self._effort = 0
            found = self._loop_in(things, row)
            left -= self._effort
            if found is None:
                failed.append(row)
                continue
            start, end, loop = found
            loops[start] = end, loop
            left += TRIES * (end - start)
            bisect.insort(starts, start)
            for piece in _gaps(row, starts, loops):
                heapq.heappush(rows, piece)
            # What is left of a row that was no loop may be one.
            again = [r for r in failed if r.start < end and r.stop > start]
            failed = [r for r in failed if not (r.start < end and r.stop > start)]
            for r in again:
                heapq.heappush(rows, r)
        rolled: list[Thing] = []
        at = 0
        for start in starts:
            end, loop = loops[start]
            rolled += [*things[at:start], loop]
            at = end
        return rolled + things[at:]

    def _loop_in(self, things: list[Thing], row: _Row) -> tuple[int, int, Group] | None:
        """A loop in a row, with its start and its end; the first step may be connected
        differently."""
        for start in (row.start, row.start + row.period):
            found = self._loop(things, start, row.period, row.stop)
            if found is not None:
                return start, found[1], found[0]
        return None

    def _loop(
        self, things: list[Thing], start: int, period: int, stop: int
    ) -> tuple[Group, int] | None:
        """The loop of the steps from `start` on, and where they end; None if they are no loop."""
        steps = list(self._alike(self._steps_from(things, start, period, stop)))
        self._effort += period * (len(steps) + 1)
        if len(steps) < 2:
            return None
        count = self._used_alike(steps)
        if not self._is_worth_it(things[start : start + period], count, len(steps[0])):
            return None
        end = start + period * count
        kept = things[end - period : end]
        loop = Group(children=list(kept), count=count)
        loop.ends = (_first_scope(things[start]), _first_scope(kept[0]))
        self._remember(loop, steps[:count])
        return loop, end

    def _is_worth_it(self, step: list[Thing], count: int, size: int) -> bool:
        if count < 2:
            return False
        if len(step) == 1 and isinstance(step[0], Closed) and not step[0].scope.is_part:
            return True
        if any(not isinstance(thing, Node) for thing in step):
            return count > 2 or size >= SMALL_STEP
        return count > 2 and (count - 1) * size >= WORTH

    def _steps_from(
        self, things: list[Thing], start: int, period: int, stop: int
    ) -> Iterator[list[Node]]:
        """The nodes of each step from `start` on that computes the same as the first."""
        numbers = [self._number(thing) for thing in things[start : start + period]]
        for at in range(start, stop - period + 1, period):
            step = things[at : at + period]
            if [self._number(thing) for thing in step] != numbers:
                return
            yield [n for thing in step for n in nodes_of(thing)]

    def _alike(self, steps: Iterator[list[Node]]) -> Iterator[list[Node]]:
        """The first of the steps, as far as they are connected alike, each to the one before.

        No more are asked for than one after those, so that a short loop in a long row is cheap.
        """
        first, second = next(steps, None), next(steps, None)
        if first is None or second is None:
            return
        places = _Places()
        places.enter(first)
        places.enter(second)
        pattern = [[places.source(1, x) for x in node.inputs] for node in second]
        if not any(kind[0] == "step" and kind[1] > 0 for kinds in pattern for kind in kinds):
            return
        for k, step in enumerate(itertools.chain((first, second), steps)):
            if k > 1:
                places.enter(step)
            if not places.fit(k, step, pattern):
                return
            yield step

    def _used_alike(self, steps: list[list[Node]]) -> int:
        """How many of the steps, from the first, are used alike by what is outside of them.

        Results of a step are used by nothing, at the last step alone, at all of three or more by
        one thing, such as what joins them, or at each by one of its own, all of which compute the
        same. If too many steps would have to be left out one after another, the answer is 1.
        """
        count = len(steps)
        for _ in range(SHORTER):
            inside = {n for step in steps[:count] for n in step}
            fits = count
            for same in zip(*steps[:count], strict=True):
                fits = min(fits, self._same_users(same, inside))
                if fits < 2:
                    return 1
            if fits == count:
                return count
            count = fits  # and look again, because what is left out is outside now
        return 1

    def _same_users(self, same: Sequence[Node], inside: Collection[Node]) -> int:
        """For how many steps, from the first, one of their results is used alike outside."""
        users = [frozenset(u for u in self._consumers[n] if u not in inside) for n in same]
        count = next((i + 1 for i, n in enumerate(same) if n in self._roots), len(same))
        # The last of the steps may be used by anything, if the others are not used.
        unused = next((i + 1 for i, some in enumerate(users) if some), count)
        by_one = next((i for i, some in enumerate(users) if some != users[0]), count)
        seen: set[Node] = set()
        twins = 0
        kinds = self._kinds(users[0])
        for some in users:
            if not seen.isdisjoint(some) or self._kinds(some) != kinds:
                break
            seen |= some
            twins += 1
        return min(count, max(unused, by_one if by_one > 2 else 1, twins))

    def _kinds(self, users: Collection[Node]) -> tuple[int, ...]:
        return tuple(sorted(map(self._number, users)))

    def _remember(self, loop: Group, steps: list[list[Node]]) -> None:
        last = steps[-1]
        inside = {n for step in steps for n in step}
        for k, step in enumerate(steps):
            for node, drawn in zip(step, last, strict=True):
                self._steps.setdefault(node, []).append((loop, k, drawn))
                for x, other in zip(node.inputs, drawn.inputs, strict=True):
                    if x is None or other is None or x is other or x in self._same:
                        continue
                    if x.op is None and other.op is None:
                        self._join_leaves(x, other, inside)
        for node, *others in zip(last, *steps[:-1], strict=True):
            self.copies[node] = [*others, node]

    def _join_leaves(self, x: Node, other: Node, inside: set[Node]) -> None:
        """Draw `other`, which the last step uses, for the `x` of another step."""
        own = inside.issuperset(self._consumers[x]) and inside.issuperset(self._consumers[other])
        if own and self._last(other) is not x:
            self._same[x] = other
            self.copies.setdefault(other, [other]).insert(-1, x)

    def _last(self, node: Node) -> Node:
        while node in self._same:
            node = self._same[node]
        return node

    # --- what serves the steps ---

    def _join_twins(self) -> None:
        """Draw once what is the same for each step: slices of an input, results that are joined."""
        for _ in range(4):
            twins: dict[Any, list[Node]] = {}
            for group in groups_of(self.root):
                for thing in group.children:
                    if isinstance(thing, Node) and thing not in self._steps:
                        key = self._surroundings(group, thing)
                        if key is not None:
                            twins.setdefault(key, []).append(thing)
            joined = {}
            for same in twins.values():
                if len(same) > 1 and not self._roots.intersection(same):
                    self.copies[same[-1]] = same
                    joined.update(dict.fromkeys(same[:-1], same[-1]))
            if not joined:
                return
            self._same.update(joined)
            for group in groups_of(self.root):
                group.children = [c for c in group.children if c not in joined]

    def _surroundings(self, group: Group, node: Node) -> Any:
        """What equal servants of the steps have in common; None for what serves none."""
        around = [x for x in node.inputs if x is not None] + list(self._consumers[node])
        if not any(x in self._steps or x in self._same for x in around):
            return None
        inputs = tuple(None if x is None else self.drawn(x) for x in node.inputs)
        users = frozenset(self.drawn(u) for u in self._consumers[node])
        return group, self._number(node), inputs, users


class _Places:
    """Where nodes stand in the steps of a row: the step, and the place in it."""

    def __init__(self) -> None:
        self._of: dict[Node, tuple[int, int]] = {}
        self._count = 0

    def enter(self, step: Sequence[Node]) -> None:
        """Add the next step."""
        self._of.update({n: (self._count, i) for i, n in enumerate(step)})
        self._count += 1

    def source(self, k: int, x: Node | None) -> tuple[Any, ...]:
        """Where an input of step `k` comes from, told alike in each step."""
        if x is None:
            return ("plain",)
        if x in self._of:
            other, i = self._of[x]
            return ("step", k - other, i)
        return ("leaf", is_parameter(x), np.shape(x._data)) if x.op is None else ("outside",)

    def fit(self, k: int, step: Sequence[Node], pattern: Sequence[Sequence[Any]]) -> bool:
        """Whether the inputs of step `k` come from where the pattern says. What it has from the
        steps before, the first of them have from elsewhere."""
        return all(
            len(node.inputs) == len(kinds)
            and all(
                (kind[0] == "step" and kind[1] > k) or self.source(k, x) == kind
                for x, kind in zip(node.inputs, kinds, strict=True)
            )
            for node, kinds in zip(step, pattern, strict=True)
        )


class _Row(NamedTuple):
    """Equal steps side by side; the one that saves most comes first, of equal ones the last."""

    cost: int
    period: int
    minus_start: int
    stop: int

    @property
    def start(self) -> int:
        return -self.minus_start

    @classmethod
    def of(cls, period: int, start: int, stop: int) -> _Row:
        """The row of the steps that lie between two places."""
        return cls(-((stop - start) // period - 1) * period, period, -start, stop)


def _rows(numbers: Any) -> list[_Row]:
    """All rows of at least two steps, for each length of a step."""
    count = len(numbers)
    limit = min(LONGEST, count // 2) if count <= LARGE else 8
    rows = []
    for period in range(1, limit + 1):
        other = np.flatnonzero(numbers[:-period] != numbers[period:])
        borders = np.concatenate(([-1], other, [count - period]))
        lengths = np.diff(borders) - 1
        for at in np.flatnonzero(lengths >= period):
            start = int(borders[at]) + 1
            rows.append(_Row.of(period, start, start + int(lengths[at]) + period))
    return rows


def _gaps(
    row: _Row, starts: Sequence[int], loops: Mapping[int, tuple[int, Group]]
) -> Iterator[_Row]:
    """What loops leave of a row, where two steps remain."""
    at = row.start
    first = max(0, bisect.bisect_right(starts, row.start) - 1)
    for start in (*starts[first : bisect.bisect_left(starts, row.stop)], row.stop):
        if start - at >= 2 * row.period:
            yield _Row.of(row.period, at, start)
        if start != row.stop:
            at = max(at, loops[start][0])


def _loose(value: Any) -> Any:
    """A static argument, where the number of a step does not matter."""
    if isinstance(value, tuple):
        return tuple(map(_loose, value))
    if isinstance(value, slice):
        return ("slice", value.start, value.stop, value.step)
    if isinstance(value, np.ndarray):
        return ("array", value.shape, str(value.dtype))
    return "int" if type(value) is int else repr(value)


def _first_scope(thing: Thing) -> Any:
    while isinstance(thing, Group) and thing.scope is None:
        thing = thing.children[0]
    return None if isinstance(thing, Node) else thing.scope
