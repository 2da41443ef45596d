"""Binary cross-entropies: targets beyond 0 and 1, and a term that is missing."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F
from nn.inspect.graph import LossGraph
from nn.inspect.loss_findings import loss_findings

X = np.random.default_rng(0).normal(size=(32, 5))
Y = X[:, :3].argmax(axis=1)


def binary(loss, target, model=None):
    ag.random.seed(0)
    out = (model or nn.Linear(X.shape[1], 1))(X)
    return [f.kind for f in loss_findings(LossGraph(loss(out, target), [out]))]


BINARY = (Y > 0).astype(float)[:, None]


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (1.0, 2.0), (0.0, 255.0), (0.0, 3.0)])
def test_targets_beyond_0_and_1(low, high):
    target = np.where(BINARY > 0, high, low)
    found = binary(F.binary_cross_entropy_with_logits, target)
    assert "targets out of range" in found
    assert "targets out of range" not in binary(F.binary_cross_entropy_with_logits, BINARY)


def test_a_loss_that_lacks_a_term():
    def half(out, t):
        return -(t * ag.log(ag.sigmoid(out) + 1e-7)).mean()

    def whole(out, t):
        return half(out, t) - ((1.0 - t) * ag.log(1.0 - ag.sigmoid(out) + 1e-7)).mean()

    assert binary(half, BINARY) == ["loss lacks a term"] and binary(whole, BINARY) == []
