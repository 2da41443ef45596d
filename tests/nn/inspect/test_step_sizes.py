"""Steps that are large or tiny, and why."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(32, 4))
Y = X.argmax(axis=1)


def diagnosed(optimizer, steps=40, schedule=None):
    ag.random.seed(0)
    model = nn.MLP([4, 16, 4])
    optimizer = optimizer(model.parameters())
    scheduler = schedule and schedule(optimizer)
    with nn.diagnose(model, optimizer) as report:
        for _ in range(steps):
            optimizer.zero_grad()
            nn.cross_entropy(model(X), Y).backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
    return [(f.kind, f.numbers) for f in report.findings if "rate" in f.kind or "eps" in f.kind]


@pytest.mark.parametrize("eps", [0.5, 3.0])
@pytest.mark.parametrize("made", [nn.optim.Adam, nn.optim.RMSprop, nn.optim.NAdam])
def test_an_eps_that_drowns_gradients(made, eps):
    [(kind, numbers)] = diagnosed(lambda ps: made(ps, lr=1e-4, eps=eps))
    assert kind == "eps too large" and numbers["eps"] == eps > 10.0 * numbers["rms"] > 0.0


def test_an_eps_that_a_rate_makes_up_for():
    assert diagnosed(lambda ps: nn.optim.Adam(ps, lr=0.02)) == []
    assert diagnosed(lambda ps: nn.optim.Adam(ps, lr=3.0, eps=1.0), 80) == []


def warmup(steps):
    linear = nn.optim.lr_scheduler.LinearLR
    return lambda optimizer: linear(optimizer, start_factor=1e-6, total_iters=steps)


def test_a_warmup_that_outlasts_the_training():
    adam = lambda ps: nn.optim.Adam(ps, lr=0.01)
    [(kind, _)] = diagnosed(adam, 40, warmup(100_000))
    assert kind == "learning rate too low"
    assert diagnosed(adam, 40, warmup(10)) == []
    assert diagnosed(adam, 20, warmup(100_000)) == []  # too few steps to tell


def test_one_reason_is_enough():
    """A rate that is far too low is not blamed twice."""
    found = diagnosed(lambda ps: nn.optim.SGD(ps, lr=1e-9), 40, warmup(100_000))
    assert [kind for kind, _ in found] == ["learning rate too low"]
