"""Entries of arrays are read together."""

import numpy as np

from autograd.compile.program import GETITEM, Instruction, Program, Variable
from autograd.compile.scalars.entries import Entries, is_index, read, wrapped


def test_entries_of_one_array_are_read_in_one_go():
    f8 = np.dtype("f8")
    x = Variable((3, 2), f8, "input", "x")
    rows = [Variable((2,), f8, "computed") for _ in range(3)]
    cells = [Variable((), f8, "computed") for _ in range(6)]
    made = [Instruction(GETITEM, (x, n), {}, rows[n]) for n in range(3)]
    made += [Instruction(GETITEM, (rows[n // 2], n % 2 - 2), {}, cells[n]) for n in range(6)]
    other = Variable((), f8, "computed")
    entries = Entries([*cells[::-1], other], Program([x], made, cells))
    [(array, flat), (single, zero)] = entries.arrays
    assert array is x and flat.tolist() == [5, 4, 3, 2, 1, 0]
    assert single is other and zero.tolist() == [0]
    assert entries.order == [*cells[::-1], other]


def test_indices():
    assert (
        is_index(3) and is_index((0, -1)) and not is_index(np.arange(3)) and not is_index((0, None))
    )
    assert wrapped((-1, 0), (3, 2)) == (2, 0)


def test_reading_gives_floats():
    assert read(np.arange(6).reshape(2, 3).T, np.array([0, 1])) == [0.0, 3.0]
    assert read(2, np.array([0])) == [2.0]
