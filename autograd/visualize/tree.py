"""What a picture shows, as a tree: calls of modules and parts, in them nodes and closed boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd.engine.graph import Node
from autograd.engine.note import Scope
from autograd.visualize.clusters import Closed, Clusters


@dataclass(eq=False)
class Group:
    """An open call or part, or one of several equal steps; the root of the tree has no scope.

    Attributes:
        children: in an order of computation.
        count: how many steps it stands for, if it is a loop.
        first, last: the first and last call of a module in it, if it is a loop.
    """

    scope: Scope | None = None
    children: list[Thing] = field(default_factory=list)
    count: int = 1
    ends: tuple[Any, Any] = (None, None)

    @property
    def is_loop(self) -> bool:
        """Whether it stands for several steps."""
        return self.count > 1


Thing = Group | Closed | Node


def tree(nodes: Sequence[Node], clusters: Clusters) -> Group:
    """The tree of all computed nodes. What stands together is ordered by when it was finished."""
    root = Group()
    groups: dict[Scope | None, Group] = {None: root}
    finished: dict[Any, int] = {}
    for node in nodes:
        if node.op is None:
            continue
        box = clusters.box_of.get(node)
        thing: Thing = node if box is None else box
        around = clusters.frame_of.get(node) if box is None else box.scope.parent
        if thing not in finished:
            _group(groups, around).children.append(thing)
        finished[thing] = node.number
        while around is not None:
            finished[groups[around]] = node.number
            around = around.parent
    for group in groups.values():
        group.children.sort(key=finished.__getitem__)
    return root


def _group(groups: dict[Scope | None, Group], scope: Scope | None) -> Group:
    """The group of a call, with those around it."""
    missing = []
    while scope not in groups:
        assert scope is not None
        missing.append(scope)
        scope = scope.parent
    at = groups[scope]
    for inner in reversed(missing):
        at.children.append(Group(inner))
        at = groups[inner] = at.children[-1]  # type: ignore[assignment]
    return at


def nodes_of(thing: Thing) -> Iterator[Node]:
    """The computed nodes in something, in the order of the tree."""
    stack: list[Any] = [thing]
    while stack:
        at = stack.pop()
        if isinstance(at, Node):
            yield at
        elif isinstance(at, Closed):
            yield from (n for n in at.nodes if n.op is not None)
        else:
            stack.extend(reversed(at.children))


def groups_of(root: Group) -> Iterator[Group]:
    """A group and all groups in it, outer ones first."""
    stack = [root]
    while stack:
        at = stack.pop()
        yield at
        stack.extend(c for c in reversed(at.children) if isinstance(c, Group))
