"""The source of a function and of its gradient runs, and gives both."""

import numpy as np
import pytest

import autograd as ag
from autograd.compile.printing.function import source_of

X, W = np.linspace(-1.0, 1.0, 6).reshape(2, 3), np.linspace(0.5, 1.0, 3)


def loss(w, x):
    return ag.sum(ag.tanh(x @ w) ** 2)


def test_it_gives_the_value_and_the_gradients():
    space = {}
    exec(source_of(loss, (W, X), {}), space)
    found = space["step"](W, X)
    wanted = [loss(W, X), *(ag.grad(lambda v: loss(v, X))(W), ag.grad(lambda v: loss(W, v))(X))]
    for value in wanted:
        assert any(
            np.shape(f) == np.shape(value) and np.allclose(f, ag.data_of(value)) for f in found
        )


def test_a_compiled_step_has_its_own():
    step = ag.compile(lambda x: np.exp(x) * 2.0)
    assert source_of(step, (), {}) == ""
    for k in range(3):
        step(X + k)
    assert source_of(step, (), {}) == step.source != ""


def test_what_cannot_be_written_down_says_why():
    with pytest.raises(ag.UnsupportedError, match="print"):
        source_of(lambda x: print(end="") or x, (X,), {})
