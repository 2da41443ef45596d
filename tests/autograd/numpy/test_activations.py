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


@pytest.mark.parametrize("base", [0.0, 1e4, -1e4, 1e7, 3e38])
@pytest.mark.parametrize("n", [2, 50, 1000])
def test_float32_softmax_and_its_gradients_are_within_a_few_ulp(base, n):
    x = (base + M[0, 1] * np.linspace(-1, 1, n) * max(1.0, abs(base) * 1e-7)).astype(np.float32)
    powers = np.exp(x.astype(float) - x.max())
    shares = powers / powers.sum()
    c = np.linspace(-1.0, 1.0, n).astype(np.float32)
    few = 8 * np.finfo(np.float32).eps
    np.testing.assert_allclose(ag.softmax(x), shares, rtol=few)
    np.testing.assert_allclose(ag.softmax(x).sum(), 1.0, rtol=few)
    np.testing.assert_allclose(ag.grad(ag.logsumexp)(x), shares, rtol=few)
    np.testing.assert_allclose(
        ag.grad(lambda x: ag.sum(ag.log_softmax(x) * c))(x), c - shares * c.sum(), atol=few
    )
    slopes = shares * (c - shares @ c.astype(float))
    found = ag.grad(lambda x: ag.sum(ag.softmax(x) * c))(x)
    np.testing.assert_allclose(found, slopes, atol=few * shares.max())


def test_one_hot():
    assert ag.one_hot([[1], [0]], 2).shape == (2, 1, 2)
    assert ag.one_hot([2]).tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize("f", [ag.softmax, ag.log_softmax])
@pytest.mark.parametrize("x", [1j, [1j, 2.0], np.array([1j])])
def test_imaginary_parts_are_not_dropped_in_silence(f, x):
    with pytest.raises(ag.DTypeError, match="data of dtype complex128; expected real numbers"):
        f(x)
