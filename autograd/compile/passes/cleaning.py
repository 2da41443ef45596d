"""Passes that leave out: what nothing reads, what is computed twice, what is known beforehand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.compile.passes.compare import key_of
from autograd.compile.passes.rewrite import Context, constant, is_constant, rewrite, rewritten
from autograd.compile.program import Check, Instruction, Program, Variable, tree_map

LARGEST = 4096  # entries of a constant that a pass computes


def dead_code(program: Program) -> Program:
    """Drop what nothing reads; a random draw stays, because it moves its generator on."""
    needed = set(program.roots())
    kept: list[Instruction] = []
    for i in reversed(program.instructions):
        if i.result in needed or not i.operation.pure:
            kept.append(i)
            needed.update(i.inputs())
    return program if len(kept) == len(program.instructions) else program.of(kept[::-1])


def _bits(v: Variable) -> Any:
    return v.value.tobytes() if v.value.nbytes < 65536 else v


def common_subexpressions(program: Program) -> Program:
    """x·y and x·y → one of them, read twice; and one constant for two of the same bits."""
    seen: dict[Any, Variable] = {}
    by: dict[Variable, Variable] = {}
    for i in program.instructions:
        for v in i.inputs():
            if v.kind == "constant" and v not in by and type(v.value) is np.ndarray:
                key = (v.shape, v.dtype.str, v.weak, _bits(v))
                if seen.setdefault(key, v) is not v:
                    by[v] = seen[key]
        if not i.operation.pure or i.operation.form == "copy":
            continue
        i = i.replaced(lambda v: by.get(v, v))
        made = (i.operation.name, id(i.operation), key_of(i.args), key_of(i.kwargs))
        found = seen.setdefault(made, i.result)
        if found is not i.result:
            by[i.result] = found
    return rewritten(program, by)


def _known(i: Instruction, context: Context) -> Variable | None:
    name = i.operation.name
    if name in ("numpy.ones_like", "numpy.zeros_like") and not i.kwargs and len(i.args) == 1:
        if math.prod(i.result.shape) <= LARGEST:
            return constant(i.operation.compute(np.empty(i.result.shape, i.result.dtype)))
        return None
    inputs = i.inputs()
    if not inputs or not i.operation.pure or i.result.weak or math.prod(i.result.shape) > LARGEST:
        return None
    if not all(map(is_constant, inputs)) or i.result.dtype is None or name == "item":
        return None
    with np.errstate(all="ignore"):
        value = i.operation.compute(*_values(i.args), **_values(i.kwargs))
    if type(value) in (tuple, list) or np.asarray(value).dtype != i.result.dtype:
        return None
    return constant(value)


def _values(tree: Any) -> Any:
    def value_of(v: Variable) -> Any:
        return v.value if v.shape else v.value[()]

    return tree_map(value_of, tree)


def known_values(program: Program) -> Program:
    """An operation on constants → its result; `ones_like(x)` → ones."""
    return rewrite(program, _known)


def known_checks(program: Program) -> Program:
    """A check of a constant that holds, or one that is made twice → none, or one."""
    checks: dict[Any, Check] = {}
    for check in program.checks:
        v = check.variable
        holds = check.how == "bool" and is_constant(v) and bool(v.value) is check.value
        if not holds:
            checks.setdefault((v, check.how, repr(check.value)), check)
    if len(checks) == len(program.checks):
        return program
    kept = [*checks.values()]
    return Program(program.inputs, program.instructions, program.outputs, kept, program.cotangents)
