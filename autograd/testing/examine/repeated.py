"""The same mistake at every step of its kind: in each turn of a loop, each layer, each gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.testing.examine.flow import Edge, Flow, Local
from autograd.testing.examine.hypothesis import (
    UNFIT,
    Gradients,
    Hypothesis,
    at_edge,
    flow_of,
    step_of,
)
from autograd.testing.examine.rule_changes import fitted, kind_at, may_stand_for, read_by
from autograd.testing.examine.trial import Trial

Array = Any
Path = tuple[str, tuple[int, ...]]
DEPTH = 4


def at_every_step(flow: Flow, groups: Mapping[Any, Sequence[Hypothesis]]) -> Iterator[Hypothesis]:
    """Changes that were tried at one step after the other, made at all of them.

    Args:
        flow: the pass.
        groups: the changes, those of one kind together.
    """
    for members in groups.values():
        if 1 < len(members) < 200:
            found = _of_all(flow, members)
            if found is not None:
                yield found


def _of_all(flow: Flow, members: Sequence[Hypothesis]) -> Hypothesis | None:
    first = members[0]
    targets: dict[int, list[Local]] = {}
    for member in members:
        assert member.local is not None
        try:
            node, _ = member.local(flow)
        except UNFIT:
            return None
        targets.setdefault(node, []).append(member.local)

    def predict(trial: Trial) -> Gradients:
        return flow_of(trial).altered(targets).gradients

    steps = len({member.step for member in members})
    text = f"{first.text}, at all {steps} steps of this kind" if steps > 1 else first.text
    return Hypothesis(first.kind, first.cost + 0.1, text, first.step, predict)


def swaps_at_every_step(flow: Flow) -> Iterator[Hypothesis]:
    """A rule that reads another array, which is the same number of steps away each time."""
    steps: dict[tuple[Any, int], list[Edge]] = {}
    for edge in flow.edges():
        steps.setdefault((flow.nodes[edge[0]].op, edge[1]), []).append(edge)
    for (op, argument), edges in steps.items():
        if not 1 < len(edges) < 50:
            continue
        relatives = [_relatives(flow, i) for i, _ in edges]
        shared = set.intersection(*(set(found) for found in relatives))
        for slot in read_by(op, argument):
            for path in sorted(shared):
                members = list(_swapped_members(flow, edges, relatives, slot, path))
                found = _of_all(flow, members) if len(members) == len(edges) else None
                if found is not None:
                    yield found


def _swapped_members(
    flow: Flow,
    edges: Sequence[Edge],
    relatives: Sequence[Mapping[Path, int]],
    slot: int,
    path: Path,
) -> Iterator[Hypothesis]:
    for edge, found in zip(edges, relatives, strict=True):
        node, other = flow.nodes[edge[0]], flow.nodes[found[path]]
        given = (node._data, *node.saved)
        if slot >= len(given) or other._data is given[slot]:
            return
        if may_stand_for(node.op, other._data, given[slot]) and np.ndim(given[slot]):
            kind = kind_at(node.op)
            text = f"reads another array than {step_of(flow, node)} needs"
            yield at_edge(kind, 2.4, text, edge, _reading(slot, found[path]))


def _reading(slot: int, number: int) -> Any:
    def modify(spot: Any) -> Array:
        node = spot.node
        given = [node._data, *node.saved]
        given[slot] = spot.flow.nodes[number]._data
        return fitted(spot, node.op.rules[spot.argument](spot.g, *given, **(node.static or {})))

    return modify


def _relatives(flow: Flow, i: int) -> dict[Path, int]:
    """Nodes near a node, by the way there: up to its arguments, or down to what uses it alone."""
    found: dict[Path, int] = {}
    waiting: list[tuple[tuple[int, ...], int]] = [((), i)]
    for path, j in waiting:
        if path:
            found["up", path] = j
        if len(path) < DEPTH:
            waiting += [((*path, a), k) for a, k in flow.inputs(j)]
    j = i
    for depth in range(1, DEPTH + 1):
        users = {giver for giver, _ in flow.givers.get(j, ())}
        if len(users) != 1:
            break
        [j] = users
        found["down", (depth,)] = j
    return found
