"""Sequences and plateaus: what PyTorch's rates leave out."""

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr.SequentialLR(optim.SGD(P), [], [3]), ValueError, "got 0 schedulers and milestones"),
        (lambda: lr.ReduceLROnPlateau(optim.SGD(P)).step(), ValueError, "got no metric; expected one"),
        (lambda: lr.ReduceLROnPlateau(optim.SGD(P), factor=1.0), ValueError, "got factor=1.0; expected a number below 1"),
        (lambda: lr.SequentialLR(optim.SGD(P), [lr.ReduceLROnPlateau(optim.SGD(P))], []), ValueError, "got a ReduceLROnPlateau that takes a metric"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
