"""Gradients through the steps of a recurrent layer, inside a module or in a loop of calls."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.graph import LossGraph
from nn.inspect.recurrence import over_time

X = np.random.default_rng(0).normal(size=(4, 20, 3))


def findings(radius, steps=20, kind="relu"):
    ag.random.seed(0)
    rnn = nn.RNN(3, 8, nonlinearity=kind, batch_first=True)
    rnn.weight_hh_l0.data = np.eye(8) * radius
    return list(over_time(LossGraph(rnn(X[:, :steps])[0][:, -1].sum())))


def test_what_explodes():
    [found] = findings(3.0)
    assert found.kind == "exploding gradients" and found.numbers["gain"] == pytest.approx(3.0, 0.1)
    assert "at the first of 19 steps" in found.text


def test_what_vanishes():
    [found] = findings(0.05)
    assert found.kind == "vanishing gradients"


def test_what_keeps_its_size_and_what_is_short():
    assert findings(1.0) == [] == findings(3.0, steps=6)


def test_a_weight_that_is_only_shared_is_not_recurrent():
    layer = nn.Linear(3, 3)
    inputs = [ag.Tensor(X[:, t] * 10.0**t, requires_grad=True) for t in range(12)]
    total = sum(layer(x).sum() for x in inputs)
    assert list(over_time(LossGraph(total))) == []
