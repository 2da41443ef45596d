"""Terms: shapes and dtypes by NumPy's rules, and what the back end cannot hold."""

import numpy as np
import pytest

from autograd.compile.native.terms import (
    Term,
    Unsupported,
    broadcast,
    cast,
    constant,
    in_order,
    mapped,
    number,
    reshaped,
    root,
    transposed,
)


def given(*shape, dtype=float):
    return Term("input", (), shape, dtype)


def test_elementwise_terms_broadcast():
    term = mapped("add", [given(3, 1), given(4)], float)
    assert term.shape == (3, 4) and term.size == 12 and term.nbytes == 96
    assert repr(term) == "<map add float64[3, 4]>"
    with pytest.raises(ValueError, match="broadcast"):
        mapped("add", [given(3), given(4)], float)


@pytest.mark.parametrize("dtype", ["float16", "complex64", "longdouble", "object", "S3", "M8[s]"])
def test_dtypes_that_no_register_holds(dtype):
    with pytest.raises(Unsupported, match="arrays of"):
        given(2, dtype=dtype)


def test_arrays_without_entries_are_none():
    with pytest.raises(Unsupported, match="without entries"):
        given(3, 0)


def test_numbers():
    assert number(constant(2.5)) == 2.5 and number(constant(np.ones((1, 1)))) == 1.0
    assert number(constant(np.ones(2))) is None and number(given()) is None
    assert type(number(constant(True))) is bool


def test_a_constant_is_cast_at_once():
    term = cast(constant(2.7), np.int32)
    assert term.op == "constant" and number(term) == 2 and term.dtype == np.int32
    x = given(3)
    assert cast(x, float) is x and cast(x, np.float32).static["function"] == "cast"


def test_moves_that_move_nothing_are_the_term_itself():
    x = given(2, 3)
    assert reshaped(x, [2, 3]) is transposed(x, [0, 1]) is broadcast(x, [2, 3]) is x
    moved = transposed(reshaped(x, (3, 2)), (1, 0))
    assert moved.shape == (2, 3) and root(moved) is x and root(x) is x


def test_order_is_that_of_the_program():
    x = given(3)
    a, b = mapped("exp", [x], float), mapped("log", [x], float)
    late = mapped("add", [b, a], float)
    assert in_order([late]) == [x, a, b, late]
    b.when = a.when - 0.5
    assert in_order([late]) == [x, b, a, late]
