"""An examination tries several points and changes nothing."""

import numpy as np

from autograd.testing.examine.examination import Examination
from autograd.testing.examine.subject import Functions, Layer

X = np.random.default_rng(0).normal(size=(4, 3))


def test_points_and_verdict():
    examination = Examination(Functions(np.tanh, lambda g, x: g / np.cosh(x) ** 2, [X], ["x"]), 0)
    verdict = examination.verdict()
    assert verdict.passed and verdict.points == 6 and verdict.right == {"x": True}
    given, *others = (trial.values["x"] for trial in examination.trials)
    assert np.array_equal(given, X) and not any(np.array_equal(x, X) for x in others)


def test_a_forward_pass_that_the_engine_cannot_run():
    def forward(x):
        return np.array([[float(v) ** 2 for v in row] for row in x])

    right = Examination(Functions(forward, lambda g, x: 2 * g * x, [X], None), 0).verdict()
    assert right.passed and "numeric differences" in right.remarks[0]
    wrong = Examination(Functions(forward, lambda g, x: -2 * g * x, [X], None), 0).verdict()
    assert wrong.mistakes[0][1] == "sign"


def test_a_backward_pass_that_raises():
    verdict = Examination(
        Functions(lambda x: x @ x.T, lambda g, x: g @ x.T, [X], None), 0
    ).verdict()
    assert not verdict.passed and verdict.mistakes[0][1] == "shape" and verdict.points == 0


def test_not_finite():
    verdict = Examination(
        Functions(np.square, lambda g, x: g * x * x / np.zeros(3), [X], None), 0
    ).verdict()
    assert [m[1] for m in verdict.mistakes] == ["not finite"]


def test_state_of_an_earlier_call():
    class Square:
        kept = None

        def forward(self, x):
            self.kept = x if self.kept is None else self.kept
            return x * x

        def backward(self, g):
            return 2 * g * self.kept

    verdict = Examination(Layer(Square(), [X], None), 0).verdict()
    assert [m[1] for m in verdict.mistakes] == ["stale"] and not verdict.passed


def test_at_a_kink():
    at_zero = np.array([0.0, -1.0, 2.0])
    verdict = Examination(
        Functions(np.abs, lambda g, x: g * np.where(x < 0, -1, 1), [at_zero], None), 0
    ).verdict()
    assert verdict.passed and [m[1] for m in verdict.mistakes] == ["kink only"]
