"""Running a function and leaving no trace: buffers of modules, and the random generator."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from autograd import random
from autograd.engine.graph import Node


@contextlib.contextmanager
def unchanged(f: Any) -> Iterator[None]:
    """Put back what a function of a model changes: running statistics, and the random generator."""
    generator = random.generator()
    before = generator.bit_generator.state
    kept = [(m, dict(m.state_dict())) for m in modules_of(f)]
    try:
        yield
    finally:
        generator.bit_generator.state = before
        for module, state in kept:
            module.load_state_dict(state)


def modules_of(f: Any) -> list[Any]:
    """The modules that a function is, is a method of, closes over, or names as globals."""
    found = _within_reach(f)
    modules = [m for m in found if hasattr(m, "load_state_dict") and not isinstance(m, type)]
    return list(dict.fromkeys(modules))


def leaves_of(f: Any) -> list[Node]:
    """The leaves that a function may read: parameters of its modules, and what it names itself."""
    found = [x for x in _within_reach(f) if isinstance(x, Node)]
    found += [p for m in modules_of(f) for _, p in m.named_parameters()]
    return [x for x in dict.fromkeys(found) if x.op is None]


def _within_reach(f: Any) -> list[Any]:
    """What a function is, is a method of, closes over, or names as globals, and its attributes."""
    code = getattr(f, "__code__", None)
    found = [f, getattr(f, "__self__", None)]
    found += [cell.cell_contents for cell in getattr(f, "__closure__", None) or () if is_full(cell)]
    if code is not None:
        found += [f.__globals__[name] for name in code.co_names if name in f.__globals__]
    owned = [x for x in found if not isinstance(x, (type, Node, ModuleType, FunctionType))]
    return found + [x for owner in owned for x in getattr(owner, "__dict__", {}).values()]


def is_full(cell: Any) -> bool:
    """Whether a variable that a function closes over has been assigned to."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True
