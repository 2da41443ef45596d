"""Updates at places: one-hot, and pieces of a buffer."""

import numpy as np

from autograd.compile import program as ops
from tests.autograd.compile.building import (
    ADD_TO,
    SCATTER,
    Build,
    after,
    matrix,
)

MAXIMUM = ops.of_ufunc(np.maximum, "reduce")


def test_one_hot_updates():
    b = Build()
    x = matrix(b)
    rows, y = b.constant(np.arange(4)), b.input(np.array([0, 2, 1, 1]))
    hot = b(SCATTER, b("sum", x, axis=1), index=(rows, y), shape=(4, 3))
    assert after(b, b(np.add, b(np.exp, x), hot)) == ["add.reduce", "exp", "add_at"]
    b = Build()
    x = matrix(b)
    rows, y = b.constant(np.array([0, 1, 1, 3])), b.input(np.array([0, 2, 1, 1]))
    hot = b(SCATTER, b("sum", x, axis=1), index=(rows, y), shape=(4, 3))
    assert "add_at" not in after(b, b(np.add, b(np.exp, x), hot))  # an entry may stand twice


def test_disjoint_pieces_share_a_buffer():
    b = Build()
    x, y = matrix(b), matrix(b)
    total = b(SCATTER, x, index=(slice(0, 4),), shape=(8, 3))
    total = b(ADD_TO, total, y, x, index=(slice(4, 8),))
    assert after(b, total) == ["pieces"]
    b = Build()
    x, y = matrix(b), matrix(b)
    total = b(SCATTER, x, index=(slice(0, 4),), shape=(8, 3))
    total = b(ADD_TO, total, y, x, index=(slice(3, 7),))
    assert after(b, total) == ["pieces", "add_at"]
