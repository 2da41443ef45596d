"""The scalar program and its interpreter."""

import math

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.program import Program, live, moved, same_bits


def example():
    """(x + 1) · y, and x / y, which nothing reads."""
    numbers = [
        (ops.INPUT, 0),
        (ops.INPUT, 1),
        (ops.CONSTANT, 1.0),
        (ops.ADD, 0, 2),
        (ops.DIV, 0, 1),
        (ops.MUL, 3, 1),
    ]
    return Program(numbers, 2, [5], [], [])


def test_the_interpreter_computes():
    assert example().run([2.0, 3.0]) == [9.0]
    assert example().operations() == 3


def test_a_check_that_fails_gives_no_result():
    program = example()
    program.checks = [(3, 3.0)]
    assert program.run([2.0, 3.0]) == [9.0]
    assert program.run([2.5, 3.0]) is None
    program.checks, program.finite = [], [4]
    assert program.run([2.0, 3.0]) == [9.0]
    assert program.run([2.0, 0.0]) is None


def test_a_sum_counts_its_additions():
    numbers = [(ops.INPUT, 0), (ops.FOLD, 0, 0, 0, 0)]
    assert Program(numbers, 1, [1], [], []).operations() == 3


def test_same_bits_tells_zeros_apart_and_takes_nan_for_nan():
    assert same_bits(math.nan, -math.nan) and same_bits(1.0, 1.0)
    assert not same_bits(0.0, -0.0) and not same_bits(1.0, math.nan)


def test_live_and_moved():
    program = example()
    assert list(live(program, program.roots())) == [1, 1, 1, 1, 0, 1]
    program.checks, program.finite = [(3, 1.0)], [4]
    shifted = moved(program, program.numbers, {k: k + 10 for k in range(6)})
    assert (shifted.outputs, shifted.checks, shifted.finite) == ([15], [(13, 1.0)], [14])
