"""Factors are named by the numbers of the problem."""

import math

import numpy as np
import pytest

from autograd.testing.examine.problem_numbers import Number, base_numbers, name_of
from tests.autograd.testing.examine.graphs import flow

NUMBERS = [Number("N, the rows of x", 6.0), Number("p", 0.3), Number("T", 2.5)]


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (2.0, "2"),
        (0.5, "½"),
        (6.0, "N, the rows of x"),
        (1 / 6, "1/N"),
        (math.sqrt(6), "√N"),
        (0.7, "1 - p"),
        (1 / 0.7, "1/(1 - p)"),
        (2.5, "T"),
        (0.4, "1/T"),
        (6.25, "T²"),
        (1 / 3, "2 · 1/N"),
        (math.log(2), "ln 2"),
        (6 / 5, "N/(N - 1)"),
        (5 / 6, "(N - 1)/N"),
        (0.123456, ""),
    ],
)
def test_names(factor, name):
    assert name_of(factor, NUMBERS) == name


def test_where_numbers_are_found():
    x = np.ones((6, 4))
    found = base_numbers(
        {"x": x}, [np.ones(5)], flow(lambda x: (x / 2.5).mean(axis=0), x), {"p": 0.3}
    )
    assert {0.3, 6.0, 4.0, 24.0, 5.0, 2.5} <= {n.value for n in found}
    alone = base_numbers({}, (), flow(lambda x: x**3, x), {}, lengths=False)
    assert [n.name for n in alone] == ["the constant 3"]


def test_the_window_of_a_pool_comes_before_the_length_of_an_axis():
    x = np.ones((2, 4, 4))
    pool = lambda x: x.reshape(2, 2, 2, 2, 2).mean(axis=(2, 4))
    found = base_numbers({"x": x}, [np.ones((2, 2, 2))], flow(pool, x), {})
    assert name_of(4.0, found) == "the 4 entries that mean takes together"
    assert not any(n.value < 1.0 for n in found)
