"""Activations called as functions, and attention, that are idle before anything was learned."""

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


class Functional(nn.Module):
    """Activations as functions in `forward`."""

    def __init__(self, activation, weight=None, bias=None):
        super().__init__()
        self.a, self.b, self.activation = nn.Linear(3, 16), nn.Linear(16, 4), activation
        if weight is not None:
            nn.init.normal_(self.a.weight, std=weight)
        if bias is not None:
            nn.init.constant_(self.a.bias, bias)

    def forward(self, x):
        return self.b(self.activation(self.a(x)))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ((ag.relu, None, -30.0), [("dying ReLU", "a")]), ((ag.relu,), []), ((ag.sigmoid, 50.0), [("saturated units", "a")]),
        ((ag.tanh, 50.0), [("saturated units", "a")]), ((ag.tanh,), []), ((nn.functional.relu, None, -30.0), [("dying ReLU", "a")]),
    ],
    ids=["dead", "alive", "sigmoid", "tanh", "well", "nn.functional"],
)  # fmt: skip
def test_activations_that_are_functions(model, expected):
    ag.random.seed(0)
    model = Functional(*model)
    x = np.random.default_rng(0).normal(size=(32, 3))
    with nn.diagnose(model) as report:
        nn.cross_entropy(model(x), np.arange(32) % 4).backward()
    assert [
        (f.kind, f.layer) for f in report.findings if "unit" in f.kind or "ReLU" in f.kind
    ] == expected


@pytest.mark.parametrize("as_function", [True, False])
def test_what_one_batch_leaves_idle_another_may_need(as_function):
    class Critic(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last, self.relu = nn.Linear(2, 16), nn.Linear(16, 1), nn.ReLU()

        def forward(self, x):
            h = self.first(x)
            return self.last(ag.relu(h) if as_function else self.relu(h))

    ag.random.seed(0)
    model, rng = Critic(), np.random.default_rng(0)
    far = rng.normal(size=(2, 32, 2)) + np.array([4.0, -4.0]).reshape(2, 1, 1)
    with nn.diagnose({"d": model}) as report:
        (model(far[0]).mean() - model(far[1]).mean()).backward()
    assert report.findings == []
    nn.init.constant_(model.first.bias, -100.0)
    with nn.diagnose({"d": model}) as report:
        (model(far[0]).mean() - model(far[1]).mean()).backward()
    found = report.findings[0]
    assert (found.kind, found.layer) == ("dying ReLU", "d.first" if as_function else "d.relu")
