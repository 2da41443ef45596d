"""A trial knows the right gradients, by the engine or by differences, and compares with rounding."""

import numpy as np

from autograd.testing.examine.subject import Functions
from autograd.testing.examine.trial import Trial, recorded
from tests.autograd.testing.examine.graphs import mlp, normal, trial

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def test_the_engine_and_differences_agree():
    exact = trial(mlp, X, W, B)
    rough = Trial(exact.subject, exact.values, exact.answer, exact.seeds, by_differences=True)
    for name in "xWb":
        assert exact.is_right(name) and rough.flow is None
        np.testing.assert_allclose(rough.right[name], exact.right[name], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(rough.with_ones["b"], exact.with_ones["b"], rtol=1e-8, atol=1e-9)


def test_rounding_is_measured_against_what_cancels():
    t = trial(lambda x: x - x.mean(), np.full(4, 0.1))
    assert t.same("x", t.right["x"] + 1e-12, t.right["x"])
    assert not t.same("x", t.right["x"] + 1e-6, t.right["x"])
    assert not t.same("x", t.right["x"].reshape(2, 2), t.right["x"])
    assert t.same("x", (t.right["x"] + 1e-6).astype(np.float32), t.right["x"])


def test_a_forward_pass_that_writes_is_recorded():
    def forward(x):
        out = np.zeros(3)
        out[:] = x * x
        return out

    x = np.array([1.0, 2.0, 3.0])
    subject = Functions(forward, lambda g, x: g, [x], None)
    flow = recorded(subject, {"x": x}, {"x": x}, [np.ones(3)])
    np.testing.assert_array_equal(flow.gradients["x"], 2.0 * x)


def test_every_entry_counts():
    scales = np.array([1e10, 1.0])
    t = trial(lambda x: (x * scales).sum(), normal(2))
    for factor, right in ((1.0, True), (1.0 + 1e-9, True), (1.01, False), (5.0, False)):
        assert t.same("x", t.right["x"] * np.array([1.0, factor]), t.right["x"]) == right
    small = trial(lambda x: 1e-20 * x, normal(3))
    assert not small.same("x", 2.0 * small.right["x"], small.right["x"])


def test_a_saturated_slope_may_be_rounded_to_zero():
    t = trial(lambda x: 1.0 / (1.0 + np.exp(-x)), np.array([40.0, 50.0]))
    stable = np.exp(-t.values["x"]) * t.seeds[0]
    assert t.same("x", stable, t.right["x"]) and not t.same("x", 0.0 * stable, t.right["x"])
    t.usual = {"x": 0.25}
    assert t.same("x", 0.0 * stable, t.right["x"])


def test_which_entries_differ():
    t = trial(np.tanh, normal(3))
    changed = t.right["x"] * np.array([1.0, 2.0, 1.0])
    assert t.differing("x", changed, t.right["x"]).tolist() == [False, True, False]
    assert t.differing("x", changed * np.nan, t.right["x"]).all()
