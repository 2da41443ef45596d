"""What is left of a traced call: the program as it came, and where its inputs and outputs are."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograd.compile.guards.learned import Guard
from autograd.compile.guards.places import SIMPLE, Place
from autograd.compile.program import Check, Program, Variable
from autograd.compile.recording.gradients import used_up
from autograd.compile.recording.session import Change, Session
from autograd.compile.recording.template import Template
from autograd.compile.trace.tape import Tape
from autograd.engine.recording import is_recording


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
        dropped: the gradients that are not kept, although the step leaves them.
        kept: those that are, although that was not asked for.
    """

    def __init__(self, session: Session, result: Template, keep_gradients: bool) -> None:
        self.result, reach = result, session.reach
        self.reason = ""
        # Gradients that are not kept: an older one there would pass for that of this step.
        self.dropped, self.kept = ([], []) if keep_gradients else used_up(session, result)
        let_go = {id(place) for place in self.dropped}
        self.changes: list[Change] = self.ordered(
            [change for change in session.changes if id(change[0]) not in let_go]
        )
        outputs = [v for _, template in self.changes for v in template.arrays] + result.arrays
        self.program = self.written(session.tape, outputs)
        self.recording = is_recording()
        # The session itself is let go of, because it holds every array of the call.
        self.guards, self.names, self.engines = reach.guards, reach.names, reach.engines
        self.expressions = session.expressions
        self.shared, self.given = _same_arrays(session, [t for _, t in self.changes] + [result])
        self.slots, self.slot_of = _slots(session, self.changes)
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


def checks_of(tape: Tape) -> list[Check]:
    """What Python looked at, each thing once."""
    return list({(c.variable, c.how, repr(c.value)): c for c in tape.checks}.values())


def _same_arrays(
    session: Session, templates: list[Template]
) -> tuple[dict[int, int], dict[int, str]]:
    """Outputs that are one array, each with the first of its kind; and where the step finds those
    that are arrays which it was given."""
    values = [x for template in templates for x in template.values]
    arrays = {n: x for n, x in enumerate(values) if isinstance(x, np.ndarray)}
    first: dict[int, int] = {}
    shared = {n: m for n, x in arrays.items() if (m := first.setdefault(id(x), n)) != n}
    inputs = session.reach.arrays
    return shared, {n: inputs[id(x)][1] for n, x in arrays.items() if id(x) in inputs}


def _slots(session: Session, changes: list[Change]) -> tuple[list[Any], dict[Variable, Any]]:
    """Where outputs and inputs are, in words that do not depend on the order of the walk."""
    places = {place.expression: place for place in session.reach.places}

    def slot(at: str, place: Place | None) -> Any:
        if place is None or place.container is None or at.startswith(("args", "kwargs")):
            return at
        return id(place.container), place.key

    outputs = [slot(place.expression, place) for place, _ in changes]
    inputs = {v: slot(at, places.get(at)) for v, at in session.expressions.items()}
    return outputs, inputs


def aligned(first: Recording, second: Recording) -> Program | None:
    """The program of `first` with inputs and outputs in the order in which `second` has them.

    The walk before a step's first call goes into more places than the later ones, and in another
    order. None if the two do not read and change the same places.
    """
    a, b = first.program, second.program
    used = {v for i in a.instructions for v in i.inputs()} | set(a.roots())
    found = {first.slot_of[v]: v for v in a.inputs if v in used}
    unused = {first.slot_of[v]: v for v in a.inputs if v not in used}
    try:
        slots = [second.slot_of[v] for v in b.inputs]
        inputs = [found.pop(s) if s in found else unused[s] for s in slots]
        outputs = []
        for slot, (_, template) in zip(second.slots, second.changes, strict=True):
            _, other = first.changes[first.slots.index(slot)]
            if len(other.arrays) != len(template.arrays):
                return None
            outputs += other.arrays
    except (KeyError, ValueError):
        return None
    let_go = {(id(place.container), place.key) for place in second.dropped}
    others = [s for s in first.slots if s not in let_go]
    if found or len(others) != len(second.changes):
        return None
    return Program(inputs, a.instructions, outputs + first.result.arrays, a.checks)


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
    if type(x) is frozenset and all(type(word) is str for word in x):
        return x  # its repr has no order
    plain = isinstance(x, (*SIMPLE, slice, np.generic, np.dtype)) and not isinstance(x, type)
    return (type(x), repr(x)) if plain else id(x)
