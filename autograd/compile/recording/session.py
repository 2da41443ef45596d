"""One traced call: arrays and numbers are replaced, the step runs, and all is put back."""

from __future__ import annotations

import functools
import gc
import types
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.guards.objects import CACHED
from autograd.compile.guards.places import GRAD, MISSING, SIMPLE, Growth, Place, equal
from autograd.compile.guards.reach import Reach
from autograd.compile.program import Variable
from autograd.compile.recording.effects import Watch, watched
from autograd.compile.recording.template import Template
from autograd.compile.trace import patches
from autograd.compile.trace.draws import traced_generator
from autograd.compile.trace.functions import CONVERSIONS, SUBSTITUTES
from autograd.compile.trace.growing import Growing
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Stand, Tape, active, in_library, plain
from autograd.engine.graph import Node

Change = tuple[Place, Template]


class Session:
    """What was put where, and what the step made of it.

    Attributes:
        changes: the places that the step gave other values, and what these are made of.
        reason: why there can be no program, or "".
        inputs: the variable of each array, number and generator, by id or place.
        expressions: where the program finds its inputs.
    """

    def __init__(self, reach: Reach, tape: Tape) -> None:
        self.reach, self.tape = reach, tape
        self.changes: list[Change] = []
        self.reason = ""
        self.stands: dict[Any, Any] = {}
        self.followed: set[int] = set()  # arrays that stands were put in the place of
        self.inputs: dict[Any, Variable] = {}
        self.expressions: dict[Variable, str] = {}
        self.states = [(x, x.bit_generator.state) for x, _, _ in reach.generators.values()]
        for i, (x, at, path) in (*reach.arrays.items(), *reach.numbers.items()):
            self.stands[i] = tape.input(x, path)
            self.inputs[i] = tape.inputs[-1]
            self.expressions[tape.inputs[-1]] = at
        for i, (x, at, path) in reach.generators.items():
            self.stands[i], variable = traced_generator(x, tape, path)
            self.expressions[variable] = at
        self.growing = {i: Growing(x, path, tape) for i, (x, _, path, _) in reach.growing.items()}
        self.installed: list[Any] = [value for _, value in reach.before]
        self.leaves = [(n, n.op, n.requires_grad, n.note) for n in reach.nodes]

    def install(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Put stands in all places; returns the arguments with theirs."""
        made = []
        for place, value in self.reach.before:
            slot = place.slot
            new = self.stands[slot] if slot in self.stands else self.standing(value)
            made.append(CONVERSIONS[place.key] if value is MISSING else new)
        self.installed = made  # from now on `finish` can take them out, also after an interrupt
        for (place, value), new in zip(self.reach.before, made, strict=True):
            if new is not value:
                place.set(new)
        given = [self.argument(("args", i), x) for i, x in enumerate(self.reach.args)]
        named = {k: self.argument(("kwargs", k), x) for k, x in self.reach.kwargs.items()}
        for i in self.reach.arrays.keys() - self.followed:
            path = self.reach.arrays[i][2] or "the step"
            self.tape.lose(f"{path} is an array in a place that cannot be followed")
        return tuple(given), named

    def argument(self, slot: Any, x: Any) -> Any:
        """What stands for an argument."""
        return self.stands[slot] if slot in self.stands else self.standing(x)

    def standing(self, x: Any) -> Any:
        """What stands for a value, also inside a tuple. A list in there stays the list that it is,
        because the step may take entries out of it."""
        if type(x) is not tuple and not (isinstance(x, tuple) and hasattr(x, "_fields")):
            return self._leaf(x)
        made = [self.standing(e) for e in x]
        if all(a is b for a, b in zip(made, x, strict=True)):
            return x
        return tuple(made) if type(x) is tuple else type(x)(*made)

    def _leaf(self, x: Any) -> Any:
        if isinstance(x, (np.ndarray, np.random.Generator)):
            self.followed.add(id(x))
            return self.stands.get(id(x), x)
        if type(x) is list:
            return self.growing.get(id(x), x)
        if isinstance(x, CACHED) and not in_library(x.__wrapped__.__globals__):
            return self.cached(x)
        return SUBSTITUTES.get(id(x), x)

    def cached(self, function: Any) -> Any:
        """What stands for a function with a cache, which must not keep what is traced. A guard on
        the cache holds as long as its entries are those of the trace."""
        known = self.stands.get(id(function))
        if known is not None:
            return known

        def call(*args: Any, **kwargs: Any) -> Any:
            given = [x.seen() if isinstance(x, Number) else x for x in (*args, *kwargs.values())]
            if any(isinstance(x, Stand) for x in given):
                self.tape.lose(f"{function.__name__}, which has a cache, gets an array")
            outer, active.tape = active.tape, None
            try:
                named = dict(zip(kwargs, plain(given[len(args) :]), strict=True))
                return function(*plain(given[: len(args)]), **named)
            finally:
                active.tape = outer

        functools.update_wrapper(call, function)
        for word in ("cache_info", "cache_clear", "cache_parameters"):
            setattr(call, word, getattr(function, word))
        self.stands[id(function)] = call
        return call

    def record(self, f: Callable[..., Any]) -> tuple[Template, Watch]:
        """Run a step on stands, which write down what it does, and take them out again."""
        given, named = self.install()
        with patches.installed(), self.tape.replaced:
            active.tape = self.tape
            try:
                with watched(self.tape) as watch:
                    out = f(*given, **named)
            finally:
                active.tape = None
        result = Template(out, self.tape)
        self.finish()
        self.look_for_shared(result)
        return result, watch

    # --- afterwards ---

    def finish(self) -> None:
        """Take the stands out, and note what changed."""
        settle: list[Change] = []  # last, because two places may share a graph
        for (place, before), installed in zip(self.reach.before, self.installed, strict=True):
            now = place.get()
            if now is installed:
                if installed is not before:
                    place.set(before)
            elif now is MISSING:
                self.refuse(f"the step removes {place.path}")
            else:
                template = Template(now, self.tape)
                settle.append((place, template))
                self.note(place, before, now, template)
        settle += self.appended()
        for contents in self.reach.contents:
            for key, value in contents.new():
                settle.append((Place(contents.container, key, "", ""), Template(value, self.tape)))
            if contents.grew() and contents.key not in self.reach.learned.read:
                self.reach.learned.growing.add(contents.key)
            self.refuse(contents.difference())
        for node, op, requires_grad, note in self.leaves:
            if (
                node.op is not op
                or node.requires_grad is not requires_grad
                or node.note is not note
            ):
                self.refuse("the step changes whether a Tensor requires a gradient, or its name")
        self.note_writes()
        for place, template in settle:
            place.set(template.settled())

    def appended(self) -> list[Change]:
        """The values that the step appends to lists which it does not read."""
        found: list[Change] = []
        for i, growing in self.growing.items():
            x, at, path, key = self.reach.growing[i]
            if growing.added is None:
                self.reach.learned.growing.discard(key)
                self.reach.learned.read.add(key)
            for n, value in enumerate(growing.added or ()):
                template = Template(value, self.tape)
                found.append((Growth(x, ("append", n), at, path), template))
                if template.graph:
                    self.refuse(f"the step appends a Tensor with its graph to {path}")
                if template.reason:
                    self.refuse(f"the step appends {template.reason} to {path}")
            growing.added = []
        self.changes += found
        return found

    def refuse(self, reason: str) -> None:
        """There can be no program."""
        self.reason = self.reason or reason

    def note(self, place: Place, before: Any, now: Any, template: Template) -> None:
        """A place that has another value now."""
        learned, slot = self.reach.learned, place.slot
        if template.graph:
            self.refuse(
                f"the step keeps a Tensor with its graph in {place.path}; store its detach() or "
                "item()"
            )
        number = type(now) in (int, float) or isinstance(now, np.number)
        if template.is_constant and number and slot not in learned.varying:
            if not equal(now, before):
                learned.varying.add(slot)  # the next trace has it as an input
                self.refuse(f"{place.path} is a number that the step changes")
            return
        if template.is_constant and equal(now, before) and slot not in self.stands:
            if type(now) not in SIMPLE:
                learned.volatile.add(slot)
            return
        if template.reason:
            self.refuse(f"the step puts {template.reason} into {place.path}")
        elif place.key is not GRAD and template.shape[0] not in ("array", "number", "constant"):
            learned.volatile.add(slot)
        if template.shape[0] == "number":
            learned.varying.add(slot)  # it differs from call to call, though perhaps not yet
        self.changes.append((place, template))

    def note_writes(self) -> None:
        """Arrays from outside that the step wrote into: first, while their places hold them."""
        for i, made in self.stands.items():
            if isinstance(made, self.tape.array) and made._variable.kind != "input":
                _, at, path = self.reach.arrays[i]
                self.changes.insert(0, (Place(None, None, at, path), Template(made, self.tape)))

    def look_for_shared(self, result: Template) -> None:
        """Objects in two places, and views: writing into one must show in the other, too."""
        templates = [template for _, template in self.changes] + [result]
        objects = [id(x) for t in templates for x in t.objects]
        if len(set(objects)) < len(objects):
            self.refuse("the step puts one new list, dictionary or Tensor into two places")
        for t in templates:
            t.objects = []  # which hold stands
        if self._views([x for t in templates for x in t.values if isinstance(x, np.ndarray)]):
            self.refuse("the step returns or keeps a view of an array that may be written to")

    def _views(self, values: list[Any]) -> bool:
        """Whether one of some arrays shares memory with another, or with one from outside."""
        given = [x for x, _, _ in self.reach.arrays.values() if x.flags.writeable]
        known = {id(x) for x in given}
        made = [x for x in {id(x): x for x in values}.values() if id(x) not in known]
        made = [x for x in made if x.size and x.flags.writeable]
        return any(
            np.may_share_memory(x, y) for n, x in enumerate(made) for y in (*given, *made[:n])
        )

    def undo(self) -> None:
        """All as it was before the step, also if an interrupt arrives meanwhile."""
        try:
            self._undo()
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        for place, before in self.reach.before:
            now = place.get()
            if now is MISSING and isinstance(place.container, (list, deque)):
                continue  # the end of a list that got shorter, which is restored as a whole
            if now is not before:
                place.set(before)
        for contents in self.reach.contents:
            contents.restore()
        for node, _, requires_grad, note in self.leaves:
            node.requires_grad, node.note = requires_grad, note
        for array, copy in self.tape.overwritten:
            if isinstance(array, np.ndarray) and array.flags.writeable:
                array[...] = copy
        for generator, state in self.states:
            generator.bit_generator.state = state

    def outcome(self, value: Any) -> list[Any]:
        """All bits of a result and of what the step changed, to be compared."""
        places = [place.get() for place, _ in self.changes if place.container is not None]
        arrays = [x for x, _, _ in self.reach.arrays.values()]
        states = [repr(x.bit_generator.state) for x, _ in self.states]
        return [*map(bits_of, [value, places, arrays]), states]

    def leaked(self) -> bool:
        """Whether stands are alive somewhere; those in containers and nodes are replaced."""
        own = {id(x) for x in self.stands.values()}
        ids = {id(x) for x in self.tape.alive()} - own
        if not ids:
            return False
        gc.collect()
        alive = [x for x in self.tape.alive() if id(x) in ids]
        for x in alive:
            for holder in gc.get_referrers(x):
                if holder is not alive:
                    _replace(holder, x)
        return bool(alive)


def bits_of(x: Any) -> Any:
    """A value as something that is equal only for equal bits."""
    if isinstance(x, Node):
        return (type(x), x.requires_grad, bits_of(x._data))
    if isinstance(x, (np.ndarray, np.generic)):
        return (type(x), x.dtype, x.shape, x.tobytes())
    if isinstance(x, (tuple, list)):
        return (type(x), [bits_of(e) for e in x])
    if isinstance(x, dict):
        return (dict, [(key, bits_of(e)) for key, e in x.items()])
    return (type(x), repr(x)) if isinstance(x, SIMPLE) else id(x)


def _replace(holder: Any, stand: Any) -> None:
    """Put the value itself where a stand was left."""
    if isinstance(holder, dict):
        for key, value in list(holder.items()):
            if value is stand:
                holder[key] = stand._value
    elif isinstance(holder, list):
        holder[:] = [stand._value if x is stand else x for x in holder]
    elif isinstance(holder, deque):
        for i, x in enumerate(holder):
            if x is stand:
                holder[i] = stand._value
    elif isinstance(holder, types.CellType):
        holder.cell_contents = stand._value
    elif isinstance(holder, Node):
        for word in ("_data", "_grad", "_first_data", "_second_data", "_rest", "static"):
            if hasattr(holder, word):
                setattr(holder, word, plain(getattr(holder, word)))
    elif hasattr(holder, "__dict__"):  # an object whose attributes lie in itself
        _replace(vars(holder), stand)
