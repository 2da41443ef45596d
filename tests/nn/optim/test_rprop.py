"""Rprop: trajectories are in test_trajectories; here the rule for one entry, and its options."""

import numpy as np
import pytest

import nn
from nn import optim


def test_sizes_grow_while_the_sign_stays_and_shrink_when_it_turns():
    p = nn.Parameter([0.0])
    optimizer = nn.optim.Rprop([p], lr=0.1, etas=(0.5, 2.0), step_sizes=(0.0, 0.3))
    places = []
    for g in (1.0, 5.0, 0.01, -1.0, -1.0, 0.0):
        p.grad = np.array([g])
        optimizer.step()
        places.append(p.item())
    # 0.1, 0.2, then 0.3, the largest; a turn is left out, and goes on with half the size.
    assert places == pytest.approx([-0.1, -0.3, -0.6, -0.6, -0.45, -0.45])


@pytest.mark.parametrize("etas", [(1.2, 0.5), (0.5, 1.0), (0.5,)])
def test_etas_are_one_below_1_and_one_above(etas):
    with pytest.raises(ValueError, match=r"Rprop: got .*etas"):
        nn.optim.Rprop([nn.Parameter([1.0])], etas=etas)


@pytest.mark.parametrize("etas", [(1.0, 1.2), (0.5, 1.0), (1.2, 0.5), (1.05, 1.2), (0.5, 0.95)])
def test_one_factor_shrinks_and_the_other_grows(etas):
    for fine in ((0.99, 1.01), (0.0, 1.05), (0.05, 50.0)):
        optim.Rprop([nn.Parameter([1.0])], etas=fine)
    with pytest.raises(ValueError, match=r"^Rprop: got etas=\(.*; expected one below 1, one above"):
        optim.Rprop([nn.Parameter([1.0])], etas=etas)
