"""Moving entries: the adjoint of each primitive moves them back."""

import numpy as np
import pytest

import autograd as ag
from autograd.primitives.shaping import cast, concatenate, reshape, transpose

X = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize(
    ("move", "back"),
    [
        (lambda x: reshape(x, shape=(3, 2)), lambda g: g.reshape(2, 3)),
        (lambda x: transpose(x, axes=(1, 0)), lambda g: g.T),
        (lambda x: concatenate(x, x * 2.0, axis=0), lambda g: g[:2] + 2.0 * g[2:]),
    ],
)
def test_gradients_move_back(move, back):
    x = ag.Tensor(X, requires_grad=True)
    out = move(x)
    weights = np.arange(1.0, out.size + 1.0).reshape(out.shape)
    np.testing.assert_array_equal(ag.gradients((out * weights).sum(), [x])[0], back(weights))


def test_a_gradient_has_the_dtype_of_its_input():
    x = ag.Tensor(X.astype(np.float32), requires_grad=True)
    out = cast(x, dtype=np.dtype(float))
    assert out.dtype == float and ag.gradients(out.sum(), [x])[0].dtype == np.float32
