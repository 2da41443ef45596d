"""Activations without overflow, the temperature of a softmax, and messages."""

import math

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F


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
