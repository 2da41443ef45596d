"""Attention that is decided before anything was learned."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.faults.sequences import Attention


@pytest.mark.parametrize(("scale", "expected"), [(None, []), (100.0, ["saturated units"])])
def test_attention(scale, expected):
    ag.random.seed(0)
    model = Attention(scale=scale)
    x = np.random.default_rng(0).normal(size=(8, 6, 3))
    with nn.diagnose(model) as report:
        nn.cross_entropy(model(x), np.arange(8) % 2).backward()
    assert [f.kind for f in report.findings] == expected


def test_a_classifier_may_be_certain():
    model = nn.Sequential(nn.Linear(3, 4), nn.Softmax(dim=1))
    nn.init.values_(model[0].weight, 100.0 * np.eye(4)[:, :3])
    x = np.random.default_rng(0).normal(size=(32, 3))
    with nn.diagnose(model) as report:
        nn.functional.mse_loss(model(x), np.full((32, 4), 0.25)).backward()
    assert not [f for f in report.findings if f.kind == "saturated units"]
