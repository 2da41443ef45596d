"""Factors, and maps that can be undone."""

import numpy as np

from autograd.testing.examine.moves import factor_of, moves, shown, told
from autograd.testing.examine.problem_numbers import Number
from tests.autograd.testing.examine.graphs import mlp, normal, trial

W, B = normal(3, 5), normal(5)


def test_factors_and_moves():
    assert factor_of("W", -1.0, []).kind == "sign"
    assert factor_of("W", 4.0, [Number("N", 4.0)]).cost < factor_of("W", 4.1, []).cost
    t = trial(mlp, normal(4, 3), W, B, answer=lambda r: {"W": r["W"].T})
    [move] = [m for m in moves(t, "W") if m.hypothesis.kind == "transposed"]
    np.testing.assert_array_equal(move.back(t, t.answer["W"]), t.right["W"])


def test_factors_in_words():
    assert (
        shown(2.0) == "2" and shown(1.000001) == "1.000001" and shown(-1 - 1e-9) == "-1.000000001"
    )
    assert told("2") == ", a factor of 2" and told("2", True) == ", a factor of -2"
    assert told("1/(the constant 0.044715)") == ": the factor 0.044715 is missing"
