"""Instructions as terms: each rule gives what NumPy gives, and what has no rule is left to NumPy."""

import itertools

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.compile.native.lower import Lowering
from autograd.primitives import indexing, window
from tests.autograd.compile.building import REDUCE_ALONG, SUM_OF_FEW, SUM_OF_ROWS, Build
from tests.autograd.compile.native.running import check, needs_llvm

pytestmark = needs_llvm

ARITHMETIC = (np.add, np.maximum, np.minimum, np.multiply)
TRUTH = (np.logical_or, np.logical_and)
SCATTER = ops.of_kernel(indexing.scatter_add.kernel)
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


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool"])
def test_parts_side_by_side(dtype):
    b = Build()
    x, y = (b.input((np.arange(12).reshape(3, 4) % 5 - 2 * n).astype(dtype)) for n in range(2))
    squared = b(np.logical_not if dtype == "bool" else np.square, x)
    made = [b(np.concatenate, [x, squared, y], axis=axis) for axis in (0, 1, -1)]
    made.append(b(np.concatenate, (b("T", x), b("T", squared)), axis=0))
    apart = ((slice(0, 3), slice(0, 8, 2)), (slice(3, 6), slice(1, 5)))
    made.append(b(ops.PIECES, (6, 8), np.dtype(dtype), apart, x, squared))
    made.append(
        b(ops.PIECES, (3, 4), np.dtype(dtype), ((..., 0),), b(ops.GETITEM, squared, (..., 1)))
    )
    made += [b(ops.TRANSPOSE, v, (1, 0)) for v in made]
    check(b, made)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
@pytest.mark.parametrize(
    ("size", "stride", "dilation"),
    [
        ((2, 2), (2, 2), (1, 1)),
        ((2, 3), (1, 2), (1, 1)),
        ((3, 2), (2, 1), (1, 3)),
        ((1, 1), (2, 2), (1, 1)),
    ],
    ids=str,
)
def test_windows_and_their_adjoint(size, stride, dilation, dtype):
    b = Build()
    facts = {"size": size, "stride": stride, "dilation": dilation}
    x = b.input((10 * numbers((2, 3, 7, 8))).astype(dtype))
    w = b(WINDOWS, x, **facts)
    g = b(np.multiply, w, w)
    back = b(FOLD, g, shape=x.shape, **facts)
    by_columns = b(
        ops.TRANSPOSE, b("copy", b(ops.TRANSPOSE, g, (1, 0, 2, 3, 4, 5))), (1, 0, 2, 3, 4, 5)
    )
    turned = b(FOLD, by_columns, shape=x.shape, **facts)
    check(b, [g, back, turned, b(np.add, back, x)])


# --- entries by index -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["int8", "int32", "int64", "uint8", "uint64"])
def test_rows_by_an_index(kind):
    b = Build()
    x = b.input(numbers((5, 3)))
    rows = b.input(np.array([[4, 0], [1, 1], [2, 4]], kind))
    from_the_end = b.input(np.array([-1, -5, 0, 4])) if kind[0] == "i" else rows
    flat = b(ops.GETITEM, b(ops.GETITEM, x, (slice(None), 1)), (rows,))
    picked = b(ops.GETITEM, x, rows)
    g = b(np.exp, picked)
    back = b(SCATTER, g, index=(rows,), shape=(5, 3))
    end = b(ops.GETITEM, x, from_the_end)
    other = b(SCATTER, end, index=(from_the_end,), shape=(5, 3))
    check(b, [picked, flat, back, end, other, b(np.add, back, x)])


@pytest.mark.parametrize("columns", [7, 100])
def test_one_entry_of_each_row(columns):
    """Among few columns by comparing with all, among many by its place."""
    b = Build()
    x = b.input(numbers((4, columns)))
    y = b.input(np.array([0, columns - 1, -1, 3]))
    rows = b.constant(np.arange(4))
    picked = b(ops.GETITEM, x, (rows, y))
    check(b, [picked, b(ops.GETITEM, b(np.exp, x), (rows, y)), b(np.negative, picked)])


def test_a_constant_index_is_known_and_needs_no_check():
    b = Build()
    x = b.input(numbers((4, 6)))
    known = b.constant(np.array([3, -1, 0]))
    wanted = [b(ops.GETITEM, x, known)]
    assert not Lowering(b.program(*wanted)).checks
    check(b, wanted)


def test_one_check_for_one_index():
    b = Build()
    x, y = b.input(numbers((4, 6))), b.input(np.array([3, -1, 0]))
    program = b.program(b(ops.GETITEM, x, y), b(ops.GETITEM, b(np.exp, x), y))
    assert len(Lowering(program).checks) == 1


# --- what is left to NumPy ------------------------------------------------------------------------


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
