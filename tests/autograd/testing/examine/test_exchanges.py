"""Two gradients that were exchanged are found as one mistake."""

import numpy as np

from autograd.testing.examine.exchanges import exchanged_gradients
from tests.autograd.testing.examine.graphs import kinds, normal, trial


def gates(x, W):
    z = x @ W
    i, f = z[:, :3], z[:, 3:]
    return 1.0 / (1.0 + np.exp(-i)) * np.tanh(f)


def test_the_factors_of_a_product():
    x, y = normal(2, 3), normal(2, 3)
    t = trial(lambda x, y: x * y, x, y, answer=lambda r: {"x": r["y"], "y": r["x"]})
    assert kinds(exchanged_gradients(t.flow), t, "x") == {"operands exchanged"}
    assert kinds(exchanged_gradients(t.flow), t, "y") == {"operands exchanged"}


def test_the_gates_of_one_array():
    answer = lambda r: {"W": np.roll(r["W"], 3, axis=1)}
    t = trial(gates, normal(4, 2), normal(2, 6), answer=answer)
    assert kinds(exchanged_gradients(t.flow), t, "W") == {"operands exchanged"}


def test_a_sum_hands_the_same_to_both():
    t = trial(lambda x, y: x + y, normal(3), normal(3))
    assert list(exchanged_gradients(t.flow)) == []
