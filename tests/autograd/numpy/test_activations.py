"""The softmax family, far from 0 and at -inf; one-hot rows."""

import numpy as np
import pytest

import autograd as ag

M = np.random.default_rng(0).permutation(np.linspace(-1.7, 2.3, 12)).reshape(3, 4)
V = np.linspace(-1.9, 2.1, 6)
X = np.array([[1e4, 1e4 - 1.0, -np.inf], [0.0, -1e4, 3.0]])


def test_softmax_sums_to_one():
    np.testing.assert_allclose(ag.softmax(X).sum(-1), 1.0)


def test_log_sum_exp_does_not_overflow():
    expected = [1e4 + np.log(1 + np.exp(-1)), np.logaddexp(0, 3.0)]
    np.testing.assert_allclose(ag.logsumexp(X, axis=-1), expected)
    assert ag.logsumexp(ag.Tensor([-np.inf, -np.inf])).item() == -np.inf


def test_minus_infinity_has_no_share_of_the_gradient():
    t = ag.Tensor([-np.inf, 0.0], requires_grad=True)
    ag.logsumexp(t).backward()
    assert t.grad.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("f", [ag.softmax, ag.log_softmax, ag.logsumexp])
def test_gradients_over_two_axes(f):
    assert ag.check_gradients(lambda y: f(y, axis=(0, 1)), M, order=2).passed


def test_the_jacobian_of_softmax():
    p = ag.softmax(V)
    np.testing.assert_allclose(ag.jacobian(ag.softmax)(V), np.diag(p) - np.outer(p, p), atol=1e-15)


def test_one_hot():
    assert ag.one_hot([[1], [0]], 2).shape == (2, 1, 2)
    assert ag.one_hot([2]).tolist() == [[0.0, 0.0, 1.0]]
