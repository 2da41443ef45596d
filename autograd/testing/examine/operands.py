"""Products with other operands: transposed, exchanged, in reverse order, multiplied once too often.

A mistake in one of several terms is here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd.testing.examine.flow import Edge, Flow, Spot
from autograd.testing.examine.hypothesis import (
    Hypothesis,
    Named,
    arrays_of,
    at_edge,
    described,
    step_of,
    value_of,
)
from autograd.testing.examine.rule_changes import PRODUCTS, fitted

Array = Any


def turned(flow: Flow) -> Iterator[Hypothesis]:
    """A product with the transpose of the gradient that comes to it, where that is square."""
    for edge in flow.edges():
        node, shape = flow.nodes[edge[0]], np.shape(flow.cotangents[edge[0]])
        if node.op.name in ("matmul", "inner") and len(shape) == 2 and shape[0] == shape[1]:
            text = f"uses the gradient of the output of {step_of(flow, node)} transposed"
            yield at_edge(
                "transposed", 2.1, text, edge, _with_transpose, (node.op, edge[1], "turned")
            )


def _with_transpose(spot: Spot) -> Array:
    node = spot.node
    raw = node.op.rules[spot.argument](spot.g.T, node._data, *node.saved, **(node.static or {}))
    return fitted(spot, raw)


def exchanged(flow: Flow) -> Iterator[Hypothesis]:
    """The factors of a product of matrices in the other order, as W g for g Wᵀ."""
    for edge in flow.edges():
        node = flow.nodes[edge[0]]
        if node.op.name in ("matmul", "inner") and np.ndim(node._data) == 2:
            text = f"has the factors of {step_of(flow, node)} in the wrong order"
            for transposed in (False, True):
                yield at_edge("operands exchanged", 2.15, text, edge, _in_other_order(transposed))


def _in_other_order(transposed: bool) -> Any:
    def modify(spot: Spot) -> Array:
        other = np.asarray(spot.node.saved[1 - spot.argument])
        other = other.T if transposed else other
        return other @ spot.g if spot.argument == 0 else spot.g @ other

    return modify


def flipped(flow: Flow) -> Iterator[Hypothesis]:
    """A product with an array in reverse order, as a kernel that should not be turned round."""
    for edge in flow.edges():
        node = flow.nodes[edge[0]]
        if node.op.name not in PRODUCTS or len(node.saved) != 2:
            continue
        other = node.saved[1 - edge[1]]
        for axes in ((-1,), (0,), (-2, -1)):
            if np.ndim(other) >= len(axes) and np.ndim(other) < 5:
                text = f"multiplies by an operand of {step_of(flow, node)} in reverse order"
                group = node.op, edge[1], "flipped", axes
                yield at_edge("wrong operand", 2.5, text, edge, _with_flip(axes), group)


def _with_flip(axes: tuple[int, ...]) -> Any:
    def modify(spot: Spot) -> Array:
        node, saved = spot.node, list(spot.node.saved)
        saved[1 - spot.argument] = np.flip(saved[1 - spot.argument], axes)
        raw = node.op.rules[spot.argument](spot.g, node._data, *saved, **(node.static or {}))
        return fitted(spot, raw)

    return modify


def extra_factors(flow: Flow) -> Iterator[Hypothesis]:
    """A gradient on its way multiplied by an array once too often."""
    for named in arrays_of(flow):
        if named.key[0] == "gradient" or not np.ndim(named.array):
            continue
        for edge in flow.edges():
            if np.shape(flow.handed[edge]) == np.shape(named.array) and flow.nodes[edge[0]].op:
                text = (
                    f"is multiplied by {described(flow, named.key)} on the way from "
                    f"{value_of(flow, flow.nodes[edge[0]])} to {value_of(flow, flow.spot(edge).to)}"
                )
                yield at_edge("wrong operand", 2.75, text, edge, _multiplied(named))


def _multiplied(named: Named) -> Any:
    return lambda spot: spot.right * named.of(spot.flow)


# --- a mistake in one of several terms ------------------------------------------------------------


def on_one_branch(flow: Flow, hypotheses: Iterable[Hypothesis]) -> Iterator[Hypothesis]:
    """A change that only one of the inputs of the next step gets to see.

    Who writes a gradient as a sum of terms may leave a slope out of one term only.
    """
    for hypothesis in hypotheses:
        if hypothesis.edge is None or hypothesis.modify is None:
            continue
        i, argument = hypothesis.edge
        x = flow.nodes[i].inputs[argument]
        below = [edge for edge in flow.handed if x is not None and edge[0] == flow.number[x]]
        if len(below) > 1:
            for edge in below:
                yield _towards(hypothesis, edge)


def _towards(hypothesis: Hypothesis, edge: Edge) -> Hypothesis:
    upper, modify = hypothesis.edge, hypothesis.modify
    assert upper is not None and modify is not None

    def changed(spot: Spot) -> Array:
        above = spot.flow.spot(upper)
        g = spot.g + (modify(above) - above.right)
        node = spot.node
        return fitted(
            spot, node.op.rules[spot.argument](g, node._data, *node.saved, **(node.static or {}))
        )

    return at_edge(
        hypothesis.kind,
        hypothesis.cost + 0.3,
        f"{hypothesis.text}, in one of its terms",
        edge,
        changed,
    )
