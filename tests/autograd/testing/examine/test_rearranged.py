"""Right entries in other places are recognized by how they got there."""

import numpy as np
import pytest

from autograd.testing.examine.rearranged import orders

X = np.random.default_rng(0).normal(size=(3, 6))
G = np.random.default_rng(1).normal(size=(2, 2, 2))


@pytest.mark.parametrize(
    ("right", "answer", "words"),
    [
        (X, X[:, ::-1], "reversed along axis 1"),
        (X, X[::-1, ::-1], "reversed along axis 0 and 1"),
        (np.repeat(X, 2, axis=1), np.tile(X, (1, 2)), "along axis 1: tiled"),
        (
            np.repeat(np.repeat(G, 2, axis=1), 2, axis=2),
            np.tile(G, (1, 2, 2)),
            "along axis 1 and 2: tiled",
        ),
        (X, X[:, [2, 3, 0, 1, 4, 5]], "along axis 1 in the order 2 to 3, 0 to 1, 4 to 5"),
    ],
)
def test_orders(right, answer, words):
    [(text, change)] = orders(right, answer)
    assert words in text
    np.testing.assert_array_equal(change(right), answer)


def test_other_entries_and_no_order():
    assert list(orders(X, X + 1.0)) == []
    assert list(orders(X, np.sort(X, axis=None).reshape(X.shape))) == []
