"""A derivation leaves models and random numbers as they were."""

import numpy as np

import autograd as ag
import nn
from autograd.derivation.state import modules_of

x = np.random.default_rng(0).normal(size=(6, 3))


def test_running_statistics_and_random_numbers_are_put_back():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    ag.random.seed(0)
    before = {k: v.copy() for k, v in model.state_dict().items()}
    ag.derive(lambda x: model(x).sum(), x)
    ag.derive(model, x)
    assert all(np.array_equal(v, before[k]) for k, v in model.state_dict().items())
    drawn = ag.random.generator().normal()
    ag.random.seed(0)
    assert ag.random.generator().normal() == drawn


def test_no_gradient_is_left():
    model = nn.Linear(3, 2)
    loss = model(x).sum()
    ag.derive(loss).source  # noqa: B018
    assert model.weight.grad is None and model.weight.requires_grad


def test_modules_are_found():
    model = nn.Linear(3, 2)

    class Other:
        def run(self, x):
            return model(x)

    assert modules_of(model) == [model]
    assert modules_of(lambda x: model(x)) == [model]
    assert modules_of(Other().run) == [model]
    assert modules_of(np.tanh) == []

    def unset(x):
        return later(x)

    assert modules_of(unset) == []
    if False:
        later = None


def test_an_error_in_the_function_is_the_readers_own():
    def f(x):
        raise KeyError("mine")

    try:
        ag.derive(f, x)
    except KeyError as error:
        assert error.args == ("mine",)
    else:
        raise AssertionError
