"""Modules and parameters in plain lists, dictionaries and objects, where nothing finds them."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np

from autograd import Node
from autograd.errors import kind, message

# Objects of these hold modules that belong elsewhere, such as an optimizer its parameters.
LIBRARIES = {"autograd", "nn", "numpy", "builtins", "functools", "weakref", "logging", "threading"}
OPAQUE = (str, bytes, type, types.ModuleType, types.FunctionType, types.MethodType, Node)
PLAIN = {str, int, float, bool, bytes, type(None)}


def may_hold_parts(value: Any) -> bool:
    """Whether a value is a container, or an object whose attributes are searched like entries."""
    if type(value) in PLAIN or isinstance(value, OPAQUE):
        return False
    if isinstance(value, np.ndarray):
        return bool(value.dtype == object)
    if isinstance(value, (Mapping, Sequence, Set)) or type(value).__name__ == "deque":
        return True
    root = type(value).__module__.partition(".")[0]
    return hasattr(value, "__dict__") and root not in LIBRARIES


def parts_in(value: Any, parts: tuple[type, ...]) -> Iterator[tuple[Any, Any]]:
    """Each module or parameter in a container, at any depth, with the container that holds it.

    An object's attributes are searched only if it is the value itself or an entry of a container,
    so that the search does not follow everything that the object refers to.

    Args:
        value: what an attribute of a module holds.
        parts: the classes of modules and parameters.
    """
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
            continue
        for entry in entries:
            if isinstance(entry, parts):
                yield container, entry
            elif not is_object or isinstance(entry, (list, tuple, dict, set)):
                stack.append(entry)


def _entries(container: Any) -> tuple[list[Any], bool]:
    """What a container holds, and whether it is an object with attributes."""
    if isinstance(container, np.ndarray):
        return list(container.flat), False
    if isinstance(container, Mapping):
        return [*container, *container.values()], False
    if isinstance(container, Iterable):
        return list(container), False
    return list(vars(container).values()), True


def can_grow(value: Any) -> bool:
    """Whether a module can be added to a container, or to one inside it."""
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
    is_container = isinstance(container, (Iterable, np.ndarray))
    by_name = isinstance(container, Mapping)
    hint = f"use nn.{what}{'Dict' if by_name else 'List'}(...)"
    if what == "Parameter" and by_name:
        hint = "use an attribute for each, or nn.ParameterList"
    if not is_container:
        hint = "assign it to an attribute of the module, or derive that class from nn.Module"
    inside = "" if container is outer else " inside"
    got = f"{kind(container)} of {what}s{inside} as {name!r}"
    expected = "a container that registers them, because these would not be trained or saved"
    return TypeError(message(type(module).__name__, got, expected, hint))
