"""What a step can reach: arguments, closures, globals, and the attributes of objects in them.

Every array found is an input of the program, and so is every number that differs from call to call.
Everything else that Python could look at, such as a training flag, an option of an optimizer or a
global, becomes a guard.
"""

from __future__ import annotations

import array
import re
import sys
import types
from collections import deque
from typing import Any

import numpy as np

from autograd.compile.guards.bytecode import facts_of
from autograd.compile.guards.code import (
    QUIET,
    visit_conversions,
    visit_modules,
)
from autograd.compile.guards.learned import (
    Guard,
    Learned,
    is_plain_slice,
    ordered_by_class,
    parameters,
    same_number,
)
from autograd.compile.guards.objects import visit_object
from autograd.compile.guards.places import (
    CACHES,
    GRAD,
    MISSING,
    SCALARS,
    TABLES,
    Contents,
    Place,
    apart,
    lacks,
    look_up,
)
from autograd.compile.guards.values import (
    guard_together,
    same_entries,
    same_states,
    visit_entries,
    visit_value,
)
from autograd.engine.graph import Node

OPAQUE: tuple[type, ...] = (
    *(bytearray, memoryview, array.array, type({}.keys()), type({}.values()), type({}.items())),
)
LARGEST = 50_000  # guards
OWNED = re.compile(r"(.*)<(\d+)>(.*)")  # the path of what is kept for a parameter


