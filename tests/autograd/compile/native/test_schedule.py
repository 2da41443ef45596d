"""The schedule: what is computed in one walk over memory, what is stored, and in which order."""

import numpy as np
import pytest

from autograd.compile import passes
from autograd.compile import program as ops
from autograd.compile.native.lower import Lowering
from autograd.compile.native.schedule import (
    Nest,
    Schedule,
    is_computed,
    refined,
)
from autograd.compile.native.terms import LEAVES, MOVES, Term, Unsupported, mapped, root
from tests.autograd.compile.building import Build, random_program

SUM = ops.of_ufunc(np.add, "reduce")
MAX = ops.of_ufunc(np.maximum, "reduce")


def scheduled(b, *outputs):
    low = Lowering(passes.simplified(b.program(*outputs))[0])
    return Schedule([low.of[v] for v in outputs], {}, low.turn)


def roles(schedule):
    return [sorted(n.roles.values()) for n in schedule.sequence if isinstance(n, Nest)]


def array(b, *shape):
    return b.input(np.ones(shape))


def test_a_chain_of_functions_is_one_nest():
    b = Build()
    x = array(b, 4, 5)
    for ufunc in (np.exp, np.tanh, np.log, np.square):
        x = b(np.add, b(ufunc, x), x)
    schedule = scheduled(b, x)
    assert len(schedule.nests) == 1 and len(schedule.stored) == 1


def test_softmax_is_one_nest_and_stores_only_its_result():
    b = Build()
    x = array(b, 6, 9)
    shifted = b(np.subtract, x, b(MAX, x, axis=1, keepdims=True))
    e = b(np.exp, shifted)
    schedule = scheduled(b, b(np.divide, e, b(SUM, e, axis=1, keepdims=True)))
    assert roles(schedule) == [["along", "along", "full", "full", "full"]]
    assert len(schedule.stored) == 1


def test_sums_of_every_direction_join_what_they_add_up():
    b = Build()
    e = b(np.exp, array(b, 6, 9))
    outs = [b(SUM, e, axis=axis) for axis in ((0,), (1,), (0, 1))]
    schedule = scheduled(b, e, *outs)
    assert roles(schedule) == [["along", "down", "full", "total"]]
    assert len(schedule.stored) == 4


def test_who_reads_a_sum_over_all_rows_comes_after_it():
    b = Build()
    x = array(b, 6, 9)
    mean = b(SUM, x, axis=0)
    schedule = scheduled(b, b(np.exp, b(np.subtract, x, mean)))
    assert roles(schedule) == [["down"], ["full", "full"]]


def test_rows_in_blocks_are_one_nest():
    """(4, 3) blocks of 5 columns and 12 rows of 5 are walked over together."""
    b = Build()
    x = array(b, 12, 5)
    y = b(np.exp, b(ops.RESHAPE, b(np.tanh, x), (4, 3, 5)))
    z = b(SUM, y, axis=(1,))
    schedule = scheduled(b, y, z)
    assert [n.rows for n in schedule.nests] == [(4, 3)]


@pytest.mark.parametrize(
    ("rows", "other", "found"),
    [
        ((12,), (4, 3), (4, 3)),
        ((4, 3), (12,), (4, 3)),
        ((6, 2), (2, 6), (2, 3, 2)),
        ((1, 4), (4, 1), (4,)),
        ((), (), ()),
        ((4, 3), (3, 4), None),
        ((4,), (5,), None),
        ((4,), (4, 2), None),
    ],
)
def test_axes_that_fit_two_shapes(rows, other, found):
    assert refined(rows, other) == found


def test_an_update_waits_for_everyone_who_reads_the_old_value():
    x = Term("input", (), (4, 4), float)
    new = mapped("negative", [x], float)
    square = Term("product", [x, x], (4, 4), float)
    schedule = Schedule([new, square], {0: x}, np.inf)
    assert [u is square for u in schedule.sequence] == [True, False]
    assert schedule.late == {schedule.outputs[0]}


def test_two_updates_that_read_each_other_are_apart():
    """x, y = y, x by rows from the end: neither can be written first."""
    x, y = (Term("input", (), (4,), float) for _ in range(2))
    backwards = [
        Term("slice", [t], (4,), float, box=((3, -1, -1),), kept=(True,), new=()) for t in (x, y)
    ]
    new = [mapped("negative", [t], float) for t in reversed(backwards)]
    with pytest.raises(Unsupported, match="old values"):
        Schedule(new, {0: x, 1: y}, np.inf)


def test_what_only_updates_read_is_computed_after_the_checks():
    x, g = (Term("input", (), (4,), float) for _ in range(2))
    step = mapped("multiply", [g, g], float)
    shared = mapped("exp", [g], float)
    new = mapped("subtract", [x, mapped("add", [step, shared], float)], float)
    total = Term("reduce", [shared], (), float, function="sum", axes=(0,))
    schedule = Schedule([new, total], {0: x}, np.inf)
    functions = {t.static["function"] for t in schedule.late}
    assert functions == {"subtract", "add", "multiply"}
    assert schedule.is_late(schedule.sequence[-1]) and not schedule.is_late(schedule.sequence[0])


def test_random_programs_are_computed_in_order():
    """Each unit after those it reads, each computed term in one nest, and what others read stored."""
    for seed in range(60):
        with np.errstate(all="ignore"):
            program, _ = random_program(np.random.default_rng(seed), steps=60)
        program, _ = passes.simplified(program)
        low = Lowering(program)
        outputs = list(dict.fromkeys(low.leaf(v) for v in program.outputs))
        schedule = Schedule([t for t in outputs if t.op not in LEAVES], {}, low.turn)
        place = {unit: n for n, unit in enumerate(schedule.sequence)}
        for term in schedule.order:
            if term.op in LEAVES or term.op in MOVES:
                continue
            unit = schedule.unit[term]
            assert isinstance(unit, Nest) is is_computed(term)
            for source in map(root, term.args):
                if source.op in LEAVES or source.op in MOVES:
                    continue
                of = schedule.unit[source]
                assert place[of] <= place[unit]
                if of is not unit and isinstance(of, Nest):
                    assert source in schedule.stored
                if of is unit:
                    assert unit.roles[source] not in ("down", "total")
        assert all(root(t) in schedule.stored for t in schedule.outputs if is_computed(root(t)))
