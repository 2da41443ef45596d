"""Losses that fall as outputs get worse."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F
from nn.inspect.graph import LossGraph
from nn.inspect.signs import wrong_sign

X = np.random.default_rng(0).normal(size=(12, 4))
Y = np.arange(12) % 3
HOT = np.eye(3)[Y]
SOFT = 0.8 * HOT + 0.2 / 3
LOSSES = {
    "squares": lambda out: ((out - HOT) ** 2).mean(),
    "cross-entropy": lambda out: F.cross_entropy(out, Y),
    "one-hot": lambda out: -(F.log_softmax(out, dim=-1) * HOT).sum(axis=-1).mean(),
    "soft": lambda out: -(SOFT * F.log_softmax(out, dim=-1)).sum(axis=-1).mean(),
    "of a softmax": lambda out: -(HOT * ag.log(ag.softmax(out, axis=-1))).sum(axis=-1).mean(),
    "logistic": lambda out: F.binary_cross_entropy_with_logits(out, HOT),
}


def found(loss, sign):
    ag.random.seed(0)
    model = nn.Linear(4, 3)
    out = model(X)
    return [f.kind for f in wrong_sign(LossGraph(loss(out), [out]), sign)]


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_negative(name):
    loss = LOSSES[name]
    assert found(loss, 1.0) == []
    assert found(lambda out: -loss(out), 1.0) == ["loss with the wrong sign"]
    assert found(loss, -1.0) == ["steps uphill"]
    assert found(lambda out: -loss(out), -1.0) == []


def test_rewards_of_both_signs_are_no_loss():
    advantage = np.where(np.arange(12) % 2, 1.0, -1.0)[:, None]
    policy = lambda out: -(F.log_softmax(out, dim=-1) * HOT * advantage).sum(axis=-1).mean()
    assert found(policy, 1.0) == [] == found(lambda out: -policy(out), 1.0)
