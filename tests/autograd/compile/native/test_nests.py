"""Nests: what one walk over rows computes, in stages, in merged loops, and for other entries of one
array that it reads."""

import re

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.compile.native.nests import NestFunction, neutral
from autograd.compile.native.schedule import Nest
from tests.autograd.compile.building import SPECIAL, Build
from tests.autograd.compile.native.running import Machine, check, compiled, needs_llvm

pytestmark = needs_llvm

SUM, MAX, MIN = (ops.of_ufunc(u, "reduce") for u in (np.add, np.maximum, np.minimum))


def numbers(shape, seed=0, dtype=float):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def functions(machine):
    plan = machine.native.plan
    return [
        NestFunction(n, plan.home, plan.schedule.stored)
        for n in plan.schedule.sequence
        if isinstance(n, Nest)
    ]


def softmax(b, x, axis=-1):
    shifted = b(np.subtract, x, b(MAX, x, axis=axis, keepdims=True))
    e = b(np.exp, shifted)
    return b(np.divide, e, b(SUM, e, axis=axis, keepdims=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 1), (7, 33), (2, 3, 130)], ids=str)
def test_stages_of_a_row(shape, dtype):
    """Softmax, then a normalization of it: four sums along one row, each of what came before."""
    b = Build()
    y = softmax(b, b.input(numbers(shape, dtype=dtype)))
    n = shape[-1]
    mean = b(np.divide, b(SUM, y, axis=-1, keepdims=True), float(n))
    centered = b(np.subtract, y, mean)
    variance = b(np.divide, b(SUM, b(np.square, centered), axis=-1, keepdims=True), float(n))
    z = b(np.divide, centered, b(np.sqrt, b(np.add, variance, 1e-3)))
    check(
        b,
        [y, z, b(SUM, b(np.multiply, z, y), axis=-1), variance],
        rtol=1e-4 if dtype == "float32" else None,
    )


def test_what_takes_long_is_computed_once_a_row():
    """exp is kept in a row of the nest's own, and not computed again for the division."""
    b = Build()
    machine = check(b, [softmax(b, b.input(numbers((6, 20))))])
    (function,) = functions(machine)
    assert len(function.temporary) == 1
    assert function.text.count("@exp.f64(") == 1
    assert re.search(r"alloca double, i64 20\b", function.text)


def test_axes_that_lie_one_in_the_other_are_one_loop():
    b = Build()
    x = b.input(numbers((4, 5, 6)))
    y = b(np.add, b(np.exp, x), 1.0)
    machine = check(b, [y])
    (function,) = functions(machine)
    assert function.lengths == [120]
    b = Build()
    x, row = b.input(numbers((4, 5, 6))), b.input(numbers(6, 1))
    turned = b(ops.TRANSPOSE, b.input(numbers((5, 4, 6), 2)), (1, 0, 2))
    machine = check(b, [b(np.add, x, row), b(np.add, b(np.tanh, x), turned)])
    assert [f.lengths for f in functions(machine)] == [[4, 5, 6]]


def test_reductions_down_along_and_of_all_in_one_nest():
    b = Build()
    x, row, column = b.input(numbers((7, 9))), b.input(numbers(9, 1)), b.input(numbers((7, 1), 2))
    y = b(np.multiply, b(np.add, x, row), column)
    made = [y]
    for reduce in (SUM, MAX, MIN):
        made += [b(reduce, y, axis=axis) for axis in ((0,), (1,), (0, 1))]
    outer = b(np.add, made[2], b(ops.RESHAPE, column, (7,)))  # values of a row
    machine = check(b, [*made, outer])
    assert len(functions(machine)) == 1


