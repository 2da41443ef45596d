"""Terms of a loss that are added to its error: penalties, and whether they are any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.inspect.findings import Finding
from nn.inspect.graph import LINEAR, LossGraph, name

SUMMED = {"mean", "sum"}


def rewarded(graph: LossGraph, sign: float) -> Iterator[Finding]:
    """Squares that a loss subtracts, so that it has no lower bound.

    Args:
        graph: the graph.
        sign: 1 if the loss is minimized, -1 if it is maximized.
    """
    for node in graph.nodes:
        source = _squared(node)
        # A difference may be meant to grow, and the square of a mean is a part of a variance.
        if source is None or name(source) in {"sub", *SUMMED} or not _is_a_term(graph, node):
            continue
        slopes = sign * np.asarray(graph.gradient(node))
        if slopes.size and slopes.max() < 0.0:
            what = source.name or graph.place(source) or f"a result of {name(source)}"
            yield Finding(
                "penalty with the wrong sign",
                graph.place(source),
                {"slope": float(slopes.mean())},
                f"the loss falls by {-float(slopes.mean()):.2g} for each unit by which a square "
                f"of {what} grows, and squares grow without end: this term is rewarded",
                "add the term instead of subtracting it; a divergence from the normal distribution "
                "is -0.5 · (1 + log_var - mean² - e^log_var), and is added",
            )
            return


def _squared(node: Any) -> Any:
    """What a node is the square of, if gradients flow to it."""
    source = node.inputs[0] if node.inputs else None
    if source is None or not source.requires_grad:
        return None
    if name(node) == "square" or (name(node) == "mul" and node.inputs[1] is source):
        return source
    power = name(node) == "pow" and node.inputs[1] is None
    return source if power and np.all(np.asarray(node.saved[1]) == 2) else None


def _is_a_term(graph: LossGraph, node: Any) -> bool:
    """Whether the loss is a weighted sum of a node's entries and of something else."""
    beside_others = False
    while node is not graph.root:
        users = graph.users.get(node, [])
        if len(users) != 1 or name(users[0]) not in LINEAR:
            return False
        given = [x is not None and x.requires_grad for x in users[0].inputs]
        if sum(given) > 1:
            if name(users[0]) not in {"add", "sub"} or users[0].inputs[0] is users[0].inputs[1]:
                return False
            beside_others = True
        elif name(users[0]) == "div" and given[-1]:
            return False
        node = users[0]
    return beside_others
