"""Which nodes of a drawing belong to which call of a module or part, and which are closed boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.engine.graph import Node
from autograd.engine.note import Scope

Chain = tuple[Scope, ...]


@dataclass(eq=False)
class Closed:
    """A call of a module, or a part of a computation, that is drawn as one box.

    Attributes:
        scope: the call or part.
        nodes: what it computed, oldest first.
        leaves: the parameters and constants that it alone uses.
        outputs: those of the nodes that others use, or that are results.
    """

    scope: Scope
    nodes: list[Node] = field(default_factory=list)
    leaves: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)

    @property
    def parameters(self) -> list[Node]:
        """The parameters among the leaves."""
        return [leaf for leaf in self.leaves if is_parameter(leaf)]


class Clusters:
    """The box or frame that each node of a drawing stands in.

    Args:
        nodes: all nodes, oldest first.
        roots: the results.
        depth: how many levels of modules to open; None for all.
        closes_parts: whether parts are boxes.
        found: the parts that were recognized, by the nodes in them.
        consumers: the nodes that use each, if that is known already.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        roots: Sequence[Node],
        depth: int | None,
        closes_parts: bool = False,
        found: Mapping[Node, Scope] | None = None,
        consumers: Mapping[Node, list[Node]] | None = None,
    ) -> None:
        self.boxes: dict[Scope, Closed] = {}
        self.box_of: dict[Node, Closed] = {}
        self.frame_of: dict[Node, Scope] = {}  # the innermost open call around a node
        self.path_of: dict[Node, str] = {}  # of a leaf: the path of the module that uses it
        self._depth, self._closes_parts = depth, closes_parts
        self._found = found or {}
        self._chains: dict[Scope, Chain] = {}
        self.consumers = consumers_of(nodes) if consumers is None else consumers
        chains = {node: self.chain(node) for node in nodes}
        self._opens = {scope for c in set(chains.values()) for scope in _modules(c)[:-1]}
        self._shut: dict[Chain, Scope | None] = {}
        for node in nodes:
            if node.op is None and not is_input(node) and self.consumers[node]:
                self._place_leaf(node, [chains[user] for user in self.consumers[node]])
            else:
                self._place(node, chains[node])
        results = set(roots)
        for box in self.boxes.values():
            box.outputs = [
                node
                for node in box.nodes
                if node in results
                or any(self.box_of.get(u) is not box for u in self.consumers[node])
            ]

    def chain(self, node: Node) -> Chain:
        """The calls and parts around a computed node, from the outermost."""
        if node.op is None:
            return ()
        scope = self._found.get(node)
        if scope is None:
            scope = node.note.scope if node.note is not None else None
        if scope is None:
            return ()
        if scope not in self._chains:
            self._chains[scope] = scope.chain
        return self._chains[scope]

    def _place(self, node: Node, chain: Chain) -> None:
        closed = self._closed(chain)
        if closed is not None:
            self.box_of[node] = box = self._box(closed)
            box.nodes.append(node)
        elif chain:
            self.frame_of[node] = chain[-1]

    def _place_leaf(self, node: Node, users: list[Chain]) -> None:
        """Put a parameter or constant next to the nodes that use it."""
        shared = common(users)
        paths = {chain[-1].path if chain else "" for chain in users}
        self.path_of[node] = paths.pop() if len(paths) == 1 else shared[-1].path if shared else ""
        closed = [self._closed(chain) for chain in users]
        if _flows_in(node, closed):
            while shared and self._closed(shared) is not None:
                shared = shared[:-1]
            if shared:
                self.frame_of[node] = shared[-1]
            return
        for box in dict.fromkeys(self._box(scope) for scope in closed if scope is not None):
            self.box_of.setdefault(node, box)
            box.leaves.append(node)

    def _closed(self, chain: Chain) -> Scope | None:
        """The outermost call or part of a chain that is drawn as a box."""
        if chain not in self._shut:
            self._shut[chain] = self._outermost(chain)
        return self._shut[chain]

    def _outermost(self, chain: Chain) -> Scope | None:
        modules = _modules(chain)
        closed = None
        if self._depth is not None and modules:
            if len(modules) > self._depth:
                closed = modules[self._depth]
            elif modules[-1] not in self._opens:
                closed = modules[-1]
        for scope in chain:
            if scope is closed or (scope.is_part and self._closes_parts):
                return scope
        return None

    def _box(self, scope: Scope) -> Closed:
        return self.boxes.setdefault(scope, Closed(scope))


def _flows_in(leaf: Node, closed: Sequence[Scope | None]) -> bool:
    """Whether a leaf is drawn, and not counted among what is inside the boxes that use it.

    What flows into a part is drawn, except a constant without a name that it alone uses; what flows
    into a module, if the program named it.

    Args:
        leaf: a parameter or constant.
        closed: for each use, the call or part that is drawn as a box; None for one that is open.
    """
    if None in closed or (leaf.name is not None and not is_parameter(leaf)):
        return True
    named = is_parameter(leaf) or leaf.name is not None
    into_part = any(scope is not None and scope.is_part for scope in closed)
    return into_part and (named or len(set(closed)) > 1)


def consumers_of(nodes: Sequence[Node]) -> Mapping[Node, list[Node]]:
    """The nodes that use each node, oldest first."""
    consumers: dict[Node, list[Node]] = defaultdict(list)
    for node in nodes:
        for x in node.inputs:
            if x is not None:
                consumers[x].append(node)
    return consumers


def inputs_of(node: Node) -> Iterable[tuple[Any, Any]]:
    """The inputs of a node, None in place of plain data, each with its data."""
    return zip(node.inputs, node.saved, strict=True)


def is_leaf(thing: Any) -> bool:
    """Whether something is a node that was given, not computed."""
    return isinstance(thing, Node) and thing.op is None


def is_parameter(node: Node) -> bool:
    """Whether a node is a parameter of a module, or an entry of one."""
    return getattr(node, "_is_parameter", False) or (node.note is not None and node.note.parameter)


def is_input(node: Node) -> bool:
    """Whether a leaf was given by the program, and gradients flow to it."""
    return node.requires_grad and not is_parameter(node)


def common(chains: Sequence[Chain]) -> Chain:
    """The calls that all chains begin with."""
    shared = chains[0]
    for chain in chains[1:]:
        length = 0
        for a, b in zip(shared, chain, strict=False):
            if a is not b:
                break
            length += 1
        shared = shared[:length]
    return shared


def _modules(chain: Chain) -> Chain:
    return tuple(scope for scope in chain if not scope.is_part)


def held_by(nodes: Iterable[Node]) -> dict[Node, Any]:
    """What nodes held when they were used. An optimizer may have given a leaf other data since."""
    held: dict[Node, Any] = {}
    for node in nodes:
        for x, datum in zip(node.inputs, node.saved, strict=True):
            if x is not None:
                held.setdefault(x, datum)
    return held
