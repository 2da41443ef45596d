"""Which compositions are taken for one step, in `nn` and as people write them, and which are not."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.derivation.matching import MATCHES, box_of
from tests.autograd.derivation.building import backward_of, errors_of_formulas

rng = np.random.default_rng(0)
x, W, b = rng.normal(size=(6, 4)), rng.normal(size=(4, 3)), np.zeros(3)
y = np.array([0, 1, 2, 0, 1, 2])
Y, t = np.eye(3)[y], np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
rows = np.arange(6)


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def shifted(z):
    s = z - z.max(axis=1, keepdims=True)
    return s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))


def shifted_back(z):
    m = z.max(axis=1, keepdims=True)
    return z - (m + np.log(np.sum(np.exp(z - m), axis=1, keepdims=True)))


LOSSES = {
    "nn": lambda z: nn.cross_entropy(z, y),
    "nn, probabilities": lambda z: nn.cross_entropy(z, Y),
    "log p at the classes": lambda z: -np.mean(np.log(softmax(z)[rows, y])),
    "log of softmax": lambda z: -ag.log(ag.softmax(z)[rows, y]).mean(),
    "log_softmax": lambda z: -ag.log_softmax(z)[rows, y].mean(),
    "one-hot": lambda z: -np.sum(Y * np.log(softmax(z))) / 6,
    "one-hot, rows": lambda z: -np.mean(np.sum(Y * np.log(softmax(z)), axis=1)),
    "log-sum-exp": lambda z: np.mean(np.log(np.exp(z).sum(1)) - z[rows, y]),
    "log-sum-exp, keepdims": lambda z: (
        -np.mean((z - np.log(np.exp(z).sum(1, keepdims=True)))[rows, y])
    ),
    "log-sum-exp, shifted": lambda z: -np.mean(shifted(z)[rows, y]),
    "log-sum-exp, shifted back": lambda z: -np.mean(shifted_back(z)[rows, y]),
    "log-sum-exp, one-hot": lambda z: -np.sum(Y * shifted_back(z)) / len(z),
    "exp twice": lambda z: -np.mean(np.log((np.exp(z) / np.exp(z).sum(1, keepdims=True))[rows, y])),
    "one-hot, log_softmax": lambda z: -(ag.log_softmax(z) * Y).sum(axis=1).mean(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_softmax_with_cross_entropy_ends_as_p_minus_y(name):
    def loss(W, b):
        z = x @ W + b
        return LOSSES[name](z)

    derivation = ag.derive(loss, W, b)
    [dz] = [line for line in backward_of(derivation) if line.startswith("dz")]
    assert dz in ("dz = (p − onehot(y)) / N", "dz = (p − Y) / N")
    assert max(errors_of_formulas(derivation)) < 1e-14


BINARY = {
    "nn": lambda z: nn.functional.binary_cross_entropy_with_logits(z, t),
    "nn, sigmoid": lambda z: nn.functional.binary_cross_entropy(ag.sigmoid(z), t),
    "by hand": lambda z: -np.mean(t * np.log(ag.sigmoid(z)) + (1 - t) * np.log(1 - ag.sigmoid(z))),
    "with exp": lambda z: logistic(1 / (1 + np.exp(-z))),
}


def logistic(p):
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


@pytest.mark.parametrize("name", BINARY)
def test_sigmoid_with_cross_entropy_ends_as_p_minus_t(name):
    def loss(w):
        z = x @ w
        return BINARY[name](z)

    derivation = ag.derive(loss, W[:, 0])
    assert "dz = (p − t) / N" in backward_of(derivation)
    assert max(errors_of_formulas(derivation)) < 1e-14


def test_sums_along_another_axis_are_no_softmax():
    def loss(z):
        return -np.mean((z - np.log(np.exp(z).sum(0)))[rows[:4], [0, 1, 2, 3]])

    derivation = ag.derive(loss, x[:4])
    assert "softmax(z)" in derivation.text  # along n; the classes are picked along j
    assert max(errors_of_formulas(derivation)) < 1e-14
    crossed = ag.derive(lambda z: (z - np.log(np.exp(z).sum(1))).sum(), x[:4])
    assert "softmax" not in "".join(step.equation for step in crossed.steps)
    assert max(errors_of_formulas(crossed)) < 1e-14


def test_a_clipped_probability_is_no_box():
    p = ag.Tensor([1e-13, 0.5], requires_grad=True)
    derivation = ag.derive(nn.functional.binary_cross_entropy(p, np.array([1.0, 0.0])))
    assert max(errors_of_formulas(derivation)) < 1e-14  # its slope is 10¹², not 1 / p


def test_targets_that_do_not_sum_to_one_are_derived_step_by_step():
    def loss(W, b):
        return -(ag.log_softmax(x @ W + b) * (2.0 * Y)).sum(axis=1).mean()

    derivation = ag.derive(loss, W, b)
    assert "p cancels" not in derivation.text
    assert max(errors_of_formulas(derivation)) < 1e-14


def test_a_tie_for_the_largest_is_derived_as_the_engine_shares_it():
    z = ag.Tensor([[1.0, 1.0, 0.0]], requires_grad=True)
    derivation = ag.derive(ag.max(z, axis=1).sum())
    assert max(errors_of_formulas(derivation)) == 0.0


def test_a_shift_along_another_axis_is_no_shift():
    z = ag.Tensor(x, requires_grad=True)
    e = ag.exp(z - ag.stop_gradient(z.mean(axis=0, keepdims=True)))
    p = e / ag.sum(e, axis=1, keepdims=True)
    box = box_of(p)
    assert box is not None and box.inputs[0] is not z


def test_matching_survives_what_is_like_a_box():
    z = ag.Tensor(np.abs(x), requires_grad=True)
    for like in (
        z / ag.sum(z),
        ag.log(z) - z,
        1.0 / (1.0 + z),
        z * (1.0 / ag.sqrt(z + 1.0)),
        z * z,
    ):
        derivation = ag.derive(like.sum())
        assert max(errors_of_formulas(derivation)) < 1e-14
    assert all(callable(f) for functions in MATCHES.values() for f in functions)
