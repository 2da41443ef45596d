"""How expressions read."""

import numpy as np
import pytest

import autograd as ag
from autograd.compile.printing.wording import tidy

X = np.linspace(0.5, 2.0, 6).reshape(2, 3)


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: x.sum(axis=0), "x.sum(axis=0)"),
        (lambda x: np.maximum(x, 0.0), "np.maximum(x, 0.0)"),
        (lambda x: x.max(axis=1), "x.max(axis=1)"),
        (lambda x: x @ x.T, "x @ x.T"),
        (lambda x: x**2 + 1.0, "x ** 2 + 1"),
    ],
    ids=["sum", "maximum", "max", "product", "power"],
)
def test_expressions(f, text):
    assert text in ag.source(f, X)


def test_whole_axes_are_left_out():
    whole = slice(None)
    assert tidy((slice(0, 3), slice(0, 2)), (3, 4)) == (whole, slice(0, 2))
    assert tidy((0, slice(0, 4)), (3, 4)) == (0, whole)
    assert tidy((None, slice(0, 3)), (3,)) == (None, slice(0, 3))
