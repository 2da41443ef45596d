"""Einstein summation: subscripts in each of NumPy's notations, gradients, and messages."""

import numpy as np
import pytest

import autograd as ag

X, Y = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    "call",
    [
        ("ij,jk->ik", X, Y), ("ij,jk", X, Y), ("...j,jk->...k", X, Y), ("ij->ji", X), ("ij->", X),
        (X, [0, 1], Y, [1, 2], [0, 2]), ("ij,ij->i", X, X), ("ii->i", Y[:, :3]), ("i j, j k -> i k", X, Y),
    ],
)  # fmt: skip
def test_each_notation_is_numpys(call):
    tensors = [ag.Tensor(t) if isinstance(t, np.ndarray) else t for t in call]
    np.testing.assert_allclose(ag.einsum(*tensors).data, np.einsum(*call))


def test_gradients_of_a_product():
    x, y = ag.Tensor(X, requires_grad=True), ag.Tensor(Y, requires_grad=True)
    gx, gy = ag.gradients(ag.einsum("ij,jk->ik", x, y).sum(), [x, y])
    np.testing.assert_array_equal(gx, np.ones((2, 4)) @ Y.T)
    np.testing.assert_array_equal(gy, X.T @ np.ones((2, 4)))


def test_messages():
    with pytest.raises(ag.ShapeError, match=r"einsum: got 1 array for 'ij,jk'"):
        ag.einsum("ij,jk", X)
    with pytest.raises(ag.ShapeError, match=r"'ijk' for array 0 of 2 axes"):
        ag.einsum("ijk", ag.Tensor(X))
