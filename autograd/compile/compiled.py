"""The program made of two recorded calls that are alike: guards, computation, commitment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile import passes
from autograd.compile.guards.learned import Guard, same_number
from autograd.compile.guards.places import GRAD, MISSING
from autograd.compile.numpy.fast import Fast
from autograd.compile.printing.drawing import drawing_of
from autograd.compile.printing.listing import stages_of
from autograd.compile.printing.naming import Role
from autograd.compile.printing.report import described
from autograd.compile.printing.source import source_of
from autograd.compile.program import Check, Variable
from autograd.compile.recording.recorded import Recording
from autograd.compile.recording.session import Change
from autograd.compile.recording.template import Template, finished
from autograd.engine.recording import OFF, current


class Missed(Exception):
    """A guard or a check does not hold."""


class Compiled:
    """A program with its guards, ready to be called.

    Attributes:
        program: after all passes.
        recorded: how many operations there were before.
        passes: what each pass did.
        calls: how often the program ran.
    """

    program: Any

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
        return self._define(
            "commit", ["def commit(r, args, kwargs):", *self._changes(self.changes)]
        )

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
