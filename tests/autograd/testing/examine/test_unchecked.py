"""A gradient that did not come is said, and does not pass unless none is needed."""

import numpy as np

import autograd as ag
from autograd.testing.examine.subject import Functions
from autograd.testing.examine.unchecked import not_found, not_read, unchecked
from tests.autograd.testing.examine.graphs import mlp, normal, trial

X, W, B = normal(4, 3), normal(3, 5), normal(5)


def test_what_is_needed_and_what_is_not():
    t = trial(mlp, X, W, B)
    assert dict(unchecked(t.subject, t, {"b"})) == {"x": "data by its name", "W": ""}
    unused = trial(lambda W, c: W * 2.0, W, B)
    assert dict(unchecked(unused.subject, unused, {"W"})) == {}


def test_findings():
    subject = Functions(mlp, lambda g, x, W, b: g, [X, W, B], None)
    name, kind, _, text, evidence = not_found("W", subject)
    assert (name, kind) == ("W", "unknown") and "no gradient of W came" in text
    assert "dW was not checked" in evidence
    subject.learned = ["W"]
    assert "left none in grad_W, dW, W_grad" in not_found("W", subject)[3]
    assert "belongs to none of x, W" in not_read("dV", ["x", "W"])[3]


class Layer:
    def __init__(self):
        self.W, self.running_mean = normal(3, 5), np.ones(5)

    def forward(self, x):
        self.x = x
        return x @ self.W - self.running_mean

    def backward(self, g):
        return g @ self.W.T


def test_a_layer_without_a_gradient():
    report = ag.check_backward(Layer(), X)
    assert not report.passed and report.arguments == {"x": True}
    assert report.unchecked == {"W": "", "running_mean": "a constant by its name"}
    assert "W             NOT FOUND" in str(report) and "a gradient is missing" in str(report)
