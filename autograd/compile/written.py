"""A function's program for readers other than the compiler: what `ag.program` returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.compile import passes
from autograd.compile.guards.places import GRAD
from autograd.compile.learning import Learner
from autograd.compile.passes.algebra import powers_of_two
from autograd.compile.passes.pipeline import EXACT
from autograd.compile.program import Check, Program, variables
from autograd.compile.recording.recorded import Recording
from autograd.compile.step import Step
from autograd.errors import UnsupportedError, message

# A division by 4 stays one: so the program has the same form for every size of an axis.
RULES = {name: rule for name, rule in EXACT.items() if rule is not powers_of_two}


@dataclass
class Written:
    """A function's program, and what its inputs and outputs were in the call that was recorded.

    Attributes:
        program: its inputs are the arrays that the instructions read or that are returned.
        values: the array of each input.
        places: where the function finds each input: "args[0]", or any other text for one that it
            reaches by itself, such as a parameter.
        roles: what each output is: ("result", its key in a returned dictionary or ""), ("grad", the
            name of a parameter), or ("new", the name of what is replaced).
        targets: of each output, whose gradient it is, or the array that it replaces; None for a
            result.
        looked: what Python saw of values on the way, without what the engine and `nn` saw when
            they looked for a nan or for an argument that is not valid.
    """

    program: Program
    values: list[Any]
    places: list[str]
    roles: list[tuple[str, str]]
    targets: list[Any]
    looked: list[Check]


def written(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Written:
    """What `ag.program` returns."""
    if isinstance(f, Step):
        f = f.plain
    recording, reason = Learner(f, True).recorded_once(args, kwargs)
    if type(recording) is not Recording:
        reason = reason or "it computes with Values"
        raise UnsupportedError(
            message("program", "a function that cannot be written down", hint=reason)
        )
    whole = recording.program
    bare = Program(whole.inputs, whole.instructions, whole.outputs, [], whole.cotangents)
    program, _ = passes.simplified(bare, RULES)
    used = {*variables([(i.args, i.kwargs) for i in program.instructions]), *program.outputs}
    program.inputs = [v for v in program.inputs if v in used]
    places = [recording.expressions[v].removesuffix("._data") for v in program.inputs]
    values = [_value(recording, recording.expressions[v], args, kwargs) for v in program.inputs]
    looked = [c for c in whole.checks if c.variable.kind != "constant" and not _is_own(c)]
    roles, targets = roles_of(recording)
    return Written(program, values, places, roles, targets, looked)


def _is_own(check: Check) -> bool:
    return check.own and check.how == "bool"


def _value(recording: Recording, expression: str, args: Any, kwargs: Any) -> Any:
    """What a program's input was in this call, by the expression that finds it."""
    space = {**recording.names, "args": args, "kwargs": kwargs}
    exec(f"found = {expression}", space)
    return space["found"]


def roles_of(recording: Recording) -> tuple[list[tuple[str, str]], list[Any]]:
    """What each output is, and what it belongs to."""
    roles: list[tuple[str, str]] = []
    targets: list[Any] = []
    for place, template in recording.changes:
        grad = place.key is GRAD
        role = ("grad", place.path.removesuffix(".grad")) if grad else ("new", place.path)
        roles += [role] * len(template.arrays)
        before = place.container if grad or place.container is None else place.get()
        targets += [before] * len(template.arrays)
    words, count = recording.result.words, len(recording.result.arrays)
    results = [("result", words.get(n, "")) for n in range(count)]
    return roles + results, targets + [None] * count
