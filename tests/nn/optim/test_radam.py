"""RAdam: trajectories are in test_trajectories; here its first steps."""

import numpy as np
import pytest

import nn


def test_the_first_steps_are_momentum_alone():
    """With β₂ = 0.999, five steps say too little of the second moment."""
    p = nn.Parameter([1.0, 1000.0])
    optimizer = nn.optim.RAdam([p], lr=0.1)
    changes = []
    for _ in range(7):
        before, p.grad = p.data, np.array([1.0, 1000.0])
        optimizer.step()
        changes.append((before - p.data)[1])
    np.testing.assert_allclose(changes[:5], [100.0] * 5)
    assert 0 < changes[5] < changes[6] < 0.1


def test_weight_decay_is_coupled_unless_it_is_not():
    for decoupled, expected in ((False, 2.0 - 0.1 * 0.5 * 2.0), (True, 2.0 - 0.1 * 0.5 * 2.0)):
        p = nn.Parameter([2.0])
        optimizer = nn.optim.RAdam([p], 0.1, weight_decay=0.5, decoupled_weight_decay=decoupled)
        p.grad = np.zeros(1)
        optimizer.step()
        assert p.tolist() == pytest.approx([expected])
        assert optimizer.state[p]["exp_avg"].tolist() == ([0.0] if decoupled else pytest.approx([0.1]))  # fmt: skip
