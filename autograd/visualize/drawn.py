"""What a picture of a graph shows: which nodes, in which boxes, and which arrows between them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node, ancestors
from autograd.visualize.clusters import Closed, Clusters, consumers_of
from autograd.visualize.parts import find_parts
from autograd.visualize.rolled import Rolled
from autograd.visualize.tree import Group, tree

LARGE = 20_000  # nodes; in a larger graph, nothing is looked for
SHOWN_TERMS = 12  # of a long sum

Thing = Node | Closed  # what a box is drawn for


class Options(NamedTuple):
    """How to draw: the arguments of `draw`."""

    values: bool = True
    grads: bool = True
    direction: str = "LR"
    max_nodes: int = 500
    depth: int | None = None
    fold: bool = True
    parts: bool = True


class Arrow(NamedTuple):
    """An arrow between things; `loop` is given for one from a step to the next."""

    source: Thing
    target: Thing
    label: str
    loop: Group | None


class Beginning(NamedTuple):
    """What the first of several steps uses where later ones use results: a thing, or plain data."""

    thing: Thing | None
    data: Any


class Drawn:
    """What is drawn of a graph.

    Args:
        roots: the results.
        options: how to draw.

    Attributes:
        root: the tree of all groups.
        arrows: all arrows.
        numbers: the things that are drawn, with their numbers in the order of computation.
        total: how many things there are, with those that are too many.
        hidden_terms: how many terms of a long sum are left out.
    """

    def __init__(self, roots: Sequence[Node], options: Options) -> None:
        self.roots, self.options = roots, options
        self.everything = everything = ancestors(roots)
        if len(everything) > LARGE:
            self.options = options = options._replace(fold=False, parts=False)
        consumers = consumers_of(everything)
        found = find_parts(everything, consumers, roots) if len(everything) <= LARGE else {}
        self.clusters = Clusters(everything, roots, options.depth, options.parts, found, consumers)
        self.root = tree(everything, self.clusters)
        self.rolled = Rolled(self.root, self.clusters.consumers, roots, options.fold)
        # The nodes and arguments that each arrow of a loop leads to, and what steps begin with.
        self.returns: dict[tuple[Thing, Thing, Group], list[tuple[Node, int]]] = {}
        self.beginnings: dict[tuple[Node, int], tuple[Group, Beginning]] = {}
        self.arrows = self._find_arrows()
        self._things = self._find_things()
        self.hidden_terms = self._shorten_sums() if options.fold else {}
        self.total = len(self._things)
        numbers = {thing: i for i, thing in enumerate(self._things, 1)}
        self.numbers = {thing: numbers[thing] for thing in self._nearest(options.max_nodes)}

    @property
    def ids(self) -> dict[Node, str]:
        """The name of each node's box; nodes left out have none."""
        names = {}
        for node in self.everything:
            thing = self.thing(node)
            if thing in self.numbers:
                names[node] = f"n{self.numbers[thing]}"
        return names

    @property
    def shows(self) -> dict[str, Node]:
        """The node whose value each box shows: of a closed box, its last result."""
        found = {}
        for thing, number in self.numbers.items():
            if isinstance(thing, Closed):
                found[f"n{number}"] = thing.outputs[-1] if thing.outputs else thing.nodes[-1]
            else:
                found[f"n{number}"] = thing
        return found

    # --- what is drawn ---

    def thing(self, node: Node) -> Thing:
        """What is drawn for a node: a node, or a closed box."""
        drawn = self.rolled.drawn(node)
        return self.clusters.box_of.get(drawn, drawn)

    def _find_arrows(self) -> dict[tuple[Any, ...], Arrow]:
        arrows: dict[tuple[Any, ...], Arrow] = {}
        origins: dict[tuple[Any, ...], Node] = {}
        for node in self.everything:
            if node.op is None:
                continue
            target = self.thing(node)
            inside = isinstance(target, Closed)
            self._find_beginnings(node)
            for argument, x in enumerate(node.inputs):
                if x is None or self._is_hidden(x):
                    continue
                source = self.thing(x)
                loop = self.rolled.loop_of(x, node)
                if source is target and loop is None:
                    continue
                ends = source, target, loop
                if loop is not None:
                    place = self.rolled.drawn(node), argument
                    self.returns.setdefault((source, target, loop), []).append(place)
                # x * x has two arrows, but what joins the results of equal steps has one for all.
                if origins.setdefault(ends, x) is x:
                    label = self.label(source, node, argument)
                    key = (*ends, None if inside else argument)
                    arrows.setdefault(key, Arrow(source, target, label, loop))
        return arrows

    def _find_beginnings(self, node: Node) -> None:
        """Remember what a step uses where the step that is drawn for it uses a former result."""
        drawn = self.rolled.drawn(node)
        if drawn is node:
            return
        pairs = zip(node.inputs, node.saved, drawn.inputs, strict=True)
        for argument, (x, datum, y) in enumerate(pairs):
            loop = None if y is None else self.rolled.loop_of(y, drawn)
            if loop is None or (x is not None and self.rolled.loop_of(x, node) is loop):
                continue
            begin = Beginning(None if x is None else self.thing(x), datum)
            self.beginnings.setdefault((drawn, argument), (loop, begin))

    def label(self, source: Thing, node: Node, argument: int) -> str:
        """What stands beside an arrow: the name of an argument, or the shape that flows."""
        target = self.thing(node)
        names = node.op.labels if len(node.saved) > 1 and isinstance(target, Node) else ()
        if argument < len(names):
            return names[argument]  # type: ignore[no-any-return]
        shape = np.shape(node.saved[argument])
        module = any(isinstance(t, Closed) and not t.scope.is_part for t in (source, target))
        return str(shape) if shape and module and self.options.values else ""

    def _is_hidden(self, x: Node) -> bool:
        """Whether a leaf is inside a closed box, so that no arrow shows it."""
        return x.op is None and self.rolled.drawn(x) in self.clusters.box_of

    def _find_things(self) -> list[Thing]:
        """All that is drawn, in an order of computation: of a box, that of its last node."""
        order: dict[Thing, int] = {}
        for i, node in enumerate(self.everything):
            thing = self.thing(node)
            if isinstance(thing, Closed) and node.op is None:
                continue
            if isinstance(thing, Closed) or thing is node or thing not in order:
                order[thing] = i
        return sorted(order, key=order.__getitem__)

    def _shorten_sums(self) -> dict[Thing, int]:
        """Leave out most terms of very long sums; returns how many of each."""
        sums: dict[Thing, list[tuple[Any, ...]]] = {}
        for key, arrow in self.arrows.items():
            target = arrow.target
            if isinstance(target, Closed) and target.scope.name.startswith("Σ "):
                sums.setdefault(target, []).append(key)
        hidden: dict[Thing, int] = {}
        for target, keys in sums.items():
            if target.scope.is_part and len(keys) > SHOWN_TERMS:  # type: ignore[union-attr]
                hidden[target] = len(keys) - SHOWN_TERMS // 2
                for key in keys[SHOWN_TERMS // 2 - 1 : -1]:
                    del self.arrows[key]
        if hidden:
            sources: dict[Thing, list[Thing]] = {}
            for arrow in self.arrows.values():
                sources.setdefault(arrow.target, []).append(arrow.source)
            stack = [self.thing(root) for root in self.roots]
            seen = set(stack)
            while stack:
                for x in sources.get(stack.pop(), ()):
                    if x not in seen:
                        seen.add(x)
                        stack.append(x)
            self._things = [thing for thing in self._things if thing in seen]
        return hidden

    def _nearest(self, count: int) -> list[Thing]:
        """The youngest things that can be reached through younger ones, oldest first."""
        if len(self._things) <= count:
            return self._things
        place = {thing: i for i, thing in enumerate(self._things)}
        sources: dict[Thing, list[Thing]] = {}
        for arrow in self.arrows.values():
            sources.setdefault(arrow.target, []).append(arrow.source)
        heap = [-place[thing] for thing in {self.thing(root): None for root in self.roots}]
        heapq.heapify(heap)
        seen = {-i for i in heap}
        chosen: list[int] = []
        while heap and len(chosen) < count:
            at = -heapq.heappop(heap)
            chosen.append(at)
            for x in sources.get(self._things[at], ()):
                if place[x] not in seen:
                    seen.add(place[x])
                    heapq.heappush(heap, -place[x])
        return [self._things[i] for i in sorted(chosen)]
