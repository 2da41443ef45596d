"""Terms left out, counted otherwise, added; variables left out; masks at the wrong place."""

import numpy as np

import autograd as ag
from autograd.testing.examine.hypothesis import at_edge
from autograd.testing.examine.paths import (
    epsilons_left_out,
    extra_terms,
    misplaced_masks,
    other_programs,
    parts_of,
    scaled_paths,
    stale_inputs,
    without_epsilons,
)
from autograd.testing.examine.problem_numbers import Number
from autograd.testing.examine.subject import Layer
from autograd.testing.examine.trial import Trial
from tests.autograd.testing.examine.graphs import kinds, normal, trial

X, W = normal(5), normal(5)


def forward(x, w):
    return np.sin(x) + w * x


def answered(change):
    g = trial(forward, X, W).seeds[0]
    return trial(forward, X, W, answer=lambda _: {"x": change(g)})


def test_paths():
    for change, kind in (
        (lambda g: g * np.cos(X), "term missing"),
        (lambda g: g * np.cos(X) - g * W, "sign"),
        (lambda g: g * np.cos(X) + 3 * g * W, "factor"),
    ):
        t = answered(change)
        numbers = [Number("three", 3.0)]
        assert kind in kinds(scaled_paths(t, ["x"], numbers), t, "x")
    assert len(list(parts_of(t.flow))) == len(t.flow.edges()) + 1


def test_extra_terms():
    for change, kind in (
        (lambda g: g * np.cos(X) + g * W + 0.1 * X, "extra term"),
        (lambda g: g * np.cos(X) + g * W + 2.0, "extra term"),
        (lambda g: (g * np.cos(X) + g * W) * W, "wrong operand"),
    ):
        t = answered(change)
        assert kind in kinds(extra_terms(t, "x", []), t, "x")


def test_other_programs():
    t = answered(lambda g: g * np.cos(X) + g)
    assert "slope missing" in kinds(other_programs(t, ["x"]), t, "x")


def test_a_mask_at_the_wrong_place():
    relu = lambda x: np.maximum(x, 0)
    g = trial(relu, X).seeds[0]
    t = trial(relu, X, answer=lambda _: {"x": g * np.array([1.0, 0, 1, 0, 0])})
    unmasked = [at_edge("slope missing", 2.0, "", edge, lambda s: s.g) for edge in t.flow.edges()]
    assert kinds(misplaced_masks(t.flow, unmasked), t, "x") == {"mask"}


def test_state_of_an_earlier_call():
    class Square:
        def __init__(self):
            self.kept = np.arange(5.0)

        def forward(self, x):
            return x * x

        def backward(self, g):
            return 2 * g * self.kept

    subject = Layer(Square(), [X], None)
    g = np.ones(5)
    t = Trial(subject, subject.given, {"x": 2 * g * np.arange(5.0)}, [g])
    [stale] = stale_inputs(t)
    assert stale.kind == "stale" and "kept" in stale.text


def test_a_variable_turned_round():
    product = lambda x, w: np.sin(x @ w)
    x, w = normal(4, 3), normal(3)
    g = trial(product, x, w).seeds[0]
    t = trial(product, x, w, answer=lambda _: {"x": np.outer(g * np.cos(x @ w[::-1]), w[::-1])})
    assert "wrong operand" in kinds(other_programs(t, ["x"]), t, "x")


def test_epsilons():
    root = lambda x: np.sqrt(x * x + 1e-4)
    g = trial(root, X).seeds[0]
    t = trial(root, X, answer=lambda _: {"x": g * np.sign(X)})
    assert kinds(epsilons_left_out(t.flow), t, "x") == {"term missing"}
    assert without_epsilons(t.flow)[0] == 1e-4
    assert without_epsilons(trial(forward, X, W).flow) is None


def test_an_epsilon_that_keeps_a_logarithm_finite_may_be_left_out():
    loss = lambda p: -np.sum(np.log(p + 1e-7))
    report = ag.check_backward(loss, lambda p: -1 / p, np.array([0.2, 0.3, 0.5]))
    assert report.passed and report.remarks == [
        "dp leaves out the 1e-07 that the forward pass adds"
    ]
    loss = lambda p: -np.sum(np.log(p + 1e-4))
    report = ag.check_backward(loss, lambda p: -1 / p, np.array([0.2, 0.3, 0.5]))
    assert not report.passed and report.mistakes[0].kind == "term missing"


def test_a_mask_of_dropout_that_was_drawn_again():
    mask, other = np.array([1.0, 1, 0, 1, 0]) / 0.6, np.array([0.0, 1, 1, 1, 0]) / 0.6
    g = trial(lambda x: x * mask, X).seeds[0]
    t = trial(lambda x: x * mask, X, answer=lambda _: {"x": g * other})
    unmasked = [at_edge("slope missing", 2.0, "", edge, lambda s: s.g) for edge in t.flow.edges()]
    [found] = misplaced_masks(t.flow, unmasked)
    assert "drawn again" in found.text and t.agrees("x", found.predict(t)["x"])
