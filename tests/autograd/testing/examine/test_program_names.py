"""Values are called what the program calls them."""

import numpy as np
import pytest

from autograd.testing.examine.program_names import name_nodes, target_of
from tests.autograd.testing.examine.graphs import normal, trial


def activation(z):
    e = np.exp(-z)
    return 1 / (1 + e)


def forward(x, W):
    h = activation(x @ W)
    y = h * 2.0
    return y.sum(axis=0)


def test_names():
    t = trial(forward, normal(4, 3), normal(3, 2))
    called = {name: t.flow.nodes[i].op.name for i, name in name_nodes(t).items()}
    assert called == {"e": "exp", "h": "div", "y": "mul"}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("h = f(x)", "h"),
        ("self.h = 1", "self.h"),
        ("a, b = f(x)", ""),
        ("f = lambda x: x", ""),
        ("return h", ""),
        ("f(", ""),
    ],
)
def test_targets(line, name):
    assert target_of(line) == name


def test_what_the_caller_assigns_is_no_name():
    t = trial(np.tanh, normal(3))
    named = name_nodes(t)
    assert named == {}
