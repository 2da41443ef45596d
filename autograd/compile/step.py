"""A compiled step: it runs by a program whose guards hold, else eagerly, and learns from that."""

from __future__ import annotations

import functools
import sys
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import random
from autograd.backends.numpy import inside, kernels
from autograd.compile import patches
from autograd.compile.compiled import Compiled, Recording, is_calm
from autograd.compile.effects import Abandoned, Watch, foreign_state, functions_of, watched
from autograd.compile.guards import Learned
from autograd.compile.places import GRAD
from autograd.compile.program import Program
from autograd.compile.reach import Reach
from autograd.compile.report import report
from autograd.compile.scalars.steps import recording_of, replaced_for, tape_for
from autograd.compile.session import Session
from autograd.compile.tape import active
from autograd.compile.template import Template
from autograd.engine.backward import backward_watch
from autograd.engine.recording import tracing
from autograd.errors import UnsupportedError, message
from autograd.visualize.draw import Drawing

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = 8  # kept for one step; the one that was not used for longest goes first
PATIENCE = 8  # traces in a row without a program before the pauses between them grow
LONGEST = 4096  # calls between two traces

_tracing = threading.RLock()  # one trace at a time, because stands are put into shared objects


class Step:
    """What `compile` returns: call it like the function.

    Attributes:
        source: NumPy source of the program that was used last; "" before there is one.
        programs: the programs, the one used last at the end.
        plain: the function itself.
    """

    def __init__(self, f: Callable[..., Any], keep_gradients: bool = True) -> None:
        functools.update_wrapper(self, f, updated=())
        self._f, self._keep = f, keep_gradients
        self._programs: OrderedDict[Any, Compiled] = OrderedDict()
        self._candidates: OrderedDict[Any, Recording] = OrderedDict()
        self._learned = Learned()
        self._lock = threading.RLock()
        self._calls = self._eager = self._traces = self._unpaid = self._pause = 0
        self._reasons: dict[str, int] = {}
        self._missed: dict[str, int] = {}
        self._said: set[str] = set()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __getattr__(self, name: str) -> Any:
        """What the step lacks is asked of the function, which may be a model."""
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._f, name)

    def __reduce__(self) -> Any:
        return type(self), (self._f, self._keep)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the step: by a program whose guards hold, else eagerly."""
        if active.tape is not None or tracing.get() or inside.get():
            return self._f(*args, **kwargs)
        if backward_watch.get() is not None:
            self._say("a backward pass is watched, as by detect_anomaly")
            return self._f(*args, **kwargs)
        with self._lock:
            self._calls += 1
            for key in reversed(self._programs) if self._programs else ():
                program = self._programs[key]
                values = self._values(program, args, kwargs)
                if values is not None:
                    if key is not next(reversed(self._programs)):
                        self._programs.move_to_end(key)
                    program.calls += 1
                    if self._unpaid:
                        self._unpaid -= 1
                    return program.commit(values, args, kwargs)
            return self._plainly(args, kwargs)

    def _values(self, program: Compiled, args: Any, kwargs: Any) -> Any:
        """What the program computes; None if it does not hold, and then nothing has changed."""
        states = [(g, g.bit_generator.state) for g in program.generators]
        try:
            return program.compute(args, kwargs, kernels.run)
        except Exception:  # eager execution will raise it again, or there was nothing to raise
            for g, state in states:
                g.bit_generator.state = state
        return None

    # --- eagerly ---

    def _plainly(self, args: Any, kwargs: Any) -> Any:
        self._eager += 1
        if self._programs:
            self._note_miss(args, kwargs)
        if self._pause:
            self._pause -= 1
            return self._f(*args, **kwargs)
        if not _tracing.acquire(blocking=False):
            return self._f(*args, **kwargs)
        try:
            return self._looking(args, kwargs)
        finally:
            _tracing.release()

    def _looking(self, args: Any, kwargs: Any) -> Any:
        """A call that is traced, or, the first time, only looked at before and after."""
        generator = random.generator()
        try:
            reach = Reach(self._f, args, kwargs, generator, self._learned)
            session = Session(reach, tape_for(reach))
        except Exception as error:  # objects may do anything when they are looked at
            self._strike(f"what it reaches cannot be looked at: {type(error).__name__}: {error}")
            return self._f(*args, **kwargs)
        objection = reach.objection
        if sys.getprofile() is not None:
            objection = objection or "a profiler is at work"
        if not is_calm():
            objection = objection or "np.errstate asks for an error where numbers overflow"
        if objection:
            self._strike(objection)
            if "hook" in objection:
                self._say(objection)
            return self._f(*args, **kwargs)
        if self._eager == 1:
            with watched(None) as watch:
                try:
                    return self._f(*args, **kwargs)
                finally:
                    self._learned.volatile |= session.rebound()
                    self._learned.extend(watch.words())
        return self._trace(session, session.stands[id(generator)], args, kwargs)

    def _trace(self, session: Session, generator: Any, args: Any, kwargs: Any) -> Any:
        self._traces += 1
        tape = session.tape
        tape.generator = generator
        before = foreign_state()
        try:
            out, watch = self._recorded(session)
            result = Template(out, tape)
            session.finish()
            value = result.settled()
            del out
        except Abandoned:
            session.undo()
            self._strike(tape.lost)
        except Exception as error:
            session.undo()
            self._strike(f"a call raises {type(error).__name__}")
        except BaseException:
            session.finish()
            raise
        else:
            tape.lost = tape.lost or foreign_state(before)
            if session.reach.asks_types:
                value = self._compared(session, value, args, kwargs)
            try:
                self._learn(session, watch, result)
            except Exception as error:  # the user's step goes on, whatever is wrong with ours
                self._strike(f"the compiler failed: {type(error).__name__}: {error}")
            for template in (result, *(t for _, t in session.changes)):
                template.release()
            return value
        return self._f(*args, **kwargs)  # from the same state: as eager execution does or raises

    def _recorded(self, session: Session) -> tuple[Any, Watch]:
        """The step on stands, which write down what it does."""
        given, named = session.install()
        with patches.installed(), replaced_for(session.tape):
            active.tape = session.tape
            try:
                with watched(session.tape) as watch:
                    return self._f(*given, **named), watch
            finally:
                active.tape = None

    def _compared(self, session: Session, value: Any, args: Any, kwargs: Any) -> Any:
        """The call once more, eagerly and from the same state: what stands do must be the same."""
        traced = session.outcome(value)
        session.undo()
        value = self._f(*args, **kwargs)
        if session.outcome(value) != traced:
            session.refuse("the step does something else with what stands for an array: type()")
        return value

    def _learn(self, session: Session, watch: Watch, result: Template) -> None:
        """Make the most of a traced call."""
        tape, learned = session.tape, self._learned
        unknown = functions_of(watch, session.reach.codes)
        self._pin(session)
        reason = tape.lost or session.reason or result.reason or objection(session, result)
        if unknown is None:
            reason = reason or "it runs functions that no name leads to"
        if session.leaked():
            reason = reason or "an array of the step is kept where the guards do not see it"
        more = learned.extend(watch.words())  # and then the guards may lack what it mentions
        if unknown or (more and not reason):
            learned.functions += unknown or []
            self._unpaid += 1
        elif reason:
            self._strike(reason)
        else:
            recording = recording_of(session, result, self._keep)
            if recording.reason:
                self._strike(recording.reason)
            else:
                self._consider(recording)

    def _pin(self, session: Session) -> None:
        """Numbers that Python looks at do not serve as inputs."""
        looked = {id(check.variable) for check in session.tape.checks}
        for slot in session.reach.numbers:
            if id(session.inputs[slot]) in looked:
                self._learned.pinned.add(slot)

    def _consider(self, recording: Recording) -> None:
        """The second recording that is the same makes a program."""
        self._wait()
        key = recording.signature
        earlier = self._candidates.pop(key, None)
        self._candidates[key] = recording
        if len(self._candidates) > PROGRAMS:
            self._candidates.popitem(last=False)
        if earlier is None:
            return
        difference = earlier.difference(recording)
        if difference:
            self._strike(difference)
            return
        del self._candidates[key]
        self._programs.pop(key, None)
        try:
            self._programs[key] = recording.compiled()
        except Exception as error:  # the user's step goes on, whatever is wrong with ours
            self._strike(f"the compiler failed: {type(error).__name__}: {error}")
            return
        if len(self._programs) > PROGRAMS:
            self._programs.popitem(last=False)

    def recorded_once(self, args: Any, kwargs: Any) -> tuple[Recording | None, str]:
        """One traced call that is undone; or None, and what stands against it."""
        sessions: list[Session] = []
        reason = ""
        with _tracing:
            try:
                for _ in range(3):  # the first calls may create the state of an optimizer
                    generator = random.generator()
                    reach = Reach(self._f, args, kwargs, generator, self._learned)
                    if reach.objection:
                        return None, reach.objection
                    session = Session(reach, tape_for(reach))
                    sessions.append(session)
                    session.tape.generator = session.stands[id(generator)]
                    try:
                        out, _ = self._recorded(session)
                    except Abandoned:
                        return None, session.tape.lost
                    result = Template(out, session.tape)
                    session.finish()
                    result.settled()
                    reason = session.tape.lost or session.reason or result.reason
                    if not reason:
                        recording = recording_of(session, result, True)
                        return (None, recording.reason) if recording.reason else (recording, "")
            finally:
                for session in reversed(sessions):
                    session.undo()
        return None, reason

    def _strike(self, reason: str) -> None:
        """A call that cannot become a program."""
        self._reasons[reason] = self._reasons.get(reason, 0) + 1
        self._wait()

    def _wait(self) -> None:
        """After many traces without a call by a program, trace less and less often."""
        self._unpaid += 1
        if self._unpaid > PATIENCE:
            self._pause = min(LONGEST, 2 ** (self._unpaid - PATIENCE + 2))

    def _note_miss(self, args: Any, kwargs: Any) -> None:
        """Which guards failed; numbers among them become inputs."""
        failed = next(reversed(self._programs.values())).failed(args, kwargs)
        for guard in failed:
            if guard.number is not None:
                self._learned.varying.add(guard.number)
        about = (failed[0].about if failed else "") or "a value that Python looks at"
        self._missed[about] = self._missed.get(about, 0) + 1

    def _say(self, why: str) -> None:
        """Say once why the step runs eagerly although it could be a program."""
        if why not in self._said:
            self._said.add(why)
            name = getattr(self._f, "__name__", "step")
            text = message("compile", f"a call of {name} while {why}", hint="it runs eagerly")
            warnings.warn(text, stacklevel=3)

    # --- showing ---

    @property
    def plain(self) -> Callable[..., Any]:
        """The function itself."""
        return self._f

    @property
    def programs(self) -> list[Program]:
        """The programs, the one used last at the end."""
        return [compiled.program for compiled in self._programs.values()]

    @property
    def source(self) -> str:
        """NumPy source of the program that was used last; "" before there is one."""
        return next(reversed(self._programs.values())).source if self._programs else ""

    def stages(self) -> dict[str, str]:
        """The program used last at each stage: its trace, after each pass, its sources."""
        if not self._programs:
            return {}
        return next(reversed(self._programs.values())).stages()

    def draw(self) -> Drawing:
        """A picture of the program used last: as it was recorded, and after all passes.

        Raises:
            UnsupportedError: there is no program yet.
        """
        if not self._programs:
            hint = "a step has one from its third call on; report() says why it has none"
            raise UnsupportedError(message("draw", "a step that has no program", hint=hint))
        last = next(reversed(self._programs.values()))
        return Drawing(last.drawing())

    def report(self, drawing: str | Path | None = None) -> str:
        """Programs, guards, operations before and after passes, and what stays eager and why.

        Args:
            drawing: a file for the picture that `draw` makes; .svg, .png, .pdf or .dot.
        """
        if drawing is not None:
            self.draw().save(drawing)
        return report(
            getattr(self._f, "__name__", "step"),
            (self._calls, self._eager, self._traces),
            list(self._programs.values()),
            self._missed,
            self._reasons,
        )


def objection(session: Session, result: Template) -> str:
    """What else speaks against a program."""
    if result.graph and not any(place.key is GRAD for place, _ in session.changes):
        return (
            "the step returns a Tensor whose graph may still be needed; call backward() inside, "
            "or run under no_grad()"
        )
    reach = session.reach
    old = {id(data): path for data, path in reach.graphs}
    used = {v for i in session.tape.instructions for v in i.inputs()}
    for i, v in session.inputs.items():
        if i in old and v in used:
            return f"the step uses {old[i]}, a result of an earlier computation"
    return ""
