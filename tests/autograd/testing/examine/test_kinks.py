"""At a kink every slope between the left and the right one is right, and no other."""

import numpy as np
import pytest

from autograd.testing.examine.kinks import within_kinks
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
