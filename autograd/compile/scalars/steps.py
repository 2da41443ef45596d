"""A traced step on Values and the program made of it: how the compiler hands over to scalars."""

from __future__ import annotations

from autograd.backends.floats import FLOATS
from autograd.compile import passes
from autograd.compile.compiled import Compiled
from autograd.compile.guards.reach import Reach
from autograd.compile.native.memory import Arenas
from autograd.compile.recording.recorded import Recording
from autograd.compile.recording.session import Session
from autograd.compile.recording.template import Template
from autograd.compile.scalars import patches
from autograd.compile.scalars.compiled import CompiledScalars
from autograd.compile.scalars.recorded import ScalarRecording
from autograd.compile.scalars.tape import ScalarTape
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Tape
from autograd.compile.trace.traced import Traced


def tape_for(reach: Reach) -> Tape:
    """The tape of a call: one for single numbers if the step uses Values, or makes its own."""
    own = id(FLOATS.node) in reach.known or FLOATS.node.__name__ in reach.names_seen
    if reach.values or (own and not reach.nodes):
        return ScalarTape(patches.REPLACED)
    return Tape(Traced, Number)


def recording_of(session: Session, result: Template, keep_gradients: bool) -> Recording:
    """What a traced call left behind."""
    kind = ScalarRecording if isinstance(session.tape, ScalarTape) else Recording
    return kind(session, result, keep_gradients)


def difference_of(earlier: Recording, recording: Recording) -> str:
    """What differs between two recordings that have the same guards, or ""."""
    if isinstance(earlier, ScalarRecording) and isinstance(recording, ScalarRecording):
        return earlier.difference(recording)
    return passes.matches(earlier.program, recording.program)


def compiled(recording: Recording, backend: str, arenas: Arenas | None = None) -> Compiled:
    """The program of a recording, ready to be called."""
    kind = CompiledScalars if isinstance(recording, ScalarRecording) else Compiled
    return kind(recording, backend, arenas)
