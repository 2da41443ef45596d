"""Diagonals and triangles, and where their gradients go."""

import numpy as np
import pytest

import autograd as ag

X = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("k", [-3, -1, 0, 2, 5])
@pytest.mark.parametrize("f", [np.tril, np.triu, np.diag, np.diagonal, np.trace])
def test_each_diagonal_is_numpys(f, k):
    x = ag.Tensor(X, requires_grad=True)
    out = f(x, k)
    np.testing.assert_array_equal(out.data, f(X, k))
    mask = np.triu(np.tril(np.ones(X.shape), k), k)
    if f in (np.tril, np.triu):
        mask = f(np.ones(X.shape), k)
    np.testing.assert_array_equal(ag.gradients(out.sum(), [x])[0], mask)


def test_a_vector_becomes_a_diagonal_and_gets_it_back():
    v = ag.Tensor([1.0, 2.0], requires_grad=True)
    out = ag.diag(v, 1)
    np.testing.assert_array_equal(out.data, np.diag([1.0, 2.0], 1))
    [g] = ag.gradients((out * np.arange(9.0).reshape(3, 3)).sum(), [v])
    np.testing.assert_array_equal(g, [1.0, 5.0])


def test_an_offset_is_an_integer():
    with pytest.raises(ag.ShapeError, match=r"diag: got k=1\.5; expected an int"):
        ag.diag(ag.Tensor(X), 1.5)
