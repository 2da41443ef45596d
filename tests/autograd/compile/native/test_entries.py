"""Lowering of entries: parts, windows, rows by an index, and one entry of each row."""

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.compile.native.lower import Lowering
from autograd.primitives import indexing, window
from tests.autograd.compile.building import Build
from tests.autograd.compile.native.running import check, needs_llvm

pytestmark = needs_llvm

SCATTER = ops.of_kernel(indexing.scatter_add.kernel)
WINDOWS, FOLD = ops.of_kernel(window.windows.kernel), ops.of_kernel(window.fold.kernel)


def numbers(shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


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
