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


def test_samples_of_a_class_follow_the_probabilities():
    logits = np.log([0.2, 0.5, 0.3])
    rng = np.random.default_rng(0)
    samples = nn.functional.gumbel_softmax(np.tile(logits, (20_000, 1)), hard=True, generator=rng)
    np.testing.assert_allclose(samples.mean(0), [0.2, 0.5, 0.3], atol=0.02)
    assert set(np.unique(samples.round(9))) == {0.0, 1.0}


def test_a_hard_sample_has_the_gradient_of_the_soft_one():
    x = ag.Tensor([[0.3, -0.2, 0.1]], requires_grad=True)
    found = []
    for hard in (False, True):
        rng = np.random.default_rng(1)
        out = nn.functional.gumbel_softmax(x, 0.7, hard, dim=1, generator=rng)
        found += ag.gradients((out * [[1.0, 2.0, 4.0]]).sum(), [x])
    np.testing.assert_array_equal(*found)
    with pytest.raises(ValueError, match="gumbel_softmax: got tau=0; expected a number, above 0"):
        nn.functional.gumbel_softmax(x, 0)
