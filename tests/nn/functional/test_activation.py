"""Activations without overflow, the temperature of a softmax, and messages."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F

R = np.random.default_rng(15)


def test_softmax_with_temperature_from_zero_to_infinity():
    x = np.array([1.0, 3.0, 2.0])
    for t in (0.3, 1.0, 7.0):
        expected = np.exp(x / t) / np.exp(x / t).sum()
        np.testing.assert_allclose(F.softmax(x, temperature=t), expected, rtol=1e-13)
    for t in (0.0, 1e-300, 5e-324):
        assert F.softmax(ag.Tensor(x), temperature=t).tolist() == [0.0, 1.0, 0.0]
    for t in (1e300, math.inf):
        assert F.softmax(x, temperature=t).tolist() == pytest.approx([1 / 3] * 3, rel=1e-15)
    big = ag.Tensor([1e308, -1e308])
    assert F.softmax(big, temperature=1e-10).tolist() == [1.0, 0.0]
    assert F.log_softmax(x, temperature=0.01)[0] == pytest.approx(-200.0)
    for t in (0.3, 1.0, 20.0):
        ag.check_gradients(lambda x, t=t: F.softmax(x, temperature=t), x, order=2)
    assert not F.softmax(ag.Tensor(x, requires_grad=True), temperature=0.0).requires_grad
    with pytest.raises(ValueError, match=r"got temperature=-1; expected a number, at least 0"):
        F.softmax(x, temperature=-1)
    with pytest.raises(ValueError, match="temperature=nan"):
        nn.Softmax(temperature=math.nan)(x)


def test_no_activation_overflows_or_warns():
    x = np.array([-1e308, -800.0, 0.0, 800.0, 1e308])
    for name in ("elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "logsigmoid", "sigmoid"):  # fmt: skip
        leaf = ag.Tensor(x, requires_grad=True)
        out = getattr(F, name)(leaf)
        out.sum().backward()
        assert not np.isnan(out.data).any() and not np.isnan(leaf.grad).any(), name


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.GLU()(np.ones(3)), ag.ShapeError, "an even length along axis -1"),
        (lambda: nn.Maxout(2)(np.ones(3)), ag.ShapeError, "a multiple of pieces = 2"),
        (lambda: nn.PReLU(3)(np.ones((2, 4))), ag.ShapeError, r"expected \(1,\) or \(4,\)"),
        (lambda: nn.Hardtanh(1.0, 0.0)(np.ones(2)), ValueError, "got min_val=1.0 and max_val=0.0; expected min_val below max_val"),
        (lambda: nn.GELU("sigmoid")(np.ones(2)), ValueError, "one of 'none', 'tanh'"),
        (lambda: nn.CELU(0.0)(np.ones(2)), ValueError, "got alpha=0.0; expected a number, above 0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_slope_at_a_kink_is_that_of_pytorch():
    kinks = {
        F.relu: ([0.0], [0.0]),
        F.relu6: ([0.0, 6.0], [0.0, 0.0]),
        F.hardtanh: ([-1.0, 1.0], [0.0, 0.0]),
        F.hardsigmoid: ([-3.0, 3.0], [0.0, 0.0]),
        F.hardswish: ([-3.0, 0.0, 3.0], [0.0, 0.5, 1.0]),
        F.leaky_relu: ([0.0], [0.01]),
        F.elu: ([0.0], [1.0]),
        F.celu: ([0.0], [1.0]),
        F.softsign: ([0.0], [1.0]),
    }
    for function, (places, slopes) in kinks.items():
        x = ag.Tensor(places, requires_grad=True)
        function(x).sum().backward()
        assert x.grad.tolist() == slopes, function.__name__
        assert np.isnan(function(ag.Tensor([math.nan])).data).all()


def test_prelu_of_a_single_number_stays_one():
    x, weight = ag.Tensor(-2.0, requires_grad=True), ag.Tensor([0.1], requires_grad=True)
    out = F.prelu(x, weight)
    assert out.shape == () and out.item() == -0.2
    out.backward()
    assert x.grad.tolist() == 0.1 and weight.grad.tolist() == [-2.0]
    assert F.prelu(ag.Tensor([[-1.0, -2.0]]), ag.Tensor(0.5)).tolist() == [[-0.5, -1.0]]


def test_softmax_of_large_float32_logits_is_right_to_a_few_ulp():
    x = (R.normal(size=(50, 20)) * 3.0 + 1e4).astype(np.float32)
    exact = np.exp(x.astype(float) - 1e4)
    exact /= exact.sum(-1, keepdims=True)
    out = F.softmax(ag.Tensor(x)).data
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, exact, rtol=4e-7)
    np.testing.assert_allclose(out.sum(-1), 1.0, rtol=4e-7)
    np.testing.assert_allclose(F.log_softmax(x), np.log(exact), rtol=4e-6)
    np.testing.assert_allclose(F.softmin(-x), exact, rtol=4e-7)
    classes = R.integers(0, 20, 50)
    losses = F.cross_entropy(ag.Tensor(x), classes, reduction="none").data
    np.testing.assert_allclose(losses, -np.log(exact)[np.arange(50), classes], rtol=4e-6)
    assert ag.softmax(np.ones((2, 0))).shape == (2, 0) and ag.softmax([0, 0]).tolist() == [0.5, 0.5]
