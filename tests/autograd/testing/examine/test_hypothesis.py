"""Hypotheses predict gradients, and arrays are found again in other trials."""

import numpy as np

from autograd.testing.examine.hypothesis import (
    array_at,
    arrays_of,
    at_edge,
    described,
    step_name,
    step_of,
    value_of,
)
from tests.autograd.testing.examine.graphs import mlp, normal, trial

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def test_a_change_at_an_edge():
    t = trial(mlp, X, W, B)
    [edge] = [e for e in t.flow.edges() if t.flow.nodes[e[0]].op.name == "tanh"]
    hypothesis = at_edge("factor", 2.0, "", edge, lambda spot: 3.0 * spot.right)
    np.testing.assert_allclose(hypothesis.predict(t)["W"], 3.0 * t.right["W"])
    node, difference = hypothesis.local(t.flow)
    assert node == t.flow.number[t.flow.spot(edge).to] and difference.shape == (4, 5)


def test_arrays_and_their_names():
    t, other = trial(mlp, X, W, B), trial(mlp, X + 1.0, W, B)
    found = list(arrays_of(t.flow))
    for named in found:
        assert array_at(t.flow, named.key) is named.array
        assert np.shape(named.of(other.flow)) == np.shape(named.array)
    texts = [described(t.flow, named.key) for named in found]
    assert "x" in texts and "tanh(x @ W + b)" in texts and "the gradient of W" in texts
    assert value_of(t.flow, t.flow.nodes[-1]) == "the result"
    assert step_name(t.flow.nodes[-1]) == "mul" and step_of(t.flow, t.flow.nodes[-1]) == "mul"
    assert step_of(t.flow, t.flow.nodes[-2]) == "tanh (tanh(x @ W + b))"
    t.flow.called = {t.flow.number[n]: "h" for n in t.flow.nodes if n.op and n.op.name == "tanh"}
    assert "h" in [described(t.flow, named.key) for named in found]
