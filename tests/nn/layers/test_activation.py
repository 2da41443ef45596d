"""Activations as modules: each is the function of its options."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.linspace(-2.0, 2.0, 12).reshape(2, 6)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (nn.ReLU(), np.maximum(X, 0.0)),
        (nn.LeakyReLU(0.1), np.where(X > 0, X, 0.1 * X)),
        (nn.ELU(2.0), np.where(X > 0, X, 2.0 * np.expm1(X))),
        (nn.Sigmoid(), 1 / (1 + np.exp(-X))),
        (nn.Tanh(), np.tanh(X)),
        (nn.Hardtanh(-1.0, 0.5), np.clip(X, -1.0, 0.5)),
        (nn.Softmax(0), np.exp(X) / np.exp(X).sum(0)),
        (nn.GLU(), X[:, :3] / (1 + np.exp(-X[:, 3:]))),
        (nn.Maxout(2), X.reshape(2, 3, 2).max(-1)),
    ],
    ids=lambda x: type(x).__name__,
)
def test_a_layer_is_its_formula(layer, expected):
    np.testing.assert_allclose(ag.data_of(layer(X)), expected)


def test_prelu_learns_its_slope():
    layer = nn.PReLU(init=0.25)
    out = layer(X)
    np.testing.assert_allclose(out.data, np.where(X > 0, X, 0.25 * X))
    out.sum().backward()
    assert layer.weight.grad.sum() == pytest.approx(X[X < 0].sum())


def test_options_are_shown_and_checked():
    assert repr(nn.LeakyReLU(0.1)) == "LeakyReLU(negative_slope=0.1)"
    with pytest.raises(
        ValueError, match="GELU: got approximate='x'; expected one of 'none', 'tanh'"
    ):
        nn.GELU("x")
