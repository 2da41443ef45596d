"""At a kink every slope between the left and the right one is right, and no other."""

import numpy as np
import pytest

from autograd.testing.examine.kinks import jointly_within_kinks, within_kinks
from tests.autograd.testing.examine.graphs import trial

AT_ZERO = np.array([0.0, 1.0, -1.0])


@pytest.mark.parametrize(
    ("slope", "legal"), [(0.0, True), (0.3, True), (1.0, True), (1.1, False), (-0.1, False)]
)
def test_slopes_of_relu_at_zero(slope, legal):
    from autograd.testing.examine.trial import Trial

    t = trial(lambda x: np.maximum(x, 0), AT_ZERO)
    g = t.seeds[0]
    t = Trial(t.subject, t.values, {"x": g * np.array([slope, 1.0, 0.0])}, t.seeds)
    assert (t.is_right("x") or within_kinks(t, "x")) == legal


def test_beside_a_kink_nothing_else_is_right():
    t = trial(lambda x: np.maximum(x, 0), AT_ZERO, answer=lambda r: {"x": r["x"] * 1.5})
    assert not within_kinks(t, "x")


def test_a_tie_may_be_given_to_either():
    t = trial(lambda x: x.max(), np.array([2.0, 2.0, 1.0]))
    assert t.same("x", t.right["x"][:1], t.right["x"][1:2])
    t = trial(
        lambda x: x.max(),
        np.array([2.0, 2.0, 1.0]),
        answer=lambda r: {"x": np.array([2.0 * r["x"][0], 0.0, 0.0])},
    )
    assert within_kinks(t, "x")


def answered(forward, x, gradient):
    t = trial(forward, x)
    return trial(forward, x, answer=lambda r: {"x": t.seeds[0] * gradient(x)})


def test_a_tie_may_not_be_given_to_both():
    x = np.array([1.0, 3.0, 3.0, 0.0])
    both = answered(lambda x: x.max(), x, lambda x: x == x.max())
    assert not within_kinks(both, "x")
    shared = answered(lambda x: x.max(), x, lambda x: (x == x.max()) * [0.0, 0.25, 0.75, 0.0])
    assert shared.is_right("x") or within_kinks(shared, "x")


def test_two_arrays_at_a_tie():
    x = np.ones(3)
    for dx, dy, legal in ((1.0, 1.0, False), (1.0, 0.0, True), (0.0, 1.0, True)):
        forward = lambda x, y: np.maximum(x, y)
        seed = trial(forward, x, x.copy()).seeds[0]
        found = {"x": seed * dx, "y": seed * dy}
        t = trial(forward, x, x.copy(), answer=lambda r, found=found: found)
        assert within_kinks(t, "x") and within_kinks(t, "y")
        assert jointly_within_kinks(t, ["x", "y"]) == legal


def test_many_kinks_at_once():
    t = answered(lambda x: np.maximum(x, 0), np.zeros((10, 10)), lambda x: x >= 0)
    assert within_kinks(t, "x")


def test_a_curve_is_no_kink():
    tiny = answered(np.square, np.array([1e-12, 2e-12]), lambda x: 3.0 * x)
    assert not within_kinks(tiny, "x")
