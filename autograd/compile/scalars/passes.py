"""Passes over scalar programs. None changes a bit of a result."""

from __future__ import annotations

import math

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.program import LEAVES, Instruction, Program, live, moved


def without_dead_code(program: Program) -> Program:
    """Only what a result or a check needs."""
    needed = live(program, program.roots())
    now: dict[int, int] = {}
    numbers: list[Instruction] = []
    for place, instruction in enumerate(program.numbers):
        if needed[place]:
            now[place] = len(numbers)
            if instruction[0] not in LEAVES:
                instruction = (instruction[0], *[now[k] for k in instruction[1:]])
            numbers.append(instruction)
    return moved(program, numbers, now)


def with_constants(program: Program) -> Program:
    """What is known beforehand is computed.

    A product with 1.0 stays: where the labels are 1 and -1, it makes all samples alike.
    """
    numbers: list[Instruction] = []
    known: dict[Instruction, int] = {}
    now: list[int] = []  # the new place of each
    fixed = bytearray()  # whether it is a constant
    for instruction in program.numbers:
        operation = instruction[0]
        if operation not in LEAVES:
            args = [now[k] for k in instruction[1:]]
            instruction = (operation, *args)
            if all([fixed[k] for k in args]):
                value = operation.compute(*[numbers[k][1] for k in args])
                operation, instruction = ops.CONSTANT, (ops.CONSTANT, value)
        key = instruction
        if operation is ops.CONSTANT and not key[1]:
            key = (*key, repr(key[1]))  # -0.0 equals 0.0
        place = known.get(key)
        if place is None:
            place = known[key] = len(numbers)
            numbers.append(instruction)
            fixed.append(operation is ops.CONSTANT)
        now.append(place)
    return moved(program, numbers, now)


def with_few_checks(program: Program) -> Program:
    """No check of a number that, if it were inf or nan, would make a checked one so.

    Cotangents must all be finite. Nearly all of them are added up and multiplied until they are
    parts of the parameters' gradients, so it is enough to look at those.
    """
    wanted = set(program.finite)
    sure = bytearray(len(program.numbers))
    left: list[int] = []
    for place in range(len(program.numbers) - 1, -1, -1):
        instruction = program.numbers[place]
        if place in wanted and not sure[place]:
            sure[place] = 1
            if instruction[0] is not ops.CONSTANT or not math.isfinite(instruction[1]):
                left.append(place)
        if sure[place] and instruction[0] not in LEAVES:
            for k in instruction[0].carries:
                sure[instruction[1 + k]] = 1
    checks = list(dict.fromkeys(program.checks))
    return Program(program.numbers, program.inputs, program.outputs, checks, left[::-1])


def with_sums(program: Program) -> Program:
    """Chains of additions as one sum each, from left to right, if nothing else reads the parts."""
    numbers = program.numbers
    uses = [0] * len(numbers)
    for instruction in numbers:
        if instruction[0] not in LEAVES:
            for k in instruction[1:]:
                uses[k] += 1
    for k in program.roots():
        uses[k] += 2
    terms: dict[int, list[int]] = {}  # of sums, by the place of the last addition
    for place, instruction in enumerate(numbers):
        if instruction[0] is not ops.ADD:
            continue
        x, y = instruction[1:]
        if uses[y] == 1 and y in terms and len(terms[y]) > len(terms.get(x, ())):
            x, y = y, x  # an addition gives the same in either order
        so_far = terms.pop(x) if uses[x] == 1 and x in terms else [x]
        so_far.append(y)
        terms[place] = so_far
    sums = {place: (ops.FOLD, *t) for place, t in terms.items() if len(t) > 2}
    summed = Program(
        [sums.get(place, x) for place, x in enumerate(numbers)],
        program.inputs,
        program.outputs,
        program.checks,
        program.finite,
    )
    return without_dead_code(summed)


PASSES = (
    ("constants", with_constants),
    ("checks", with_few_checks),
    ("sums, dead code", with_sums),
)


def simplified(program: Program) -> tuple[Program, list[tuple[str, int, int]]]:
    """The program after all passes, and how many operations there were before and after each."""
    steps: list[tuple[str, int, int]] = []
    for name, by in PASSES:
        before = program.operations()
        program = by(program)
        steps.append((name, before, program.operations()))
    return program, steps
