"""Taking parts of an array, and adding gradients back to them."""

import numpy as np
import pytest

import autograd as ag


@pytest.mark.parametrize("shape", [(7, 9), (50, 3, 4), (300, 8)])
def test_many_rows_are_added_as_np_add_at_does(shape):
    rng = np.random.default_rng(0)
    index = rng.integers(-shape[0], shape[0], (20, 5))
    x = ag.Tensor(rng.normal(size=shape), requires_grad=True)
    g = rng.normal(size=(20, 5, *shape[1:]))
    x[index].backward(g)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-13, atol=1e-13)
