"""A recorded call, and the program made of two that are alike: guards, computation, commitment."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile import passes
from autograd.compile.drawing import drawing_of
from autograd.compile.guards import Guard, same_number
from autograd.compile.listing import stages_of
from autograd.compile.naming import Role
from autograd.compile.numpy_fast import Fast
from autograd.compile.numpy_source import source_of
from autograd.compile.places import GRAD, MISSING, SIMPLE
from autograd.compile.program import Check, Program, Variable
from autograd.compile.report import described
from autograd.compile.session import Change, Session
from autograd.compile.tape import Tape
from autograd.compile.template import Template, finished
from autograd.engine.recording import OFF, current


class Missed(Exception):
    """A guard or a check does not hold."""


class Signature:
    """What two recordings of one program have in common.

    Its hash is computed once: a tuple of all guards takes 20 µs at each look-up.
    """

    __slots__ = ("facts", "hash")

    def __init__(self, facts: tuple[Any, ...]) -> None:
        self.facts, self.hash = facts, hash(facts)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signature) and self.facts == other.facts


class Recording:
    """One traced call: the program as it came, and where its inputs and outputs are.

    Attributes:
        reason: why there can be no program, or "".
    """

    def __init__(self, session: Session, result: Template, keep_gradients: bool) -> None:
        self.result, reach = result, session.reach
        self.reason = ""
        self.changes: list[Change] = self.ordered(
            [
                (place, template)
                for place, template in session.changes
                if keep_gradients or place.key is not GRAD
            ]
        )
        outputs = [v for _, template in self.changes for v in template.arrays] + result.arrays
        self.program = self.written(session.tape, outputs)
        self.recording = current.get() is not OFF
        # The session itself is let go of, because it holds every array of the call.
        self.guards, self.names, self.engines = reach.guards, reach.names, reach.engines
        self.expressions = session.expressions
        self.generators = [x for x, _, _ in reach.generators.values()]
        self.signature = Signature(
            (
                self.recording,
                tuple(_key_of_guard(g, self.names) for g in self.guards),
                tuple(place.expression for place, _ in self.changes),
            )
        )

    def ordered(self, changes: list[Change]) -> list[Change]:
        """The changes in the order in which a program makes them."""
        return changes

    def written(self, tape: Tape, outputs: list[Variable]) -> Any:
        """The program as it was written down."""
        return Program(tape.inputs, tape.instructions, outputs, checks_of(tape), tape.cotangents)

    def difference(self, other: Recording) -> str:
        """What differs in another recording, or ""."""
        return passes.matches(self.program, other.program)

    def compiled(self) -> Compiled:
        """The program, ready to be called."""
        return Compiled(self)


def checks_of(tape: Tape) -> list[Check]:
    """What Python looked at, each thing once."""
    return list({(c.variable, c.how, repr(c.value)): c for c in tape.checks}.values())


def _key_of_guard(guard: Guard, names: dict[str, Any]) -> Any:
    """A guard's text, and what its names stand for."""
    found: list[Any] = []

    def value(match: re.Match[str]) -> str:
        x = names[match[0]]
        found.append(id(x) if match[0][0] == "o" else _key_of(x))
        return "#"

    return re.sub(r"\b[ok]\d+\b", value, guard.source), tuple(found)


def _key_of(x: Any) -> Any:
    """What is the same for two objects that are the same to a guard."""
    if type(x) in (list, tuple):  # the keys of a dictionary, or Values
        return tuple(map(_key_of, x))
    plain = isinstance(x, (*SIMPLE, slice, np.generic, np.dtype)) and not isinstance(x, type)
    return (type(x), repr(x)) if plain else id(x)


