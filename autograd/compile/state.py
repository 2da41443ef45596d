"""What a step can reach: arguments, closures, globals, and the attributes of objects in them.

Every array found is an input of the program. Everything else that Python could look at, such as a
training flag, an option of an optimizer or a hook, becomes a guard.
"""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograd.compile.program import Variable
from autograd.compile.trace import (
    LIBRARIES,
    Tape,
    Traced,
    plain,
    same,
    traced_generator,
    tree,
    unwrap,
)
from autograd.engine.graph import Node, constant

# Attributes that hold what they name under its own name too.
TABLES = frozenset({"_parameters", "_buffers", "_modules"})
GRAD = "grad"  # compared by identity, because keys may be Tensors
SCALARS = (int, float, complex, str, bytes, frozenset)


@dataclass
class Place:
    """Where a value is found again: in a container, by an expression of the guards' source."""

    container: Any
    key: Any
    expression: str
    path: str

    def get(self) -> Any:
        """What is there now; `MISSING` if nothing is."""
        return look_up(self.container, self.key)

    def set(self, value: Any) -> None:
        """Put something there."""
        if isinstance(self.container, types.CellType):
            self.container.cell_contents = value
        elif isinstance(self.container, Node):
            setattr(self.container, self.key, value)
        else:
            self.container[self.key] = value


MISSING: Any = object()


def look_up(container: Any, key: Any) -> Any:
    """The entry of a dictionary, list, cell or node."""
    try:
        if isinstance(container, types.CellType):
            return container.cell_contents
        if isinstance(container, Node):
            return getattr(container, key)
        return container[key]
    except (KeyError, IndexError, ValueError, AttributeError):
        return MISSING


@dataclass
class Guard:
    """An expression that must be true, what it is about, and the input it belongs to, if any."""

    source: str
    about: str
    owner: Any = None


