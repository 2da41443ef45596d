"""What a compiled step tells about itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.compile.program import Program
from autograd.errors import counted

MOVES = frozenset({"getitem", "item", "transpose", "reshape", "broadcast", "attribute"})


def report(
    name: str,
    calls: tuple[int, int, int],
    programs: list[Any],
    missed: dict[str, int],
    reasons: dict[str, int],
    notes: Sequence[str] = (),
) -> str:
    """Programs, guards, operations before and after passes, and what stays eager and why."""
    total, eager, traces = calls
    lines = [f"{name}: {counted(total, 'call')}, {eager} of them eager, {traces} of those traced"]
    for n, compiled in enumerate(programs):
        backend, found = compiled.summary()
        lines.append(f"program {n}: {counted(compiled.calls, 'call')}; {backend}")
        lines += [f"    {line}" for line in found]
        lines += [f"    {rule}: {a} -> {b}" for rule, a, b in compiled.passes]
    lines += [f"a guard failed in {counted(n, 'call')}: {about}" for about, n in missed.items()]
    lines += [f"ran eagerly in {counted(n, 'call')}: {reason}" for reason, n in reasons.items()]
    return "\n".join([*lines, *notes])


def described(compiled: Any) -> list[str]:
    """What is said of a program of operations on arrays."""
    program = compiled.program
    guards = counted(len(compiled.guards), "guard")
    return [
        f"{guards}, {counted(len(program.checks), 'check')}",
        f"{compiled.recorded} operations recorded, {len(program.instructions)} left, "
        f"{kernels(program)} of them kernels, the others views",
        compiled.fast.summary(size(program)),
    ]


def kept(gradients: list[Any]) -> list[str]:
    """The gradients that a step keeps although it was asked not to, by their places."""
    if not gradients:
        return []
    paths = [place.path for place in gradients[:3]] + ["..."] * (len(gradients) > 3)
    why = "the step does not clear and use them up in one call"
    return [f"keeps {', '.join(paths)}: {why}"]


def kernels(program: Program) -> int:
    """How many instructions compute something and are not mere views."""
    return sum(i.operation.form not in MOVES for i in program.instructions)


def size(program: Program) -> int:
    """The bytes of all that the program computes, views left out."""
    return sum(
        math.prod(i.result.shape) * i.result.dtype.itemsize
        for i in program.instructions
        if i.operation.form not in MOVES
    )
