"""Products with other operands, and mistakes in one term."""

import numpy as np
import pytest

from autograd.testing.examine.operands import (
    exchanged,
    extra_factors,
    flipped,
    on_one_branch,
    turned,
)
from autograd.testing.examine.rule_changes import changes_of_rules
from tests.autograd.testing.examine.graphs import kinds, normal, trial

X, W = normal(4, 4), normal(4, 4)


def forward(x, W):
    return np.tanh(x @ W) * x


def answered(change):
    t = trial(forward, X, W)
    z = X @ W
    return trial(forward, X, W, answer=lambda _: {"W": change(t.seeds[0], z)})


@pytest.mark.parametrize(
    ("make", "change", "kind"),
    [
        (turned, lambda g, z: X.T @ (g * X * (1 - np.tanh(z) ** 2)).T, "transposed"),
        (exchanged, lambda g, z: (g * X * (1 - np.tanh(z) ** 2)) @ X, "operands exchanged"),
        (flipped, lambda g, z: X[:, ::-1].T @ (g * X * (1 - np.tanh(z) ** 2)), "wrong operand"),
        (extra_factors, lambda g, z: X.T @ (g * X * (1 - np.tanh(z) ** 2) * z), "wrong operand"),
    ],
)
def test_kinds(make, change, kind):
    t = answered(change)
    assert kind in kinds(make(t.flow), t, "W")


def test_a_slope_may_be_left_out_of_one_term():
    def centered(x):
        h = np.tanh(x)
        return h - h.mean()

    x = normal(6)
    g = trial(centered, x).seeds[0]
    t = trial(centered, x, answer=lambda _: {"x": (g - g.mean()) * (1 - np.tanh(x) ** 2)})
    assert t.is_right("x")

    def product(x):
        return (x * 3.0 + x * x) * np.exp(x)

    one = on_one_branch(trial(product, x).flow, changes_of_rules(trial(product, x).flow))
    g = trial(product, x).seeds[0]
    wrong = g * np.exp(x) * (3 * x + x * x) + 3 * g + 2 * x * g * np.exp(x)
    t = trial(product, x, answer=lambda _: {"x": wrong})
    assert "slope missing" in kinds(one, t, "x")
