"""Loops over lanes: which sums are made inside, and what is computed where it is added."""

import pytest

from autograd.compile.native import llvm
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.llvm_loop import Loop
from autograd.compile.scalars.llvm_source import LlvmSource
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Plan, Total
from autograd.compile.scalars.program import Program

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())


def both_ways(count=40):
    """Σ xₖ² forwards, and Σ |xₖ²| backwards twice."""
    numbers = [(ops.INPUT, k) for k in range(count)]
    numbers += [(ops.MUL, k, k) for k in range(count)]
    numbers += [(ops.ABS, count + k) for k in range(count)]
    numbers += [(ops.NEG, count + k) for k in range(count)]
    squares = range(count, 2 * count)
    sizes = range(2 * count, 3 * count)
    rest = range(3 * count, 4 * count)
    numbers += [(ops.FOLD, *squares), (ops.FOLD, *reversed(sizes)), (ops.FOLD, *reversed(rest))]
    return Program(numbers, count, [len(numbers) - k for k in (3, 2, 1)], [], [])


def test_a_loop_runs_in_the_direction_of_most_sums():
    plan = Plan(Rolled(simplified(both_ways())[0]))
    kernel = next(k for k in plan.kernels if k.family is not None)
    source = LlvmSource(plan, 4)
    loop = Loop(source, kernel, kernel.family)
    assert loop.backwards
    totals = [x for x in kernel.units if isinstance(x, Total)]
    assert [x in loop.inside for x in totals] == [x.backwards for x in totals]
    # The squares are read three times; the others once, where they are added.
    assert len(loop.deferred) == 2