class Reach:
    """One walk over all that a call can reach."""

    def __init__(
        self, f: Any, args: Any, kwargs: Any, generator: Any, volatile: set[tuple[int, Any]]
    ) -> None:
        self.guards: list[Guard] = []
        self.names: dict[str, Any] = {"ndarray": np.ndarray}
        self.known: dict[int, str] = {}  # the names of objects
        self.visited: set[Any] = set()
        self.owners: dict[int, Any] = {}  # the value that an array was found in, if it is volatile
        self.keep: list[Any] = []  # so that no id is used twice
        self.arrays: dict[int, tuple[Any, str, str]] = {}  # id: array, expression, path
        self.generators: dict[int, tuple[Any, str, str]] = {}
        self.places: list[Place] = []
        self.lengths: list[tuple[Any, int, str]] = []
        self.graphs: list[tuple[Any, str]] = []  # data of results of earlier computations
        self.owner: Any = None
        self.volatile = volatile
        self.function = f
        self.visit(f, self.name(f), "", fixed=True)
        self.visit(generator, self.name(generator), "random.generator", fixed=True)
        self.args, self.kwargs = args, dict(kwargs)
        self.guard(f"len(args) == {len(args)}", "the number of arguments")
        for i, x in enumerate(args):
            self.visit(x, f"args[{i}]", f"arg{i}")
        self.guard(f"kwargs.keys() == {set(kwargs) or 'set()'}", "the names of arguments")
        for key, x in kwargs.items():
            self.visit(x, f"kwargs[{key!r}]", key)
        self.before = [(place, place.get()) for place in self.places]

    # --- finding ---

    def guard(self, source: str, about: str) -> None:
        """Note what must stay as it is."""
        self.guards.append(Guard(source, about, self.owner))

    def name(self, x: Any) -> str:
        """A name for an object in the guards' source."""
        known = self.known.get(id(x))
        if known is None:
            known = self.known[id(x)] = f"o{len(self.known)}"
            self.names[known] = x
            self.keep.append(x)
        return known

    def inside(self, container: Any, key: Any, expression: str, path: str, fixed: bool) -> None:
        """Visit what a container holds at a key."""
        value = look_up(container, key)
        if value is MISSING:
            return
        self.places.append(Place(container, key, expression, path))
        outer = self.owner
        rebound = (id(container), key) in self.volatile
        if rebound or (key is GRAD and isinstance(value, np.ndarray)):
            self.owner = Place(container, key, expression, path)
        self.visit(value, expression, path, fixed and not rebound)
        self.owner = outer

    def visit(self, x: Any, at: str, path: str, fixed: bool = False) -> None:
        """Guard a value, and go on inside it.

        Args:
            x: the value.
            at: the expression that finds it again.
            path: what people call it.
            fixed: whether it must be the same object at each call.
        """
        kind = type(x)
        if x is None or kind is bool or x is Ellipsis:
            self.guard(f"{at} is {x}", path)
        elif kind in SCALARS:
            name = self.constant(x)
            self.guard(
                f"({at} is {name} or type({at}) is {kind.__name__} and {at} == {name})", path
            )
        elif kind is np.ndarray:
            self.array(x, at, path)
        elif isinstance(x, np.generic):
            name = self.constant(x)
            self.guard(f"({at} is {name} or type({at}) is type({name}) and {at} == {name})", path)
        elif isinstance(x, Node):
            self.node(x, at, path, fixed)
        elif kind is tuple:
            self.guard(f"type({at}) is tuple and len({at}) == {len(x)}", path)
            for i, e in enumerate(x):
                self.visit(e, f"{at}[{i}]", f"{path}.{i}", fixed)
        elif kind is dict or kind is list:
            self.container(x, at, path, fixed)
        else:
            self.object(x, at, path)

    def constant(self, x: Any) -> str:
        """A name for a number or a word; equal ones of one type may share it."""
        name = f"k{len(self.names)}"
        self.names[name] = x
        return name

    def array(self, x: Any, at: str, path: str) -> None:
        """An array: an input."""
        known = self.arrays.get(id(x))
        if known is not None:
            self.guard(f"{at} is {known[1]}", path)
            return
        dtype = self.constant(x.dtype)
        self.guard(
            f"type({at}) is ndarray and {at}.shape == {x.shape} and {at}.dtype == {dtype}", path
        )
        self.arrays[id(x)] = (x, at, path)
        self.owners[id(x)] = self.owner
        self.keep.append(x)

    def node(self, x: Node, at: str, path: str, fixed: bool) -> None:
        """A Tensor or Value: its data and gradient are inputs, whether it requires one a guard."""
        if fixed or id(x) in self.visited:
            name = self.name(x)
            self.guard(f"{at} is {name}", path)
            if id(x) in self.visited:
                self.rename(x, path)
                return
            self.visited.add(id(x))
            at = name
        else:
            self.guard(f"type({at}) is {self.name(type(x))}", path)
        if x.op is not None:
            self.graphs.append((x._data, path))
        else:
            self.guard(f"{at}.op is None", path)
        self.guard(f"{at}.requires_grad is {x.requires_grad}", f"{path}.requires_grad")
        self.guard(f"{at}.note is {self.name(x.note) if x.note is not None else None}", path)
        self.inside(x, "_data", f"{at}._data", path, False)
        self.inside(x, GRAD, f"{at}.grad", f"{path}.grad", False)

    def rename(self, x: Node, path: str) -> None:
        """A parameter is called by its place in a model, not in an optimizer's groups."""
        known = self.arrays.get(id(x._data))
        if known is not None and "param_groups" in known[2]:
            self.arrays[id(x._data)] = (known[0], known[1], path)

    def container(self, x: Any, at: str, path: str, fixed: bool) -> None:
        """A dictionary or a list."""
        if fixed:
            name = self.name(x)
            if at != name:
                self.guard(f"{at} is {name}", path)
            if id(x) in self.visited:
                return
            self.visited.add(id(x))
            at = name
        else:
            self.guard(f"type({at}) is {type(x).__name__}", path)
        self.guard(f"len({at}) == {len(x)}", f"the length of {path}")
        self.lengths.append((x, len(x), path))
        for key in list(x) if type(x) is dict else range(len(x)):
            word = type(key) in (str, int)
            shown = repr(key) if word else self.name(key)
            inner = f"{path}.{key}" if word and key not in TABLES else path
            self.inside(x, key, f"{at}[{shown}]", inner.removeprefix("."), fixed)

    def object(self, x: Any, at: str, path: str) -> None:
        """Anything else: the same object, and its attributes inside."""
        if isinstance(x, types.MethodType):
            self.visit(x.__self__, f"{at}.__self__", path, True)
            self.visit(x.__func__, f"{at}.__func__", path, True)
            return
        name = self.name(x)
        if at != name:
            self.guard(f"{at} is {name}", path)
        if id(x) in self.visited or isinstance(x, (type, types.ModuleType)):
            return
        self.visited.add(id(x))
        if isinstance(x, np.random.Generator):
            self.generators[id(x)] = (x, name, path)
        elif isinstance(x, types.FunctionType):
            self.reached_by(x, name)
        elif isinstance(x, partial):
            self.visit(x.func, f"{name}.func", path, True)
            self.visit(x.args, f"{name}.args", path, True)
            self.visit(x.keywords, f"{name}.keywords", path, True)
        elif hasattr(x, "__wrapped__"):
            self.visit(x.__wrapped__, f"{name}.__wrapped__", path, True)
        elif hasattr(x, "__dict__") and not library(type(x), "autograd", "numpy"):
            self.container(vars(x), f"{name}.__dict__", path, True)
            for base in type(x).__mro__:
                for method in () if library(base) else vars(base).values():
                    if isinstance(method, types.FunctionType):
                        self.visit(method, self.name(method), path, True)

    def reached_by(self, f: types.FunctionType, name: str) -> None:
        """The closure of a function, its defaults, and the globals that user code names."""
        for i, cell in enumerate(f.__closure__ or ()):
            free = f.__code__.co_freevars[i]
            at = f"{self.name(cell)}.cell_contents"
            self.inside(cell, None, at, "" if free in ("self", "model") else free, True)
        if f.__defaults__:
            self.visit(f.__defaults__, f"{name}.__defaults__", "default", True)
        if f.__kwdefaults__:
            self.visit(f.__kwdefaults__, f"{name}.__kwdefaults__", "default", True)
        if f.__module__ is not None and f.__module__.partition(".")[0] in LIBRARIES:
            return
        space = f.__globals__
        self.keep.append(space)
        for word in sorted(names_in(f.__code__)):
            if word in space and (id(space), word) not in self.visited:
                self.visited.add((id(space), word))
                at = f"{self.name(space)}[{word!r}]"
                self.inside(space, word, at, "" if word == "model" else word, True)

    # --- installing the traced arrays, and taking them out again ---

    def install(self, tape: Tape) -> tuple[Any, Any]:
        """Put traced arrays in all places; returns the arguments with theirs."""
        self.tape = tape
        self.traced: dict[int, Any] = {}
        self.inputs: dict[int, Variable] = {}
        self.expressions: dict[Variable, str] = {}
        for i, (x, at, path) in self.arrays.items():
            made = tape.input(x, path)
            self.traced[i] = made
            self.inputs[i] = tape.inputs[-1]
            self.expressions[tape.inputs[-1]] = at
        for i, (x, at, path) in self.generators.items():
            self.traced[i] = traced_generator(x, tape, path)
            self.expressions[tape.inputs[-1]] = at
        self.installed = []
        for place, value in self.before:
            new = tree(self.replaced, value) if type(value) is tuple else self.replaced(value)
            if new is not value:
                place.set(new)
            self.installed.append(new)
        return (
            tuple(
                tree(self.replaced, x) if type(x) is tuple else self.replaced(x) for x in self.args
            ),
            {k: self.replaced(x) for k, x in self.kwargs.items()},
        )

    def replaced(self, x: Any) -> Any:
        """What stands for a value while the step runs."""
        return self.traced.get(id(x), x) if isinstance(x, (np.ndarray, np.random.Generator)) else x

    def remove(self) -> tuple[list[tuple[Place, Any]], str]:
        """Take the traced arrays out: what went where, and what speaks against a program."""
        changes: list[tuple[Place, Any]] = []
        settle: list[tuple[Place, Template]] = []  # last, because two places may share a graph
        reason = ""
        for (place, before), installed in zip(self.before, self.installed, strict=True):
            now = place.get()
            if now is installed:
                if installed is not before:
                    place.set(before)
                continue
            if now is MISSING:
                reason = reason or f"the step removed {place.path}"
                continue
            template = Template(now, self.tape)
            settle.append((place, template))
            if template.arrays:
                changes.append((place, template))
            elif template.reason:
                reason = reason or f"{template.reason} in {place.path}"
            elif place.key is GRAD or isinstance(now, (Node, np.ndarray)):
                changes.append((place, template))
            elif not equal(now, before):
                reason = reason or f"the step changes {place.path}, which is no array"
        for container, length, path in self.lengths:
            if len(container) != length:
                reason = reason or f"the step adds to or removes from {path or 'a container'}"
                clean(container, self.tape)
        for i, made in self.traced.items():
            if isinstance(made, Traced):
                _, at, path = self.arrays[i]
                if made._variable is not None and made._variable.kind != "input":
                    changes.append((Place(None, None, at, path), Template(made, self.tape)))
        for place, template in settle:
            place.set(template.settled())
        return changes, reason

    def guards_for(self, used: set[Variable]) -> list[Guard]:
        """The guards of a program that reads these inputs: what each step replaces need not be as
        it was unless it is read."""
        read = set()
        for i, made in self.traced.items():
            if isinstance(made, Traced) and self.inputs[i] in used:
                read.add(id(self.owners[i]))
        return [g for g in self.guards if g.owner is None or id(g.owner) in read]

    def rebound(self) -> set[tuple[int, Any]]:
        """The places where the last call put another object."""
        return {
            (id(place.container), place.key)
            for place, before in self.before
            if place.get() is not before and not isinstance(before, SCALARS)
        }


