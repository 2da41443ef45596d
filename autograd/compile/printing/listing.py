"""A program as plain text, one instruction a line, and a step at each stage of its compilation."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.numpy.fast import Fast
from autograd.compile.passes import own_outputs, stages
from autograd.compile.passes.pipeline import EXACT
from autograd.compile.printing.naming import Role
from autograd.compile.printing.source import Source
from autograd.compile.printing.text import Names
from autograd.compile.program import Instruction, Program, Variable


class Listing(Names):
    """The text of a program in SSA form: `v3 = add(v2, b1)  # 32 × 16, float32`."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        for v in program.inputs:
            self.names[v] = self.fresh(v.name or "input")
        self.lines = [self.line(i) for i in program.instructions]
        self.lines.append(f"return {', '.join(self.text(v) for v in program.outputs)}")
        self.lines += [
            f"check {c.how}({self.text(c.variable)}) is {c.value}" for c in program.checks
        ]

    def line(self, i: Instruction) -> str:
        """One instruction, with shape and dtype of its result."""
        text = f"{i.operation.name}{self.call(i.args, i.kwargs)}"
        name = self.names[i.result] = self.numbered("v")
        shape = " × ".join(map(str, i.result.shape)) or "one number"
        dtype = "" if i.result.dtype is None else f", {np.dtype(i.result.dtype).name}"
        return f"{f'{name} = {text}'.ljust(60)}  # {shape}{dtype}"

    def variable(self, v: Variable, above: int = 0) -> str:
        """A variable by its name; small constants as they are."""
        if v.kind == "constant" and v.value.size == 1:
            return str(v.value.reshape(-1)[0])
        return super().variable(v, above)


def listing(program: Program) -> str:
    """The instructions of a program, one a line.

    Example:
        >>> import numpy as np
        >>> from autograd.compile.program import Instruction, Variable, of_ufunc
        >>> x = Variable((3,), np.dtype("f8"), "input", "x")
        >>> y = Variable((3,), np.dtype("f8"), "computed")
        >>> print(listing(Program([x], [Instruction(of_ufunc(np.exp), (x,), {}, y)], [y])))
        v1 = exp(x)                                                   # 3, float64
        return v1
    """
    return "\n".join(Listing(program).lines)


def stages_of(program: Program, roles: list[Role]) -> dict[str, str]:
    """What a step looks like at each stage: its trace, after each pass, its sources.

    Args:
        program: as it was recorded.
        roles: what its outputs are, as the printer takes them.

    Returns:
        the texts by name: "trace"; "1. dead code" and so on, for each pass that changed the
        program; "source", which people read; and "NumPy", which runs.
    """
    found: dict[str, str] = {"trace": listing(program)}
    after: Any = program
    for n, (name, after) in enumerate(stages(program, EXACT), 1):
        found[f"{n}. {name}"] = listing(after)
    found["source"] = Source(program, roles).source
    found["NumPy"] = Fast(own_outputs(after, len(after.outputs))).source
    return found
