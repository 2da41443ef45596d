"""Lowering of reductions: along every set of axes, with nan, infinity and zeros of both signs."""

import itertools

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.primitives import window
from tests.autograd.compile.building import REDUCE_ALONG, SUM_OF_FEW, SUM_OF_ROWS, Build
from tests.autograd.compile.native.running import check, needs_llvm

pytestmark = needs_llvm

ARITHMETIC = (np.add, np.maximum, np.minimum, np.multiply)
TRUTH = (np.logical_or, np.logical_and)
WINDOWS, FOLD = ops.of_kernel(window.windows.kernel), ops.of_kernel(window.fold.kernel)


def axes_of(ndim):
    return [a for n in range(1, ndim + 1) for a in itertools.combinations(range(ndim), n)]


def reductions(b, x, ufuncs):
    """Every reduction of x over every set of axes."""
    made = []
    for axes in axes_of(len(x.shape)):
        for n, ufunc in enumerate(ufuncs):
            reduce = ops.of_ufunc(ufunc, "reduce")
            made.append(b(reduce, x, axis=axes, keepdims=bool((n + len(axes)) % 2)))
    return made


def numbers(shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 4, 5), (2, 1, 37), (40, 3)], ids=str)
def test_floats_are_reduced_over_every_set_of_axes(shape, dtype):
    b = Build()
    x = b.input(numbers(shape, dtype))
    laid = b(ops.TRANSPOSE, x, tuple(reversed(range(len(shape)))))
    turned = b(ops.GETITEM, x, (slice(None, None, -1), ..., slice(None, None, 2)))
    made = []
    for view in (x, laid, turned, b(np.exp, x)):
        made += reductions(b, view, ARITHMETIC)
    check(b, made)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nan_and_infinity_survive_every_reduction(dtype):
    """The largest and the smallest are nan where one is nan, wherever it stands and whatever follows."""
    x = numbers((7, 6, 9), dtype)
    for row, place, value in (
        (0, (0, 0), np.nan), (1, (5, 8), np.nan), (2, (3, 4), -np.nan), (3, (1, 1), np.inf),
        (4, (1, 1), -np.inf), (5, (2, 2), np.inf),
    ):  # fmt: skip
        x[row][place] = value
    x[5, 4, 4] = -np.inf
    x[6] = -np.inf
    b = Build()
    x = b.input(x)
    made = reductions(b, x, ARITHMETIC) + reductions(b, b("T", x), ARITHMETIC)
    check(b, made)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_largest_of_zeros_and_of_infinities(dtype):
    b = Build()
    rows = [[0.0, -0.0, -0.0], [-0.0, -0.0, -0.0], [-np.inf] * 3, [np.inf] * 3, [-1.0, -0.0, -2.0]]
    x = b.input(np.array(rows, dtype))
    made = reductions(b, x, (np.maximum, np.minimum))
    first = ops.of_ufunc(np.maximum, "reduce")
    made.append(b(first, x, axis=(1,), initial=-np.inf))
    made.append(b(first, x, axis=(0, 1), initial=5.0))
    check(b, made)


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", "uint64"])
def test_integers_and_truth_values_are_reduced(dtype):
    rng = np.random.default_rng(0)
    limits = np.iinfo(dtype)
    b = Build()
    x = b.input(rng.integers(limits.min, limits.max, (3, 4, 5), dtype, endpoint=True))
    truth = b(np.greater, x, b.constant(np.array(limits.max // 2, dtype)))
    made = reductions(b, x, ARITHMETIC) + reductions(b, truth, TRUTH)
    made += [b("all", truth), b("any", truth), b("sum", truth), b("max", x)]
    check(b, made)


def test_kernels_that_reduce():
    b = Build()
    x = b.input(numbers((4, 3, 5)))
    made = [b(SUM_OF_ROWS, x, n) for n in (1, 2)]
    made += [b(SUM_OF_FEW, x, axes) for axes in ((0,), (1, 2), (2,))]
    made += [b(REDUCE_ALONG, u, x, (0, 2), False) for u in (np.add, np.maximum, np.minimum)]
    check(b, made)


# --- moves ----------------------------------------------------------------------------------------
