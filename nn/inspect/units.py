"""Units inside a model that cannot learn: activations written as functions, and attention."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from nn.inspect.findings import Finding
from nn.inspect.graph import LossGraph, attached, name
from nn.inspect.layer_findings import DEAD, FLAT
from nn.inspect.layers import SATURATED

DECIDED = 0.95  # the mean of the largest weights; at 0.95 the slope is a twentieth of the value
FEWEST = 8  # samples, before a unit counts as inactive


def idle_units(graph: LossGraph, measured: Collection[str]) -> Iterator[Finding]:
    """Rectifiers, sigmoids and tanhs that a `forward` calls as functions.

    Args:
        graph: the graph of one loss.
        measured: the paths of the modules whose outputs are measured anyway.
    """
    rectified: dict[tuple[str, int], list[Any]] = {}
    for node in graph.model:
        if name(node) not in ("relu", "sigmoid", "tanh") or graph.place(node) in measured:
            continue
        source = attached(node)
        place = graph.place(node if node.module or source is None else source)
        if name(node) == "relu":
            rectified.setdefault((place, _units(node)), []).append(node)
        else:
            yield from _flat(node, place)
    for (place, units), nodes in rectified.items():
        yield from _dead(nodes, place, units)


def _unit_axis(node: Any) -> int:
    return 1 if node.ndim == 4 else int(node.ndim) - 1


def _units(node: Any) -> int:
    return int(node.shape[_unit_axis(node)]) if node.ndim > 1 else 0


def _dead(nodes: list[Any], place: str, units: int) -> Iterator[Finding]:
    """Units that are 0 in all calls: what one batch leaves idle, another may need."""
    if not units or sum(node.size // units for node in nodes) < FEWEST:
        return
    active = np.zeros(units, bool)
    for node in nodes:
        others = tuple(a for a in range(node.ndim) if a != _unit_axis(node))
        active |= (np.asarray(node.data) > 0).any(axis=others)
    dead = int((~active).sum())
    if dead >= DEAD * units:
        samples = sum(node.shape[0] for node in nodes)
        yield Finding(
            "dying ReLU",
            place,
            {"dead": dead, "units": units},
            f"{dead} of {units} units of the relu after {place or 'the input'} are 0 for all "
            f"{samples} samples, so no gradient passes them",
            "reset the biases before it to 0, use Kaiming initialization, or leaky_relu",
        )


def _flat(node: Any, place: str) -> Iterator[Finding]:
    data = np.asarray(node.data)
    ends = np.abs(data) > 1 - 2 * SATURATED
    if name(node) == "sigmoid":
        ends = np.abs(data - 0.5) > 0.5 - SATURATED
    if node.size >= FEWEST and ends.mean() >= FLAT:
        yield Finding(
            "saturated units",
            place,
            {"saturated": float(ends.mean())},
            f"{ends.mean():.0%} of the outputs of the {name(node)} after {place or 'the input'} "
            "are at its ends, where its slope is nearly 0",
            "scale the inputs to variance 1, use Xavier initialization, or normalize before it",
        )


def decided(graph: LossGraph) -> Iterator[Finding]:
    """Attention whose weights are almost 0 and 1, where a softmax has no slope."""
    inside = set(graph.model)
    for softmax in graph.softmaxes():
        node = softmax.node
        if node not in inside or not any(name(u) == "matmul" for u in graph.users.get(node, ())):
            continue
        if len(softmax.axes) != 1 or node.shape[softmax.axes[0]] < 3:
            continue
        largest = float(np.max(node.data, axis=softmax.axes).mean())
        if largest > DECIDED:
            yield Finding(
                "saturated units",
                graph.place(node),
                {"largest": largest},
                f"the largest weight of attention is {largest:.3f} on average, over "
                f"{node.shape[softmax.axes[0]]} entries: scores so large leave the softmax without "
                "a slope",
                "divide the scores by the square root of the width, and normalize what goes in",
            )
