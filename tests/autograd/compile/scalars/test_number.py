"""The number that flows through a traced step."""

import math
import operator

import numpy as np
import pytest

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.number import KNOWN, Scalar
from autograd.compile.scalars.program import Program
from autograd.compile.scalars.tape import ScalarTape
from autograd.compile.trace.tape import active
from tests.autograd.compile.scalars.building import bits

NUMBERS = (0.0, -0.0, 1.5, -2.0, 3, 0, True, False, np.float64(0.75), np.int64(-4), np.bool_(True))
OPERATORS = (
    "add",
    "sub",
    "mul",
    "truediv",
    "mod",
    "floordiv",
    "pow",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
)


def outcome(function, *args):
    try:
        with np.errstate(all="ignore"):
            return function(*args)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("x", NUMBERS, ids=str)
@pytest.mark.parametrize("y", NUMBERS, ids=str)
def test_operators_compute_as_python_does_and_are_written_down(name, x, y):
    function = getattr(operator, name)
    plain = outcome(function, x, y)
    for left, right in ((True, True), (True, False), (False, True)):
        tape = ScalarTape(None)
        a = tape.input(x, "x") if left else x
        b = tape.input(y, "y") if right else y
        found = outcome(function, a, b)
        if type(found) is not Scalar:
            assert type(found) is type(plain) and (found is plain or bits(found) == bits(plain))
            continue
        assert type(found._value) is type(plain) and bits(found._value) == bits(plain)
        program = Program(tape.numbers(), len(tape.entries), [found._variable], [], [])
        [again] = program.run([float(v) for v, s in ((x, left), (y, right)) if s])
        assert bits(float(again)) == bits(float(plain))


def test_what_python_asks_is_noted():
    tape = ScalarTape(None)
    active.tape = tape
    try:
        x = tape.input(2.0, "x")
        y = x * 3.0
        assert bool(y > 5.0) is True
        assert float(y) == 6.0 and f"{y:.1f}" == "6.0" and hash(y) == hash(6.0)
        assert {c.how for c in tape.checks} == {"bool", "number"}
        assert int(x) == 2  # an input itself: then it can be none
        assert tape.checks[-1].variable is tape.entries[0]
    finally:
        active.tape = None


def test_only_the_truth_of_a_number_is_looked_at():
    tape = ScalarTape(None)
    active.tape = tape
    try:
        assert tape.input(2.0, "x")
        [check] = tape.checks
        assert tape.numbers()[check.variable][0] is ops.NE
    finally:
        active.tape = None


def test_large_ints_are_not_taken_for_floats():
    """2**53 + 1 is no float."""
    tape = ScalarTape(None)
    active.tape = tape
    try:
        assert type(tape.input(3, "n") + 1) is Scalar
        x = tape.input(2**53, "n")
        assert type(x + 1) is int and x + 1 == 2**53 + 1
    finally:
        active.tape = None


def test_a_count_of_truths_needs_no_check():
    tape = ScalarTape(None)
    active.tape = tape
    try:
        truths = [tape.input(float(k), "x") > 1.5 for k in range(4)]
        assert type(sum(truths)) is Scalar and sum(truths)._value == 2
        assert tape.checks == []
        assert tape.input(3, "n") + 1 and tape.checks
    finally:
        active.tape = None


def test_numpys_numbers_from_the_left():
    tape = ScalarTape(None)
    x = tape.input(2.0, "x")
    assert type(np.float64(3.0) * x) is Scalar and type((np.float64(3.0) * x)._value) is np.float64
    assert np.sin(x) == math.sin(2.0)  # NumPy's own sine is not written down
    assert np.mean([x, 4.0]) == 3.0


def test_nothing_is_written_once_a_tape_is_lost():
    tape = ScalarTape(None)
    x = tape.input(2.0, "x")
    tape.lose("a reason")
    assert x + 1.0 == 3.0 and type(x + 1.0) is float and type(-x) is float


def test_other_operands_are_refused_as_a_float_refuses_them():
    x = ScalarTape(None).input(2.0, "x")
    with pytest.raises(TypeError):
        x + "a"
    assert (x == "a") is False and Scalar in KNOWN
