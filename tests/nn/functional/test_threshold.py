"""Thresholds: values at the limits, the slope there, and random slopes."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

X = np.array([-2.0, -0.5, -0.2, 0.0, 0.5, 1.0, np.nan])


def test_values_and_slopes_at_the_limits():
    x = ag.Tensor(X[:-1], requires_grad=True)
    for function, values, slopes in (
        (F.hardshrink, [-2.0, 0.0, 0.0, 0.0, 0.0, 1.0], [1, 0, 0, 0, 0, 1]),
        (F.softshrink, [-1.5, 0.0, 0.0, 0.0, 0.0, 0.5], [1, 0, 0, 0, 0, 1]),
        (lambda x: F.threshold(x, 0.5, 9.0), [9.0, 9.0, 9.0, 9.0, 9.0, 1.0], [0, 0, 0, 0, 0, 1]),
    ):
        out = function(x)
        assert out.tolist() == values
        assert ag.gradients(out.sum(), [x])[0].tolist() == slopes


def test_nan_stays_nan():
    for function in (F.hardshrink, F.softshrink, lambda x: F.threshold(x, 0.5, 9.0)):
        assert np.isnan(function(X)[-1])


def test_slopes_are_random_in_training_only():
    x = -np.ones(2000)
    slopes = -F.rrelu(x, 0.1, 0.3, training=True)
    assert 0.1 <= slopes.min() < 0.11 and 0.29 < slopes.max() <= 0.3
    assert F.rrelu(x, 0.1, 0.3)[0] == pytest.approx(-0.2)
    leaf = ag.Tensor([-1.0, 1.0], requires_grad=True)
    out = F.rrelu(leaf, training=True)
    assert ag.gradients(out.sum(), [leaf])[0].tolist() == [-out[0].item(), 1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.softshrink(X, -1), "softshrink: got lambd=-1; expected a number, at least 0"),
        (lambda: F.rrelu(X, 0.5, 0.1), "got lower=0.5 and upper=0.1; expected lower at most upper"),
        (lambda: F.threshold(X, "a", 1.0), "got threshold='a'"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
