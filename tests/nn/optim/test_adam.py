"""Adam and its variants: what the trajectories of PyTorch leave out."""

import math

import numpy as np
import pytest

import nn
from nn import optim


def test_a_gradient_that_is_nan_is_not_hidden():
    p = nn.Parameter([1.0])
    o = optim.Adam([p])
    (p * math.nan).sum().backward()
    o.step()
    assert np.isnan(p.data).all()


@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW, optim.Adamax, optim.NAdam])
def test_step_counts_are_0d_arrays(kind):
    p = nn.Parameter([1.0])
    o = kind([p])
    for _ in range(2):
        (p * p).sum().backward()
        o.step()
    assert type(o.state[p]["step"]) is np.ndarray and o.state[p]["step"].shape == ()
    assert o.state[p]["step"] == 2


@pytest.mark.parametrize(
    "number", [int, float, np.float32, np.array, lambda n: np.array(n, np.float32)]
)
def test_step_counts_may_be_saved_as_any_number(number):
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    o, other = optim.NAdam([p]), optim.NAdam([q])
    for _ in range(3):
        o.zero_grad()
        (p * p).sum().backward()
        o.step()
    state = o.state_dict()
    state["state"][0]["step"] = number(3)
    q.data = p.data
    other.load_state_dict(state)
    for parameter, optimizer in ((p, o), (q, other)):
        optimizer.zero_grad()
        (parameter * parameter).sum().backward()
        optimizer.step()
    assert p.data == q.data and other.state[q]["step"].dtype == float


P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.Adam(P, betas=(0.9, 1.0)), ValueError, r"Adam: got betas\[1\]=1.0; expected a number from 0 up to but not including 1"),
        (lambda: optim.Adam(P, betas=(0.9,)), ValueError, r"Adam: got betas=\(0.9,\); expected 2 numbers"),
        (lambda: optim.Adam(P, betas=0.9), ValueError, "Adam: got a float as betas; expected 2 numbers"),
        (lambda: optim.Adam(P, eps=-1.0), ValueError, "Adam: .*eps=-1.0.* a number, at least 0"),
        (lambda: optim.NAdam(P, momentum_decay=-1.0), ValueError, "NAdam: .*momentum_decay=-1.0"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
