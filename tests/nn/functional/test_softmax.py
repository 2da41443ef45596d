"""Softmax and its logarithm: sums, shifts, and large entries."""

import numpy as np
import pytest

import autograd as ag
import nn

f = nn.functional
X = np.array([[1.0, 2.0, 4.0], [-3.0, 0.0, 0.5]])


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_shares_sum_to_1_and_have_their_logarithms(axis):
    shares = ag.data_of(f.softmax(X, axis))
    np.testing.assert_allclose(shares, np.exp(X) / np.exp(X).sum(axis, keepdims=True))
    np.testing.assert_allclose(ag.data_of(f.log_softmax(X, axis)), np.log(shares))
    np.testing.assert_allclose(ag.data_of(f.softmin(-X, axis)), shares)


@pytest.mark.parametrize("shift", [-1e4, 1e4])
def test_a_shift_changes_nothing(shift):
    np.testing.assert_allclose(ag.data_of(f.softmax(X + shift, 1)), ag.data_of(f.softmax(X, 1)))


def test_an_axis_that_is_not_there():
    with pytest.raises(ag.ShapeError, match="softmax: got axis 2"):
        f.softmax(X, 2)
