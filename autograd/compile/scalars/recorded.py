"""What is left of a traced step on Values: the scalar program, and where its numbers are."""

from __future__ import annotations

from typing import Any

from autograd.compile import passes
from autograd.compile.guards.places import GRAD, equal
from autograd.compile.program import Program as ArrayProgram
from autograd.compile.program import Variable
from autograd.compile.recording.recorded import Recording, Signature, checks_of
from autograd.compile.recording.session import Change, Session
from autograd.compile.recording.template import Template
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.program import Program, live
from autograd.compile.scalars.tape import ScalarTape
from autograd.compile.trace.tape import Tape
from autograd.engine.graph import Node

DATA = "_data"


def is_number(change: Change, key: str) -> bool:
    """Whether a change is a Value's new number, or its gradient's."""
    place, template = change
    of_value = isinstance(place.container, Node) and not place.container._backend.has_shape
    return of_value and place.key == key and template.shape[0] == "number"


class ScalarRecording(Recording):
    """One traced call of a step on Values.

    Attributes:
        program: the scalar program as it came.
        arrays: the program of what the step does to arrays before it takes numbers from them.
        entries: for each input of the scalar program, the variable that it is.
        used: the variables that the program reads.
        kinds: for each output, its type.
        direct: checks of numbers that come from outside.
    """

    program: Program

    def __init__(self, session: Session, result: Template, keep_gradients: bool) -> None:
        super().__init__(session, result, keep_gradients)
        results = {id(session.inputs[k]): path for k, path in session.reach.results.items()}
        branches = tuple(
            (c.how, c.value) for c in self.looks if c.how in ("bool", "shape")
        )  # each branch, and each length, has a program of its own
        self.signature = Signature((*self.signature.facts, branches))
        for variable in self.used:
            if id(variable) in results:
                self.reason = f"the step uses {results[id(variable)]}, an earlier result"

    def written(self, tape: Tape, outputs: list[Any]) -> Any:
        """The program as it was written down."""
        assert isinstance(tape, ScalarTape)
        if any(isinstance(v, Variable) for v in outputs):
            self.reason = "a step on Values computes an array"
        self.looks = checks_of(tape)
        self.entries = tape.entries
        looked: list[tuple[Any, Any]] = [(c.variable, c.value) for c in self.looks]
        program = Program(
            tape.numbers(),
            len(tape.entries),
            [v for v in outputs if type(v) is int],
            [(place, float(value)) for place, value in looked if type(place) is int],
            list(dict.fromkeys(tape.finite)),
        )
        self.arrays = self.of_arrays(tape, program)
        self.kinds = [kind for _, t in self.changes for kind in kinds_of(t.shape)]
        self.kinds += kinds_of(self.result.shape)
        return program

    def ordered(self, changes: list[Change]) -> list[Change]:
        """Numbers of Values first, then their gradients, so that each are written in one loop."""
        return sorted(changes, key=lambda c: -is_number(c, DATA) * 2 - is_number(c, GRAD))

    def of_arrays(self, tape: ScalarTape, program: Program) -> ArrayProgram:
        """What computes the entries that are not inputs of the step."""
        needed = live(program, program.roots())
        self.used = [
            tape.entries[x[1]]
            for place, x in enumerate(program.numbers)
            if x[0] is ops.INPUT and needed[place]
        ]
        checks = [c for c in checks_of(tape) if isinstance(c.variable, Variable)]
        self.direct = [c for c in checks if c.variable.weak and c.variable.kind == "input"]
        checks = [c for c in checks if c not in self.direct]
        outputs = [v for v in dict.fromkeys(self.used) if v.kind != "input" or not v.weak]
        return ArrayProgram(tape.inputs, tape.instructions, outputs, checks)

    def difference(self, other: ScalarRecording) -> str:
        """What differs in another recording, or ""."""
        for mine, its in zip(self.looks, other.looks, strict=False):
            if not equal(mine.value, its.value):
                return f"Python looks at a number that differs from call to call ({mine.line})"
        if len(self.program.numbers) != len(other.program.numbers):
            return "two calls compute different things"
        for x, y in zip(self.program.numbers, other.program.numbers, strict=True):
            if x != y and not (x[0] is y[0] is ops.CONSTANT and equal(x[1], y[1])):
                if x[0] is y[0] is ops.CONSTANT:
                    return f"a number differs between calls: {x[1]!r} and {y[1]!r}"
                return "two calls compute different things"
        return passes.matches(self.arrays, other.arrays)


def kinds_of(shape: Any) -> list[type]:
    """The types of the numbers in a template."""
    kind = shape[0]
    if kind in ("number", "array"):
        return [type(shape[2])]
    if kind == "node":
        return kinds_of(shape[1])
    if kind == "dict":
        return [x for e in shape[1].values() for x in kinds_of(e)]
    if kind == "constant":
        return []
    return [x for e in shape[-1] for x in kinds_of(e)]