def test_totals_of_nests_that_add_up_into_rows():
    b = Build()
    x = b.input(numbers((3, 4, 5)))
    y = b(np.square, x)
    made = [b(SUM, y, axis=axes) for axes in ((0,), (1,), (0, 1), (0, 2), (0, 1, 2))]
    check(b, [*made, b(np.add, y, made[0])])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_largest_of_a_row_of_anything(dtype):
    """Numbers, infinities, zeros of both signs and nan, at every place and of either sign."""
    rng = np.random.default_rng(0)
    some = np.append(SPECIAL, [-np.nan, 5e-324, -1e-300, np.finfo(dtype).max])
    rows = rng.choice(some, (300, 21)).astype(dtype)
    rows[:100] = np.where(np.isnan(rows[:100]), 1.0, rows[:100])
    b = Build()
    x = b.input(rows)
    made = [b(r, x, axis=a) for r in (MAX, MIN) for a in ((0,), (1,), (0, 1))]
    for ours, v in zip(check(b, made)(*b.arrays()), made, strict=True):
        assert np.array_equal(ours, b.values[v], equal_nan=True)


def test_what_a_reduction_begins_with():
    kinds = [
        ("sum", "float64"),
        ("max", "int8"),
        ("min", "uint8"),
        ("all", "bool"),
        ("any", "bool"),
    ]
    found = [neutral(name, np.dtype(dtype)) for name, dtype in kinds]
    assert found == ["0x8000000000000000", "-128", "255", "true", "false"]


def test_an_update_that_reads_other_entries_of_its_array():
    """Written over, entry by entry, a reversed or shifted read would see new values."""
    b = Build()
    x = b.input(numbers((50, 4)))
    backwards = b(np.add, x, b(ops.GETITEM, x, (slice(None, None, -1),)))
    program = b.program(backwards)
    machine = Machine(program, {0: x})
    for _ in range(3):
        given = numbers((50, 4))
        (out,) = machine(given)
        np.testing.assert_allclose(out, b.values[backwards], 1e-12)


def test_updates_that_read_each_other():
    """m and x of an optimizer, both in place, in one walk or two."""
    b = Build()
    g, m, x = (b.input(numbers((30, 7), n)) for n in range(3))
    new_m = b(np.add, b(np.multiply, m, 0.9), g)
    new_x = b(np.subtract, x, b(np.multiply, new_m, 0.1))
    norm = b(SUM, b(np.multiply, x, m), axis=(0, 1))
    machine = Machine(b.program(new_m, new_x, norm), {0: m, 1: x})
    arrays = b.arrays()
    for _ in range(3):
        expected = b.program(new_m, new_x, norm).run([np.array(a) for a in arrays])
        results = machine(*arrays)
        for ours, theirs in zip(results, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, 1e-12)
        arrays[1:] = results[:2]


def test_two_arrays_that_change_places():
    b = Build()
    x, y = (b.input(numbers((5, 3), n)) for n in range(2))
    new_x, new_y = b(np.multiply, y, 2.0), b(np.add, x, 1.0)
    machine = Machine(b.program(new_x, new_y), {0: x, 1: y})
    ours = machine(*(np.array(a) for a in b.arrays()))
    for a, v in zip(ours, (new_x, new_y), strict=True):
        np.testing.assert_allclose(a, b.values[v], 1e-12)


def test_what_counts_columns_is_no_value_of_a_row():
    """Classes among the columns of (n, c), where a nest walks over (n, c, k) with rows of its own."""
    b = Build()
    x, y = b.input(numbers((4, 3))), b.input(np.array([0, 2, 1, 2]))
    wide = b(np.exp, b(np.add, b(ops.RESHAPE, x, (4, 3, 1)), b.input(numbers(5, 1))))
    hot = b(ops.GETITEM, x, (b.constant(np.arange(4)), y))
    more = b(ops.ADD_AT, x, (b.constant(np.arange(4)), y), hot)
    column = b(ops.TRANSPOSE, b(np.tanh, b(ops.TRANSPOSE, x, (1, 0))), (1, 0))
    check(b, [wide, more, b(np.add, more, column), b(SUM, wide, axis=(2,))])


def test_a_sum_of_minus_zeros_is_minus_zero():
    step = compiled(lambda x: np.add.reduce(x, axis=1))
    for _ in range(4):
        out = step(np.full((3, 5), -0.0))
    assert np.signbit(out).all() and not out.any()
