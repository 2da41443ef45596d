"""Each pass on random programs, against the interpreter."""

import math

import pytest

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars import passes
from autograd.compile.scalars.program import Program
from tests.autograd.compile.scalars.building import SPECIAL, bits, seeded

BINARY = (ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.ADD, ops.ADD, ops.MAXIMUM, ops.LT)


def random_program(seed, size=60):
    """Operations on earlier numbers, sums above all."""
    rng = seeded(seed)
    numbers = [(ops.INPUT, 0), (ops.INPUT, 1), (ops.CONSTANT, 1.0), (ops.CONSTANT, -0.0)]
    numbers += [(ops.CONSTANT, rng.choice(SPECIAL)) for _ in range(2)]
    while len(numbers) < size:
        at = [len(numbers) - 1 - rng.randrange(min(len(numbers), 8)) for _ in range(2)]
        if rng.random() < 0.2:
            numbers.append((rng.choice((ops.NEG, ops.ABS, ops.SQRT)), at[0]))
        else:
            numbers.append((rng.choice(BINARY), *at))
    outputs = [size - 1, size - 2, rng.randrange(size)]
    finite = [k for k in range(size) if rng.random() < 0.2]
    return Program(numbers, 2, outputs, [], finite)


def outcome(program, inputs):
    found = program.run(inputs)
    return None if found is None else [bits(float(x)) for x in found]


@pytest.mark.parametrize(
    "name", ["without_dead_code", "with_constants", "with_few_checks", "with_sums"]
)
@pytest.mark.parametrize("seed", range(30))
def test_a_pass_changes_no_bit(name, seed):
    program = random_program(seed)
    after = getattr(passes, name)(program)
    for x in SPECIAL:
        for y in (0.5, -1.25, 0.0, math.nan):
            assert outcome(program, [x, y]) == outcome(after, [x, y])


def test_checks_that_others_imply_are_left_out():
    """x · y is finite, so x and y are; of x / y only x is known."""
    numbers = [(ops.INPUT, 0), (ops.INPUT, 1), (ops.MUL, 0, 1), (ops.DIV, 0, 1)]
    few = passes.with_few_checks(Program(numbers, 2, [2], [], [0, 1, 2]))
    assert few.finite == [2]
    few = passes.with_few_checks(Program(numbers, 2, [3], [], [0, 1, 3]))
    assert few.finite == [1, 3]


def test_a_product_with_one_stays():
    """Labels of 1 and -1 must not make two kinds of samples."""
    numbers = [(ops.INPUT, 0), (ops.CONSTANT, 1.0), (ops.MUL, 0, 1)]
    assert passes.with_constants(Program(numbers, 1, [2], [], [])).numbers[-1][0] is ops.MUL


def test_constants_are_computed():
    numbers = [(ops.CONSTANT, 2.0), (ops.CONSTANT, -0.0), (ops.MUL, 0, 1), (ops.CONSTANT, 0.0)]
    program = passes.with_constants(Program(numbers, 0, [2, 3], [], []))
    assert {x[0] for x in program.numbers} == {ops.CONSTANT}
    assert [bits(x) for x in program.run([])] == [bits(-0.0), bits(0.0)]


def test_a_chain_of_additions_is_one_sum_unless_a_part_is_read():
    numbers = [(ops.INPUT, k) for k in range(4)]
    numbers += [(ops.ADD, 0, 1), (ops.ADD, 4, 2), (ops.ADD, 3, 5)]
    assert passes.with_sums(Program(numbers, 4, [6], [], [])).numbers[-1] == (ops.FOLD, 0, 1, 2, 3)
    kept = passes.with_sums(Program(numbers, 4, [6, 5], [], []))
    assert [x[0] for x in kept.numbers[4:]] == [ops.FOLD, ops.ADD]


def test_simplified_says_what_each_pass_did():
    program, steps = passes.simplified(random_program(3))
    assert [name for name, _, _ in steps] == [name for name, _ in passes.PASSES]
    assert steps[-1][2] == program.operations() <= steps[0][1]
