"""`ag.compile`: a step that runs eagerly until its program is known, and then as the program."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import random
from autograd.compile import passes, patches
from autograd.compile.numpy_fast import Fast
from autograd.compile.numpy_source import Source
from autograd.compile.program import Check, Program
from autograd.compile.state import GRAD, Guard, Place, Reach, Template
from autograd.compile.trace import Tape, active
from autograd.engine.backward import backward_watch
from autograd.engine.graph import Node
from autograd.engine.recording import OFF, current, tracing
from autograd.errors import message

PROGRAMS = 8  # kept for one step; the one that was not used for longest goes first
ATTEMPTS = 4  # traces without a program before a step stays eager


class _Missed(Exception):
    """A guard or a check does not hold."""


class Recording:
    """One traced call: the program as it came, and where its inputs and outputs are."""

    def __init__(
        self, reach: Reach, tape: Tape, result: Template, changes: list[tuple[Place, Template]]
    ) -> None:
        self.reach, self.result, self.changes = reach, result, changes
        outputs = [v for _, template in changes for v in template.arrays] + result.arrays
        self.program = Program(
            tape.inputs, tape.instructions, outputs, tape.checks, tape.cotangents
        )
        self.recording = current.get() is not OFF
        self.signature = (
            tuple((g.source, _guarded(g, reach)) for g in reach.guards),
            tuple(place.expression for place, _ in changes),
        )


def _guarded(guard: Guard, reach: Reach) -> Any:
    return tuple(
        id(reach.names[w]) if not isinstance(reach.names[w], (int, float, str, frozenset, np.dtype))
        else reach.names[w]
        for w in _words(guard.source) if w in reach.names
    )  # fmt: skip


@functools.cache
def _words(source: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for w in "".join(
        c if c.isalnum() or c == "_" else " " for c in source
    ).split()))  # fmt: skip


class Compiled:
    """A program with its guards, ready to be called."""

    def __init__(self, recording: Recording, keep_gradients: bool) -> None:
        self.reach = reach = recording.reach
        changes = [
            (place, template)
            for place, template in recording.changes
            if keep_gradients or place.key is not GRAD
        ]
        before = recording.program
        outputs = [v for _, t in changes for v in t.arrays]
        persistent = len(outputs)
        outputs += recording.result.arrays
        program = Program(
            before.inputs, before.instructions, outputs, unique(before.checks), before.cotangents
        )
        self.recorded = len(program.instructions)
        program, self.passes = passes.simplified(program)
        program = passes.own_outputs(program, persistent + len(recording.result.arrays))
        self.program = program
        self.recording = recording.recording
        self.changes, self.result = changes, recording.result
        used = {v for i in program.instructions for v in i.inputs()} | set(program.roots())
        self.guards = reach.guards_for(used)
        names = {}
        at = 0
        for place, template in changes:
            for _ in template.arrays:
                names[program.outputs[at]] = name_of(place)
                at += 1
        for v in program.outputs[at:]:
            names.setdefault(v, "loss" if v.shape == () else "out")
        self.names = names
        self.fast = Fast(program)
        self.generators = [x for x, _, _ in reach.generators.values()]
        self.draws = any(i.operation.form == "draw" for i in program.instructions)
        self.calls = 0
        self.call = self.driver()

    @functools.cached_property
    def source(self) -> str:
        """What people read."""
        return Source(self.program, self.names).source

    def driver(self) -> Callable[[Any, Any], Any]:
        """Guards, the program, its checks, and then, not before, what it changes."""
        program, reach = self.program, self.reach
        space = dict(reach.names)
        space |= {"step": self.fast.function(), "current": current, "OFF": OFF, "Missed": _Missed}
        inputs = ", ".join(reach.expressions[v] for v in self.fast.inputs)
        guards = dict.fromkeys(g.source for g in self.guards)
        test = " and\n            ".join(
            [f"(current.get() is not OFF) is {self.recording}", *guards]
        )
        lines = [
            "def call(args, kwargs):",
            f"    if not ({test}):",
            "        raise Missed",
            f"    r = step({inputs})",
        ]
        count = len(program.outputs)
        for n, check in enumerate(program.checks):
            space[f"check{n}"] = check.value
            if check.how in ("bool", "value"):
                test = f"bool(r[{count + n}]) is not check{n}"
                if check.how == "value":
                    test = f"r[{count + n}] != check{n}"
            else:
                space["seen"] = seen
                test = f"seen(r[{count + n}], {check.how!r}) != check{n}"
            lines += [f"    if {test}:", "        raise Missed"]
        at = 0
        for n, (place, template) in enumerate(self.changes):
            values = f"r[{at}:{at + len(template.arrays)}]"
            at += len(template.arrays)
            space[f"build{n}"], space[f"put{n}"] = template.build, place.set
            if place.container is None:
                lines.append(f"    {place.expression}[...] = r[{at - 1}]")
            elif template.shape[0] == "array" and not template.shape[3]:
                lines.append(f"    v = r[{at - 1}]")
                if not template.shape[4]:
                    lines.append("    v.setflags(False)")
                space[f"at{n}"] = place.container
                where = (
                    f".{place.key}"
                    if isinstance(place.container, Node)
                    else (f"[{place.key!r}]" if isinstance(place.key, (str, int)) else "")
                )
                lines.append(f"    at{n}{where} = v" if where else f"    put{n}(v)")
            else:
                lines.append(f"    put{n}(build{n}({values}))")
        space["result"] = self.result.build
        lines.append(f"    return result(r[{at}:{count}])")
        exec("\n".join(lines), space)
        return space["call"]  # type: ignore[no-any-return]

    def failed(self, args: Any, kwargs: Any) -> str:
        """Which guard does not hold."""
        for guard in self.guards:
            try:
                if eval(guard.source, dict(self.reach.names), {"args": args, "kwargs": kwargs}):
                    continue
            except Exception:
                pass
            return guard.about
        return ""


def seen(x: Any, how: str) -> Any:
    """What Python would see."""
    x = np.asarray(x)
    if how in ("float", "int", "complex"):
        return {"float": float, "int": int, "complex": complex}[how](x)
    return x.__index__() if how == "index" else getattr(x, how)()


def unique(checks: list[Check]) -> list[Check]:
    """Each check once."""
    return list({(c.variable, c.how, repr(c.value)): c for c in checks}.values())


def name_of(place: Place) -> str:
    """What an output is called in the source."""
    *outer, last = place.path.split(".")
    if last == "grad":
        kind = {"weight": "W", "bias": "b"}.get(outer[-1] if outer else "", "_".join(outer[-1:]))
        return f"d{kind}"
    return f"new_{last}"


class Step:
    """What `compile` returns: call it like the function.

    Attributes:
        source: NumPy source of the program that was used last; "" before there is one.
    """

    def __init__(self, f: Callable[..., Any], keep_gradients: bool) -> None:
        functools.update_wrapper(self, f)
        self._f, self._keep = f, keep_gradients
        self._programs: OrderedDict[Any, Compiled] = OrderedDict()
        self._candidates: OrderedDict[Any, Recording] = OrderedDict()
        self._volatile: set[tuple[int, Any]] = set()
        self._calls = self._eager = self._strikes = 0
        self._reasons: dict[str, int] = {}
        self._missed: dict[str, int] = {}
        self._lock = threading.RLock()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the step: by a program whose guards hold, else eagerly."""
        if active.tape is not None or tracing.get() or backward_watch.get() is not None:
            return self._f(*args, **kwargs)
        with self._lock:
            self._calls += 1
            for key in reversed(self._programs) if self._programs else ():
                program = self._programs[key]
                try:
                    out = self._run(program, args, kwargs)
                except _Missed:
                    continue
                if key is not next(reversed(self._programs)):
                    self._programs.move_to_end(key)
                return out
            return self._plainly(args, kwargs)

    def _run(self, program: Compiled, args: Any, kwargs: Any) -> Any:
        """One program; `_Missed` if it does not hold, and then nothing has changed."""
        states = None
        if program.draws:
            states = [g.bit_generator.state for g in program.generators]
        try:
            with np.errstate(all="ignore"):
                out = program.call(args, kwargs)
        except Exception as error:
            if states is not None:
                for g, state in zip(program.generators, states, strict=True):
                    g.bit_generator.state = state
            if program is next(reversed(self._programs.values())):
                about = program.failed(args, kwargs) or "a check"
                self._missed[about] = self._missed.get(about, 0) + 1
            raise _Missed from (None if isinstance(error, _Missed) else error)
        program.calls += 1
        return out

    # --- eagerly ---

    def _plainly(self, args: Any, kwargs: Any) -> Any:
        self._eager += 1
        if self._strikes >= ATTEMPTS:
            return self._f(*args, **kwargs)
        generator = random.generator()
        reach = Reach(self._f, args, kwargs, generator, self._volatile)
        if self._eager == 1:
            try:
                return self._f(*args, **kwargs)
            finally:
                self._volatile |= reach.rebound()
        return self._trace(reach, generator)

    def _trace(self, reach: Reach, generator: Any) -> Any:
        tape = Tape()
        given, named = reach.install(tape)
        finished = False
        try:
            with patches.installed(reach.traced[id(generator)]):
                active.tape = tape
                try:
                    out = self._f(*given, **named)
                    finished = True
                finally:
                    active.tape = None
        finally:
            active.tape = None
            if not finished:
                reach.remove()
        result = Template(out, tape)
        changes, reason = reach.remove()
        value = result.settled()
        self._volatile |= {(id(p.container), p.key) for p, t in changes if t.shape[0] != "array"}
        reason = tape.lost or reason or result.reason or objections(result, changes, reach, tape)
        if reason:
            self._strike(reason)
            return value
        self._consider(Recording(reach, tape, result, changes))
        return value

    def _strike(self, reason: str) -> None:
        self._strikes += 1
        self._reasons[reason] = self._reasons.get(reason, 0) + 1

    def _consider(self, recording: Recording) -> None:
        """The second recording that is the same makes a program."""
        key = recording.signature
        earlier = self._candidates.pop(key, None)
        self._candidates[key] = recording
        if len(self._candidates) > PROGRAMS:
            self._candidates.popitem(last=False)
        if earlier is None:
            return
        difference = passes.matches(earlier.program, recording.program)
        if difference:
            self._strike(difference)
            return
        self._strikes = 0
        del self._candidates[key]
        self._programs[key] = Compiled(recording, self._keep)
        if len(self._programs) > PROGRAMS:
            self._programs.popitem(last=False)

    # --- showing ---

    @property
    def source(self) -> str:
        """NumPy source of the program that was used last; "" before there is one."""
        return next(reversed(self._programs.values())).source if self._programs else ""

    def report(self) -> str:
        """Programs, guards, operations before and after passes, and what stays eager and why."""
        name = getattr(self._f, "__name__", "step")
        lines = [f"{name}: {self._calls} calls, {self._eager} of them eager"]
        for n, program in enumerate(self._programs.values()):
            lines.append(
                f"program {n}: {program.calls} calls, {len(program.guards)} guards, "
                f"{len(program.program.checks)} checks, {program.recorded} operations recorded, "
                f"{len(program.program.instructions)} left"
            )
            lines += [f"    {rule}: {a} -> {b}" for rule, a, b in program.passes]
        lines += [f"guard that failed: {about} ({n})" for about, n in self._missed.items()]
        stays = "stays eager" if self._strikes >= ATTEMPTS else "ran eagerly"
        lines += [f"{stays}: {reason} ({n})" for reason, n in self._reasons.items()]
        return "\n".join(lines)


