"""Cosines and cycles: what PyTorch's rates leave out."""

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr.OneCycleLR(optim.SGD(P), 0.1), ValueError, "expected total_steps, or epochs and steps_per_epoch"),
        (lambda: lr.OneCycleLR(optim.Adagrad(P), 0.1, 10), ValueError, "got an optimizer with neither momentum nor betas"),
        (lambda: lr.OneCycleLR(optim.SGD(P, momentum=0.9), 0.1, 3).move_to(3), ValueError, "got step 3; expected a step below total_steps = 3"),
        (lambda: lr.OneCycleLR(optim.SGD(P), [0.1, 0.2], 3), ValueError, "got 2 values of max_lr; expected 1"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
