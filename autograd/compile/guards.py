"""Guards, what a step has learned of itself, and questions about what it reaches."""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Guard:
    """An expression that must be true, and what it is about.

    Attributes:
        number: the place of the number that the guard is about, as `Learned` has it.
    """

    source: str
    about: str
    number: Any = None


@dataclass
class Learned:
    """What earlier calls of a step showed.

    Attributes:
        volatile: places where the step puts other objects.
        varying: places of numbers that differ from call to call.
        pinned: those of them that Python looks at, so that a program serves one value.
        functions: those that ran without being reachable by a name.
        numbers: all numbers of the last walk.
    """

    volatile: set[tuple[int, Any]] = field(default_factory=set)
    varying: set[Any] = field(default_factory=set)
    pinned: set[Any] = field(default_factory=set)
    functions: list[types.FunctionType] = field(default_factory=list)
    numbers: dict[Any, Any] = field(default_factory=dict)


def functions_in(x: Any) -> list[types.FunctionType]:
    """The functions of an entry of a class: a method, also a static one, or a property."""
    if isinstance(x, property):
        found = [x.fget, x.fset, x.fdel]
    else:
        found = [getattr(x, "__func__", None) or getattr(x, "func", None) or x]
    return [f for f in found if isinstance(f, types.FunctionType)]


def ordered_by_class(at: str, x: dict[Any, Any]) -> bool:
    """Whether a dictionary is an object's own, or one that `nn` keeps in order."""
    return at.endswith("__dict__") or not x.keys().isdisjoint(("_parameters", "params"))


def is_plain_slice(x: Any) -> bool:
    """Whether x is a slice of Python numbers."""
    return type(x) is slice and {type(x.start), type(x.stop), type(x.step)} <= {int, type(None)}


def same_number(x: Any, y: Any) -> bool:
    """Whether two Python numbers are the same, -0.0 not being 0.0, and nan being nan."""
    return type(x) is type(y) and repr(x) == repr(y)


def parameters(f: Any) -> list[str]:
    """The names of the positional parameters of a function, or of one that it wraps."""
    while hasattr(f, "__wrapped__"):
        f = f.__wrapped__
    skipped = isinstance(f, types.MethodType)
    code = getattr(f, "__code__", None)
    if not isinstance(code, types.CodeType):
        return []
    return list(code.co_varnames[skipped : code.co_argcount])
