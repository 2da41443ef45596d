"""The plan: where outputs are written, what is checked by whom, and who shares memory."""

import numpy as np
import pytest

from autograd.compile import passes
from autograd.compile import program as ops
from autograd.compile.native.plan import planned
from autograd.compile.native.schedule import Nest, is_computed
from autograd.compile.native.terms import root
from autograd.compile.program import Check, Program
from tests.autograd.compile.building import Build, random_program
from tests.autograd.compile.native.running import check, needs_llvm

SUM = ops.of_ufunc(np.add, "reduce")


def plan_of(b, *outputs, updates=None, checks=()):
    program = Program(b.inputs, b.instructions, list(outputs), list(checks))
    return planned(passes.simplified(program)[0], updates or {})


def array(b, *shape):
    return b.input(np.ones(shape))


def touched(plan):
    """The buffers of the arena that each unit in turn reads or writes, and at the end the checks."""
    for unit in plan.schedule.sequence:
        found = set()
        for term in unit.members if isinstance(unit, Nest) else [unit]:
            stored = plan.schedule.stored
            terms = [term, *map(root, term.args)]
            found |= {t for t in terms if not (is_computed(t) and t not in stored)}
        found = {t for t in found if t.op not in ("foreign", "counter", "input", "constant")}
        yield {plan.home(t).base for t in found} & plan.offsets.keys()
    yield {plan.home(t).base for t, _ in plan.flags} & plan.offsets.keys()


def test_no_two_live_buffers_overlap():
    for seed in range(40):
        with np.errstate(all="ignore"):
            program, _ = random_program(np.random.default_rng(seed), steps=80)
        plan = planned(passes.simplified(program)[0], {})
        spans = {}
        for n, bases in enumerate(touched(plan)):
            for base in bases:
                spans[base] = (spans.get(base, (n, n))[0], n)
        for base in spans:
            if base.op == "pieces" and not base.static["covered"]:
                spans[base] = (0, n)  # stays zero from call to call
        for a, (first, last) in spans.items():
            start, stop = plan.offsets[a], plan.offsets[a] + a.nbytes
            assert start >= 0 and stop <= plan.size
            for b, (begin, end) in spans.items():
                if a is not b and first <= end and begin <= last:
                    there = plan.offsets[b]
                    assert stop <= there or there + b.nbytes <= start


def test_a_result_lies_where_it_is_handed_out():
    b = Build()
    plan = plan_of(b, b(np.exp, array(b, 3, 4)))
    (out,) = plan.outputs
    assert plan.home(out.term).base is out.leaf and not plan.offsets and plan.size == 0


def test_an_update_is_computed_in_its_place():
    b = Build()
    x, g = array(b, 3, 4), array(b, 3, 4)
    (out,) = plan_of(b, b(np.subtract, x, g), updates={0: x}).outputs
    assert out.is_update and out.leaf.static["variable"] is x and out.term.op == "map"


def test_an_update_that_reads_other_places_is_copied_there_at_the_end():
    b = Build()
    x = array(b, 4, 4)
    (out,) = plan_of(b, b(np.add, x, b("T", x)), updates={0: x}).outputs
    assert out.is_update and out.term.op == "store"


def test_what_cannot_take_the_place_of_an_input_is_an_array_of_its_own():
    b = Build()
    x, y = array(b, 4), array(b, 4)
    plan = plan_of(b, b(SUM, x, axis=0), b(np.exp, y), updates={0: x, 1: b.inputs[0]})
    assert not plan.outputs[0].is_update and plan.outputs[1].is_update


def test_one_array_stays_one():
    b = Build()
    y = b(np.exp, array(b, 3))
    plan = plan_of(b, y, y)
    assert plan.outputs[0] is plan.outputs[1]


def test_checks_of_truth_values_are_native_and_others_are_not():
    b = Build()
    x = array(b, 3)
    total = b(SUM, x, axis=0)
    checks = [
        Check(b(np.greater, total, 0.0), True, "bool", ""),
        Check(total, 3.0, "float", ""),
        Check(x, (3,), "shape", ""),
    ]
    plan = plan_of(b, b(np.exp, x), checks=checks)
    assert [value for _, value in plan.flags] == [True]
    assert plan.checks == [checks[1]] and list(plan.seen) == [total]


def test_parts_are_computed_where_they_lie_in_the_whole():
    b = Build()
    x, y = array(b, 3, 4), array(b, 3, 2)
    whole = b(np.concatenate, [b(np.exp, x), b(np.tanh, y)], axis=1)
    plan = plan_of(b, whole)
    (out,) = plan.outputs
    parts = [t for t in plan.schedule.order if t.op == "store" and t is not out.term]
    homes = [plan.home(t) for t in parts]
    assert len({h.base for h in homes}) == 1
    assert [(h.offset, h.strides) for h in homes] == [(0, (6, 1)), (4, (6, 1))]


@needs_llvm
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_what_no_part_covers_is_zero_at_every_call(dtype):
    b = Build()
    x = b.input(np.arange(6).reshape(2, 3).astype(dtype))
    parts = ((slice(0, 2), slice(1, 4)), (slice(4, 6), slice(0, 3)))
    whole = b(ops.PIECES, (7, 5), np.dtype(dtype), parts, b(np.square, x), x)
    total = b(SUM, b(np.multiply, whole, whole), axis=(1,))
    machine = check(b, [total, b(np.add, b(ops.RESHAPE, whole, (5, 7)), 1)])
    assert machine.native.plan.zeros
