"""The plan: what runs after what."""

import pytest

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Rolled, Vector
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Kernel, Lanes, Pack, Plan, Single, Total, kind_of
from autograd.compile.scalars.program import Program
from tests.autograd.compile.scalars.test_lanes import samples


def plan_of(program):
    return Plan(Rolled(simplified(program)[0]))


def test_a_loop_and_its_total_are_one_kernel():
    plan = plan_of(samples(40))
    packs, loop = plan.kernels
    assert packs.family is None and {type(x) for x in packs.units} == {Pack}
    assert [type(x) for x in loop.units] == [Lanes, Lanes, Lanes, Total]
    assert kind_of(loop.units[0]) is kind_of(loop.units[3]) is loop.family


def test_what_a_loop_needs_of_a_sum_over_it_is_another_loop():
    """Σ xₖ², and then each xₖ² over it, as softmax does."""
    numbers = [(ops.INPUT, k) for k in range(40)]
    numbers += [(ops.MUL, k, k) for k in range(40)]
    numbers.append((ops.FOLD, *range(40, 80)))
    numbers += [(ops.DIV, k, 80) for k in range(40, 80)]
    plan = plan_of(Program(numbers, 40, list(range(81, 121)), [], []))
    families = [k.family for k in plan.kernels if k.family is not None]
    assert len(families) == 2
    assert len(plan.stored) == 2  # the squares, which two loops read, and the results


@pytest.mark.parametrize("program", [samples(40), samples(40, True), samples(20, False, True)])
def test_arguments_come_before_results(program):
    plan = plan_of(program)
    done = set()
    for kernel in plan.kernels:
        assert isinstance(kernel, Kernel)
        for unit in kernel.units:
            for x in plan.reads(unit):
                if isinstance(x, int):
                    made = plan.maker(x)
                    assert made is None or made in done
                else:
                    assert (plan.of_vector[x] if isinstance(x, Vector) else x) in done
            done.add(unit)
    assert done == set(plan.units)


def test_single_numbers_run_in_the_order_of_the_trace():
    numbers = [(ops.INPUT, 0), (ops.EXP, 0), (ops.SIN, 1), (ops.MUL, 1, 2)]
    plan = plan_of(Program(numbers, 1, [3], [], []))
    [kernel] = plan.kernels
    assert [x.place for x in kernel.units if isinstance(x, Single)] == [1, 2, 3]
