"""The program made of two recorded calls that are alike: guards, computation, commitment."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd.backends.numpy import kernels
from autograd.compile import passes
from autograd.compile.guards.checking import Checking
from autograd.compile.guards.learned import Guard, same_number
from autograd.compile.guards.places import GRAD, MISSING, Growth, Place
from autograd.compile.native import llvm
from autograd.compile.native.memory import Arenas
from autograd.compile.native.module import unreadable
from autograd.compile.native.runner import Native
from autograd.compile.native.terms import Unsupported
from autograd.compile.numpy.fast import Fast
from autograd.compile.printing.drawing import scene_of
from autograd.compile.printing.listing import stages_of
from autograd.compile.printing.naming import Role
from autograd.compile.printing.report import described, kept
from autograd.compile.printing.source import source_of
from autograd.compile.program import Check, Program, Variable
from autograd.compile.recording.recorded import Recording
from autograd.compile.recording.session import Change
from autograd.compile.recording.template import Template, finished
from autograd.compile.steady import Steady, never
from autograd.compile.trace.calm import is_calm
from autograd.engine.graph import Node
from autograd.engine.recording import is_recording
from autograd.visualize.scene import Scene

# The guard of an array: its type, its shape and how it lies, its dtype.
ARRAY = re.compile(r"type\((?P<at>.+?)\) is ndarray and (?P=at)\.shape == ")


class Missed(Exception):
    """A guard or a check does not hold."""


class Compiled:
    """A program with its guards, ready to be called.

    Attributes:
        program: after all passes.
        recorded: how many operations there were before.
        passes: what each pass did.
        native: the program as machine code; None where NumPy runs it, and `not_native` says why.
        fast: what runs the program: `native`, or NumPy's calls.
        calls: how often the program ran.
    """

    program: Any
    native: Any

    def __init__(
        self, recording: Recording, backend: str = "numpy", arenas: Arenas | None = None
    ) -> None:
        self.recording, self.arenas = recording, arenas
        self.changes, self.result = recording.changes, recording.result
        self.guards = recording.guards
        self.calls = 0
        self.space: dict[str, Any] = {
            **recording.names,
            "last": [MISSING] * (1 + max(recording.engines.values(), default=0)),
            "MISSING": MISSING,
            "is_calm": is_calm,
            "is_recording": is_recording,
            "Missed": Missed,
            "finished": finished,
            "may_share_memory": np.may_share_memory,
        }
        self.prepare(backend)
        self.compute = self._compute()
        self.commit = self._commit()
        self.steady = Steady(self)

    def prepare(self, backend: str) -> None:
        """Simplify the program, and make machine code of it or print it for NumPy."""
        recording = self.recording
        self.recorded = len(recording.program.instructions)
        program, self.passes = passes.simplified(recording.program)
        shared = recording.shared
        self.native, self.not_native = None, ""
        if backend != "numpy":
            self.native, self.not_native = native(program, self._updates(), shared, self.arenas)
        if self.native is None:
            program = passes.own_outputs(program, len(program.outputs), shared)
        self.program = program
        fast: Any = self.native or Fast(program)
        self.fast = fast
        self.generators = recording.generators
        if not any(i.operation.form == "draw" for i in program.instructions):
            self.generators = []
        self.space["step"] = fast.early if self.native else fast.function()

    def _updates(self) -> dict[int, Variable]:
        """Outputs that take the place of an input, as the new values of parameters do.

        NumPy's scalars are left out: no array is there to be written in place.
        """
        inputs = {text: v for v, text in self.recording.expressions.items()}
        found: dict[int, Variable] = {}
        at = 0
        for place, template in self.changes:
            kind, *facts = template.shape
            if place.container is not None and kind == "array" and not facts[2]:
                variable = inputs.get(place.expression)
                if variable is not None and not variable.weak:
                    found[at] = variable
            at += len(template.arrays)
        return found

    @property
    def backend(self) -> str:
        """What runs the program, and why it is not machine code if that was asked for."""
        if self.native is not None:
            return "machine code"
        return f"NumPy back end ({self.not_native})" if self.not_native else "NumPy back end"

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

    def call(self, args: Any, kwargs: Any) -> Any:
        """What the program makes of a call; MISSING if it is not for it, and then nothing has
        changed."""
        steady = self.steady
        if steady.call is not never:
            try:
                result = steady.call(args, kwargs)
            except Exception:  # of a guard
                result = MISSING
            if result is not MISSING:
                return result
        states = [(g, g.bit_generator.state) for g in self.generators] if self.generators else ()
        try:
            values = self.compute(args, kwargs, kernels.run)
        except Exception:  # eager execution will raise it again, or there was nothing to raise
            for g, state in states:
                g.bit_generator.state = state
            return MISSING
        result = self.commit(values, args, kwargs)
        del values
        steady.rest()
        return result

    # --- what people look at ---

    @functools.cached_property
    def source(self) -> str:
        """What people read."""
        return source_of(self.recording.program, self.roles())

    def stages(self) -> dict[str, str]:
        """The program at each stage."""
        found = stages_of(self.recording.program, self.roles())
        return found if self.native is None else {**found, "LLVM IR": self.native.text}

    def drawing(self) -> Scene:
        """A picture of the program as it was recorded and after all passes."""
        return scene_of(self.recording.program, self.program)

    def summary(self) -> tuple[str, list[str]]:
        """The back end, and what a report says of the program."""
        return self.backend, [*described(self), *kept(self.recording.kept)]

    # --- the two functions that a call runs ---

    def _compute(self) -> Callable[[Any, Any, Any], Any]:
        """Guards, the program, its checks: nothing is changed yet."""
        program, expressions = self.program, self.recording.expressions
        inputs = [expressions[v] for v in self.fast.inputs]
        written = [place.expression for place, _ in self.changes if place.container is None]
        tests: list[str] = []
        for at in written:
            tests.append(f"{at}.flags.writeable")
            arrays = [expressions[v] for v in program.inputs if v.dtype != object and not v.weak]
            tests += [f"not may_share_memory({at}, {other})" for other in arrays if other != at]
        lines = [
            *self.guarded("compute(args, kwargs, run)", self.guards, "raise Missed", tests),
            f"    r = step({', '.join(inputs)})"
            if self.native and not self.native.foreign()
            else f"    r = run(step{''.join(f', {x}' for x in inputs)})",
        ]
        checks = self.native.checks if self.native else program.checks
        lines += self.failing(checks, len(program.outputs))
        return self.define("compute", [*lines, "    return r"])

    def guarded(
        self, head: str, guards: Iterable[Guard], otherwise: str, further: Iterable[str] = ()
    ) -> list[str]:
        """The lines with which a function begins: whether the program is for this call."""
        names, bind = self.recording.names, self.space.__setitem__
        checking = Checking((g.source for g in guards), names, bind)
        tests = [
            f"is_recording() is {self.recording.recording}",
            "is_calm()",
            *checking.tests,
            *further,
        ]
        joined = "\n            and ".join(dict.fromkeys(tests))
        return [
            f"def {head}:",
            *(f"    {line}" for line in checking.lines),
            f"    if not ({joined}):",
            f"        {otherwise}",
        ]

    def failing(self, checks: Iterable[Check], first: int) -> list[str]:
        """The lines that raise where a check does not hold; what is checked begins at `first`."""
        tests: list[str] = []
        for n, check in enumerate(checks, first):
            if check.how == "bool":
                tests.append(f"not r[{n}]" if check.value else f"r[{n}]")
                continue
            self.space[f"check{n}"] = check.value
            self.space["seen"], self.space["differ"] = seen, differ
            if check.how == "shape":
                tests.append(f"r[{n}].shape != check{n}")
            else:
                tests.append(f"differ(seen(r[{n}], {check.how!r}), check{n})")
        return [f"    if {' or '.join(tests)}:", "        raise Missed"] if tests else []

    def _commit(self) -> Callable[[Any, Any, Any], Any]:
        """Put the values where the step puts them, and return what it returns."""
        given = [f"    r[{n}] = {at}" for n, at in self.recording.given.items()]
        written, placed = self._changes(self.changes)
        placed += self._dropped()
        lines = [*written, *given, *placed]
        if self.native:
            # An array that is given back counts as held, and so is not written over.
            self.space |= {"late": self.native.late, "settle": self.native.settle}
            held = [f"    g{n} = {at}" for n, at in self.recording.given.items()]
            given = [f"    r[{n}] = g{n}" for n in self.recording.given]
            lines = [*held, "    unsettled = late(r)", *written, *given, *placed]
            lines += ["    if unsettled:", "        v = None", "        settle(r)"]
        return self.define(
            "commit", ["def commit(r, args, kwargs):", *lines, f"    return {self.returned()}"]
        )

    def _changes(self, changes: list[Change], at: int = 0) -> tuple[list[str], list[str]]:
        """The lines that write into arrays, and those that put outputs from a place on where the
        step puts them.

        A place is found by the containers around it, so those come after what is in them: in
        `table["list"][0] = 1.0; table["list"] = [2.0]` the 1.0 goes into the list that was there.
        """
        inside: list[str] = []  # at the ends of lists, in the order of the step
        around: list[str] = []
        written: list[str] = []
        for n, (place, template) in enumerate(changes):
            last = at + len(template.arrays)
            if place.container is None:
                written.append(f"    {place.expression}[...] = r[{at}]")
            elif isinstance(place, Growth):
                inside += [
                    f"    v = {self._value(template, at, last, n)}",
                    f"    {place.assignment}",
                ]
            else:
                around = self.put(place, template, at, last, n) + around
            at = last
        return written, [*inside, *around]

    def _dropped(self) -> list[str]:
        """The lines that clear the gradients that are not kept, as before a first step."""
        lines: list[str] = []
        for place in self.recording.dropped:
            assert isinstance(place.container, Node)
            lines += [
                f"    v = {place.container._backend.no_gradient!r}",
                f"    {place.assignment}",
            ]
        return lines

    def returned(self) -> str:
        """The expression of what the step returns, which is made of the last outputs."""
        end = len(self.program.outputs)
        start = end - len(self.result.arrays)
        return self._value(self.result, start, end, len(self.changes))

    def put(self, place: Place, template: Template, at: int, last: int, n: int) -> list[str]:
        """The lines that put a value in its place."""
        if self._is_new(template, at):
            lines = [f"    v = r[{at}]"]
            if not template.shape[4]:
                lines.append("    v.setflags(False)")  # by keyword it takes twice as long
        else:
            lines = [f"    v = {self._value(template, at, last, n)}"]
        lines.append(f"    {place.assignment}")
        n_last = self.recording.engines.get(place.expression)
        if n_last is not None:
            kept = "v" if template.shape[0] == "array" else "MISSING"
            lines.append(f"    last[{n_last}] = {kept}")
        return lines

    def _is_new(self, template: Template, at: int) -> bool:
        """Whether a value is an array that the program has just made, or is to be locked anyway."""
        kind, *facts = template.shape
        if kind != "array" or facts[2] or not self.program.outputs[at].shape:
            return False
        return not facts[3] or (self.native is None and at not in self.recording.given)

    def _value(self, template: Template, first: int, last: int, n: int) -> str:
        """The expression of a value made of outputs."""
        kind, *facts = template.shape
        if kind == "number":
            return f"r[{first}]"
        if kind == "array":
            return f"finished(r[{first}], {facts[2]}, {facts[3]})"
        self.space[f"build{n}"] = template.build
        return f"build{n}(r[{first}:{last}])"

    def define(self, name: str, lines: list[str]) -> Callable[..., Any]:
        """The function of these lines, which may name all that the program has names for."""
        exec("\n".join(lines), self.space)
        return self.space[name]  # type: ignore[no-any-return]

    # --- after a miss ---

    def failed(self, args: Any, kwargs: Any) -> list[Guard]:
        """The guards that do not hold; if all do, it was a check."""
        found: list[Guard] = []
        space = {**self.space, "args": args, "kwargs": kwargs}
        if is_recording() is not self.recording.recording:
            found.append(Guard("", "whether operations are recorded"))
        for guard in self.guards:
            try:
                if eval(guard.source, space):
                    continue
            except Exception:
                pass
            found.append(guard)
        return found

    def what_fails(self, guard: Guard, args: Any, kwargs: Any) -> str:
        """What a guard that fails is about; of an array, which fact."""
        array = ARRAY.search(guard.source)
        if array is None:
            return guard.about
        try:
            x = eval(array["at"], {**self.space, "args": args, "kwargs": kwargs})
        except Exception:
            return guard.about
        path = guard.about or array["at"]
        if type(x) is not np.ndarray:
            return f"the type of {path}"
        known = next(v for v, at in self.recording.expressions.items() if at == array["at"])
        facts = {"shape": x.shape != known.shape, "dtype": x.dtype != known.dtype}
        word = next((word for word, differs in facts.items() if differs), "layout in memory")
        return f"the {word} of {path}"


def native(
    program: Program,
    updates: dict[int, Variable],
    shared: dict[int, int],
    arenas: Arenas | None,
) -> tuple[Any, str]:
    """The program in machine code, or None and why there is none."""
    reason = llvm.missing() or unreadable()
    if reason:
        return None, reason
    outputs = [program.outputs[shared.get(n, n)] for n in range(len(program.outputs))]
    checked = Program(program.inputs, program.instructions, outputs, program.checks)
    try:
        return Native(checked, updates, arenas), ""
    except Unsupported as error:
        return None, f"no native code for {error}"
    except Exception as error:  # a fault of ours: NumPy runs the program as well
        return None, f"the compiler failed: {type(error).__name__}: {error}"


def seen(x: Any, how: str) -> Any:
    """What Python would see."""
    if how == "number":
        return x
    x = np.asarray(x)
    if how in ("text", "values"):
        return x.tobytes()
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
