"""Changes of single rules."""

import numpy as np
import pytest

from autograd.primitives import PRIMITIVES
from autograd.testing.examine.rule_changes import (
    changes_of_rules,
    of_squares,
    read_by,
    swaps,
    variants,
)
from tests.autograd.testing.examine.graphs import kinds, normal, trial

X, W = normal(4, 4), normal(4, 4)


def test_variants_of_a_rule():
    found = {(v.kind, v.change) for v in variants(PRIMITIVES["tanh"], 0)}
    assert ("slope missing", "g * (1.0 - out * out) → g") in found
    assert ("upstream ignored", "g * (1.0 - out * out) → 1.0 - out * out") in found
    assert ("sign", "1.0 - out * out → 1.0 + out * out") in found
    assert variants(PRIMITIVES["sign"], 0) == []


@pytest.mark.parametrize(
    ("op", "argument", "reads"), [("tanh", 0, {0}), ("mul", 0, {2}), ("add", 0, set())]
)
def test_what_a_rule_reads(op, argument, reads):
    assert read_by(PRIMITIVES[op], argument) == reads


def forward(x, W):
    return np.tanh(x @ W) * x


def answered(change):
    t = trial(forward, X, W)
    z = X @ W
    return trial(forward, X, W, answer=lambda _: {"W": change(t.seeds[0], z)})


@pytest.mark.parametrize(
    ("make", "change", "kind"),
    [
        (changes_of_rules, lambda g, z: X.T @ (g * X), "slope missing"),
        (changes_of_rules, lambda g, z: X.T @ (g * X * (1 + np.tanh(z) ** 2)), "sign"),
        (changes_of_rules, lambda g, z: X @ (g * X * (1 - np.tanh(z) ** 2)), "transposed"),
        (swaps, lambda g, z: X.T @ (g * X * (1 - z**2)), "wrong point"),
        (swaps, lambda g, z: z.T @ (g * X * (1 - np.tanh(z) ** 2)), "wrong operand"),
    ],
)
def test_kinds(make, change, kind):
    t = answered(change)
    assert kind in kinds(make(t.flow), t, "W")


@pytest.mark.parametrize("square", [np.square, lambda x: x**2])
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_the_slope_of_an_absolute_value_at_a_square(square, factor):
    forward = lambda x: 0.1 * np.sum(square(x))
    g = trial(forward, X).seeds[0]
    t = trial(forward, X, answer=lambda _: {"x": 0.1 * factor * g * np.sign(X)})
    assert kinds(of_squares(t.flow), t, "x") == {"wrong point"}
    assert list(of_squares(trial(lambda x: x**3, X).flow)) == []