def objections(
    result: Template, changes: list[tuple[Place, Template]], reach: Reach, tape: Tape
) -> str:
    """What else speaks against a program."""
    if result.graph and not any(place.key is GRAD for place, _ in changes):
        return (
            "the step returns a Tensor whose graph may still be needed; call backward() inside, "
            "or run under no_grad()"
        )
    old = {id(data): path for data, path in reach.graphs}
    used = {v for i in tape.instructions for v in i.inputs()}
    for i, v in reach.inputs.items():
        if i in old and v in used:
            return f"the step uses {old[i]}, a result of an earlier computation"
    return next((t.reason for _, t in changes if t.reason), "")


def compile(
    f: Callable[..., Any] | None = None, *, backend: str = "auto", keep_gradients: bool = True
) -> Any:
    """A function that runs as a program of NumPy operations once it has been seen at work.

    The first call runs eagerly, the second and third are traced and compared, and from then on the
    program runs, as long as its guards hold. A call for which they do not hold runs eagerly.

    Args:
        f: a training step, or any function of arrays and Tensors.
        backend: "numpy", or "auto" for the best there is.
        keep_gradients: whether parameters have their `.grad` after a step.

    Raises:
        ValueError: there is no such back end.

    Example:
        >>> import numpy as np
        >>> w = ag.Tensor(np.ones(2), requires_grad=True)
        >>> @compile
        ... def step(w, x):
        ...     w.zero_grad()
        ...     loss = ((w * x) ** 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> [float(step(w, np.array([k, 1.0]))) for k in (1.0, 2.0, 3.0, 4.0, 5.0)]
        [2.0, 5.0, 10.0, 17.0, 26.0]
        >>> w.grad
        array([50.,  2.])
        >>> print(step.report().splitlines()[0])
        step: 5 calls, 3 of them eager
    """
    if backend not in ("auto", "numpy"):
        raise ValueError(message("compile", f"backend={backend!r}", "'auto' or 'numpy'"))
    if f is None:
        return functools.partial(compile, backend=backend, keep_gradients=keep_gradients)
    return Step(f, keep_gradients)