class Reach:
    """One walk over all that a call can reach.

    Attributes:
        guards: what must stay as it is.
        names: the objects that guards mention.
        arrays: each array by its id, with the expression and the path that lead to it.
        engines: the places of data and gradients of fixed nodes among `arrays`, by expression.
        numbers: the same of the numbers that are inputs, by place.
        generators: the same of random generators.
        growing: the lists that the step only appends to, by id, and how `Learned` knows each.
        places: all places in fixed containers.
        contents: the containers themselves.
        nodes: all nodes.
        values: the Values among them that must be the same objects.
        results: the numbers of those that an earlier computation made, by place.
        lists, entries: the lists whose entries have one guard in all, and these entries.
        graphs: data of results of earlier computations.
        codes: the code of all functions found.
        names_seen: the names in the code of user functions.
        spaces: the globals of user functions.
        modules: the user's modules among the globals.
        moving: the expressions of nodes and containers that may be others at each call.
        asks_types: whether user code calls `type`, to which a stand is not an array.
        objection: why the step cannot become a program at all, or "".
    """

    def __init__(self, f: Any, args: Any, kwargs: Any, generator: Any, learned: Learned) -> None:
        self.guards: list[Guard] = []
        self.names: dict[str, Any] = {
            **{
                "ndarray": np.ndarray,
                "deque": deque,
                "same_states": same_states,
                "same_entries": same_entries,
                "apart": apart,
                "lacks": lacks,
                "modules": sys.modules,
            },
        }
        self.known: dict[int, str] = {}  # the names of objects
        self.visited: set[Any] = set()
        self.keep: list[Any] = []  # so that no id is used twice
        self.arrays: dict[int, tuple[Any, str, str]] = {}
        self.engines: dict[str, int] = {}
        self.numbers: dict[Any, tuple[Any, str, str]] = {}
        self.generators: dict[int, tuple[Any, str, str]] = {}
        self.growing: dict[int, tuple[Any, str, str, Any]] = {}
        self.places: list[Place] = []
        self.contents: list[Contents] = []
        self.nodes: list[Node] = []
        self.values: list[Node] = []
        self.results: dict[Any, str] = {}
        self.lists: list[list[Any]] = []
        self.entries: list[Any] = []
        self.graphs: list[tuple[Any, str]] = []
        self.codes: set[types.CodeType] = set()
        self.objection = ""
        self.asks_types = False
        self.names_seen: set[str] = set()
        self.spaces: dict[int, dict[str, Any]] = {}
        self.modules: dict[int, types.ModuleType] = {}
        self.moving: list[str] = []
        self.learned = learned
        self.seen_numbers: dict[Any, Any] = {}
        self.visit(f, self.name(f), "", fixed=True)
        for function in learned.functions:
            self.visit(function, self.name(function), "", fixed=True)
        self.visit(generator, self.name(generator), "random.generator", fixed=True)
        self.args, self.kwargs = args, dict(kwargs)
        self.guard(f"len(args) == {len(args)}", "the number of arguments")
        words = parameters(f)
        for i, x in enumerate(args):
            path = words[i] if i < len(words) else f"arg{i}"
            self.visit(x, f"args[{i}]", "" if path in QUIET else path, slot=("args", i))
        self.guard(f"kwargs.keys() == {set(kwargs) or 'set()'}", "the names of arguments")
        for key, x in kwargs.items():
            self.visit(x, f"kwargs[{key!r}]", key, slot=("kwargs", key))
        self.distinct([(f"args[{i}]", x) for i, x in enumerate(args)])
        visit_modules(self)
        if any(facts_of(code).compares for code in self.codes):
            self.stay_apart()
        guard_together(self)
        if learned.converts:
            visit_conversions(self)
        self.name_owners()
        learned.numbers = self.seen_numbers
        self.before = [(place, place.get()) for place in self.places]

    def name_owners(self) -> None:
        """Say whose state it is that lies in a dictionary by a parameter: `exp_avg of 0.weight`."""

        def owned(path: str) -> str:
            found = OWNED.fullmatch(path)
            if found is None:
                return path
            owner = self.arrays.get(int(found[2]), (None, "", ""))[2]
            return f"{found[1]}{found[3]} of {owner}" if owner else found[1] + found[3]

        for kind in (self.arrays, self.numbers):
            found: dict[Any, tuple[Any, str, str]] = kind
            found.update({k: (x, at, owned(path)) for k, (x, at, path) in found.items()})
        for place in self.places:
            place.path = owned(place.path)
        for contents in self.contents:
            contents.path = owned(contents.path)
        for guard in self.guards:
            guard.about = owned(guard.about)

    def distinct(self, given: list[tuple[str, Any]]) -> None:
        """Arguments that are not one object must not become one: `x is y` may be asked."""
        objects = [(at, x) for at, x in given if isinstance(x, (np.ndarray, Node, list, dict))]
        for i, (at, x) in enumerate(objects):
            for other, y in objects[:i]:
                if x is not y:
                    self.guard(f"{at} is not {other}", "whether two arguments are one object")

    def stay_apart(self) -> None:
        """What may become another object must not become one that is also found elsewhere."""
        moving = [at for _, at, _ in self.arrays.values() if at not in self.engines]
        if moving or self.moving:
            kinds = (Node, list, dict, deque)
            fixed = sorted(
                i for i, name in self.known.items() if isinstance(self.names[name], kinds)
            )
            listed = ", ".join([*moving, *self.moving])
            about = "whether two things are one object"
            self.guard(f"apart([{listed}], {self.constant(tuple(fixed))})", about)

    # --- noting ---

    def guard(self, source: str, about: str, number: Any = None) -> None:
        """Note what must stay as it is."""
        self.guards.append(Guard(source, about, number))
        if len(self.guards) > LARGEST:
            self.object_to(f"there are more than {LARGEST} things to guard")

    def object_to(self, reason: str) -> None:
        """The step has to stay eager."""
        self.objection = self.objection or reason

    def name(self, x: Any) -> str:
        """A name for an object in the guards' source."""
        known = self.known.get(id(x))
        if known is None:
            known = self.known[id(x)] = f"o{len(self.known)}"
            self.names[known] = x
            self.keep.append(x)
        return known

    def constant(self, x: Any) -> str:
        """A name for a number or a word."""
        name = f"k{len(self.names)}"
        self.names[name] = x
        return name

    def first_visit(self, x: Any) -> bool:
        """Whether an object is new to this walk."""
        if id(x) in self.visited or len(self.guards) > LARGEST:
            return False
        self.visited.add(id(x))
        return True

    # --- walking ---

    def inside(self, container: Any, key: Any, expression: str, path: str, fixed: bool) -> None:
        """Visit what a container holds at a key."""
        value = look_up(container, key)
        if value is MISSING:
            return
        # What is in an argument is another object at each call, and known by its expression.
        slot = (id(container), key) if fixed else ("in", expression)
        self.places.append(Place(container, key, expression, path, slot))
        self.visit(value, expression, path, fixed and slot not in self.learned.volatile, slot)

    def absent(self, container: Any, key: Any, about: str) -> None:
        """Guard that a slot or a cell stays empty, if it is."""
        if look_up(container, key) is MISSING:
            self.guard(f"lacks({self.name(container)}, {key!r})", about)

    def visit(self, x: Any, at: str, path: str, fixed: bool = False, slot: Any = None) -> None:
        """Guard a value, and go on inside it.

        Args:
            x: the value.
            at: the expression that finds it again.
            path: what people call it.
            fixed: whether it must be the same object at each call.
            slot: the place, as `Learned` knows it.
        """
        kind = type(x)
        if x is None or kind is bool or x is Ellipsis:
            self.guard(f"{at} is {x}", path)
        elif (kind in (int, float) or isinstance(x, np.number)) and slot is not None:
            self.number(x, at, path, slot)
        elif kind in SCALARS or isinstance(x, np.generic) or is_plain_slice(x):
            self.scalar(x, at, path)
        elif kind is np.ndarray:
            self.array(x, at, path)
        elif isinstance(x, Node):
            self.node(x, at, path, fixed)
        elif isinstance(x, tuple):
            self.guard(f"type({at}) is {self.name(kind)} and len({at}) == {len(x)}", path)
            for i, e in enumerate(x):
                self.visit(e, f"{at}[{i}]", f"{path}.{i}", fixed)
        elif isinstance(x, (dict, list, deque)):
            self.container(x, at, path, fixed)
        elif isinstance(x, set):
            self.contents.append(Contents(x, path))
            same = f"{at} == {self.constant(frozenset(x))}"
            self.guard(f"type({at}) is {self.name(kind)} and {same}", path)
        elif kind is types.MappingProxyType:
            self.guard(f"{at} is {self.name(x)} and [*{at}] == {self.constant(list(x))}", path)
            for key, e in x.items():
                shown = repr(key) if type(key) in (str, int) else self.name(key)
                self.visit(e, f"{self.name(x)}[{shown}]", f"{path}.{key}", True)
        elif not self.unseen(x, at, path):
            visit_object(self, x, at, path)

    def unseen(self, x: Any, at: str, path: str) -> bool:
        """Whether a value may change where no guard can see it; then the step stays eager."""
        kind = type(x)
        of_c = any(base.__module__ == "_ctypes" for base in kind.__mro__)
        if isinstance(x, (np.ndarray, *OPAQUE)) or of_c:
            why = f"a {kind.__name__}, whose values are not seen"
        elif hasattr(kind, "__next__") and not hasattr(x, "__dict__"):
            why = "an iterator, whose position is not seen"
        else:
            return False
        self.guard(f"{at} is {self.name(x)}", path)
        self.object_to(f"{path or 'the step'} is {why}")
        return True

    def number(self, x: Any, at: str, path: str, slot: Any) -> None:
        """A number: a guard, or an input once it was seen to differ."""
        if self.varies(slot, x):
            self.guard(f"type({at}) is {self.name(type(x))}", path)
            self.numbers[slot] = (x, at, path)
        else:
            self.scalar(x, at, path, slot)

    def scalar(self, x: Any, at: str, path: str, slot: Any = None) -> None:
        """A number or a word that must be equal, and of the same type."""
        name, kind = self.constant(x), self.name(type(x))
        test = f"type({at}) is {kind} and {at} == {name}"
        if x == 0 and isinstance(x, (float, np.floating)):
            test += f" and str({at}) == {str(x)!r}"  # the sign
        if x != x:
            test = f"type({at}) is {kind} and {at} != {at}"
        self.guard(f"({at} is {name} or {test})", path, slot)

    def array(self, x: Any, at: str, path: str) -> None:
        """An array: an input."""
        known = self.arrays.get(id(x))
        if known is not None:
            self.guard(f"{at} is {known[1]}", path)
            return
        if x.dtype.hasobject or x.dtype.names:
            self.object_to(f"{path or 'an array'} is of dtype {x.dtype}")
        facts = f"{at}.shape == {x.shape} and {at}.strides == {x.strides}"
        test = f"type({at}) is ndarray and {facts} and {at}.dtype == {self.constant(x.dtype)}"
        if at.endswith(("._data", "._grad")) and at.startswith("o"):
            # The engine's own arrays are not changed in place: one that fitted before fits again.
            test = f"({at} is last[{len(self.arrays)}] or {test})"
            self.engines[at] = len(self.arrays)
        else:
            test += f" and {at}.flags.writeable is {x.flags.writeable}"
        self.guard(test, path)
        self.arrays[id(x)] = (x, at, path)
        self.keep.append(x)

    def node(self, x: Node, at: str, path: str, fixed: bool) -> None:
        """A Tensor: its data and gradient are inputs, whether it requires one a guard."""
        if not x._backend.has_shape:
            visit_value(self, x, at, path, fixed)
            return
        if fixed or id(x) in self.visited:
            name = self.name(x)
            self.guard(f"{at} is {name}", path)
            if not self.first_visit(x):
                self.rename(x, path)
                return
            at = name
        else:
            self.visited.add(id(x))
            self.guard(f"type({at}) is {self.name(type(x))}", path)
            self.moving.append(at)
        self.keep.append(x)
        self.nodes.append(x)
        note = x.note
        if note is not None and note.acts:
            self.object_to(f"{path or 'a Tensor'} has a hook, or retains its gradient")
        if x.op is not None:
            self.graphs.append((x._data, path))
        self.guard(f"({at}.op is None) is {x.op is None}", path)
        self.guard(f"{at}.requires_grad is {x.requires_grad}", f"{path}.requires_grad")
        self.guard(f"{at}.note is {self.name(note) if note is not None else None}", f"{path}.note")
        self.inside(x, "_data", f"{at}._data", path, False)
        self.inside(x, GRAD, f"{at}._grad", f"{path}.grad", False)

    def varies(self, slot: Any, x: Any) -> bool:
        """Whether the number at a place differs from call to call."""
        learned = self.learned
        self.seen_numbers[slot] = x
        if not same_number(learned.numbers.get(slot, x), x):
            learned.varying.add(slot)
        return slot in learned.varying and slot not in learned.pinned

    def rename(self, x: Node, path: str) -> None:
        """A parameter is called by its place in a model, not in an optimizer's groups."""
        known = self.arrays.get(id(x._data))
        if known is not None and "param_groups" in known[2]:
            self.arrays[id(x._data)] = (known[0], known[1], path)

    def container(self, x: Any, at: str, path: str, fixed: bool) -> None:
        """A dictionary, a list or a deque."""
        key = id(x) if fixed else at
        if fixed:
            name = self.name(x)
            if at != name:
                self.guard(f"{at} is {name}", path)
            if not self.first_visit(x):
                return
            at = name
        else:
            self.guard(f"type({at}) is {self.name(type(x))}", path)
            self.moving.append(at)
        self.keep.append(x)
        ordered = isinstance(x, dict) and not ordered_by_class(at, x)
        self.contents.append(Contents(x, path, ordered, key))
        if key in self.learned.growing:
            self.growing[id(x)] = (x, at, path, key)
            return
        self.guard(f"len({at}) == {len(x)}", f"the length of {path}")
        if ordered and len(x) > 1:
            self.guard(f"[*{at}] == {self.constant(list(x))}", f"the order of {path}")
        if fixed and visit_entries(self, x, path):
            return
        for key in list(x) if isinstance(x, dict) else range(len(x)):
            if key not in CACHES:
                self.entry(x, key, at, path, fixed)
        if hasattr(x, "__dict__"):
            self.container(vars(x), f"{at}.__dict__", path, fixed)

    def entry(self, x: Any, key: Any, at: str, path: str, fixed: bool) -> None:
        """What a container has at a key, and the key itself if that has attributes."""
        word = type(key) in (str, int)
        shown = repr(key) if word else self.name(key)
        inner = f"{path}.{key}" if word and key not in TABLES else path
        if isinstance(key, Node):
            inner = f"{path}<{id(key._data)}>"
        if not word and hasattr(key, "__dict__"):
            self.visit(key, shown, path, True)
        self.inside(x, key, f"{at}[{shown}]", inner.removeprefix("."), fixed)
