"""A line for each operation: every form has one, and writes where it is told to."""

import numpy as np
import pytest

from autograd.compile.numpy.fast import Fast
from autograd.compile.numpy.lines import EMITTERS, FORMS, FRESH
from autograd.compile.program import OPERATIONS, TRANSPOSE, of_ufunc
from tests.autograd.compile.building import Build, matrix


def test_tables_name_operations_that_exist():
    known = set(OPERATIONS) | {o.form for o in OPERATIONS.values()} | {"ufunc", "reduce", "method"}
    assert {name for name in EMITTERS if "." not in name} <= known
    assert all(callable(f) for f in [*EMITTERS.values(), *FORMS.values(), *FRESH.values()])


def test_results_go_into_arrays_that_are_there():
    b = Build()
    x = matrix(b)
    y = b(np.tanh, b(np.exp, x))
    fast = Fast(b.program(b(TRANSPOSE, y, (1, 0)), b(np.negative, y)))
    assert "exp(x, b)" in fast.source or "exp(x, out=b)" in fast.source
    out = fast.function()(*b.arrays())
    assert np.array_equal(out[0].T, np.tanh(np.exp(b.arrays()[0]))) and np.array_equal(
        out[0].T, -out[1]
    )


@pytest.mark.parametrize("count", range(2, 12))
def test_short_rows_are_added_entry_by_entry(count):
    b = Build()
    x = b(np.exp, b.input(np.random.default_rng(0).standard_normal((64, count)).astype("f")))
    add_up = of_ufunc(np.add, "reduce")
    total = b(np.negative, b(add_up, x, axis=(1,)))
    rest = b(np.subtract, x, b(add_up, x, axis=(1,), keepdims=True))
    program = b.program(b(np.negative, total), b(np.negative, rest))
    fast = Fast(program)
    for ours, theirs in zip(fast.function()(*b.arrays()), program.run(b.arrays()), strict=True):
        assert ours.tobytes() == theirs.tobytes()
    assert ("add_reduce" in fast.source) is (count > 7)
    assert fast.source.count("subtract(") == (count if count <= 3 else 1)
