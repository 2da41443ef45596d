"""Scalar programs as LLVM IR."""

import pytest

from autograd.compile.native import llvm
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.llvm_loop import CHUNK
from autograd.compile.scalars.llvm_source import LlvmSource, effort_of
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Plan
from autograd.compile.scalars.program import Program
from autograd.compile.scalars.runner import native_function
from tests.autograd.compile.scalars.building import bits
from tests.autograd.compile.scalars.test_lanes import samples

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())


def plan_of(program):
    return Plan(Rolled(simplified(program)[0]))


@pytest.mark.parametrize("count", [16, 17, 40, 43])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("width", [2, 4, 8])
def test_lanes_that_fill_no_register(count, backwards, width):
    """The lanes that a register has more are not added."""
    program = samples(count, backwards, extra=True)
    inputs = [0.7, -0.1, *[((7 * k) % 11) / 3 - 1.5 for k in range(count)]]
    plan = plan_of(program)
    source = LlvmSource(plan, width)
    assert f"<{width} x double>" in source.text
    assert list(native_function(plan)(inputs)) == program.run(inputs)


def test_no_flag_allows_another_bit():
    text = LlvmSource(plan_of(samples(40)), 4).text
    for flag in ("fast", "contract", "nnan", "ninf", "nsz", "reassoc", "arcp", "afn"):
        assert f" {flag} " not in text


def test_long_programs_are_cut_into_functions():
    numbers = [(ops.INPUT, 0), (ops.INPUT, 1)]
    for k in range(3 * CHUNK):
        numbers.append(((ops.MUL, ops.ADD)[k % 2], len(numbers) - 1, len(numbers) - 2))
    program = Program(numbers, 2, [len(numbers) - 1, 5, CHUNK + 7], [], [])
    plan = plan_of(program)
    assert LlvmSource(plan, 4).text.count("define internal void @g") >= 3
    found = native_function(plan)([1.0001, -0.5])
    assert [bits(x) for x in found] == [bits(x) for x in program.run([1.0001, -0.5])]
    assert effort_of(plan).level == 2


def test_values_that_two_functions_of_a_loop_read():
    """A body that is longer than a function."""
    count, depth = 20, 2 * CHUNK
    numbers = [(ops.INPUT, k) for k in range(count + 1)]
    ends = []
    for k in range(count):
        first = at = k
        for n in range(depth):
            numbers.append(((ops.ADD, ops.SUB, ops.MUL)[n % 3], at, (count, first)[n % 5 == 0]))
            at = len(numbers) - 1
            if n == 3:
                first = at
        ends.append(at)
    numbers.append((ops.FOLD, *ends))
    program = Program(numbers, count + 1, [len(numbers) - 1], [], [])
    inputs = [0.3 + 0.01 * k for k in range(count)] + [0.9]
    assert [bits(x) for x in native_function(plan_of(program))(inputs)] == [
        bits(x) for x in program.run(inputs)
    ]


def test_checks_are_made():
    numbers = [(ops.INPUT, 0), (ops.LT, 0, 0), (ops.DIV, 0, 0)]
    run = native_function(plan_of(Program(numbers, 1, [0], [(1, 0.0)], [2])))
    assert list(run([2.0])) == [2.0] and run([0.0]) is None and run([float("nan")]) is None
