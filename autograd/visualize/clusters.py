"""Which nodes of a drawing belong to which call of a module, and which calls are closed boxes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.engine.graph import Node
from autograd.engine.note import Scope


@dataclass(eq=False)
class Box:
    """A call of a module that is drawn closed, or several equal ones in a row.

    Attributes:
        scope: the call, or the first of several.
        last: the last of several, or None.
        count: how many calls.
        nodes: what they computed, oldest first.
        parameters: the parameters that they alone use.
        outputs: those of the nodes that others use, or that are results.
    """

    scope: Scope
    nodes: list[Node] = field(default_factory=list)
    parameters: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
    count: int = 1
    last: Scope | None = None


class Clusters:
    """The box or frame that each node of a drawing stands in.

    Args:
        nodes: all nodes, oldest first.
        roots: the results.
        depth: how many levels of modules to open; None for all.
    """

    def __init__(self, nodes: Sequence[Node], roots: Sequence[Node], depth: int | None) -> None:
        self.boxes: dict[Scope, Box] = {}
        self.box_of: dict[Node, Box] = {}
        self.frame_of: dict[Node, Scope] = {}  # the innermost open call around a node
        self.path_of: dict[Node, str] = {}  # of a leaf: the path of the module that uses it
        consumers: dict[Node, list[Node]] = defaultdict(list)
        for node in nodes:
            for x in node.inputs:
                if x is not None:
                    consumers[x].append(node)
        chains = {node: self._chain(node) for node in nodes}
        self._opens = {scope.parent for chain in chains.values() for scope in chain}
        for node in nodes:
            if node.op is None and not self._is_input(node) and consumers[node]:
                self._place_leaf(node, [chains[user] for user in consumers[node]], depth)
            else:
                self._place(node, chains[node], depth)
        results = set(roots)
        for box in self.boxes.values():
            box.outputs = [
                node
                for node in box.nodes
                if node in results or any(self.box_of.get(u) is not box for u in consumers[node])
            ]

    def _place(self, node: Node, chain: tuple[Scope, ...], depth: int | None) -> None:
        closed = self._closed(chain, depth)
        if closed is not None:
            self.box_of[node] = box = self._box(closed)
            box.nodes.append(node)
        elif chain:
            self.frame_of[node] = chain[-1]

    def _place_leaf(self, node: Node, users: list[tuple[Scope, ...]], depth: int | None) -> None:
        """Put a parameter or constant next to the nodes that use it."""
        shared = _common(users)
        paths = {chain[-1].path if chain else "" for chain in users}
        self.path_of[node] = paths.pop() if len(paths) == 1 else shared[-1].path if shared else ""
        closed = [self._closed(chain, depth) for chain in users]
        if None in closed:
            if shared and self._closed(shared, depth) is None:
                self.frame_of[node] = shared[-1]
            return
        for box in dict.fromkeys(self._box(scope) for scope in closed if scope is not None):
            self.box_of.setdefault(node, box)
            if getattr(node, "_is_parameter", False):
                box.parameters.append(node)

    def _closed(self, chain: tuple[Scope, ...], depth: int | None) -> Scope | None:
        """The outermost call of a chain that is drawn as a box: below `depth`, or innermost."""
        if depth is None or not chain:
            return None
        if len(chain) > depth:
            return chain[depth]
        return None if chain[-1] in self._opens else chain[-1]

    def _box(self, scope: Scope) -> Box:
        return self.boxes.setdefault(scope, Box(scope))

    @staticmethod
    def _chain(node: Node) -> tuple[Scope, ...]:
        scope = node.note.scope if node.note is not None and node.op is not None else None
        return scope.chain if scope is not None else ()

    @staticmethod
    def _is_input(node: Node) -> bool:
        return node.requires_grad and not getattr(node, "_is_parameter", False)

    def fold(self, links: Mapping[Any, Sequence[Any]], look: Mapping[Box, Any]) -> None:
        """Join boxes that look alike, stand in one frame, and feed only each other.

        Args:
            links: for each box or node that is drawn, the boxes and nodes that use it.
            look: what each box looks like.
        """
        sources: dict[Any, set[Any]] = defaultdict(set)
        for source, targets in links.items():
            for target in targets:
                sources[target].add(source)
        for box in list(self.boxes.values()):
            users = set(links.get(box, ()))
            while len(users) == 1:
                (following,) = users
                if (
                    not isinstance(following, Box)
                    or following.scope.parent is not box.scope.parent
                    or look[following] != look[box]
                    or sources[following] != {box}
                ):
                    break
                users = set(links.get(following, ()))
                self._join(box, following)
                for user in users:
                    sources[user] = sources[user] - {following} | {box}

    def _join(self, box: Box, following: Box) -> None:
        box.count += 1
        box.last = following.scope
        box.nodes = box.nodes + following.nodes
        box.parameters = list(dict.fromkeys([*box.parameters, *following.parameters]))
        box.outputs = following.outputs
        for node in following.nodes:
            self.box_of[node] = box
        del self.boxes[following.scope]


def _common(chains: Sequence[tuple[Scope, ...]]) -> tuple[Scope, ...]:
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
