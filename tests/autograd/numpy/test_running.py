"""Running extremes and sums, and `accumulate` of NumPy's functions."""

import itertools

import numpy as np
import pytest

import autograd as ag

X = np.array([[1.0, -2.0, 0.5, 3.0], [3.0, 0.25, -1.5, 2.0]])


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum, np.logaddexp])
@pytest.mark.parametrize("axis", [0, 1])
def test_accumulate(ufunc, axis):
    found = ufunc.accumulate(ag.Tensor(X), axis=axis)
    np.testing.assert_allclose(found.data, ufunc.accumulate(X, axis=axis), rtol=1e-14)
    assert ag.check_gradients(lambda x: ufunc.accumulate(x, axis=axis), X, order=2)


def test_nan_and_ties_of_running_extremes():
    x = ag.Tensor([1.0, 1.0, np.nan, 2.0], requires_grad=True)
    found = ag.cummax(x)
    np.testing.assert_array_equal(found.data, [1.0, 1.0, np.nan, np.nan])
    found[1].backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert ag.cummin(X).tolist() == list(itertools.accumulate(X.ravel().tolist(), min))


def test_a_running_logarithm_does_not_lose_early_entries():
    """A shift by the largest entry of all would make the first ones -inf."""
    x = ag.Tensor([-1000.0, 0.0, 1000.0], requires_grad=True)
    found = ag.logcumsumexp(x)
    assert found.tolist() == [-1000.0, 0.0, 1000.0]
    found.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]
    assert ag.logcumsumexp(ag.Tensor([-np.inf, 1.0])).tolist() == [-np.inf, 1.0]
