"""Cosines and cycles: what PyTorch's rates leave out."""

import numpy as np
import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr.OneCycleLR(optim.SGD(P), 0.1), ValueError, "expected total_steps, or epochs and steps_per_epoch"),
        (lambda: lr.OneCycleLR(optim.SGD(P), 0.1, epochs=3), ValueError, "got no number of steps; expected total_steps, or epochs"),
        (lambda: lr.OneCycleLR(optim.SGD(P), 0.1, steps_per_epoch=3), ValueError, "got no number of steps"),
        (lambda: lr.OneCycleLR(optim.Adagrad(P), 0.1, 10), ValueError, "got an optimizer with neither momentum nor betas"),
        (lambda: lr.OneCycleLR(optim.SGD(P, momentum=0.9), 0.1, 3).move_to(3), ValueError, "got step 3; expected a step below total_steps = 3"),
        (lambda: lr.OneCycleLR(optim.SGD(P), [0.1, 0.2], 3), ValueError, "got 2 values of max_lr; expected 1"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def momenta(optimizer, **options):
    """Of each step of a cycle."""
    scheduler = lr.OneCycleLR(
        optimizer, 1.0, 5, pct_start=0.6, anneal_strategy="linear", base_momentum=0.5, max_momentum=0.75, **options
    )  # fmt: skip
    found = []
    for step in range(5):
        found.append([g.get("momentum", g.get("betas")) for g in optimizer.param_groups])
        scheduler.step() if step < 4 else None
    return np.array(found)


def groups():
    return [{"params": nn.Parameter([1.0])}, {"params": nn.Parameter([1.0])}]


def test_momentum_falls_while_the_rate_rises():
    """From max_momentum to base_momentum and back, or not at all."""
    expected = np.repeat([[0.75], [0.625], [0.5], [0.625], [0.75]], 2, axis=1)
    np.testing.assert_allclose(momenta(optim.SGD(groups(), momentum=0.9)), expected)
    betas = momenta(optim.Adam(groups(), betas=(0.9, 0.99)))
    np.testing.assert_allclose(betas[:, :, 0], expected)
    assert (betas[:, :, 1] == 0.99).all()
    assert (momenta(optim.SGD(groups(), momentum=0.9), cycle_momentum=False) == 0.9).all()
    assert momenta(optim.Adagrad(groups()), cycle_momentum=False).tolist() == [[None] * 2] * 5


def test_a_cycle_has_an_end():
    optimizer = optim.SGD(P, lr=0.1, momentum=0.9)
    scheduler = lr.OneCycleLR(optimizer, 1.0, 3)
    scheduler.step(), scheduler.step()
    rate = optimizer.lr
    with pytest.raises(ValueError, match="got step 3; expected a step below total_steps = 3"):
        scheduler.step()
    assert optimizer.lr == rate == pytest.approx(1.0 / 25.0 / 1e4)
    assert scheduler.base_lrs == [1.0 / 25.0]
