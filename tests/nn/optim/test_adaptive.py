"""RMSprop, Adagrad and Adadelta: what the trajectories of PyTorch leave out."""

import pytest

import nn
from nn import optim

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.RMSprop(P, alpha=2.0), ValueError, "alpha=2.0"),
        (lambda: optim.Adadelta(P, rho=-0.5), ValueError, "rho=-0.5"),
        (lambda: optim.Adagrad(P, initial_accumulator_value=-1.0), ValueError, "initial_accumulator_value=-1.0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
