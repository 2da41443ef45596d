"""What an answer that ignores the input gives, for each loss that is recognized."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F
from nn.inspect.chance import chance, constant_answer
from nn.inspect.graph import LossGraph

X = np.random.default_rng(0).normal(size=(32, 4))
TARGET = 3.0 + X[:, :1]


def graph(loss, width):
    out = nn.Linear(4, width)(X)
    return LossGraph(loss(out), [out])


def test_of_classes():
    found = graph(lambda out: F.cross_entropy(out, X.argmax(axis=1)), 4)
    assert chance(found) == (pytest.approx(np.log(4)), "ln 4")
    assert constant_answer(found) == pytest.approx(np.log(4))


def test_of_a_regression_a_constant_knows_the_mean():
    found = graph(lambda out: F.mse_loss(out, TARGET), 1)
    assert chance(found) == (pytest.approx(np.mean(TARGET**2)), "an output of 0")
    assert constant_answer(found) == pytest.approx(np.var(TARGET))


def test_of_two_classes():
    target = (X[:, :1] > 0).astype(float)
    found = graph(lambda out: F.binary_cross_entropy_with_logits(out, target), 1)
    assert chance(found) is None and constant_answer(found) == pytest.approx(np.log(2))


@pytest.mark.parametrize("loss", [lambda out: (out**2).sum(), lambda out: ag.abs(out).mean()])
def test_of_others_nothing_is_known(loss):
    found = graph(loss, 1)
    assert chance(found) is None and constant_answer(found) is None
