"""Comparisons of arrays."""

import numpy as np
import pytest

from autograd.testing.examine.numeric import multiple, same

A = np.array([1.0, -2.0, 3.0])


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (2.0 * A, A, 2.0),
        (-A, A, -1.0),
        (A + 1, A, None),
        (A[:2], A, None),
        (A, 0 * A, None),
        (0 * A, A, None),
    ],
)
def test_multiple(a, b, expected):
    found = multiple(a, b)
    assert found == (None if expected is None else pytest.approx(expected))


def test_same():
    assert same(A, A + 1e-13) and not same(A, A + 1e-6) and not same(A, A[:2])
