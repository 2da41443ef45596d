"""Gradients that a program need not leave behind: those that nothing after the step can need."""

from __future__ import annotations

from typing import Any

from autograd.compile.guards.places import GRAD, Place
from autograd.compile.recording.session import Change, Session
from autograd.compile.recording.template import Template


def used_up(session: Session, result: Template) -> tuple[list[Place], list[Place]]:
    """The gradients that can be let go of, and those that cannot.

    A gradient is used up if an update of its own parameter is computed from it, and if the step
    does not read what was there before, but clears it. Otherwise it is one that the step adds up
    over several calls, or that an optimizer outside of the step is about to read.
    """
    gradients = [c for c in session.changes if c[0].key is GRAD and not c[1].is_constant]
    before = {(id(p.container), p.key): x for p, x in session.reach.before if p.key is GRAD}
    marks: dict[Any, int] = {}
    for n, (place, template) in enumerate(gradients):
        came = before.get((id(place.container), GRAD))
        old = session.inputs.get(id(came), session.inputs.get(place.slot))
        for v, bit in ((old, 2 * n), (template.arrays[0], 2 * n + 1)):
            if v is not None:
                marks[v] = marks.get(v, 0) | 1 << bit
    found = session.tape.spread(marks)
    updates, everything = _read_by(session, result, found)
    learned = session.reach.learned
    let_go: list[Place] = []
    kept: list[Place] = []
    for n, (place, _) in enumerate(gradients):
        came = before.get((id(place.container), GRAD))
        if everything >> 2 * n & 1:
            learned.accumulated.add(place.slot)
        elif came is not None:
            learned.cleared.add(place.slot)
        is_used = updates.get(id(place.container), 0) >> 2 * n + 1 & 1
        clears = place.slot in learned.cleared - learned.accumulated
        (let_go if is_used and clears else kept).append(place)
    return let_go, kept


def _read_by(
    session: Session, result: Template, found: dict[Any, int]
) -> tuple[dict[int, int], int]:
    """Which gradients the new data of each node are computed from, and all that the step does."""
    updates: dict[int, int] = {}
    everything = 0
    changes: list[Change] = [*session.changes, (Place(None, None, "", ""), result)]
    for place, template in changes:
        read = 0
        for v in template.arrays:
            read |= found.get(v, 0)
        everything |= read
        if place.key == "_data":
            updates[id(place.container)] = read
    for check in session.tape.checks:
        everything |= found.get(check.variable, 0)
    return updates, everything
