"""Simple maps of the right gradient are recognized."""

import numpy as np
import pytest

from autograd.testing.examine.maps import maps_of
from autograd.testing.examine.numeric import axes_subsets, listed
from tests.autograd.testing.examine.graphs import kinds, mlp, normal, trial

X, W, B = normal(4, 3), normal(3, 5), normal(5)


@pytest.mark.parametrize(
    ("name", "change", "kind"),
    [
        ("W", lambda g: -g, "sign"),
        ("W", lambda g: g.T, "transposed"),
        ("W", lambda g: g.reshape(5, 3), "reshaped"),
        ("W", lambda g: g.T.reshape(3, 5), "reshaped"),
        ("b", lambda g: g.reshape(1, 5), "reshaped"),
        ("b", lambda g: g[::-1], "reshaped"),
        ("W", lambda g: g[:, [2, 3, 4, 0, 1]], "reshaped"),
        ("b", lambda g: g.sum(), "summed over the wrong axis"),
    ],
)
def test_moves_and_signs(name, change, kind):
    t = trial(mlp, X, W, B, answer=lambda right: {name: change(right[name])})
    assert kind in kinds(maps_of(t, name), t, name)


def test_sums():
    right = trial(mlp, X, W, B)
    flow = right.flow
    [edge] = flow.givers[flow.number[flow.leaves["b"]]]
    raw = flow.raw(edge)
    for answer, kind in ((raw, "not summed"), (raw.sum(1), "summed over the wrong axis")):
        t = trial(mlp, X, W, B, answer=lambda _, a=answer: {"b": a})
        assert kind in kinds(maps_of(t, "b"), t, "b")


def test_the_upstream_gradient_and_other_variables():
    t = trial(mlp, X, W, B)
    ones = t.with_ones["x"]
    t = trial(mlp, X, W, B, answer=lambda _: {"x": ones})
    assert "upstream ignored" in kinds(maps_of(t, "x"), t, "x")
    two = lambda x, y: x * np.sin(y)
    x, y = normal(3), normal(3)
    exchanged = trial(two, x, y, answer=lambda r: {"x": r["y"], "y": r["x"]})
    assert "operands exchanged" in kinds(maps_of(exchanged, "x"), exchanged, "x")
    one = trial(two, x, y, answer=lambda r: {"x": r["y"]})
    assert "wrong operand" in kinds(maps_of(one, "x"), one, "x")


def test_axes():
    assert list(axes_subsets(2)) == [(0,), (1,), (0, 1)]
    assert listed((2, 0)) == "0 and 2"