def clean(container: Any, tape: Tape) -> None:
    """Take traced arrays out of a container whose entries are new."""
    items = list(container.items()) if type(container) is dict else list(enumerate(container))
    for key, value in items:
        container[key] = Template(value, tape).settled()


class Template:
    """How to build a result from the program's outputs: a tree with variables as leaves."""

    def __init__(self, value: Any, tape: Tape) -> None:
        self.arrays: list[Variable] = []
        self.nodes: list[Any] = []  # until they are settled
        self.reason = ""
        self.graph = False
        self.tape = tape
        self.shape = self._of(value)

    def _of(self, x: Any) -> Any:
        if isinstance(x, Traced):
            if x._tape is not self.tape:
                return ("constant", plain(x))
            variable = self.tape.variable_of(x)
            if not isinstance(variable, Variable):
                self.reason = self.tape.lost
                return ("constant", plain(x))
            self.arrays.append(variable)
            return ("array", len(self.arrays) - 1, plain(x), x._scalar, x.flags.writeable)
        if isinstance(x, Node) and isinstance(x._data, Traced):
            self.graph = self.graph or (x.requires_grad and x.op is not None)
            inner = self._of(x._data)
            self.nodes.append(x)
            return ("node", inner, x._backend, len(self.nodes) - 1)
        if type(x) in (tuple, list):
            return (type(x).__name__, [self._of(e) for e in x])
        if type(x) is dict:
            return ("dict", {k: self._of(e) for k, e in x.items()})
        if hasattr(x, "__dict__") and any(isinstance(e, Traced) for e in vars(x).values()):
            self.reason = f"a new {type(x).__name__} with arrays"
        return ("constant", x)

    def settled(self) -> Any:
        """The value itself, with ordinary arrays in place of traced ones."""
        for node in self.nodes:
            unwrap(node)
        value = build(self.shape, self.nodes, True)
        self.nodes = []
        return value

    def build(self, values: Any) -> Any:
        """The value, from the program's outputs."""
        return build(self.shape, values, False)


