"""Steps larger than a primitive."""

import numpy as np
import pytest

from autograd.testing.examine.segments import (
    Segment,
    at_another_point,
    changes_of_segments,
    diagonal,
    dominators,
    inner_nodes,
    is_elementwise,
    name_of,
    segments_of,
    slope_by_output,
    through,
)
from tests.autograd.testing.examine.graphs import flow, kinds, normal, trial

X = normal(3, 4)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x)
    return e / e.sum(axis=1, keepdims=True)


def whole(f):
    return Segment(len(f.nodes) - 1, 0)


def test_dominators():
    f = flow(softmax, X)
    names = [f.nodes[i].op.name if f.nodes[i].op else "x" for i in dominators(f)[-1]]
    assert names == ["exp", "x"]
    assert whole(f) in segments_of(f) and len(inner_nodes(f, whole(f))) == 3


def test_what_a_segment_hands_on():
    f = flow(sigmoid, X)
    s = sigmoid(X)
    np.testing.assert_allclose(through(f, whole(f), np.ones(X.shape)), s * (1 - s))
    v = normal(3, 4)
    moved = at_another_point(f, whole(f), v, np.ones(X.shape))
    np.testing.assert_allclose(moved, sigmoid(v) * (1 - sigmoid(v)))
    assert is_elementwise(f, whole(f)) and not is_elementwise(
        flow(softmax, X), whole(flow(softmax, X))
    )


def test_the_diagonal_of_softmax():
    f = flow(softmax, X)
    p = softmax(X)
    np.testing.assert_allclose(diagonal(f, whole(f)), p * (1 - p))


def test_the_slope_by_the_output():
    np.testing.assert_allclose(
        slope_by_output(flow(sigmoid, X), whole(flow(sigmoid, X))), [0, 1, -1, 0], atol=1e-9
    )
    assert slope_by_output(flow(np.sin, X), whole(flow(np.sin, X))) is None


@pytest.mark.parametrize(
    ("forward", "change", "kind"),
    [
        (sigmoid, lambda g: g, "slope missing"),
        (sigmoid, lambda g: g * X * (1 - X), "wrong point"),
        (sigmoid, lambda g: g * g * (1 - g), "wrong point"),
        (sigmoid, lambda g: g * sigmoid(X), "wrong operand"),
        (softmax, lambda g: g * softmax(X) * (1 - softmax(X)), "diagonal only"),
    ],
)
def test_kinds(forward, change, kind):
    g = trial(forward, X).seeds[0]
    t = trial(forward, X, answer=lambda _: {"x": change(g)})
    assert kind in kinds(changes_of_segments(t.flow), t, "x")


def test_a_constant_slope_is_a_factor_and_a_path_is_a_term():
    for forward in (lambda x: x * 3.0, lambda x: x - x.mean(0)):
        g = trial(forward, X).seeds[0]
        t = trial(forward, X, answer=lambda _, g=g: {"x": g})
        assert "slope missing" not in kinds(changes_of_segments(t.flow), t, "x")


def test_names():
    f = flow(sigmoid, X)
    assert name_of(f, whole(f)) == "the step from x to the result"
    f.notes["steps"] = {whole(f): "sigmoid"}
    assert name_of(f, whole(f)) == "sigmoid"