class Compiled:
    """A program with its guards, ready to be called.

    Attributes:
        program: after all passes.
        recorded: how many operations there were before.
        passes: what each pass did.
        calls: how often the program ran.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.changes, self.result = recording.changes, recording.result
        self.guards = recording.guards
        self.calls = 0
        self.space: dict[str, Any] = {
            **recording.names,
            "last": [MISSING] * (1 + max(recording.engines.values(), default=0)),
            "MISSING": MISSING,
            "is_calm": is_calm,
            "current": current,
            "OFF": OFF,
            "Missed": Missed,
            "finished": finished,
            "may_share_memory": np.may_share_memory,
        }
        self.prepare()
        self.compute = self._compute()
        self.commit = self._commit()

    def prepare(self) -> None:
        """Simplify the program, and print it for NumPy."""
        recording = self.recording
        self.recorded = len(recording.program.instructions)
        program, self.passes = passes.simplified(recording.program)
        self.program = program = passes.own_outputs(
            program, len(program.outputs), self._shared(recording.program.outputs)
        )
        self.fast = Fast(program)
        self.generators = recording.generators
        if not any(i.operation.form == "draw" for i in program.instructions):
            self.generators = []
        self.space["step"] = self.fast.function()

    def _shared(self, outputs: list[Variable]) -> dict[int, int]:
        """Outputs that are one array in eager steps too, as a buffer is in its module's tables."""
        found: dict[int, int] = {}
        first: dict[Any, int] = {}
        at = 0
        for _, template in self.changes:
            kind, *facts = template.shape
            if kind == "array":
                n = first.setdefault((outputs[at], *facts[2:]), at)
                if n != at:
                    found[at] = n
            at += len(template.arrays)
        return found

    def roles(self) -> list[Role]:
        """What each output is, by which the source calls it."""
        roles: list[Role] = []
        for place, template in self.changes:
            kind, path = "new", place.path
            if place.key is GRAD:
                kind, path = "grad", path.removesuffix(".grad")
            roles += [(kind, path)] * len(template.arrays)
        words = self.result.words
        return roles + [("result", words.get(n, "")) for n in range(len(self.result.arrays))]

    # --- what people look at ---

    @functools.cached_property
    def source(self) -> str:
        """What people read."""
        return source_of(self.recording.program, self.roles())

    def stages(self) -> dict[str, str]:
        """The program at each stage."""
        return stages_of(self.recording.program, self.roles())

    def drawing(self) -> str:
        """The program as it was recorded and after all passes, in DOT."""
        return drawing_of(self.recording.program, self.program)

    def summary(self) -> tuple[str, list[str]]:
        """The back end, and what a report says of the program."""
        return "NumPy back end", described(self)

    # --- the two functions that a call runs ---

    def _compute(self) -> Callable[[Any, Any, Any], Any]:
        """Guards, the program, its checks: nothing is changed yet."""
        program, expressions = self.program, self.recording.expressions
        inputs = [expressions[v] for v in self.fast.inputs]
        written = [place.expression for place, _ in self.changes if place.container is None]
        tests = [
            f"(current.get() is not OFF) is {self.recording.recording}",
            "is_calm()",
        ]
        tests += [g.source for g in self.guards]
        for at in written:
            tests.append(f"{at}.flags.writeable")
            arrays = [expressions[v] for v in program.inputs if v.dtype != object and not v.weak]
            tests += [f"not may_share_memory({at}, {other})" for other in arrays if other != at]
        joined = "\n            and ".join(dict.fromkeys(tests))
        lines = [
            "def compute(args, kwargs, run):",
            f"    if not ({joined}):",
            "        raise Missed",
            f"    r = run(step{''.join(f', {x}' for x in inputs)})",
        ]
        for n, check in enumerate(program.checks, len(program.outputs)):
            lines += [f"    if {self._test(check, n)}:", "        raise Missed"]
        return self._define("compute", [*lines, "    return r"])

    def _test(self, check: Check, n: int) -> str:
        """When a check fails."""
        if check.how == "bool":
            return f"bool(r[{n}]) is not {check.value}"
        self.space[f"check{n}"] = check.value
        self.space["seen"], self.space["differ"] = seen, differ
        if check.how == "shape":
            return f"r[{n}].shape != check{n}"
        return f"differ(seen(r[{n}], {check.how!r}), check{n})"

    def _commit(self) -> Callable[[Any, Any, Any], Any]:
        """Put the values where the step puts them, and return what it returns."""
        return self._define("commit", ["def commit(r, args, kwargs):", *self._changes(self.changes)])

    def _changes(self, changes: list[Change], at: int = 0) -> list[str]:
        """The lines that make changes, from outputs at a place on, and return the result."""
        lines: list[str] = []
        for n, (place, template) in enumerate(changes):
            last = at + len(template.arrays)
            if place.container is None:
                lines.append(f"    {place.expression}[...] = r[{at}]")
            else:
                lines.append(f"    v = {self._value(template, at, last, n)}")
                lines.append(f"    {place.assignment}")
                n_last = self.recording.engines.get(place.expression)
                if n_last is not None:
                    kept = "v" if template.shape[0] == "array" else "MISSING"
                    lines.append(f"    last[{n_last}] = {kept}")
            at = last
        end = at + len(self.result.arrays)
        return [*lines, f"    return {self._value(self.result, at, end, len(changes))}"]

    def _value(self, template: Template, first: int, last: int, n: int) -> str:
        """The expression of a value made of outputs."""
        kind, *facts = template.shape
        if kind == "number":
            return f"r[{first}]"
        if kind == "array":
            return f"finished(r[{first}], {facts[2]}, {facts[3]})"
        self.space[f"build{n}"] = template.build
        return f"build{n}(r[{first}:{last}])"

    def _define(self, name: str, lines: list[str]) -> Callable[..., Any]:
        exec("\n".join(lines), self.space)
        return self.space[name]  # type: ignore[no-any-return]

    # --- after a miss ---

    def failed(self, args: Any, kwargs: Any) -> list[Guard]:
        """The guards that do not hold; if all do, it was a check."""
        found: list[Guard] = []
        space = {**self.space, "args": args, "kwargs": kwargs}
        if (current.get() is not OFF) is not self.recording.recording:
            found.append(Guard("", "whether operations are recorded"))
        for guard in self.guards:
            try:
                if eval(guard.source, space):
                    continue
            except Exception:
                pass
            found.append(guard)
        return found


# NumPy's own variable, because np.geterr takes a microsecond at each call.
_state: Any = getattr(getattr(np, "_core", None), "umath", None)
_state = getattr(_state, "_extobj_contextvar", None)
_usual = _state.get() if _state is not None else None


def is_calm() -> bool:
    """Whether NumPy does not raise for inf and nan here, which a program would not do either."""
    if _state is not None and _state.get() is _usual:
        return True
    return {"raise", "call"}.isdisjoint(np.geterr().values())


def seen(x: Any, how: str) -> Any:
    """What Python would see."""
    if how == "number":
        return x
    x = np.asarray(x)
    if how in ("float", "int", "complex"):
        return {"float": float, "int": int, "complex": complex}[how](x)
    if how in ("shape", "dtype"):
        return getattr(x, how)
    return x.__index__() if how == "index" else getattr(x, how)()


def differ(x: Any, y: Any) -> bool:
    """Whether Python would see a difference; nan is nan."""
    if type(x) in (int, float):
        return not same_number(x, y)
    if isinstance(x, list):
        return repr(x) != repr(y)
    return bool(x != y)
