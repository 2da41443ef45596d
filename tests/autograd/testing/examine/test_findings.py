"""Findings are confirmed at every point, merged, and chosen by their cost."""

import numpy as np

from autograd.testing.examine.findings import (
    added,
    chained,
    composed,
    cover,
    merged,
    predicted,
    single,
)
from autograd.testing.examine.hypothesis import Hypothesis, at_edge
from tests.autograd.testing.examine.graphs import mlp, normal, trial

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def scaled(name, c, cost=1.0):
    return Hypothesis("factor", cost, f"is {c} times", None, lambda t: {name: c * t.right[name]})


def test_single_and_confirmed():
    doubled = trial(mlp, X, W, B, answer=lambda r: {"W": 2 * r["W"]})
    assert single(["W"], scaled("W", 2.0)).confirmed([doubled])
    assert not single(["W"], scaled("W", 2.0)).confirmed([doubled, trial(mlp, X, W, B)])
    broken = Hypothesis("sign", 1.0, "", None, lambda t: {"W": t.right["none"]})
    assert predicted(broken, doubled) == {} and not single(["W"], broken).confirmed([doubled])


def test_pairs():
    t = trial(mlp, X, W, B, answer=lambda r: {"W": 6 * r["W"], "b": 4 * r["b"]})
    two, three = scaled("W", 2.0), scaled("W", 3.0)
    assert composed("W", two, three, lambda t, a: a / 3).confirmed([t])
    assert added("W", scaled("W", 4.0), three).confirmed([t])
    edges = [e for e in t.flow.edges() if t.flow.nodes[e[0]].op.name in ("tanh", "mul")]
    first, second = (at_edge("factor", 1.0, "", e, lambda s: 2 * s.right) for e in edges)
    assert chained("b", first, second).confirmed([t])
    assert composed("W", two, three, lambda t, a: a / 3).cost == 4.0


def test_the_cheapest_cover():
    a, b = single(["W"], scaled("W", 2.0)), single(["b"], scaled("b", 2.0))
    both = single(["W", "b"], scaled("W", 5.0, cost=1.5))
    assert cover([a, b, both], ["W", "b"])[0].names in (("W", "b"),)
    assert {f.names for f in merged([a, b])} == {("W",), ("b",), ("W", "b")}
    assert cover([], ["W"]) == []
    np.testing.assert_equal(len(cover([a], ["W", "b"])), 1)
