"""Equal steps are drawn once: the steps of a recurrent network, layers of equal shapes in a row.

Steps are equal if they compute the same with arrays of the same shapes, if they are connected
alike, and if each uses what the one before it computed. The last of them is drawn and stands for
all. What only hands things to the steps or collects their results, one for each step, is also drawn
once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.visualize.clusters import Closed, inputs_of, is_parameter
from autograd.visualize.tree import Group, Thing, groups_of, nodes_of

LONGEST = 200  # things in one step
TRIES = 40  # rows of equal things that are looked at
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
        """The things with the longest rows of equal steps replaced by loops."""
        if len(things) < 2:
            return things
        numbers = np.array([self._number(thing) for thing in things])
        rows: list[tuple[int, int, int]] = []  # how much it saves, minus the period, the start
        limit = min(LONGEST, len(things) // 2) if len(things) <= LARGE else 8
        for period in range(1, limit + 1):
            equal = np.flatnonzero(numbers[:-period] != numbers[period:])
            borders = np.concatenate(([-1], equal, [len(things) - period]))
            lengths = np.diff(borders) - 1
            for at in np.flatnonzero(lengths >= period):
                steps = int(lengths[at]) // period + 1
                rows.append(((steps - 1) * period, -period, int(borders[at]) + 1))
        for _, minus, start in sorted(rows, reverse=True)[:TRIES]:
            for begin in (start, start - minus):  # the first step may be connected differently
                found = self._loop(things, begin, -minus)
                if found is not None:
                    loop, end = found
                    return [*self._roll(things[:begin]), loop, *self._roll(things[end:])]
        return things

    def _loop(self, things: list[Thing], start: int, period: int) -> tuple[Group, int] | None:
        """The loop of the steps from `start` on, and where they end; None if they are no loop."""
        numbers = [self._number(thing) for thing in things[start : start + period]]
        steps: list[list[Node]] = []
        at = start
        while at + period <= len(things):
            step = things[at : at + period]
            if [self._number(thing) for thing in step] != numbers:
                break
            steps.append([n for thing in step for n in nodes_of(thing)])
            at += period
        if len(steps) < 2:
            return None
        count = self._alike(steps)
        while count > 1 and not self._is_used_alike(steps[:count]):
            count -= 1
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

    def _alike(self, steps: list[list[Node]]) -> int:
        """How many of the steps, from the first, are connected alike, each to the one before."""
        place = {n: (k, i) for k, step in enumerate(steps) for i, n in enumerate(step)}

        def source(k: int, x: Node | None) -> tuple[Any, ...]:
            if x is None:
                return ("plain",)
            if x in place:
                other, i = place[x]
                return ("step", k - other, i)
            return ("leaf", is_parameter(x), np.shape(x._data)) if x.op is None else ("outside",)

        pattern = [[source(1, x) for x in node.inputs] for node in steps[1]]
        if not any(kind[0] == "step" and kind[1] > 0 for kinds in pattern for kind in kinds):
            return 1

        def fits(k: int, node: Node, kinds: list[tuple[Any, ...]]) -> bool:
            if len(node.inputs) != len(kinds):
                return False
            return all(
                # The first step starts from elsewhere.
                (kind[0] == "step" and kind[1] > k) or source(k, x) == kind
                for x, kind in zip(node.inputs, kinds, strict=True)
            )

        for k, step in enumerate(steps):
            if not all(fits(k, node, kinds) for node, kinds in zip(step, pattern, strict=True)):
                return 1 if k < 2 else k
        return len(steps)

    def _is_used_alike(self, steps: list[list[Node]]) -> bool:
        """Whether what uses the results outside leaves no step apart.

        They are used by nothing, at the last step alone, at all of three or more by one thing, such
        as what joins them, or at each by one of its own, all of which compute the same.
        """
        inside = {n for step in steps for n in step}
        for same in zip(*steps, strict=True):
            users = [frozenset(u for u in self._consumers[n] if u not in inside) for n in same]
            if any(n in self._roots for n in same[:-1]):
                return False
            if not any(users[:-1]):
                continue
            if len(set(users)) == 1:
                if len(users) < 3:
                    return False
            elif len(frozenset().union(*users)) < sum(map(len, users)) or not self._are_twins(
                users
            ):
                return False
        return True

    def _are_twins(self, users: Sequence[Collection[Node]]) -> bool:
        return len({tuple(sorted(map(self._number, some))) for some in users}) == 1

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
