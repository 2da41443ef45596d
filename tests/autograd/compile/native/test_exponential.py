"""What the bounds of test_math.py do not see: that steps are monotonic and results exact."""

import numpy as np
import pytest

from autograd.compile.native import llvm
from benchmarks.functions import Loop

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


@both
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("exp", -5, 5), ("log", 0.25, 4), ("sigmoid", -9, 9), ("tanh", -6, 6), ("erf", -4, 4)],
)
def test_larger_arguments_never_give_clearly_smaller_results(name, low, high, dtype):
    """Where one formula takes over from another, the error stays below what the step may hide."""
    y = Loop(name, dtype)(np.linspace(low, high, 200001).astype(dtype))
    assert (np.diff(y) >= -2 * np.spacing(np.abs(y[1:]))).all()


@both
def test_powers_of_two_are_exact(dtype):
    info = np.finfo(dtype)
    n = np.arange(info.minexp - info.nmant, info.maxexp, dtype=dtype)
    powers = np.ldexp(np.ones_like(n), n.astype(int))
    np.testing.assert_array_equal(Loop("exp2", dtype)(n), powers)
    np.testing.assert_array_equal(Loop("log2", dtype)(powers), n)


@both
@pytest.mark.parametrize("name", ["tanh", "erf", "expm1", "log1p"])
def test_functions_through_the_origin_are_odd_or_the_identity_near_it(name, dtype):
    x = np.geomspace(np.finfo(dtype).smallest_subnormal, 1e-20, 1000).astype(dtype)
    y = Loop(name, dtype)(np.concatenate([x, -x]))
    slope = 2 / np.sqrt(np.pi) if name == "erf" else 1.0
    np.testing.assert_array_equal(y[:1000], -y[1000:])
    np.testing.assert_allclose(
        y[:1000], x * slope, rtol=1e-6, atol=np.finfo(dtype).smallest_subnormal
    )


@both
def test_sigmoids_of_opposite_numbers_add_up_to_one(dtype):
    x = np.linspace(-20, 20, 10001).astype(dtype)
    sigmoid = Loop("sigmoid", dtype)
    np.testing.assert_allclose(sigmoid(x) + sigmoid(-x), 1.0, rtol=3 * np.finfo(dtype).eps)
