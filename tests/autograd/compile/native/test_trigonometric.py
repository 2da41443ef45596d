"""The reduction of large arguments, where all digits cancel."""

import numpy as np
import pytest

from autograd.compile.native import llvm, math, trigonometric
from benchmarks.functions import Loop, truth, ulps

needs_llvm = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


def hardest(dtype):
    """Numbers next to multiples of π/2, and the double that is nearest to one of them all."""
    n = np.concatenate([np.arange(1.0, 1000.0), 2.0 ** np.arange(10, 120)])
    worst = 6381956970095103 * 2.0**797 if dtype == "float64" else 16367173 * 2.0**72
    return np.append(n * np.pi / 2, worst).astype(dtype)


@needs_llvm
@both
@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_numbers_next_to_multiples_of_half_pi(name, dtype):
    pytest.importorskip("mpmath")
    x = hardest(dtype)
    errors = [ulps(y, truth(name, xi)) for y, xi in zip(Loop(name, dtype)(x), x, strict=True)]
    assert max(errors) <= math.bound(name, dtype), x[np.argmax(errors)]


@needs_llvm
@both
def test_squares_of_sine_and_cosine_add_up_to_one_everywhere(dtype):
    info = np.finfo(dtype)
    x = np.geomspace(info.smallest_subnormal, info.max / 4, 20001).astype(dtype)
    squares = Loop("sin", dtype)(x).astype(float) ** 2 + Loop("cos", dtype)(x).astype(float) ** 2
    np.testing.assert_allclose(squares, 1, rtol=2 * info.eps)


def test_the_table_holds_quarter_turns():
    np.testing.assert_array_equal(trigonometric.table("float")[0].sum(), 2 / np.pi)
    for kind, digits in (("float", 23), ("double", 52)):
        table = trigonometric.table(kind)
        assert abs(table.sum(axis=1)).max() <= 2
        two_pi, step = (2 / np.pi), 2.0 ** np.arange(20)
        expected = (two_pi * step + 2) % 4 - 2
        np.testing.assert_allclose(table[:20].sum(axis=1), expected, rtol=1e-9)
        assert len(table) == np.finfo(np.float32 if kind == "float" else np.float64).maxexp - digits