def build(shape: Any, values: Any, settle: bool) -> Any:
    """What a template describes: from outputs, or to settle it, from its own arrays and nodes."""
    kind = shape[0]
    if kind == "constant":
        return shape[1]
    if kind == "array":
        value = shape[2] if settle else values[shape[1]]
        if shape[3]:
            return value[()]
        if type(value) is not np.ndarray:
            value = np.asarray(value)
        if value.flags.writeable is not shape[4]:
            value.setflags(write=shape[4])
        return value
    if kind == "node":
        return values[shape[3]] if settle else constant(shape[2], build(shape[1], values, False))
    if kind == "dict":
        return {k: build(e, values, settle) for k, e in shape[1].items()}
    made = [build(e, values, settle) for e in shape[1]]
    return tuple(made) if kind == "tuple" else made


def equal(x: Any, y: Any) -> bool:
    """Whether two Python values are the same for a program."""
    if x is y:
        return True
    if type(x) is not type(y):
        return False
    if isinstance(x, np.ndarray):
        return same(x, y)
    try:
        return bool(x == y)
    except Exception:
        return False


def library(kind: type, *only: str) -> bool:
    """Whether a class is defined by a library."""
    root = (kind.__module__ or "").partition(".")[0]
    return root in (only or LIBRARIES)


def names_in(code: types.CodeType) -> set[str]:
    """The global names that a function's code mentions, inner functions included."""
    found = set(code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= names_in(inner)
    return found
