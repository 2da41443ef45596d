"""Places: where a value is found again, put back, and compared with what was there before."""

from __future__ import annotations

import types
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograd.compile.trace.tape import LIBRARIES, same
from autograd.engine.graph import Node

GRAD = "_grad"  # compared by identity, because keys may be Tensors
SCALARS = (int, float, complex, str, bytes, frozenset, range)
SIMPLE = (bool, type(None), *SCALARS)
MISSING: Any = object()
CONTAINERS = (dict, list, deque)
# Attributes that hold what they name under its own name too.
TABLES = frozenset({"_parameters", "_buffers", "_modules"})
# What a module remembers of its own tree, and of its last output for pictures.
CACHES = frozenset({"_scope_paths", "_watch", "_last_shape"})


@dataclass
class Place:
    """Where a value is found again: in a container, and by an expression of the guards' source.

    Attributes:
        path: what people call it.
        slot: by what `Learned` knows it at the next call.
    """

    container: Any
    key: Any
    expression: str
    path: str
    slot: Any = None

    def get(self) -> Any:
        """What is there now; `MISSING` if nothing is."""
        return look_up(self.container, self.key)

    def set(self, value: Any) -> None:
        """Put something there."""
        put(self.container, self.key, value)

    @property
    def assignment(self) -> str:
        """The statement that puts `v` there."""
        if isinstance(self.container, type):
            return f"setattr({self.expression.rpartition('.__dict__[')[0]}, {self.key!r}, v)"
        return f"{self.expression} = v"


def look_up(container: Any, key: Any) -> Any:
    """The entry of a dictionary, list, cell, node, class or object with slots."""
    try:
        if isinstance(container, CONTAINERS):
            return container[key]
        if isinstance(container, types.CellType):
            return container.cell_contents
        if isinstance(container, type):
            return vars(container)[key]
        if isinstance(container, ContextVar):
            return container.get(None)
        return getattr(container, key)
    except (KeyError, IndexError, ValueError, AttributeError):
        return MISSING


def lacks(container: Any, key: Any) -> bool:
    """Whether nothing is there."""
    return look_up(container, key) is MISSING


def mangled(base: type, name: str) -> str:
    """An attribute's name as Python keeps it: a class has private ones under its own name."""
    private = name.startswith("__") and not name.endswith("__")
    return f"_{base.__name__.lstrip('_')}{name}" if private else name


def apart(objects: list[Any], others: tuple[int, ...]) -> bool:
    """Whether objects are different ones, and none has one of some other ids."""
    ids = set(map(id, objects))
    return len(ids) == len(objects) and ids.isdisjoint(others)


def put(container: Any, key: Any, value: Any) -> None:
    """Replace that entry."""
    if value is MISSING:
        del container[key]
    elif isinstance(container, CONTAINERS):
        container[key] = value
    elif isinstance(container, types.CellType):
        container.cell_contents = value
    elif isinstance(container, ContextVar):
        container.set(value)
    elif isinstance(container, partial):
        state: Any = container.__reduce__()
        function, args, keywords, attributes = state[2]
        given = {"func": function, "args": args, "keywords": keywords} | {key: value}
        container.__setstate__((*given.values(), attributes))  # type: ignore[attr-defined]
    elif isinstance(container, (type, Node, types.FunctionType)):
        setattr(container, key, value)
    else:
        object.__setattr__(container, key, value)  # a slot, also of a frozen dataclass


@dataclass
class Growth(Place):
    """The end of a list, where a step appends a value."""

    def get(self) -> Any:
        """Nothing is there yet."""
        return MISSING

    def set(self, value: Any) -> None:
        """Append."""
        self.container.append(value)

    @property
    def assignment(self) -> str:
        """The statement that appends `v`."""
        return f"{self.expression}.append(v)"


class Contents:
    """What a dictionary, list or set held before a step.

    Args:
        container, path: the container, and what people call it.
        ordered: whether a step that only puts keys in another order changes a dictionary. To the
            dictionary of an object it does not: a module that replaces a buffer puts it last.
        key: how `Learned` knows a list.
    """

    def __init__(self, container: Any, path: str, ordered: bool = True, key: Any = None) -> None:
        self.container, self.path, self.ordered, self.key = container, path, ordered, key
        self.before = container.copy()
        self.keys = list(container) if isinstance(container, dict) else len(container)

    def new(self) -> list[tuple[Any, Any]]:
        """Keys and values that were not there."""
        now = self.container
        if isinstance(now, dict):
            return [(k, v) for k, v in now.items() if k not in self.before]
        if isinstance(now, (list, deque)):
            return list(enumerate(now))[len(self.before) :]
        return []

    def grew(self) -> bool:
        """Whether a list got longer at its end, and is the same up to there."""
        now, n = self.container, len(self.before)
        if type(now) is not list or len(now) <= n:
            return False
        return all(x is y for x, y in zip(now, self.before, strict=False))

    def difference(self) -> str:
        """What else is in it, or missing."""
        now = self.container
        if isinstance(now, dict):
            changed = now.keys() != self.before.keys()
            changed = changed or (self.ordered and list(now) != self.keys)
        elif isinstance(now, set):
            changed = now != self.before
        else:
            changed = len(now) != self.keys
        return f"the step adds to or removes from {self.path or 'a container'}" if changed else ""

    def restore(self) -> None:
        """Put all back as it was."""
        now = self.container
        if isinstance(now, (dict, set)):
            if isinstance(now, dict):
                alike = list(now) == self.keys and all(now[k] is v for k, v in self.before.items())
            else:
                alike = now == self.before
            if not alike:
                now.clear()
                now.update(self.before)
        elif len(now) != len(self.before) or any(
            x is not y for x, y in zip(now, self.before, strict=True)
        ):
            now.clear()
            now.extend(self.before)


def equal(x: Any, y: Any) -> bool:
    """Whether two Python values are the same for a program."""
    if x is y:
        return True
    if type(x) is not type(y):
        return False
    if isinstance(x, np.ndarray):
        return same(x, y)
    if isinstance(x, (int, float)):
        return repr(x) == repr(y)  # -0.0 is not 0.0, and nan is nan
    if isinstance(x, Node):
        return False
    try:
        return bool(x == y)
    except Exception:
        return False


def library(kind: type, *only: str) -> bool:
    """Whether a class is defined by a library."""
    module = kind.__module__  # which a class may have for its objects instead
    root = module.partition(".")[0] if isinstance(module, str) else ""
    return root in (only or LIBRARIES)


def names_in(code: types.CodeType) -> set[str]:
    """The names of globals and attributes in a function's code, inner functions included."""
    found = set(code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= names_in(inner)
    return found


def words_in(code: types.CodeType) -> set[str]:
    """The names in a function's code, and its words, such as that of `attrgetter("rate")`."""
    found = set(code.co_names)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= words_in(inner)
        elif isinstance(inner, str):
            found.add(inner)
        elif isinstance(inner, (tuple, frozenset)):
            found |= {x for x in inner if isinstance(x, str)}
    return found


def codes_in(code: types.CodeType) -> set[types.CodeType]:
    """A function's code and that of functions inside it."""
    found = {code}
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= codes_in(inner)
    return found
