"""Linear maps as functions."""

import numpy as np
import pytest

import autograd as ag
import nn

f = nn.functional
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (5, 2, 3)])
def test_linear_is_the_formula(shape):
    x, w, b = RNG.normal(size=shape), RNG.normal(size=(4, 3)), RNG.normal(size=4)
    np.testing.assert_allclose(ag.data_of(f.linear(x, w, b)), x @ w.T + b)
    np.testing.assert_allclose(ag.data_of(f.linear(x, w)), x @ w.T)


def test_bilinear_is_the_formula():
    x, y, w = RNG.normal(size=(5, 2)), RNG.normal(size=(5, 3)), RNG.normal(size=(4, 2, 3))
    expected = np.einsum("ni,kij,nj->nk", x, w, y)
    np.testing.assert_allclose(ag.data_of(f.bilinear(x, y, w)), expected)


def test_messages():
    with pytest.raises(ag.ShapeError, match="linear: got"):
        f.linear(np.ones((2, 2)), np.ones((4, 3)))
