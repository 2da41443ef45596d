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
