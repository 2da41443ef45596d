"""C functions for native code."""

import math

import pytest

from autograd.compile.scalars import libm
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.operations import Operation


@pytest.mark.parametrize("name", sorted(x.name for x in ops.LIBM.values()))
def test_functions_agree_with_python_wherever_they_are_compared(name):
    operation = next(x for x in ops.LIBM.values() if x.name == name)
    arity = 2 if operation.libm in ("atan2", "fmod") else 1
    function = libm.function_of(operation, arity)
    assert function is libm.function_of(operation, arity) and function.address
    if function.own:
        for x in (0.3, -2.5, 40.0):
            args = (x,) * arity
            assert libm.same_bits(function._call(*args), operation.compute(*args))


def test_a_function_that_differs_is_not_used():
    wrong = Operation("exp", math.exp2, libm="exp")
    function = libm.Function(wrong, 1)
    assert not function.own and function._call(3.0) == 8.0


def test_a_function_that_is_not_found_is_not_used():
    function = libm.Function(Operation("exp", math.exp, libm="no_such_function"), 1)
    assert not function.own and function._call(1.0) == math.exp(1.0)


def test_a_function_of_pythons_that_raises_is_noted():
    function = libm.Function(Operation("log", math.log), 1)
    assert math.isnan(function._call(-1.0)) and function.raised
