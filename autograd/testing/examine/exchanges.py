"""Two gradients that were exchanged: of the factors of a product, of the gates of an LSTM."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from autograd.testing.examine.flow import Edge, Flow
from autograd.testing.examine.hypothesis import Gradients, Hypothesis, flow_of, value_of
from autograd.testing.examine.trial import Trial

PRODUCTS = ("mul", "matmul", "inner")
MOST_PARTS = 8


def exchanged_gradients(flow: Flow) -> Iterator[Hypothesis]:
    """What one of two arrays should get goes to the other, and the other way round."""
    for i, node in enumerate(flow.nodes):
        edges = [(i, argument) for argument, _ in flow.inputs(i)]
        for a, b in itertools.combinations(edges, 2):
            x, y = flow.spot(a).to, flow.spot(b).to
            is_product = node.op.name in PRODUCTS
            if x is not y and np.shape(x._data) == np.shape(y._data) and is_product:
                yield _of_inputs(flow, i, a, b)
    for i, j in _parts_of_one(flow):
        yield _of_parts(flow, i, j)


def _of_inputs(flow: Flow, step: int, a: Edge, b: Edge) -> Hypothesis:
    def predict(trial: Trial) -> Gradients:
        here = flow_of(trial)
        difference = here.handed[b] - here.handed[a]
        x, y = (here.number[here.spot(edge).to] for edge in (a, b))
        return _added(here, {x: difference, y: -difference})

    names = [value_of(flow, flow.spot(edge).to) for edge in (a, b)]
    return Hypothesis("operands exchanged", 2.1, _text(*names), step, predict)


def _parts_of_one(flow: Flow) -> Iterator[tuple[int, int]]:
    """Slices of equal shapes of one array, as the gates that a product is split into."""
    for i, givers in flow.givers.items():
        parts = [j for j, _ in givers if flow.nodes[j].op.name == "getitem"]
        if 1 < len(parts) <= MOST_PARTS and flow.nodes[i].op is not None:
            for j, k in itertools.combinations(sorted(parts), 2):
                if np.shape(flow.nodes[j]._data) == np.shape(flow.nodes[k]._data):
                    yield j, k


def _of_parts(flow: Flow, i: int, j: int) -> Hypothesis:
    def predict(trial: Trial) -> Gradients:
        here = flow_of(trial)
        difference = here.cotangents[j] - here.cotangents[i]
        return _added(here, {i: difference, j: -difference})

    names = [_result_of(flow, k) for k in (i, j)]
    return Hypothesis("operands exchanged", 2.1, _text(*names), i, predict)


def _result_of(flow: Flow, i: int) -> str:
    """What a program calls a part, or the first that it calls by a name of what is made of it."""
    node = flow.nodes[i]
    name = value_of(flow, node)
    while name.startswith("the output of") and len(flow.givers.get(i, ())) == 1:
        i = flow.givers[i][0][0]
        name = value_of(flow, flow.nodes[i])
    return name


def _text(x: str, y: str) -> str:
    return f"has the gradients of {x} and {y} exchanged"


def _added(flow: Flow, differences: dict[int, np.ndarray]) -> Gradients:
    added = flow.handed_down(differences)
    return {name: flow.gradients[name] + part for name, part in added.items()}
