"""Modules and parameters in plain lists, dictionaries and objects, where nothing finds them."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence, Set
from typing import Any

import numpy as np

from autograd import Node
from autograd.errors import kind, message

# Objects of these hold modules that belong elsewhere, such as an optimizer its parameters.
LIBRARIES = {"autograd", "nn", "numpy", "builtins", "functools", "weakref", "logging", "threading"}
OPAQUE = (str, bytes, type, types.ModuleType, types.FunctionType, Node)
PLAIN = {str, int, float, bool, bytes, type(None)}
# Iterators whose copies, by `__reduce__`, tell what they go over; and those that make it.
_EMPTY: tuple[Iterable[Any], ...] = ([], (), set(), {}, {}.values(), {}.items())
ITERATORS: set[type] = {type(iter(empty)) for empty in _EMPTY}
ITERATORS |= {reversed, type(reversed([])), enumerate, zip, filter}
MAKERS = (types.GeneratorType, map)
CALLABLES = (functools.partial, types.MethodType)
FEW = 64  # containers of more entries are watched by their number


def may_hold_parts(value: Any) -> bool:
    """Whether a value is a container, or an object whose attributes are searched like entries."""
    if type(value) in PLAIN or isinstance(value, OPAQUE):
        return False
    if isinstance(value, np.ndarray):
        return bool(value.dtype == object)
    if isinstance(value, (Mapping, MappingView, Sequence, Set, *CALLABLES, *MAKERS)):
        return True
    if type(value).__name__ == "deque" or type(value) in ITERATORS:
        return True
    root = type(value).__module__.partition(".")[0]
    return hasattr(value, "__dict__") and root not in LIBRARIES


def parts_in(value: Any, parts: tuple[type, ...]) -> Iterator[tuple[Any, Any]]:
    """Each module or parameter in a container, at any depth, with the container that holds it.

    A generator, which makes its parts when it is read, counts as a part of itself. The attributes
    of an object are searched only if it is the value itself or in a container, so that the search
    stays away from whatever else those objects refer to.

    Args:
        value: what an attribute of a module holds.
        parts: the classes of modules and parameters.
    """
    for container, entries in _containers_in(value, parts):
        if isinstance(container, MAKERS):
            yield container, container
        for entry in entries:
            if isinstance(entry, parts):
                yield container, entry


def _containers_in(value: Any, parts: tuple[type, ...]) -> Iterator[tuple[Any, list[Any]]]:
    """A container and those inside it, each with what it holds."""
    seen: set[int] = set()
    stack = [value]
    while stack:
        container = stack.pop()
        if id(container) in seen or not may_hold_parts(container):
            continue
        seen.add(id(container))
        entries, is_object = _entries(container)
        # A vocabulary of many strings has one type, so none of its entries is searched.
        if set(map(type, entries)) <= PLAIN:
            entries = []
        yield container, entries
        for entry in entries:
            nested = not is_object or isinstance(entry, (list, tuple, dict, set))
            if nested and not isinstance(entry, parts):
                stack.append(entry)


def _entries(container: Any) -> tuple[list[Any], bool]:
    """What a container holds, and whether it is an object with attributes."""
    if isinstance(container, np.ndarray):
        return list(container.flat), False
    if isinstance(container, Mapping):
        return [*container, *container.values()], False
    if isinstance(container, functools.partial):
        return [container.func, *container.args, *container.keywords.values()], False
    if isinstance(container, types.MethodType):
        return [container.__self__], False
    if isinstance(container, MAKERS):
        return [], False
    if type(container) in ITERATORS:
        made: Any = container.__reduce__()
        return list(made[1]), False
    if isinstance(container, Iterable):
        return list(container), False
    return list(vars(container).values()), True


def can_grow(value: Any) -> bool:
    """Whether a module can be added to a container, or to one inside it."""
    if isinstance(value, (*CALLABLES, *MAKERS)) or type(value) in ITERATORS:
        return False
    if not isinstance(value, (tuple, frozenset)):
        return may_hold_parts(value)
    return any(can_grow(entry) for entry in value)


def hidden(module: Any, name: str, outer: Any, container: Any, what: str) -> TypeError:
    """The error for a part that nothing would find.

    Args:
        module: the module whose attribute it is in.
        name: the attribute's name.
        outer: the attribute's value.
        container: what holds the part: `outer`, or something inside.
        what: "Module" or "Parameter".
    """
    if isinstance(container, MAKERS):
        got = f"{kind(container)} as {name!r}"
        expected = (
            "a list or ModuleList, because Modules that it makes would not be trained or saved"
        )
        hint = f"use nn.{what}List(...)"
        return TypeError(message(type(module).__name__, got, expected, hint))
    is_container = isinstance(container, (Iterable, np.ndarray))
    by_name = isinstance(container, Mapping)
    hint = f"use nn.{what}{'Dict' if by_name else 'List'}(...)"
    if what == "Parameter" and by_name:
        hint = "use an attribute for each, or nn.ParameterList"
    if not is_container:
        hint = "assign it to an attribute of the module"
        if not isinstance(container, CALLABLES):
            hint += ", or derive that class from nn.Module"
    inside = "" if container is outer else " inside"
    got = f"{kind(container)} of {what}s{inside} as {name!r}"
    expected = "a container that registers them, because these would not be trained or saved"
    return TypeError(message(type(module).__name__, got, expected, hint))


class Watch:
    """When the containers of a module were checked, and what those of its tree held then.

    The compiler leaves this out, because looking at containers is not part of a step. `count` is
    the number of registrations at that time, or -1 for a tree with containers, which is looked at
    in each call.
    """

    __slots__ = ("checked", "count", "parts", "seen")

    def __init__(self, parts: tuple[type, ...] = ()) -> None:
        self.parts, self.count, self.checked = parts, -1, -1
        self.seen: list[tuple[Any, str, Any, list[tuple[Any, Any]]]] = []

    def begin(self, modules: Iterable[Any], count: int) -> None:
        """Note what the containers of some modules hold, after so many registrations."""
        names = [(module, name) for module in modules for name in module._containers]
        self.seen = [(*at, *self._look(getattr(*at, None))) for at in names]
        self.checked, self.count = count, -1 if names else count

    def _look(self, value: Any) -> tuple[Any, list[tuple[Any, Any]]]:
        return value, [(c, _state(c)) for c, _ in _containers_in(value, self.parts)]

    def gained(self) -> bool:
        """Whether a container has changed since and holds a part, known or not."""
        for i, (module, name, old, states) in enumerate(self.seen):
            value = getattr(module, name, None)
            changed = [(c, was) for c, was in states if _state(c) != was]
            if value is old and not changed:
                continue
            # A history grows at each step; what it held before is not looked at again.
            new = [c[was:] if type(c) is list and type(was) is int else value for c, was in changed]
            if any(True for v in new or [value] for _ in parts_in(v, self.parts)):
                return True
            self.seen[i] = (module, name, *self._look(value))
        return False


def _state(container: Any) -> Any:
    """What differs once a part was put into a container: its entries, or only their number."""
    count: Callable[[Any], int] = len
    if hasattr(container, "__len__") and count(container) > FEW:
        return count(container)
    return [type(e) if type(e) in PLAIN else id(e) for e in _entries(container)[0]]
