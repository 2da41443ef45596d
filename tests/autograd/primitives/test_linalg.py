"""Linear algebra: singular matrices, equal values, and packed decompositions."""

import numpy as np
import pytest

import autograd as ag
from autograd.primitives import linalg as p

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("x", [[[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[3.0, 1.0], [0.5, 2.0]]])  # fmt: skip
def test_the_slope_of_a_determinant_is_its_cofactors(x):
    t = ag.Tensor(x, requires_grad=True)
    [g] = ag.gradients(p.det(t), [t])
    (a, b), (c, d) = x
    np.testing.assert_allclose(g, [[d, -c], [-b, a]], atol=1e-14)


def test_a_singular_matrix_spoils_no_other_of_its_stack():
    x = ag.Tensor([[[1.0, 2.0], [2.0, 4.0]], [[2.0, 0.0], [0.0, 4.0]]], requires_grad=True)
    [g] = ag.gradients(p.log_abs_det(x)[1], [x])
    np.testing.assert_allclose(g[1], [[0.5, 0.0], [0.0, 0.25]])


def test_packed_parts_multiply_to_the_matrix():
    x = RNG.normal(size=(4, 3))
    u, s, v = p.svd_parts(p.svd(x), 4)
    np.testing.assert_allclose((u * s) @ v.T, x)
    w, q = p.eigh_parts(p.eigh(x.T @ x))
    np.testing.assert_allclose((q * w) @ q.T, x.T @ x)


def test_vectors_of_equal_values_have_no_slope():
    x = ag.Tensor(np.eye(2), requires_grad=True)
    values, vectors = p.eigh_parts(p.eigh(x))
    np.testing.assert_allclose(ag.gradients(values.sum(), [x])[0], np.eye(2))
    values, vectors = p.eigh_parts(p.eigh(x))
    assert np.isnan(ag.gradients(vectors[0, 1], [x])[0]).any()
