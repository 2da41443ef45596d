"""Elementwise functions are examined where they have a slope, and others are refused."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd.testing.examine.entrywise import (
    DEFAULT,
    check_elementwise,
    entrywise,
    smooth_points,
)


def test_functions_of_numbers_work_entry_by_entry():
    np.testing.assert_allclose(entrywise(math.exp)(np.zeros((2, 2))), 1.0)


@pytest.mark.parametrize(
    ("function", "outside"),
    [
        (np.tanh, lambda x: x > 99),
        (np.log, lambda x: x <= 0),
        (entrywise(math.log), lambda x: x <= 0),
        (np.sqrt, lambda x: x <= 0),
        (np.cbrt, lambda x: x == 0),
        (np.reciprocal, lambda x: x == 0),
        (lambda x: np.maximum(x, 0), lambda x: x > 99),
    ],
)
def test_default_points(function, outside):
    np.testing.assert_array_equal(smooth_points(function), DEFAULT[~outside(DEFAULT)])


def test_no_default_point():
    with pytest.raises(ag.DTypeError, match="finite at no default point; expected points"):
        smooth_points(lambda x: x + np.inf)


def test_what_is_not_elementwise():
    x = np.array([0.5, 1.0, 2.0])
    check_elementwise(lambda x: x * np.arange(3), x)
    with pytest.raises(ag.UnsupportedError, match="depends on the others"):
        check_elementwise(lambda x: np.exp(x) / np.exp(x).sum(), x)
    with pytest.raises(ag.UnsupportedError, match=r"makes \(\) of \(3,\)"):
        check_elementwise(np.sum, x)
