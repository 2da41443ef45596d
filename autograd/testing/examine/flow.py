"""The engine's own backward pass, kept in a form that can be run again with changes.

A backward pass is linear in what is handed on. So the effect of a change at one place is what the
difference there, handed on by the right rules, adds to the gradients of the leaves.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node, ancestors

Array = Any
Edge = tuple[int, int]  # a node by its number, and the position of an input


class Spot(NamedTuple):
    """One rule at work, as a change sees it.

    Attributes:
        flow: the pass that it belongs to.
        node: the node whose turn it is.
        argument: the position of the input.
        g: the cotangent of the node.
        right: what the rule hands to the input.
    """

    flow: Flow
    node: Node
    argument: int
    g: Array
    right: Array

    @property
    def to(self) -> Node:
        """The input."""
        found: Node | None = self.node.inputs[self.argument]
        assert found is not None
        return found


Modify = Callable[[Spot], Array]  # what is handed to the input instead
Local = Callable[["Flow"], tuple[int, Array]]  # what is added to the gradient of which node


class Flow:
    """A backward pass over a graph, with everything that was handed on.

    Args:
        outputs: the results.
        seeds: their cotangents.
        leaves: the variables by name.

    Attributes:
        nodes: those that gradients flow through, oldest first.
        cotangents: the gradient of each, in the same order.
        handed: what node `i` handed to its input `a`, by (i, a).
        gradients: those of the variables, 0 where a result does not depend on one.
        notes: what was computed of this pass, to be computed once.
        facts: what was computed of the values alone, which a changed pass shares.
        words: what a reader would call nodes.
        silent: nodes whose gradient is 0 because what they receive cancels, as the largest entry
            that a softmax subtracts. Nobody writes these paths down, so no difference is handed
            on there either.
    """

    def __init__(
        self, outputs: Sequence[Node], seeds: Sequence[Array], leaves: Mapping[str, Node]
    ) -> None:
        self.outputs, self.seeds, self.leaves = list(outputs), list(seeds), dict(leaves)
        self.nodes = [node for node in ancestors(outputs) if node.requires_grad]
        self.number = {node: i for i, node in enumerate(self.nodes)}
        self._inputs = [self._inputs_of(node) for node in self.nodes]
        self.handed: dict[Edge, Array] = {}
        self.givers: dict[int, list[Edge]] = {}
        self.silent: set[int] = set()
        self.called = {}
        self.cotangents: list[Array] = []
        self._run({})
        self.silent = set(self._silent())
        self.gradients = self._of_leaves(self.cotangents)
        self.notes: dict[Any, Any] = {}
        self.facts: dict[Any, Any] = {}

    @property
    def called(self) -> dict[int, str]:
        """The variables of the program that hold nodes, by number."""
        return self._called

    @called.setter
    def called(self, names: dict[int, str]) -> None:
        self._called = names
        self.words: dict[Node, str] = {}

    @property
    def operations(self) -> list[str]:
        """The names of the operations, for comparison with another pass."""
        return [node.op.name if node.op is not None else "" for node in self.nodes]

    def edges(self) -> list[Edge]:
        """All places where something is handed on."""
        return list(self.handed)

    def spot(self, edge: Edge) -> Spot:
        """The rule at work at an edge."""
        i, argument = edge
        return Spot(self, self.nodes[i], argument, self.cotangents[i], self.handed[edge])

    def _run(self, changes: Mapping[int, Sequence[Local]]) -> None:
        totals = self.cotangents = _seeded(self)
        with np.errstate(all="ignore"):
            for i in range(len(self.nodes) - 1, -1, -1):
                for change in changes.get(i, ()):
                    totals[i] = totals[i] + change(self)[1]
                for argument, j in self.inputs(i):
                    c = hand_on(self.nodes[i], argument, totals[i])
                    self.handed[i, argument] = c
                    self.givers.setdefault(j, []).append((i, argument))
                    _add(totals, j, c)

    def _silent(self) -> Iterator[int]:
        for i, givers in self.givers.items():
            size = max(float(np.abs(self.raw(edge)).max(initial=0.0)) for edge in givers)
            total = float(np.abs(self.cotangents[i]).max(initial=0.0))
            if self.nodes[i].op is not None and size and total <= 1e-12 * size:
                yield i

    def raw(self, edge: Edge) -> Array:
        """What a rule returned, before it was summed down to the shape of its argument."""
        i, argument = edge
        node, g = self.nodes[i], self.cotangents[i]
        with np.errstate(all="ignore"):
            return np.asarray(
                node.op.rules[argument](g, node._data, *node.saved, **(node.static or {}))
            )

    def inputs(self, i: int) -> list[Edge]:
        """(position, number) of each input of a node that gradients flow to."""
        return self._inputs[i]

    def _inputs_of(self, node: Node) -> list[Edge]:
        if node.op is None:
            return []
        inputs = enumerate(node.inputs)
        return [(a, self.number[x]) for a, x in inputs if x is not None and x.requires_grad]

    def _of_leaves(self, totals: Sequence[Array]) -> dict[str, Array]:
        found = {}
        for name, leaf in self.leaves.items():
            at = self.number.get(leaf)
            total = None if at is None else totals[at]
            found[name] = np.zeros(np.shape(leaf._data)) if total is None else total
        return found

    def handed_down(self, differences: Mapping[int, Array]) -> dict[str, Array]:
        """What differences in the gradients of some nodes add to those of the variables.

        Only variables that they reach are among the keys.
        """
        totals: list[Array] = [None] * len(self.nodes)
        for i, difference in differences.items():
            totals[i] = difference
        with np.errstate(all="ignore"):
            for i in range(max(differences), -1, -1):
                if totals[i] is None or i in self.silent:
                    continue
                for argument, j in self.inputs(i):
                    _add(totals, j, hand_on(self.nodes[i], argument, totals[i]))
        reached = {name: self.number.get(leaf, -1) for name, leaf in self.leaves.items()}
        return {name: totals[i] for name, i in reached.items() if i >= 0 and totals[i] is not None}

    def changed(self, edge: Edge, value: Array) -> dict[str, Array] | None:
        """The gradients if something else is handed on at one edge; None if it does not fit."""
        spot = self.spot(edge)
        at = self.number[spot.to]
        if np.shape(value) != np.shape(spot.right):
            return self._misshapen(at, value)
        with np.errstate(all="ignore"):
            difference = value - spot.right
            added = self.handed_down({at: difference})
            return {name: self.gradients[name] + part for name, part in added.items()}

    def _misshapen(self, at: int, value: Array) -> dict[str, Array] | None:
        """A value of another shape can only be the whole gradient of a variable."""
        leaf = self.nodes[at]
        if leaf.op is None and len(self.givers[at]) == 1:
            return {name: value for name, x in self.leaves.items() if x is leaf}
        return None

    def rerun_at(
        self, steps: Mapping[int, Any], through: Callable[[Array], Array] = np.asarray
    ) -> dict[str, Array]:
        """The gradients at another point, given the step of every node there.

        Args:
            steps: by the number of the node.
            through: a change of all that is handed on.
        """
        totals = _seeded(self)
        for i in range(len(self.nodes) - 1, -1, -1):
            for argument, j in self.inputs(i):
                _add(totals, j, through(hand_on(steps[i], argument, totals[i])))
        return self._of_leaves(totals)

    def altered(self, changes: Mapping[int, Sequence[Local]]) -> Flow:
        """The pass with changes in the gradients of some nodes, and in all that follows.

        Args:
            changes: by node, functions of the pass so far that return (node, difference).
        """
        other = copy.copy(self)
        other.handed, other.givers, other.notes = {}, {}, {}
        other._run(changes)
        other.gradients = other._of_leaves(other.cotangents)
        return other


@dataclass(frozen=True)
class Step:
    """A step at another point: what a rule needs of a node."""

    op: Any
    _data: Array
    saved: tuple[Array, ...]
    static: dict[str, Any] | None
    _backend: Any
    inputs: tuple[Any, ...]

    @classmethod
    def of(cls, node: Node, data: Array, saved: Sequence[Array]) -> Step:
        """The step of a node, with another result and other arguments."""
        return cls(node.op, data, tuple(saved), node.static, node._backend, node.inputs)


def _seeded(flow: Flow) -> list[Array]:
    totals: list[Array] = [None] * len(flow.nodes)
    for node, seed in zip(flow.outputs, flow.seeds, strict=True):
        if node in flow.number:
            _add(totals, flow.number[node], np.asarray(seed, float))
    return totals


def _add(totals: list[Array], i: int, c: Array) -> None:
    totals[i] = c if totals[i] is None else totals[i] + c


def hand_on(node: Any, argument: int, g: Array) -> Array:
    """What a node, or a step, hands to one of its inputs, by the engine's own rule."""
    saved, backend = node.saved, node._backend
    c = node.op.rules[argument](g, node._data, *saved, **(node.static or {}))
    c = backend.fit(node, argument, c, saved[argument])
    if not np.isfinite(c).all():
        c = backend.safe_rule(node, argument, g, node._data, saved)
        c = backend.fit(node, argument, c, saved[argument])
    return c
