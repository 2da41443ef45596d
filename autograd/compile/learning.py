"""How a step becomes programs: its eager calls are traced, and two that are alike make one."""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from autograd import random
from autograd.compile import passes
from autograd.compile.compiled import Compiled
from autograd.compile.guards.learned import Learned
from autograd.compile.guards.places import GRAD
from autograd.compile.guards.reach import Reach
from autograd.compile.native.memory import Arenas
from autograd.compile.recording.effects import (
    Abandoned,
    Watch,
    foreign_state,
    functions_of,
    watched,
)
from autograd.compile.recording.recorded import Recording, aligned
from autograd.compile.recording.session import Session
from autograd.compile.recording.template import Template
from autograd.compile.scalars.steps import compiled, difference_of, recording_of, tape_for
from autograd.compile.trace.calm import LOUD, is_calm
from autograd.compile.variants import Variants

CANDIDATES = 8  # recordings that wait for one that is alike
PATIENCE = 8  # traces in a row without a program before the pauses between them grow
LONGEST = 4096  # calls between two traces
REHEARSALS = 3  # of one call; a step count that starts needs that many
FAILED = "the compiler failed"

_tracing = threading.RLock()  # one trace at a time, because stands are put into shared objects


class Learner:
    """The programs of a step, and what its eager calls showed.

    The first two calls are traced and compared. Where the first did what no later one does, as when
    an optimizer creates its state, the second is rehearsed: it runs once more on the same
    arguments, from the state that it left, and is undone. So there is a program for the third.

    Attributes:
        programs: by what they are programs of, the one used last at the end.
        traces: how many calls were traced.
        reasons: why calls ran eagerly, and how many.
    """

    def __init__(self, f: Callable[..., Any], keep_gradients: bool, backend: str = "auto") -> None:
        self.f, self.keep, self.backend = f, keep_gradients, backend
        self.variants = Variants()
        self.programs: OrderedDict[Any, Compiled] = self.variants.programs
        self.candidates: OrderedDict[Any, Recording] = OrderedDict()
        self.first: Recording | None = None  # of a call whose words were not known yet
        self.learned, self.arenas = Learned(), Arenas()
        self.traces = self.unpaid = self.pause = 0
        self.reasons: dict[str, int] = {}

    def pays(self, args: Any, kwargs: Any) -> bool:
        """Whether to trace a call is worth its time."""
        if self.pause:
            self.pause -= 1
            return False
        return self.variants.pays(args, kwargs)

    def call(self, args: Any, kwargs: Any, traced: bool = True) -> Any:
        """An eager call, perhaps traced."""
        if not traced or not _tracing.acquire(blocking=False):
            return self.variants.plainly(self.f, args, kwargs)
        start = time.perf_counter()
        try:
            return self._call(args, kwargs)
        finally:
            _tracing.release()
            self.variants.took(time.perf_counter() - start)

    def _call(self, args: Any, kwargs: Any) -> Any:
        extent = self.learned.extent()
        session, objection = self._start(args, kwargs)
        if session is None or objection:
            self._strike(objection)
            return self._watched(args, kwargs)
        self.traces += 1
        before, failure = foreign_state(), None
        try:
            result, watch = session.record(self.f)
            value = result.settled()
        except Abandoned:
            session.undo()
            self._strike(session.tape.lost)
        except Exception as error:
            session.undo()
            failure = error
        except BaseException:
            session.finish()
            raise
        else:
            session.tape.lost = session.tape.lost or foreign_state(before)
            if session.reach.asks_types:
                value = self._compared(session, value, args, kwargs)
            reason = self._learned_from(session, watch, result)
            self._strike(reason)
            new = not reason or (self.learned.extent() > extent and not session.tape.lost)
            if new and self.traces > 1 and not self.programs:
                self._rehearse(args, kwargs)
            return value
        # From the same state: as eager execution does or raises.
        return self.f(*args, **kwargs) if failure is None else self._again(failure, args, kwargs)

    def _again(self, error: Exception, args: Any, kwargs: Any) -> Any:
        """A call whose trace raised: it raises eagerly too, or what stands for an array, which
        lacks a method, was to blame."""
        reason = f"a call raises {type(error).__name__}"
        try:
            value = self.f(*args, **kwargs)
            reason = f"it cannot be traced: {type(error).__name__}: {error}"
        finally:
            self._strike(reason)
        return value

    def _start(self, args: Any, kwargs: Any) -> tuple[Session | None, str]:
        """All that a trace needs, and what speaks against it."""
        generator = random.generator()
        try:
            reach = Reach(self.f, args, kwargs, generator, self.learned)
            session = Session(reach, tape_for(reach))
        except Exception as error:  # objects may do anything when they are looked at
            return None, f"what it reaches cannot be looked at: {type(error).__name__}: {error}"
        session.tape.generator = session.stands[id(generator)]
        objection = reach.objection
        if sys.getprofile() is not None:
            objection = objection or "a profiler is at work"
        if not is_calm():
            objection = objection or LOUD
        return session, objection

    def _watched(self, args: Any, kwargs: Any) -> Any:
        """A call that is not traced. The first shows which attributes matter: what speaks against a
        trace may be one that the step does not mention."""
        if self.learned.words is not None or sys.getprofile() is not None:
            return self.f(*args, **kwargs)
        with watched(None) as watch:
            try:
                return self.f(*args, **kwargs)
            finally:
                self.learned.extend(watch.words(), watch.words_of_optimizers())

    def _compared(self, session: Session, value: Any, args: Any, kwargs: Any) -> Any:
        """The call once more, eagerly and from the same state: what stands do must be the same."""
        traced = session.outcome(value)
        session.undo()
        value = self.f(*args, **kwargs)
        if session.outcome(value) != traced:
            session.refuse("the step does something else with what stands for an array: type()")
        return value

    def _rehearse(self, args: Any, kwargs: Any) -> None:
        """The last call again, and undone, until two in a row are alike or nothing is new."""
        for _ in range(REHEARSALS):
            extent = self.learned.extent()
            session, objection = self._start(args, kwargs)
            if session is None or objection:
                return
            try:
                result, watch = session.record(self.f)
                result.settled()
                reason = self._learned_from(session, watch, result)
                if reason.startswith(FAILED):  # which nobody could see otherwise
                    self.reasons[reason] = self.reasons.get(reason, 0) + 1
            except (Exception, Abandoned):
                return
            finally:
                session.undo()
            new = not reason or (self.learned.extent() > extent and not session.tape.lost)
            if self.programs or not new:
                return

    # --- what a trace shows ---

    def _learned_from(self, session: Session, watch: Watch, result: Template) -> str:
        """Make the most of a traced call; returns why it makes no program, or ""."""
        try:
            reason = self._learn(session, watch, result)
        except Exception as error:  # the user's step goes on, whatever is wrong with ours
            reason = f"{FAILED}: {type(error).__name__}: {error}"
        for template in (result, *(t for _, t in session.changes)):
            template.release()
        return reason

    def _learn(self, session: Session, watch: Watch, result: Template) -> str:
        tape, learned = session.tape, self.learned
        unknown = functions_of(watch, session.reach.codes)
        converts = self._pin(session)
        reason = tape.lost or session.reason or result.reason or objection(session, result)
        if unknown is None:
            reason = reason or "it runs functions that no name leads to"
        if session.leaked():
            reason = reason or "an array of the step is kept where the guards do not see it"
        first = learned.words is None
        # Whether the guards may lack what the step mentions.
        more = learned.extend(watch.words(), watch.words_of_optimizers())
        if unknown or (more and not first and not reason):
            learned.functions += unknown or []
            return ""
        if reason:
            return reason
        recording = recording_of(session, result, self.keep)
        if recording.reason:
            return recording.reason
        if first:
            self.first = recording
        if first or converts:
            return ""
        return self._consider(recording)

    def _pin(self, session: Session) -> bool:
        """Numbers that Python looks at do not serve as inputs; unless the next trace may follow
        them through `float` and `int`, which is returned."""
        learned, checks = self.learned, session.tape.checks
        if not learned.converts and any(c.how in ("float", "int", "number") for c in checks):
            learned.converts = True
            return True
        looked = {id(check.variable) for check in checks}
        learned.pinned |= {s for s in session.reach.numbers if id(session.inputs[s]) in looked}
        return False

    def _consider(self, recording: Recording) -> str:
        """The second recording that is the same makes a program."""
        key = recording.signature
        earlier = self.candidates.pop(key, None)
        self.candidates[key] = recording
        self._keep_what_is_read()
        if len(self.candidates) > CANDIDATES:
            self.candidates.popitem(last=False)
        if earlier is not None:
            difference = difference_of(earlier, recording)
        elif type(self.first) is Recording:
            program, self.first = aligned(self.first, recording), None
            if program is None:
                return ""
            looked = passes.looks_differ(program, recording.program)
            if looked or passes.matches(program, recording.program):
                return looked  # any other difference may be the first call's own
            difference = ""
        else:
            return ""
        return difference or self._make(key, recording)

    def _keep_what_is_read(self) -> None:
        """Forget the programs that let go of gradients to which another call adds."""
        read = self.learned.accumulated
        for key, program in list(self.programs.items()):
            if any(place.slot in read for place in program.recording.dropped):
                self.variants.forget(key)

    def _make(self, key: Any, recording: Recording) -> str:
        """A program, perhaps in the place of one that was not used for longest."""
        del self.candidates[key]
        self.variants.keep(key, compiled(recording, self.backend, self.arenas))
        return ""

    def _strike(self, reason: str) -> None:
        """A call that made no program, perhaps for a reason; after many of them without a call by a
        program, trace less and less often."""
        if reason:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        self.unpaid += 1
        if self.unpaid > PATIENCE:
            self.pause = min(LONGEST, 2 ** (self.unpaid - PATIENCE + 2))

    # --- printing ---

    def recorded_once(self, args: Any, kwargs: Any) -> tuple[Recording | None, str]:
        """One traced call that is undone; or None, and what stands against it."""
        sessions: list[Session] = []
        reason = ""
        with _tracing:
            try:
                for _ in range(3):  # the first calls may create the state of an optimizer
                    session, reason = self._start(args, kwargs)
                    if session is None or reason:
                        return None, reason
                    sessions.append(session)
                    try:
                        result, _ = session.record(self.f)
                    except Abandoned:
                        return None, session.tape.lost
                    result.settled()
                    reason = session.tape.lost or session.reason or result.reason
                    if not reason:
                        recording = recording_of(session, result, True)
                        return (None, recording.reason) if recording.reason else (recording, "")
            finally:
                for session in reversed(sessions):
                    session.undo()
        return None, reason


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
