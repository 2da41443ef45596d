"""Rounding and signs are NumPy's, bit by bit."""

import numpy as np
import pytest

from autograd.compile.native import llvm
from benchmarks.functions import Loop, numpys, points

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name", ["absolute", "floor", "ceil", "rint", "trunc", "sign", "copysign", "sqrt"]
)
def test_every_bit_is_numpys(name, dtype):
    x = points(name, dtype)
    found, expected = Loop(name, dtype)(*x), numpys(name)(*x)
    np.testing.assert_array_equal(
        found.view(f"u{found.itemsize}"), expected.view(f"u{found.itemsize}")
    )
