"""Falling and warming rates: what PyTorch's rates leave out."""

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr.StepLR(optim.SGD(P), 0), ValueError, "step_size=0"),
        (lambda: lr.LambdaLR(optim.SGD(P), [abs, abs]), ValueError, "got 2 functions; expected 1, one for each group"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("make", "rates"),
    [
        (lambda o: lr.StepLR(o, 2), [3.0, 3.0, 0.3]),
        (lambda o: lr.MultiStepLR(o, [1]), [3.0, 0.3, 0.3]),
        (lr.ConstantLR, [1.0, 1.0, 1.0, 1.0, 1.0, 3.0]),
        (lr.LinearLR, [1.0, 1.4, 1.8, 2.2, 2.6, 3.0, 3.0]),
        (lr.PolynomialLR, [3.0, 2.4, 1.8, 1.2, 0.6, 0.0, 0.0]),
    ],
)
def test_defaults_are_those_of_pytorch(make, rates):
    scheduler = make(optim.SGD(P, lr=3.0))
    assert [scheduler.lr_at(t, 3.0) for t in range(len(rates))] == pytest.approx(rates)
