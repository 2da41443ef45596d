"""Powers where they are delicate: integers, roots, signs, and products as large as they get."""

import itertools

import numpy as np
import pytest

from autograd.compile.native import llvm
from benchmarks.functions import Loop

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


@both
def test_small_powers_of_integers_are_exact(dtype):
    base, exponent = np.array(list(itertools.product(range(-12, 13), range(6))), dtype).T
    np.testing.assert_array_equal(Loop("power", dtype)(base, exponent), base**exponent)


@both
def test_powers_of_two_are_exact_to_the_smallest_number(dtype):
    info = np.finfo(dtype)
    n = np.arange(info.minexp - info.nmant, info.maxexp, dtype=dtype)
    found = Loop("power", dtype)(np.full_like(n, 2), n)
    np.testing.assert_array_equal(found, np.ldexp(np.ones_like(n), n.astype(int)))


@both
def test_special_cases_are_those_of_c(dtype):
    some = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e30, np.inf, -np.inf, np.nan]
    x, y = np.array(list(itertools.product(some, some)), dtype).T
    with np.errstate(all="ignore"):
        expected = np.power(x.astype(float), y.astype(float)).astype(dtype)
    found = Loop("power", dtype)(x, y)
    np.testing.assert_allclose(found, expected, rtol=2 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(np.signbit(found)[found == 0], np.signbit(expected)[found == 0])


@both
def test_large_results_keep_their_digits(dtype):
    """e^(y ln x) with a logarithm of one number loses nine bits here."""
    limit = np.log2(np.finfo(dtype).max) * 0.99
    x = np.linspace(1.001, 30, 20001).astype(dtype)
    y = (limit / np.log2(x.astype(float))).astype(dtype)
    if dtype == "float32":
        expected = x.astype(float) ** y.astype(float)
    else:
        expected = x.astype(np.longdouble) ** y.astype(np.longdouble)
        if np.finfo(np.longdouble).eps == np.finfo(float).eps:
            pytest.skip("longdouble is double here")
    error = abs(Loop("power", dtype)(x, y) - expected) / np.spacing(expected.astype(dtype))
    assert error.max() < 1
