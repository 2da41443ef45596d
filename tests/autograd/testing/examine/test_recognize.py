"""Steps of the textbook are recognized by what they compute."""

import numpy as np
import pytest

from autograd.testing.examine import textbook as t
from autograd.testing.examine.recognize import axes_of, changes_of_known_steps, known_steps
from tests.autograd.testing.examine.graphs import flow, kinds, normal, trial

X = normal(5, 4)


def softmax(x):
    return t.softmax.kernel(x, axis=(1,))


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))


def batch_norm(x):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)


def layer_norm(x, w):
    c = x - x.mean(1, keepdims=True)
    return w * c / np.sqrt((c * c).mean(1, keepdims=True) + 1e-3)


def rms(x):
    return x / np.sqrt((x * x).mean(1, keepdims=True) + 1e-6)


@pytest.mark.parametrize(
    ("forward", "op", "axis"),
    [
        (softmax, t.softmax, (1,)),
        (sigmoid, t.sigmoid, None),
        (np.tanh, t.tanh, None),
        (batch_norm, t.normalize, (0,)),
        (rms, t.rms_normalize, (1,)),
    ],
)
def test_steps(forward, op, axis):
    f = flow(forward, X)
    found = {(k.op, k.axis) for k in known_steps(f) if k.segment == (len(f.nodes) - 1, 0)}
    assert (op, axis) in found


def test_a_scaled_normalization_and_nothing_else():
    f = flow(layer_norm, X, normal(4))
    assert (t.normalize, (1,)) in {(k.op, k.axis) for k in known_steps(f)}
    assert known_steps(flow(lambda x: np.exp(x) * 2 + x, X)) == []
    assert list(axes_of(2)) == [(1,), (0,), (1, 0)]


def p_and_inner(g):
    p = softmax(X)
    return p, (g * p).sum(1, keepdims=True)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda g, p: g - (g * p).sum(1, keepdims=True), "slope missing"),
        (lambda g, p: p * (g + (g * p).sum(1, keepdims=True)), "sign"),
        (lambda g, p: p * g, "term missing"),
        (lambda g, p: p * (g - (g * p).sum(0)), "summed over the wrong axis"),
        (lambda g, p: X * (g - (g * X).sum(1, keepdims=True)), "wrong point"),
        (lambda g, p: p * (g - g * p), "not summed"),
    ],
)
def test_changes_of_softmax(change, kind):
    g = trial(softmax, X).seeds[0]
    t = trial(softmax, X, answer=lambda _: {"x": change(g, softmax(X))})
    assert kind in kinds(changes_of_known_steps(t.flow), t, "x")


def test_a_normalization_without_mean_and_variance_or_without_its_scale():
    std = np.sqrt(X.var(0) + 1e-5)
    g = trial(batch_norm, X).seeds[0]
    t = trial(batch_norm, X, answer=lambda _: {"x": g / std})
    assert "term missing" in kinds(changes_of_known_steps(t.flow), t, "x")


@pytest.mark.parametrize(
    ("forward", "slope"),
    [
        (np.tanh, lambda g, h: g * h * (1 - h)),
        (np.tanh, lambda g, h: g * (1 - h)),
        (np.tanh, lambda g, h: g * (X > 0)),
        (np.tanh, lambda g, h: 1 - g**2),
        (sigmoid, lambda g, h: g * (1 - h**2)),
        (sigmoid, lambda g, h: g * (1 - g)),
    ],
)
def test_the_slope_of_another_activation(forward, slope):
    g = trial(forward, X).seeds[0]
    t = trial(forward, X, answer=lambda _: {"x": slope(g, forward(X))})
    assert "wrong point" in kinds(changes_of_known_steps(t.flow), t, "x")
