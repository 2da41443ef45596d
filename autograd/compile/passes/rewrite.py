"""How a pass rewrites: a rule looks at one instruction, and at what made its arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Check, Instruction, Operation, Program, Variable

Pass = Callable[[Program], Program]


class Context:
    """What a rule may ask about the program so far, and may add to it."""

    def __init__(self, program: Program) -> None:
        self.by: dict[Variable, Variable] = {}
        self.made: dict[Variable, Instruction] = {}
        self.instructions: list[Instruction] = []
        self.uses = Counter(v for i in program.instructions for v in i.inputs())
        self.uses.update(program.roots())

    def final(self, v: Variable) -> Variable:
        """The variable that stands for this one."""
        while v in self.by:
            v = self.by[v]
        return v

    def maker(self, x: Any, *names: str) -> Instruction | None:
        """The instruction that made an argument, if its operation has one of these names."""
        made = self.made.get(x) if type(x) is Variable else None
        return made if made is not None and (not names or made.operation.name in names) else None

    def once(self, x: Any) -> bool:
        """Whether an argument is read nowhere else."""
        return type(x) is Variable and self.uses[x] == 1

    def emit(self, i: Instruction) -> None:
        """Put an instruction into the program."""
        self.made[i.result] = i
        self.instructions.append(i)

    def call(
        self,
        operation: Operation,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        shape: tuple[int, ...],
        like: Instruction,
        dtype: Any = None,
    ) -> Variable:
        """Add an instruction before the one at hand, from the same line; returns its result."""
        result = Variable(shape, like.result.dtype if dtype is None else dtype, "computed")
        self.emit(Instruction(operation, args, kwargs, result, like.line, like.module))
        return result


# A rule returns the variable that the result equals, another instruction for it, or None.
Rule = Callable[[Instruction, Context], Variable | Instruction | None]


def instead(i: Instruction, operation: Operation, *args: Any, **kwargs: Any) -> Instruction:
    """Another instruction for the same result."""
    return Instruction(operation, args, kwargs, i.result, i.line, i.module)


def rewrite(program: Program, rule: Rule) -> Program:
    """The program after the rule had a look at each instruction; itself if nothing changed."""
    context = Context(program)
    changed = False
    for i in program.instructions:
        if context.by:
            i = i.replaced(context.final)
        made = rule(i, context)
        if made is None or made is i:
            context.emit(i)
            continue
        changed = True
        if isinstance(made, Variable):
            context.by[i.result] = made
        else:
            context.emit(made)
    return _with(program, context.instructions, context.final) if changed else program


def rewritten(program: Program, by: dict[Variable, Variable]) -> Program:
    """The program with variables replaced by others, also where one replaces another."""
    if not by:
        return program

    def final(v: Variable) -> Variable:
        while v in by:
            v = by[v]
        return v

    kept = [i.replaced(final) for i in program.instructions if i.result not in by]
    return _with(program, kept, final)


def _with(
    program: Program, instructions: list[Instruction], final: Callable[[Variable], Variable]
) -> Program:
    checks = [Check(final(c.variable), c.value, c.how, c.line, c.own) for c in program.checks]
    cotangents: dict[Variable, tuple[Variable, ...]] = {}
    for g, of in program.cotangents.items():
        known = cotangents.get(final(g), ())
        cotangents[final(g)] = (*known, *(v for v in map(final, of) if v not in known))
    outputs = [final(v) for v in program.outputs]
    return Program(program.inputs, instructions, outputs, checks, cotangents)


# --- Constants ------------------------------------------------------------------------------------


def constant(value: Any) -> Variable:
    """A variable of the program that always has this value."""
    array = np.array(value)
    array.setflags(write=False)
    return Variable(array.shape, array.dtype, "constant", value=array)


def is_constant(x: Any) -> bool:
    """Whether an argument is a constant array."""
    return type(x) is Variable and x.kind == "constant"


def number(x: Any) -> Any:
    """The number that an argument is at every entry; None if it is not a constant of one number."""
    kind = type(x)
    if kind is float or kind is int:
        return x
    if isinstance(x, np.generic) and x.dtype.kind in "fiub":
        return x.item()
    if kind is Variable and x.kind == "constant" and x.value.dtype.kind in "fiub":
        flat = x.value.reshape(-1)
        if len(flat) and (len(flat) == 1 or flat.tobytes() == flat[:1].tobytes() * len(flat)):
            return flat[0].item()
    return None


def weak(x: Any) -> bool:
    """Whether an argument is a Python number, which takes the dtype of what it meets."""
    return type(x) in (int, float)


def complement(x: float) -> float | None:
    """0.9 of 1 - 0.9, which is 0.09999999999999998; None of what is written as short itself."""
    rest = 1.0 - x
    return rest if len(repr(x)) > 12 and len(repr(rest)) <= 8 and 1.0 - rest == x else None
