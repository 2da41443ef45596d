"""Penalties that are rewarded, and squares that only look like some."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.graph import LossGraph
from nn.inspect.terms import rewarded

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3))
Y = RNG.normal(size=(8, 2))


def found(loss, sign=1.0):
    ag.random.seed(0)
    model = nn.Linear(3, 2)
    return [f.kind for f in rewarded(LossGraph(loss(model(X), model.weight)), sign)]


def error(out):
    return ((out - Y) ** 2).mean()


@pytest.mark.parametrize(
    "loss",
    [
        lambda out, w: error(out) - 0.1 * (w**2).sum(),
        lambda out, w: error(out) - 0.1 * (w * w).mean(),
        lambda out, w: error(out) - ag.square(out).mean() / 4.0,
        lambda out, w: -(0.1 * ag.square(w).sum() - error(out)),
    ],
)
def test_a_square_that_is_subtracted(loss):
    assert found(loss) == ["penalty with the wrong sign"]
    assert found(lambda out, w: -loss(out, w), -1.0) == ["penalty with the wrong sign"]


@pytest.mark.parametrize(
    "loss",
    [
        lambda out, w: error(out) + 0.1 * (w**2).sum(),
        lambda out, w: error(out) + (out**2).mean() - ag.square(out.mean()),  # a variance
        lambda out, w: error(out) - 0.1 * ((out[:4] - out[4:]) ** 2).mean(),  # apart on purpose
        lambda out, w: -(out**2).mean(),  # a principal component, whose weights are kept in bounds
        lambda out, w: error(out) - 0.1 * ag.sqrt((out**2).sum()),
        lambda out, w: error(out) - (out**2).mean() * out.mean(),
        lambda out, w: error(out) / (1.0 + (w**2).sum()),
        lambda out, w: error(out) + 0.1 * (w**3).sum(),
    ],
)
def test_others_are_left_in_peace(loss):
    assert found(loss) == []
