"""Normalization, however it is written, and means."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.derivation.building import backward_of, errors_of_formulas

x = np.random.default_rng(0).normal(size=(8, 3))

WAYS = {
    "nn": lambda x: nn.functional.batch_norm(x, training=True),
    "var": lambda x: (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5),
    "keepdims": lambda x: (x - x.mean(0, keepdims=True)) / ag.sqrt(x.var(0, keepdims=True) + 1e-5),
    "mean of squares": lambda x: (
        (x - x.mean(axis=0)) / np.sqrt(((x - x.mean(axis=0)) ** 2).mean(axis=0) + 1e-5)
    ),
}


def by_steps(x, root):
    mu = x.mean(axis=0)
    var = ((x - mu) ** 2).mean(axis=0)
    return root(x - mu, var + 1e-5)


WAYS |= {
    "steps": lambda x: by_steps(x, lambda c, v: c / np.sqrt(v)),
    "power": lambda x: by_steps(x, lambda c, v: c / v**0.5),
    "inverse": lambda x: by_steps(x, lambda c, v: c * v**-0.5),
    "reciprocal": lambda x: by_steps(x, lambda c, v: c * (1.0 / np.sqrt(v))),
    "product": lambda x: (
        (x - x.sum(0) / 8) / np.sqrt(1e-5 + ((x - x.mean(0)) * (x - x.mean(0))).sum(0) / 8)
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_normalization_is_one_step(name):
    def layer(x):
        y = WAYS[name](x)
        return y

    derivation = ag.derive(layer, x)
    assert backward_of(derivation) == ["dx = (dy − meanₙ(dy) − y ⊙ meanₙ(dy ⊙ y)) / σ"]
    assert max(errors_of_formulas(derivation)) < 1e-14


def test_what_is_like_a_normalization_is_none():
    for like in (
        lambda x: (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=0) + 1e-5),
        lambda x: (x - x.mean(axis=0)) / np.sqrt(((x - 1.0) ** 2).mean(axis=0) + 1e-5),
        lambda x: (x[:3] - x[:3].mean(axis=1)) / np.sqrt(x[:3].var(axis=1) + 1e-5),
        lambda x: (x - 1.0) / np.sqrt(x.var(axis=0) + 1e-5),
        lambda x: (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + 1e-5),
    ):
        derivation = ag.derive(like, x)
        assert "three paths" not in derivation.text
        assert max(errors_of_formulas(derivation)) < 1e-13


def test_maximum_with_zero_has_the_mask_of_relu():
    def relu(z):
        h = np.maximum(0, z)
        return h

    assert backward_of(ag.derive(relu, x)) == ["dz = dh ⊙ [z > 0]"]
    at_zero = ag.derive(relu, np.array([0.0, 1.0]))  # where a tie shares the slope
    assert max(errors_of_formulas(at_zero)) == 0.0 and "0.5" in at_zero.text
