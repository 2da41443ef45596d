"""Rounding and signs are NumPy's, bit by bit."""

import itertools

import numpy as np
import pytest

from autograd.compile.native import llvm
from benchmarks.functions import Loop, numpys, points

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())


both = pytest.mark.parametrize("dtype", ["float32", "float64"])
NAMES = ["absolute", "ceil", "copysign", "floor", "floor_divide", "fmod", "remainder", "rint"]
NAMES += ["sign", "sqrt", "trunc"]


def assert_same_bits(found, expected):
    whole = f"u{found.itemsize}"
    number = ~np.isnan(expected)  # the bits of a nan say nothing
    np.testing.assert_array_equal(np.isnan(found), ~number)
    np.testing.assert_array_equal(found[number].view(whole), expected[number].view(whole))


@both
@pytest.mark.parametrize("name", NAMES)
def test_every_bit_is_numpys(name, dtype):
    x = points(name, dtype)
    with np.errstate(all="ignore"):
        assert_same_bits(Loop(name, dtype)(*x), numpys(name)(*x))


@both
@pytest.mark.parametrize("name", ["floor_divide", "fmod", "remainder"])
def test_remainders_of_every_sign_are_numpys(name, dtype):
    some = [0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 3.0, 0.1, 1e30, np.inf, -np.inf, np.nan]
    x, y = np.array(list(itertools.product(some, some)), dtype).T
    with np.errstate(all="ignore"):
        assert_same_bits(Loop(name, dtype)(x, y), numpys(name)(x, y))
