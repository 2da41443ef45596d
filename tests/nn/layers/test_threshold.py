"""Thresholds as modules."""

import numpy as np
import pytest

import autograd as ag
import nn

F = nn.functional
X = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (nn.Threshold(0.1, 2.0), lambda x: F.threshold(x, 0.1, 2.0)),
        (nn.Hardshrink(0.3), lambda x: F.hardshrink(x, 0.3)),
        (nn.Softshrink(0.3), lambda x: F.softshrink(x, 0.3)),
        (nn.RReLU(0.1, 0.2).eval(), lambda x: F.rrelu(x, 0.1, 0.2)),
    ],
)
def test_options_are_those_of_the_function(layer, function):
    np.testing.assert_array_equal(layer(X), function(X))


def test_slopes_are_random_while_training():
    layer = nn.RReLU(0.1, 0.2, generator=np.random.default_rng(0))
    first, second = layer(-np.ones(5)), layer(-np.ones(5))
    assert not np.array_equal(first, second) and ((-first >= 0.1) & (-first <= 0.2)).all()


def test_the_softmax_of_channels():
    image = X.reshape(3, 2, 2)
    np.testing.assert_allclose(ag.data_of(nn.Softmax2d()(image)).sum(0), 1.0)


def test_messages():
    with pytest.raises(ValueError, match=r"RReLU: got lower=0\.5 and upper=0\.1"):
        nn.RReLU(0.5, 0.1)
    with pytest.raises(ag.ShapeError, match=r"Softmax2d: .* expected \(N, C, H, W\)"):
        nn.Softmax2d()(X)
