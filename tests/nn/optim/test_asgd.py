"""ASGD: trajectories are in test_trajectories; here the mean of its iterates."""

import numpy as np
import pytest

import nn
from nn import optim


def test_the_mean_of_noisy_iterates_is_nearer_to_the_minimum():
    rng = np.random.default_rng(0)
    p = nn.Parameter(np.full(50, 3.0))
    optimizer = nn.optim.ASGD([p], lr=0.1, lambd=0.0, t0=100)
    iterates = []
    for _ in range(600):
        p.grad = p.data + rng.normal(size=50)
        optimizer.step()
        iterates.append(p.data)
    mean = optimizer.state[p]["ax"]
    np.testing.assert_allclose(mean, np.mean(iterates[100:], axis=0), rtol=0.05, atol=0.01)
    assert np.square(mean).mean() < 0.2 * np.square(p.data).mean()


def test_before_t0_the_mean_is_the_parameter_itself():
    p = nn.Parameter([1.0, 2.0])
    optimizer = nn.optim.ASGD([p], lr=0.1)
    for _ in range(3):
        p.grad = np.array([0.3, -0.7])
        optimizer.step()
    assert optimizer.state[p]["ax"].tolist() == p.tolist()
    assert optimizer.state[p]["eta"] == pytest.approx(0.1 / (1 + 3e-5) ** 0.75)


def test_the_average_begins_after_t0_steps():
    """Until then it is the parameter itself."""
    p = nn.Parameter([4.0])
    optimizer, seen = optim.ASGD([p], lr=0.5, lambd=0.0, t0=2), []
    for g in (1.0, -2.0, 3.0, 4.0):
        p.grad = np.array([g])
        optimizer.step()
        seen.append((p.item(), float(optimizer.state[p]["ax"][0])))
    values = [value for value, _ in seen]
    assert values == [3.5, 4.5, 3.0, 1.0]
    assert [average for _, average in seen] == [3.5, 4.5, 3.0, 1.0 / 1.0]
    p.grad = np.array([0.0])
    optimizer.step()
    assert optimizer.state[p]["ax"].tolist() == [1.0] and optimizer.state[p]["mu"] == 1.0 / 3.0


def test_the_mean_after_one_step_is_the_parameter():
    p = nn.Parameter([0.0, 2.0])
    optimizer = optim.ASGD([p], lr=0.1, lambd=0.0, t0=0)
    p.grad = np.array([0.0, 1.0])
    optimizer.step()
    assert optimizer.state[p]["ax"].tolist() == p.tolist() == [0.0, 1.9]
