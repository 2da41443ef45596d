"""Instructions as terms: each rule gives what NumPy gives, and what has no rule is left to NumPy."""

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.primitives import window
from tests.autograd.compile.building import Build
from tests.autograd.compile.native.running import check, needs_llvm

pytestmark = needs_llvm

WINDOWS, FOLD = ops.of_kernel(window.windows.kernel), ops.of_kernel(window.fold.kernel)


def numbers(shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def test_moves_and_what_reads_them():
    """Views in views, of which some can be said by strides and some need a copy."""
    b = Build()
    x = b.input(numbers((4, 6, 5)))
    t = b(ops.TRANSPOSE, x, (2, 0, 1))
    made = [b(ops.RESHAPE, t, shape) for shape in ((5, 24), (20, 6), (120,), (1, 5, 2, 2, 6))]
    cuts = [
        (slice(3, None, -2),),
        (..., slice(1, 5, 3)),
        (2,),
        (None, -1, ..., 0),
        (slice(-3, -1), 2),
    ]
    made += [b(ops.GETITEM, t, cut) for cut in cuts]
    w = b(WINDOWS, x, size=(2, 3), stride=(2, 1), dilation=(1, 2))
    made += [w, b(ops.RESHAPE, w, (4, -1)), b(np.exp, w), b(ops.TRANSPOSE, w, (4, 3, 2, 1, 0))]
    wide = b(ops.BROADCAST, b(ops.GETITEM, x, (slice(None), slice(0, 1))), (3, 4, 6, 5))
    made += [wide, b(ops.RESHAPE, wide, (12, 30)), b(np.add, made[0], b(ops.RESHAPE, x, (5, 24)))]
    sums = [b(ops.of_ufunc(np.add, "reduce"), v, axis=(0,)) for v in made]
    check(b, made + sums)


def test_what_has_no_rule_runs_in_between():
    b = Build()
    x = b.input(numbers((4, 4)))
    first = b(np.exp, x)
    order = b(np.sort, first, axis=1)
    inverse = b(np.linalg.inv, b(np.add, order, b.constant(3.0 * np.eye(4))))
    after = b(np.multiply, b(np.matmul, inverse, first), 2.0)
    text = b(np.cumsum, b("T", after), axis=0)
    check(
        b,
        [after, order, b(np.tanh, text)],
        by_numpy=["numpy.cumsum", "numpy.linalg.inv", "numpy.sort"],
    )


@pytest.mark.parametrize(
    ("dtype", "left"),
    [("float16", ["add", "astype", "ndarray.real"]), ("complex128", ["add", "ndarray.real"])],
)
def test_dtypes_of_no_register_are_left_to_numpy(dtype, left):
    b = Build()
    x = b.input(np.array([1.5, -2.0, 3.0], dtype))
    y = b.input(np.array([1.0, 2.0, 4.0]))
    doubled = b(np.add, x, x)
    real = b(ops.ASTYPE, b("real", doubled), np.dtype(float))
    machine = check(b, [b(np.multiply, b(np.exp, y), real), doubled], by_numpy=left)
    assert machine.native.module.calls["nest"] >= 1


def test_arrays_without_entries_are_left_to_numpy():
    b = Build()
    x, y = b.input(np.ones((0, 3))), b.input(np.ones(3))
    total = b(ops.of_ufunc(np.add, "reduce"), x, axis=(0,))
    check(b, [b(np.exp, x), b(np.add, total, y)], by_numpy=["add.reduce", "exp"])


def test_an_argument_that_a_rule_does_not_know_leaves_the_call_to_numpy():
    b = Build()
    x = b.input(numbers((3, 4)))
    mask = b(np.greater, x, 0.0)
    made = [b(np.add, x, x, where=True), b(ops.of_ufunc(np.add, "reduce"), x, axis=0, where=mask)]
    check(b, made, by_numpy=["add", "add.reduce"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_half_as_the_only_exponent_is_a_root(dtype):
    """NumPy's: -inf becomes nan, and not inf; -0.0 stays."""
    special = np.array([1.0, -0.0, 0.0, np.inf, -np.inf, np.nan, 4.0, -3.0], dtype)
    b = Build()
    x, half = b.input(special), b.input(np.array(0.5, dtype))
    y = b.constant(np.full(1, 0.5, dtype))
    made = [b(np.power, x, e) for e in (0.5, half, y, b.constant(np.full(8, 0.5, dtype)))]
    machine = check(b, made)
    for n, out in enumerate(machine(*b.arrays())):
        assert np.signbit(out[1]) == (n < 3) and (np.isnan(out[4]) if n < 3 else out[4] == np.inf)


@pytest.mark.parametrize("other", [True, np.True_, np.array([True, False, True])], ids=repr)
def test_truth_values_in_arithmetic(other):
    b = Build()
    x = b.input(np.array([1.5, -2.0, 0.0]))
    holds = b(np.greater, x, 0.5)
    made = [b(f, v, other) for f in (np.add, np.multiply) for v in (x, holds)]
    made += [b(f, x, holds) for f in (np.subtract, np.divide, np.power)]
    check(b, [*made, b(np.where, holds, other, x)])
