"""What stands in for the engine's functions of floats while a step is traced."""

import builtins
import math

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.backends import floats
from autograd.compile.api import compile as compiled
from autograd.compile.scalars import patches
from autograd.compile.scalars.number import Scalar
from autograd.compile.scalars.tape import ScalarTape
from autograd.compile.trace.tape import active
from autograd.engine.primitive import Primitive
from tests.autograd.compile.scalars.building import UNARY, bits


@pytest.fixture
def tape():
    made = ScalarTape(None)
    active.tape = made
    with patches.REPLACED:
        yield made
    active.tape = None


def test_everything_is_put_back():
    before = [vars(owner).get(name) for owner, name, _ in patches.REPLACED.replacements]
    with patches.REPLACED, patches.REPLACED:
        assert Value.exp is not before
        assert floats.as_float is patches.as_float and builtins.max is not patches._max
    after = [vars(owner).get(name) for owner, name, _ in patches.REPLACED.replacements]
    assert all(x is y for x, y in zip(before, after, strict=True)) and builtins.max is patches._max


@pytest.mark.parametrize("name", UNARY)
def test_methods_of_a_value_are_written_down(tape, name):
    v = Value(tape.input(0.4, "x"))
    made = getattr(v, name)()
    assert type(made._data) is Scalar and not tape.checks
    assert bits(made._data._value) == bits(patches._on_floats(made.op, 0.4))
    made.backward()
    assert not tape.checks


def test_plain_values_of_other_code_compute_as_ever(tape):
    assert (Value(2.0) / 0).data == math.inf and Value(3.0).exp().data == math.exp(3.0)
    assert max(3, 1) == 3 and max([1, 2], key=lambda x: -x) == 1 and min("ba") == "a"


def test_the_largest_is_no_check(tape):
    found = [tape.input(x, "x") for x in (1.0, 3.0, 2.0)]
    assert max(found)._value == 3.0 and min(*found)._value == 1.0 and not tape.checks
    assert max([found[0], math.nan])._value == 1.0  # as Python's: nan is not larger
    assert max(iter(found), default=None)._value == 3.0 and tape.checks


def test_conversions_keep_the_number(tape):
    v = Value(tape.input(3, "n"))
    assert type(v.data) is Scalar and type(v.data._value) is float
    v.data = tape.input(np.float64(2.0), "x")
    assert type(v.data._value) is float and type(v.item()) is Scalar


def test_whether_there_was_a_gradient_is_no_check(tape):
    v = Value(tape.input(3.0, "x"))
    v.grad = tape.input(2.0, "g")
    (v * 2.0).backward()
    assert v.grad._value == 4.0 and not tape.checks


def test_cotangents_are_restricted(tape):
    v = Value(tape.input(3.0, "x"))
    (v * v).backward()
    assert len(tape.finite) == 1 and not tape.lost
    w = Value(tape.input(0.0, "x"))
    w.sqrt().backward()  # Python raises, and the pass that follows looks at the numbers
    assert tape.checks


def test_a_primitive_of_a_users_own_and_its_rule():
    twice = Primitive("twice", lambda x: x * 2.0, lambda g, out, x: g * 2.0, elementwise=True)
    ws = [Value(0.5), Value(0.5)]

    def make(w):
        def step(x):
            w.grad = 0.0
            (twice(w) * x).backward()
            w.data -= 0.1 * w.grad
            return twice(w).data

        return step

    eager, fast = make(ws[0]), compiled(make(ws[1]))
    for k in range(6):
        assert eager(0.3 * k) == fast(0.3 * k)
    assert fast.programs


def test_hooks_see_each_call():
    seen = []
    w = Value(0.5)

    @compiled
    def step(x):
        y = w * x
        y.register_hook(seen.append)
        w.grad = 0.0
        (y * y).backward()
        return w.grad

    for k in range(4):
        step(1.0 + k)
    assert len(seen) >= 4 and all(type(g) is float for g in seen)


def test_second_derivatives_are_followed():
    ws = [Value(0.5), Value(0.5)]

    def make(w):
        def step(x):
            [g] = ag.gradients((w * x).sin(), [w], create_graph=True)
            [h] = ag.gradients(g, [w])
            w.data -= 0.1 * g.data
            return h

        return step

    eager, fast = make(ws[0]), compiled(make(ws[1]))
    for k in range(6):
        assert eager(0.3 * k) == fast(0.3 * k)
    assert fast.programs
