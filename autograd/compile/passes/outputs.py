"""The pass that gives what outlives the step memory of its own."""

from __future__ import annotations

from autograd.compile.program import COPY, Instruction, Program, Variable

# Results of these share no memory with their arguments.
OWNING = frozenset(
    {"ufunc", "reduce", "copy", "setitem", "write", "draw", "add_at", "pieces", "astype"}
)
OWNING_NAMES = frozenset(
    f"ndarray.{name}" for name in ("copy", "dot", "sum", "max", "min", "mean", "repeat", "all")
) | {"kernel.sum_of_few", "kernel.sum_of_rows", "numpy.where", "numpy.concatenate"}


def owns(i: Instruction | None) -> bool:
    """Whether a result is an array that nothing else has."""
    return i is not None and (i.operation.form in OWNING or i.operation.name in OWNING_NAMES)


def own_outputs(program: Program, persistent: int, shared: dict[int, int] | None = None) -> Program:
    """An output that is a view, or an input, or stands twice → a copy of it.

    One number is copied too: NumPy's operations return a scalar then, and the copy is an array.

    Args:
        program: in its final form.
        persistent: how many of the first outputs outlive the step.
        shared: outputs that are one array in eager steps too, each with the first of its kind.
    """
    made = {i.result: i for i in program.instructions}
    seen: set[Variable] = set()
    outputs: list[Variable] = []
    copies: list[Instruction] = []
    for n, v in enumerate(program.outputs):
        first = (shared or {}).get(n, n)
        if first != n:
            outputs.append(outputs[first])
            continue
        if n < persistent and not v.weak and (not v.shape or v in seen or not owns(made.get(v))):
            copy = Variable(v.shape, v.dtype, "computed")
            copies.append(Instruction(COPY, (v,), {}, copy))
            v = copy
        seen.add(v)
        outputs.append(v)
    instructions = [*program.instructions, *copies]
    return Program(program.inputs, instructions, outputs, program.checks, program.cotangents)
