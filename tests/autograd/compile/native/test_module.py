"""Modules: one function for nests that are alike, what indices may reach, and what Python calls."""

import numpy as np
import pytest

from autograd.compile import program as ops
from autograd.compile.native.module import unreadable
from autograd.compile.native.runner import Missed
from autograd.primitives import indexing
from tests.autograd.compile.building import Build
from tests.autograd.compile.native.running import Machine, check, needs_llvm

pytestmark = needs_llvm

SCATTER = ops.of_kernel(indexing.scatter_add.kernel)
SUM = ops.of_ufunc(np.add, "reduce")


def numbers(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_layers_that_are_alike_share_their_functions():
    b = Build()
    x = b.input(numbers((6, 8)))
    for n in range(5):
        x = b(np.tanh, b(np.matmul, x, b.input(numbers((8, 8), n))))
    machine = check(b, [x])
    module = machine.native.module
    assert module.calls == {"product": 5, "nest": 5}
    assert len(module.functions) == 2  # whatever the places they are called with


def test_text_is_the_same_for_the_same_program():
    """By which machine code is found on the disk."""

    def text():
        b = Build()
        x, y = b.input(numbers((4, 5))), b.input(np.array([0, 1]))
        e = b(np.exp, b(ops.GETITEM, x, y))
        return Machine(b.program(e, b(SUM, e, axis=(0,)), b(np.matmul, b("T", e), e))).native.text

    assert text() == text()


@pytest.mark.parametrize("bad", [4, -5, 2**31, -(2**63), 2**63 - 1])
def test_an_index_out_of_range_reads_nothing_and_is_said(bad):
    b = Build()
    x = b.input(numbers((4, 1000)))
    y = b.input(np.array([3, -4, 0]))
    picked = b(ops.GETITEM, x, y)
    added = b(SCATTER, picked, index=(y,), shape=(4, 1000))
    machine = Machine(b.program(picked, added))
    good = machine(*b.arrays())
    for n in range(3):
        wrong = np.array([3, -4, 0])
        wrong[n] = bad
        with pytest.raises(Missed):
            machine(b.arrays()[0], wrong)
    for ours, again in zip(good, machine(*b.arrays()), strict=True):
        assert np.array_equal(ours, again)


@pytest.mark.parametrize("columns", [5, 100])
@pytest.mark.parametrize("side", [0, 1])
def test_a_class_out_of_range_is_said(columns, side):
    b = Build()
    x = b.input(numbers((3, columns)))
    y = b.input(np.array([0, 1, 2]))
    machine = Machine(b.program(b(ops.GETITEM, x, (b.constant(np.arange(3)), y))))
    machine(*b.arrays())
    for bad in ((columns, columns + 3), (-columns - 1, -(2**40)))[side]:
        with pytest.raises(Missed):
            machine(b.arrays()[0], np.array([0, bad, 2]))


def test_rows_that_an_index_names_twice_are_added_in_order():
    b = Build()
    x = b.input(numbers((200, 3)).astype(np.float32))
    y = b.input(np.random.default_rng(0).integers(0, 5, 200))
    out = b(SCATTER, x, index=(y,), shape=(5, 3))
    (ours,) = check(b, [out])(*b.arrays())
    assert np.array_equal(ours, b.values[out])  # bit by bit


@pytest.mark.parametrize("columns", [5, 100])
def test_a_class_named_by_an_unsigned_or_short_integer(columns):
    for dtype in ("uint8", "int8", "uint64", "int32"):
        b = Build()
        x = b.input(numbers((3, columns)))
        y = b.input(np.array([0, columns - 1, 2], dtype))
        check(b, [b(ops.GETITEM, x, (b.constant(np.arange(3)), y))])


def test_stacks_are_loops_over_one_product():
    b = Build()
    x, y = b.input(numbers((7, 4, 5))), b.input(numbers((7, 5, 6), 1))
    machine = check(b, [b(np.matmul, x, y)])
    assert machine.native.module.calls == {"product": 1}


def test_native_code_is_cut_where_numpy_runs():
    b = Build()
    x = b.input(numbers(6))
    e = b(np.exp, x)
    y = b(np.exp, b(np.cumsum, e))
    machine = check(b, [y, b(np.sort, x)], by_numpy=["numpy.cumsum", "numpy.sort"])
    steps = machine.native.module.steps
    kinds = [
        "native" if isinstance(s, str) and s else "check" if s == "" else "NumPy" for s in steps
    ]
    assert kinds == ["NumPy", "native", "NumPy", "native", "check"]
    assert kinds.count("native") == len(machine.native.module.parts)


def test_arrays_are_read_only_where_their_numbers_stand_where_they_are_sought():
    class Elsewhere:
        __slots__ = ("ctypes",)  # which stands where an array has the address of its numbers

    other = Elsewhere()
    other.ctypes = np.zeros(1).ctypes
    assert unreadable() == ""
    assert "use backend='numpy'" in unreadable([other])
