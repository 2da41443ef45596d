"""Learning one batch by heart, and the learning rates with which that succeeds."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect import probes, rates
from nn.inspect.kept import kept

X = np.random.default_rng(0).normal(size=(12, 5, 3))
Y = (X[:, :, 0].sum(axis=1) > 0).astype(int)


def run(probe, model, *args):
    with kept(model) as state:
        return probe(probes.Trial(model, nn.cross_entropy, (X, Y)), state, *args)


def test_learning_a_batch_by_heart_leaves_no_trace():
    model = nn.Sequential(nn.Flatten(), nn.Linear(15, 32), nn.ReLU(), nn.Linear(32, 2))
    before = model.state_dict()
    found = run(rates.overfit, model, 80)
    assert found.fall > 0.9 and found.unchanged == []
    assert all(np.array_equal(a, before[name]) for name, a in model.state_dict().items())
    nn.init.constant_(model[1].bias, -100.0)
    assert run(rates.overfit, model, 10).unchanged == ["1.weight", "1.bias", "3.weight"]


def test_a_range_of_learning_rates():
    model = nn.Sequential(nn.Flatten(), nn.Linear(15, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = nn.optim.Adam(model.parameters(), lr=1.0)
    found = run(rates.range_test, model, optimizer)
    low, high = found.best
    assert (
        1e-6 <= low < high < 3.0 and len(found.rates) == len(found.losses) and optimizer.lr == 1.0
    )


def test_no_range_where_nothing_falls():
    assert rates.suggested([0.1, 1.0], [1.0, 1.0]) is None
    assert rates.suggested([], []) is None and rates.suggested([0.1], [float("nan")]) is None


@pytest.mark.parametrize(("rate", "ruined"), [(0.01, False), (1e4, True)])
def test_a_rate_that_ruins_the_start(rate, ruined):
    ag.random.seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(15, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = nn.optim.SGD(model.parameters(), lr=rate)
    assert rates.ruins(run(rates.trained_at, model, optimizer, rate)) is ruined
    assert not rates.ruins([1.0, 3.0, 0.5, 0.2, 0.1]) and rates.ruins([1.0, float("nan")])


def test_one_dip_of_noise_is_no_beginning():
    low, _ = rates.suggested([1e-4, 1e-3, 1e-2, 0.1, 1.0], [2.0, 1.8, 2.0, 1.0, 5.0])
    assert low == 1e-2
