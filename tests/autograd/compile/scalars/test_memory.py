"""Where numbers are."""

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.memory import LINE, Memory
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Pack, Plan
from autograd.compile.scalars.program import Program
from tests.autograd.compile.scalars.test_lanes import samples


def memory_of(program):
    return Memory(Plan(Rolled(simplified(program)[0])))


def test_inputs_side_by_side_stay_where_they_are():
    memory = memory_of(samples(40))
    [pack] = memory.plan.packs.values()
    assert memory.bases[pack] == 2 and memory.copies([pack]) == []


def test_others_are_copied_together():
    program = samples(40)
    program.numbers[2:42] = program.numbers[41:1:-1]
    memory = memory_of(program)
    [pack] = memory.plan.packs.values()
    assert isinstance(pack, Pack)
    assert [at for _, at in memory.copies([pack])] == list(range(41, 1, -1))
    assert memory.bases[pack] % LINE == 0


def test_constants_are_in_the_image_once():
    program = samples(40)
    for k in range(2, 42):
        program.numbers[k] = (ops.CONSTANT, float(k))
    memory = memory_of(program)
    [pack] = memory.plan.packs.values()
    base, image = memory.bases[pack], memory.image()
    assert image[base : base + 40].tolist() == [float(k) for k in range(2, 42)]
    assert memory.copies([pack]) == []
    assert memory.constant(5.0) == memory.constant(5.0) != memory.constant(-5.0)


def test_places_do_not_overlap():
    memory = memory_of(samples(43))
    plan = memory.plan
    slots = [
        memory.slot(k) for k in range(len(plan.program.numbers)) if plan.rolled.vectors[k] is None
    ]
    ranges = [
        (b, b + len(p.members)) for p, b in memory.bases.items() if isinstance(p, Pack) and b >= 45
    ]
    assert len(set(slots)) == len(slots)
    assert not any(a <= s < b for s in slots for a, b in ranges)


def test_an_output_has_a_place_of_its_own():
    numbers = [(ops.INPUT, 0), (ops.NEG, 0)]
    memory = memory_of(Program(numbers, 1, [1, 0, 1], [], []))
    assert memory.outputs == slice(1, 4)
