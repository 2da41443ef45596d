"""The scalar program: numbers in SSA form, and the interpreter that defines what they mean.

Every pass and every printer is tested against the interpreter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograd.compile.scalars import operations as ops

Instruction = tuple[Any, ...]  # an operation, and the places of its arguments
LEAVES = (ops.INPUT, ops.CONSTANT)


@dataclass
class Program:
    """Instructions, each at its place in a list; arguments come before results.

    Attributes:
        numbers: (operation, places of its arguments); of a leaf, the number of the input or the
            constant itself.
        inputs: how many numbers come from outside.
        outputs: the places of what is returned.
        checks: places, and the value that each must have.
        finite: places of what must be neither inf nor nan.
    """

    numbers: list[Instruction]
    inputs: int
    outputs: list[int]
    checks: list[tuple[int, float]]
    finite: list[int]

    def roots(self) -> list[int]:
        """Whatever must be computed."""
        return [*self.outputs, *(place for place, _ in self.checks), *self.finite]

    def operations(self) -> int:
        """How many operations there are: leaves are none, and a sum of n terms counts n - 1."""
        return sum(
            len(x) - 2 if x[0] is ops.FOLD else 1 for x in self.numbers if x[0] not in LEAVES
        )

    def run(self, inputs: list[float]) -> list[float] | None:
        """Interpret the program; None if a check fails."""
        values: list[float] = []
        for operation, *args in self.numbers:
            if operation is ops.INPUT:
                values.append(inputs[args[0]])
            elif operation is ops.CONSTANT:
                values.append(args[0])
            else:
                values.append(operation.compute(*[values[k] for k in args]))
        if not all(same_bits(values[place], x) for place, x in self.checks):
            return None
        if not all(math.isfinite(values[place]) for place in self.finite):
            return None
        return [values[place] for place in self.outputs]


def same_bits(x: float, y: float) -> bool:
    """Whether two numbers are the same, -0.0 not being 0.0, and nan being nan."""
    return (x == y and math.copysign(1.0, x) == math.copysign(1.0, y)) or (x != x and y != y)


def moved(program: Program, numbers: list[Instruction], now: Any) -> Program:
    """The program with other instructions, where each place has become another one."""
    return Program(
        numbers,
        program.inputs,
        [now[k] for k in program.outputs],
        [(now[k], x) for k, x in program.checks],
        [now[k] for k in program.finite],
    )


def live(program: Program, roots: Iterable[int]) -> bytearray:
    """For each place, whether a root needs it."""
    needed = bytearray(len(program.numbers))
    for root in roots:
        needed[root] = 1
    numbers = program.numbers
    for place in range(len(numbers) - 1, -1, -1):
        if needed[place]:
            instruction = numbers[place]
            if instruction[0] not in LEAVES:
                for k in instruction[1:]:
                    needed[k] = 1
    return needed


def listing(program: Program) -> str:
    """The instructions as text, one a line.

    Example:
        >>> print(listing(Program([(ops.INPUT, 0), (ops.EXP, 0)], 1, [1], [], [])))
        v0 = input(0)
        v1 = exp(v0)
        return v1
    """
    lines = []
    for place, (operation, *args) in enumerate(program.numbers):
        given = map(str, args) if operation in LEAVES else (f"v{k}" for k in args)
        lines.append(f"v{place} = {operation}({', '.join(given)})")
    lines.append(f"return {', '.join(f'v{k}' for k in program.outputs)}")
    lines += [f"check v{k} is {x}" for k, x in program.checks]
    return "\n".join([*lines, *(f"check v{k} is finite" for k in program.finite)])
