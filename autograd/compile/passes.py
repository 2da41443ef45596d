"""Passes: each takes a program to one that computes the same, by one rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import COPY, Instruction, Program, Variable

# Results of these share no memory with their arguments.
OWNING = frozenset({"ufunc", "reduce", "copy", "setitem", "write", "draw"})
OWNING_METHODS = frozenset({"copy", "dot", "sum", "max", "min", "mean", "flatten", "repeat", "all"})


def rewritten(program: Program, by: dict[Variable, Variable]) -> Program:
    """The program with variables replaced by others, also where one replaces another."""

    def final(v: Variable) -> Variable:
        while v in by:
            v = by[v]
        return v

    kept = [i.replaced(final) for i in program.instructions if i.result not in by]
    checks = [type(c)(final(c.variable), c.value, c.how, c.line) for c in program.checks]
    return Program(program.inputs, kept, [final(v) for v in program.outputs], checks)


def dead_code(program: Program) -> Program:
    """Drop what nothing reads; a random draw stays, because it moves its generator on."""
    needed = set(program.roots())
    kept: list[Instruction] = []
    for i in reversed(program.instructions):
        if i.result in needed or not i.operation.pure:
            kept.append(i)
            needed.update(i.inputs())
    return Program(program.inputs, kept[::-1], program.outputs, program.checks)


def key_of(x: Any) -> Any:
    """A part of an instruction, to be compared; the type counts, and -0 is not 0."""
    kind = type(x)
    if kind is tuple or kind is list:
        return (kind, tuple(map(key_of, x)))
    if kind is dict:
        return (kind, tuple((k, key_of(v)) for k, v in x.items()))
    if kind is slice:
        return (kind, key_of((x.start, x.stop, x.step)))
    if kind is float:
        return (kind, x.hex())
    if isinstance(x, np.generic):
        return (kind, x.dtype.str, x.tobytes())
    try:
        hash(x)
    except TypeError:
        return (kind, id(x))
    return (kind, x)


def common_subexpressions(program: Program) -> Program:
    """Compute once what is computed twice."""
    seen: dict[Any, Variable] = {}
    by: dict[Variable, Variable] = {}
    for i in program.instructions:
        if not i.operation.pure or i.operation.form == "copy":
            continue
        i = i.replaced(lambda v: by.get(v, v))
        key = (i.operation.name, id(i.operation), key_of(i.args), key_of(i.kwargs))
        found = seen.setdefault(key, i.result)
        if found is not i.result:
            by[i.result] = found
    return rewritten(program, by)


def _is_copy(i: Instruction) -> bool:
    if i.operation.form == "copy" or i.operation.name in ("ndarray.copy", "numpy.array"):
        given = i.args[0]
        plain = len(i.args) == 1 or i.operation.name == "ndarray.copy"
        return isinstance(given, Variable) and plain and set(i.kwargs) <= {"order", "copy"}
    return False


def moves(program: Program) -> Program:
    """Drop copies, because no value of a program is ever written to, and what changes nothing:
    casts to the dtype there is, reshapes to the shape there is, two transpositions in a row."""
    by: dict[Variable, Variable] = {}
    made = {i.result: i for i in program.instructions}
    for i in program.instructions:
        x = by.get(i.args[0], i.args[0]) if i.args and type(i.args[0]) is Variable else None
        if x is None or x.dtype != i.result.dtype:
            continue
        name = i.operation.name
        same_shape = x.shape == i.result.shape
        unchanged = name in ("ndarray.astype", "ndarray.reshape", "numpy.reshape", "kernel.reshape")
        if same_shape and (_is_copy(i) or (unchanged and not i.kwargs.get("order"))):
            by[i.result] = x
        elif name == "ndarray.T" and x in made and made[x].operation.name == "ndarray.T":
            by[i.result] = made[x].args[0]
    return rewritten(program, by)


def own_outputs(program: Program, persistent: int) -> Program:
    """Give each of the first outputs, which outlive the step, memory of its own."""
    made = {i.result: i for i in program.instructions}
    seen: set[Variable] = set()
    outputs: list[Variable] = []
    copies: list[Instruction] = []
    for n, v in enumerate(program.outputs):
        i = made.get(v)
        owns = i is not None and (
            i.operation.form in OWNING
            or (i.operation.form == "method" and i.operation.name[8:] in OWNING_METHODS)
        )
        if n < persistent and (not owns or v in seen):
            copy = Variable(v.shape, v.dtype, "computed")
            copies.append(Instruction(COPY, (v,), {}, copy))
            v = copy
        seen.add(v)
        outputs.append(v)
    return Program(program.inputs, [*program.instructions, *copies], outputs, program.checks)


PASSES: dict[str, Callable[[Program], Program]] = {
    "dead code": dead_code,
    "common subexpressions": common_subexpressions,
    "moves": moves,
}


def simplified(program: Program) -> tuple[Program, list[tuple[str, int, int]]]:
    """The passes until nothing changes, and the number of operations before and after each."""
    counts: list[tuple[str, int, int]] = []
    before = -1
    while before != len(program.instructions):
        before = len(program.instructions)
        for name, rule in PASSES.items():
            count = len(program.instructions)
            program = rule(program)
            counts.append((name, count, len(program.instructions)))
    return program, [c for c in counts if c[1] != c[2]]


def matches(a: Program, b: Program) -> str:
    """Why two recordings of a step are not the same program; "" if they are.

    A constant that differs was computed where the trace does not see it.
    """
    if len(a.inputs) != len(b.inputs) or len(a.outputs) != len(b.outputs):
        return "two calls differ in what they read or change"
    for c, d in zip(a.checks, b.checks, strict=False):
        if key_of(c.value) != key_of(d.value):
            return f"{c.how}() of an array gives a value that differs from call to call: {d.line}"
    pairs = dict(zip(b.inputs, a.inputs, strict=True))
    for i, j in zip(a.instructions, b.instructions, strict=False):
        for u, v in zip(i.inputs(), j.inputs(), strict=False):
            if u.kind == v.kind == "constant":
                alike = (u.shape, u.dtype) == (v.shape, v.dtype)
                if not alike or u.value.tobytes() != v.value.tobytes():
                    return f"an array differs from call to call: {i.operation} at {j.line}"
                pairs[v] = u
        moved = j.replaced(lambda v: pairs.get(v, v))
        if i.operation is not j.operation or i.result.shape != j.result.shape:
            return f"two calls do different things: {i.operation}, {j.operation} at {j.line}"
        if key_of((i.args, i.kwargs)) != key_of((moved.args, moved.kwargs)):
            return f"a value differs from call to call: {i.operation} at {j.line}"
        pairs[j.result] = i.result
    if len(a.instructions) != len(b.instructions):
        return "one call does more than another"
    if [pairs.get(v, v) for v in b.outputs] != a.outputs:
        return "two calls differ in what they return or keep"
    return "" if len(a.checks) == len(b.checks) else "two calls look at different values"
