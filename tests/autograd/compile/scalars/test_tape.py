"""The tape of a step on Values."""

import gc
import math

import numpy as np
import pytest

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.number import Scalar
from autograd.compile.scalars.tape import ScalarTape
from autograd.compile.trace.tape import active
from autograd.compile.trace.traced import Traced
from autograd.primitives import elementary


@pytest.fixture
def tape():
    made = ScalarTape(None)
    active.tape = made
    yield made
    active.tape = None


def test_equal_operations_are_written_once(tape):
    x, y = tape.input(2.0, "x"), tape.input(3.0, "y")
    a, b = x * y, x * y
    assert a._variable == b._variable
    assert tape.numbers() == [(ops.INPUT, 0), (ops.INPUT, 1), (ops.MUL, 0, 1)]


def test_constants_of_either_sign_are_two(tape):
    x = tape.input(2.0, "x")
    places = [tape.place(c) for c in (0.0, -0.0, 0, 1, 1.0, True, math.nan)]
    assert places[0] != places[1] and places[0] == places[2] and places[3] == places[4] == places[5]
    assert [str(v) for _, v in tape.numbers()[1:3]] == ["0.0", "-0.0"] and x is not None


def test_a_stand_of_another_tape_is_a_constant(tape):
    other = ScalarTape(None).input(7.0, "x")
    tape.input(2.0, "y")
    place = tape.place(other)
    assert tape.numbers()[place] == (ops.CONSTANT, 7.0)


def test_numbers_of_arrays_are_inputs(tape):
    x = tape.input(np.array([[1.0, 2.0]]), "x")
    assert type(x) is Traced
    [row] = x
    a, b = row
    assert type(a) is type(b) is Scalar and type(a._value) is np.float64
    assert [v.kind for v in tape.entries] == ["computed"] * 2
    single = tape.input(np.zeros(2, np.float32), "y")[0]
    assert type(single) is Traced  # float32 has arithmetic of its own


def test_an_entry_is_known_to_arrays_and_a_computed_number_is_looked_at(tape):
    a = tape.input(2.0, "a")
    assert tape.variable_of(a) is tape.entries[0]
    assert tape.variable_of(a * 2.0) == 4.0 and tape.checks[-1].how == "number"


def test_what_must_be_finite_is_noted_or_the_tape_lost(tape):
    x = tape.input(2.0, "x")
    tape.restrict(x * 2.0)
    assert len(tape.finite) == 1 and not tape.lost
    tape.restrict(x * math.inf)
    assert "inf or nan" in tape.lost


def test_functions_of_math_are_followed(tape):
    x = tape.input(0.5, "x")
    assert tape.followed(math.exp, [x])._value == math.exp(0.5)
    assert tape.followed(float, [tape.input(3, "n")])._value == 3.0
    assert tape.followed(math.gcd, [tape.input(4, "n"), 6]) == 2 and tape.checks
    with pytest.raises(ValueError):
        tape.followed(math.log, [x * -1.0])


def test_a_primitive_of_constants_only_stays_one(tape):
    assert (
        tape.primitive(elementary.power, (tape.input(4.0, "x"), 0.5), lambda op, x, y: 2.0)._value
        == 2.0
    )


def test_stands_that_are_alive(tape):
    x = tape.input(2.0, "x")
    y = x * 3.0
    gc.collect()
    assert {id(s) for s in tape.alive()} == {id(x), id(y)}
    del y
    assert len(tape.alive()) == 1


def test_the_heap_is_searched_for_numbers_only_if_one_is_left(tape, monkeypatch):
    x = tape.input(2.0, "x")
    for y in (x * 3.0, x / 3.0, -x):
        assert y._mark is tape.mark
    del y
    monkeypatch.setattr(gc, "get_objects", None)
    assert [id(s) for s in tape.alive()] == [id(x)]
    z = x / 3.0
    with pytest.raises(TypeError, match="not callable"):
        tape.alive()
    assert z._mark is tape.mark
