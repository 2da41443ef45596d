"""A scalar program, ready to be called: guards, the numbers that it reads, and those it makes."""

from __future__ import annotations

from typing import Any

from autograd.compile import passes
from autograd.compile.compiled import Compiled
from autograd.compile.guards.places import GRAD
from autograd.compile.native import llvm
from autograd.compile.numpy.fast import Fast
from autograd.compile.printing.report import kept
from autograd.compile.program import Check, Variable
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.entries import Entries, read
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.numpy_source import Source
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Plan
from autograd.compile.scalars.program import Program, listing
from autograd.compile.scalars.recorded import DATA, ScalarRecording, is_number
from autograd.compile.scalars.runner import native_function
from autograd.errors import UnsupportedError, counted, message
from autograd.visualize.scene import Scene


class CompiledScalars(Compiled):
    """A scalar program with its guards, ready to be called.

    Attributes:
        plan: vectors and single numbers, in the order in which they are computed.
    """

    recording: ScalarRecording
    program: Program

    def prepare(self, backend: str) -> None:
        """Simplify the program, roll it into vectors, and print it."""
        recording = self.recording
        self.recorded = recording.program.operations()
        program, self.passes = simplified(recording.program)
        self.generators = recording.generators
        arrays = recording.arrays
        if not any(i.operation.form == "draw" for i in arrays.instructions):
            self.generators = []
        self.entries = self.in_order(program)
        self.program = recording.program = program
        self.plan = Plan(Rolled(self.program))
        self.printed = Source(self.plan)
        self.not_native = llvm.missing() if backend != "numpy" else ""
        is_native = backend != "numpy" and not self.not_native
        self.native = native_function(self.plan) if is_native else None
        self.space["program"] = self.native or self.printed.function()

    @property
    def source(self) -> str:
        """What people read."""
        return self.printed.text

    def stages(self) -> dict[str, str]:
        """The program at each stage."""
        return {"trace": listing(self.program), "source": self.source}

    def drawing(self) -> Scene:
        """A program of thousands of single numbers is no picture."""
        hint = "print(step.source), or draw the graph of one call with ag.draw"
        raise UnsupportedError(message("draw", "a step on Values", "one on Tensors", hint))

    def summary(self) -> tuple[str, list[str]]:
        """The back end, and what a report says of the program."""
        families = [k.family for k in self.plan.kernels if k.family is not None]
        lanes = sum(len(f.vectors) * f.lanes for f in dict.fromkeys(families))
        vectors = sum(len(f.vectors) for f in dict.fromkeys(families))
        guards = counted(len(self.guards), "guard")
        return self.backend, [
            f"{guards}, {counted(len(self.program.checks), 'check')}",
            f"{self.recorded:,} operations recorded, {self.program.operations():,} left; "
            f"{lanes:,} numbers are lanes of {vectors:,} vectors",
            *kept(self.recording.kept),
        ]

    def in_order(self, program: Program) -> list[Variable]:
        """Give inputs new numbers: those of Values first, then other numbers, then entries of
        arrays; returns their variables."""
        entries, expressions = self.recording.entries, self.recording.expressions
        used = {x[1] for x in program.numbers if x[0] is ops.INPUT}

        def rank(k: int) -> tuple[int, int]:
            expression = expressions.get(entries[k], "")
            return (0 if is_of_value(expression) else 1 if expression else 2), k

        order = sorted(used, key=rank)
        wanted = [entries[k] for k in order if rank(k)[0] == 2]
        self.read = Entries(wanted, self.recording.arrays)
        last = {v: n for n, v in enumerate(self.read.order)}
        order.sort(key=lambda k: last.get(entries[k], -1))
        now = {k: n for n, k in enumerate(order)}
        for place, x in enumerate(program.numbers):
            if x[0] is ops.INPUT:
                program.numbers[place] = (ops.INPUT, now[x[1]])
        program.inputs = len(order)
        return [entries[k] for k in order]

    def _compute(self) -> Any:
        """Guards, what is done to arrays, the program, its checks: nothing is changed yet."""
        expressions = self.recording.expressions
        nodes: list[Any] = []
        others: list[str] = []
        for v in self.entries:
            at = expressions.get(v, "")
            if is_of_value(at):
                nodes.append(self.space[at.removesuffix(f".{DATA}")])
            elif at:
                others.append(at)
        self.space["values"] = nodes
        lines = self.guarded("compute(args, kwargs, run)", self.guards, "raise Missed")
        for n, check in enumerate(self.recording.direct):
            lines += self._direct(check, n)
        lines.append(f"    x = [v.{DATA} for v in values]")
        if others:
            lines.append(f"    x += {', '.join(others)},")
        lines += self._arrays()
        lines += ["    r = program(x)", "    if r is None:", "        raise Missed", "    return r"]
        return self.define("compute", lines)

    def _direct(self, check: Check, n: int) -> list[str]:
        """A check of a number that comes from outside."""
        self.space[f"seen{n}"] = check.value
        at = self.recording.expressions[check.variable]
        return [
            f"    if repr({at}) != repr(seen{n}):"
            if check.how != "bool"
            else f"    if bool({at}) is not seen{n}:",
            "        raise Missed",
        ]

    def _arrays(self) -> list[str]:
        """The lines that compute numbers from arrays, and check what Python looked at in them."""
        arrays = self.recording.arrays
        arrays.outputs = [v for v, _ in self.read.arrays]
        if not arrays.outputs and not arrays.checks:
            return []
        simple, _ = passes.simplified(arrays)
        fast = Fast(simple)
        self.space["arrays"] = fast.function()
        given = "".join(f", {self.recording.expressions[v]}" for v in fast.inputs)
        lines = [f"    r = run(arrays{given})"]
        lines += self.failing(simple.checks, len(simple.outputs))
        self.space["read"] = read
        for n, (_, flat) in enumerate(self.read.arrays):
            self.space[f"flat{n}"] = flat
            lines.append(f"    x += read(r[{n}], flat{n})")
        return lines

    def _commit(self) -> Any:
        """Put the numbers where the step puts them, and return what it returns."""
        numbers = [sum(is_number(c, key) for c in self.changes) for key in (DATA, GRAD)]
        kinds = self.recording.kinds
        lines = ["def commit(r, args, kwargs):"]
        if not set(kinds) <= {float}:
            lines.append("    r = [*r]")
        for n, kind in enumerate(kinds):
            if kind is not float:
                self.space[kind.__name__] = kind
                lines.append(f"    r[{n}] = {kind.__name__}(r[{n}])")
        at = 0
        for key, count in zip((DATA, GRAD), numbers, strict=True):
            if count:
                name = f"nodes{key}"
                self.space[name] = [place.container for place, _ in self.changes[at : at + count]]
                lines.append(f"    for v, v.{key} in zip({name}, r[{at}:{at + count}]): pass")
            at += count
        written, placed = self._changes(self.changes[at:], at)
        return self.define(
            "commit",
            [*lines, *written, *placed, *self._dropped(), f"    return {self.returned()}"],
        )


def is_of_value(expression: str) -> bool:
    """Whether an expression is the number of a Value that has a name."""
    name, _, key = expression.partition(".")
    return key == DATA and name.isidentifier()
