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
