"""What was computed outside of a graph: recognized by its values, or an argument of the program."""

import numpy as np

import autograd as ag
import nn
from tests.autograd.derivation.building import errors_of_function

x = np.random.default_rng(0).normal(size=(6, 4))


def test_a_condition_is_written_as_a_comparison():
    derivation = ag.derive(nn.LeakyReLU(0.1), x)
    assert "x > 0" in derivation.source and list(derivation.arguments) == ["x", "dout"]
    f, given = derivation.function(), derivation.arguments
    out, _ = f(**(given | {"x": -given["x"]}))  # at another point, where other entries are positive
    assert np.array_equal(out, np.where(x < 0, -x, -0.1 * x))


def test_the_largest_logit_is_computed_by_the_program():
    derivation = ag.derive(nn.Softmax(1), x)
    assert "max(axis=1" in derivation.source
    out, _ = derivation.function()(**(derivation.arguments | {"x": x + 1e4}))
    assert np.allclose(out, ag.softmax(x))


def test_a_mask_of_dropout_is_an_argument():
    ag.random.seed(0)
    derivation = ag.derive(nn.Dropout(0.5)(ag.Tensor(x, requires_grad=True)))
    assert "mask" in derivation.arguments
    assert max(errors_of_function(derivation)) == 0.0


def test_the_rest_of_targets_is_computed_by_the_program():
    t = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    w = ag.Tensor(np.ones(4), requires_grad=True)
    derivation = ag.derive(nn.functional.binary_cross_entropy_with_logits(x @ w, t))
    assert set(derivation.arguments) == {"x", "t", "w"}


def test_data_without_an_explanation_is_an_argument():
    w = ag.Tensor(np.ones(4), requires_grad=True)
    derivation = ag.derive((w * np.array([0.3, -0.2, 0.9, 4.0])).sum())
    [other] = set(derivation.arguments) - {"w"}
    assert derivation.arguments[other][1] == -0.2
