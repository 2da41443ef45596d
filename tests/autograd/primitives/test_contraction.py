"""Products: each contraction is NumPy's, with the gradients of the formula."""

import numpy as np
import pytest

import autograd as ag
from autograd.primitives.contraction import einsum, inner, matmul

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shapes", [((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4))])  # fmt: skip
def test_matmul(shapes):
    x, y = (ag.Tensor(RNG.normal(size=shape), requires_grad=True) for shape in shapes)
    out = matmul(x, y)
    np.testing.assert_allclose(out.data, x.data @ y.data)
    g = RNG.normal(size=out.shape)
    gx, gy = ag.gradients((out * g).sum(), [x, y])
    expected = g @ np.swapaxes(y.data, -1, -2), np.swapaxes(x.data, -1, -2) @ g
    for found, whole in zip((gx, gy), expected, strict=True):
        extra = whole.ndim - found.ndim
        np.testing.assert_allclose(found, whole.sum(axis=tuple(range(extra))))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (5, 2, 3)])
def test_inner_is_a_product_with_the_transpose(shape):
    x, w = ag.Tensor(RNG.normal(size=shape), requires_grad=True), RNG.normal(size=(4, 3))
    out = inner(x, w)
    np.testing.assert_allclose(out.data, x.data @ w.T)
    [g] = ag.gradients(out.sum(), [x])
    np.testing.assert_allclose(g, np.broadcast_to(w.sum(0), shape))


def test_einsum_of_a_repeated_letter():
    x = ag.Tensor(RNG.normal(size=(3, 3)), requires_grad=True)
    [g] = ag.gradients(einsum(x, subscripts="ii->"), [x])
    np.testing.assert_array_equal(g, np.eye(3))
