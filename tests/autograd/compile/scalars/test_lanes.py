"""Re-rolling: what is alike becomes lanes, and programs keep their bits."""

import pytest

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Colours, Rolled
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.program import Program
from tests.autograd.compile.scalars.building import bits, printed, seeded


def samples(count, backwards=False, extra=False):
    """Σ relu(w · xₖ + b), for each of `count` numbers xₖ; `extra` adds b in between."""
    numbers = [(ops.INPUT, k) for k in range(count + 2)]
    terms = []
    for k in range(count):
        numbers.append((ops.MUL, 0, 2 + k))
        numbers.append((ops.ADD, len(numbers) - 1, 1))
        numbers.append((ops.RELU, len(numbers) - 1))
        terms.append(len(numbers) - 1)
    if backwards:
        terms.reverse()
    if extra:
        terms.insert(count // 2, 1)
    total = terms[0]
    for term in terms[1:]:
        numbers.append((ops.ADD, total, term))
        total = len(numbers) - 1
    return Program(numbers, count + 2, [total], [], [])


def test_colours_are_the_same_where_the_same_is_computed():
    colours = Colours()
    for x in [
        (ops.INPUT, 0),
        (ops.CONSTANT, 2.0),
        (ops.MUL, 0, 1),
        (ops.MUL, 1, 0),
        (ops.ADD, 2, 3),
    ]:
        colours.append(x)
    assert colours.found == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("backwards", [False, True])
def test_samples_are_lanes(backwards):
    program, _ = simplified(samples(40, backwards))
    rolled = Rolled(program)
    [family] = rolled.families
    assert (family.lanes, len(family.vectors)) == (40, 3)
    assert rolled.program.numbers[-1][0] is ops.TOTAL


def test_terms_before_and_after_the_lanes_stand_apart():
    """(b + Σ) + b, where Σ is over lanes."""
    program, _ = simplified(samples(40))
    place = program.outputs[0]
    program.numbers[place] = (ops.FOLD, 1, *program.numbers[place][1:], 1)
    rolled = Rolled(program)
    total, last = rolled.program.numbers[-2:]
    assert (
        total[0] is ops.TOTAL
        and len(total) == 42
        and last == (ops.ADD, len(rolled.program.numbers) - 2, 1)
    )


def test_few_terms_are_no_family_of_their_own():
    """A product of 16 terms is one vector: not worth a loop."""
    numbers = [(ops.INPUT, k) for k in range(32)]
    numbers += [(ops.MUL, k, k + 16) for k in range(16)]
    numbers.append((ops.FOLD, *range(32, 48)))
    rolled = Rolled(Program(numbers, 32, [48], [], []))
    assert all(v is None for v in rolled.vectors[48:])
    assert len(rolled.families) <= 1  # as numbers that are alike they still are lanes


def test_a_backward_pass_has_the_lanes_of_the_forward_pass():
    """d/dw and d/db of Σ relu(w xₖ + b), added up from the last sample to the first."""
    count = 40
    forward = samples(count)
    numbers = forward.numbers
    first = count + 2
    grads = []
    for k in range(count):
        numbers.append((ops.LT, 1, first + 3 * k + 1))
        grads.append(len(numbers) - 1)
    by_w = []
    for k in range(count):
        numbers.append((ops.MUL, grads[k], 2 + k))
        by_w.append(len(numbers) - 1)
    numbers.append((ops.FOLD, *reversed(by_w)))
    numbers.append((ops.FOLD, *reversed(grads)))
    program, _ = simplified(
        Program(numbers, count + 2, [*forward.outputs, len(numbers) - 2, len(numbers) - 1], [], [])
    )
    rolled = Rolled(program)
    assert [f.lanes for f in rolled.families] == [count]


@pytest.mark.parametrize("seed", range(12))
def test_half_repeating_programs_keep_their_bits(seed):
    """Samples of two or three kinds in random order, and numbers that are like nothing else."""
    rng = seeded(seed)
    numbers = [(ops.INPUT, k) for k in range(10)]
    kinds = rng.choice((1, 2, 3))
    ends = []
    for _ in range(rng.choice((17, 33, 50))):
        kind = rng.randrange(kinds)
        a = rng.randrange(10)
        numbers.append((ops.MUL, rng.randrange(3), a))
        if kind:
            numbers.append((ops.EXP, len(numbers) - 1))
        if kind == 2:
            numbers.append((ops.DIV, len(numbers) - 1, rng.choice(ends) if ends else 0))
        numbers.append((ops.SUB, len(numbers) - 1, rng.randrange(10)))
        ends.append(len(numbers) - 1)
    order = list(ends)
    if seed % 3 == 0:
        order.reverse()
    elif seed % 3 == 1:
        rng.shuffle(order)
    total = order[0]
    for k in order[1:]:
        numbers.append((ops.ADD, total, k))
        total = len(numbers) - 1
    for k in order[::2]:  # and what is computed from the total, alike again
        numbers.append((ops.MUL, total, k))
        ends.append(len(numbers) - 1)
    outputs = [total, *rng.sample(ends, 12), *ends[-6:]]
    program = Program(numbers, 10, outputs, [], [total])
    inputs = [rng.uniform(-1.0, 1.0) for _ in range(10)]
    expected = [bits(float(x)) for x in program.run(inputs)]
    for printer, run in printed(program).items():
        assert [bits(float(x)) for x in run(inputs)] == expected, printer
