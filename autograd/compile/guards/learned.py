"""Guards, what a step has learned of itself, and questions about what it reaches."""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from typing import Any

from autograd.compile.guards.places import library

# Code with these names may read attributes whose names it does not contain.
DYNAMIC = frozenset(
    {
        *("getattr", "setattr", "hasattr", "delattr", "vars", "dir", "__dict__", "attrgetter"),
        *("__getattribute__", "__getattr__", "__setattr__", "methodcaller", "eval", "exec"),
        *("asdict", "astuple", "fields", "replace", "copy", "deepcopy", "__reduce__", "pickle"),
    }
)


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
        words: all names in the code that ran; None before the first call.
        steps: all names in the code of `nn` that ran; of what reads attributes by computed names
            only where that is an optimizer's.
        growing: lists from outside that the step appends to, by their ids or expressions.
        read: those of them that it reads too.
        cleared: gradients that the step replaced without reading what was there before.
        accumulated: gradients that it added to, or read in another way.
        converts: whether it may call `float` or `int` of an array or a number.
    """

    volatile: set[tuple[int, Any]] = field(default_factory=set)
    varying: set[Any] = field(default_factory=set)
    pinned: set[Any] = field(default_factory=set)
    functions: list[types.FunctionType] = field(default_factory=list)
    numbers: dict[Any, Any] = field(default_factory=dict)
    words: set[str] | None = None
    steps: set[str] = field(default_factory=set)
    growing: set[Any] = field(default_factory=set)
    read: set[Any] = field(default_factory=set)
    cleared: set[Any] = field(default_factory=set)
    accumulated: set[Any] = field(default_factory=set)
    converts: bool = False

    def extend(self, words: set[str], steps: frozenset[str] | set[str] = frozenset()) -> bool:
        """Note further words, of user code and of optimizers; returns whether there were any."""
        known, before = self.words, len(self.steps)
        self.words = (known or set()) | words
        self.steps |= steps
        return known is None or len(self.words) > len(known) or len(self.steps) > before

    def extent(self) -> int:
        """How much is known; numbers aside, which any call may change."""
        words = len(self.words or ()) + len(self.steps) + self.converts
        found = self.volatile, self.varying, self.pinned, self.functions, self.growing, self.read
        return sum(map(len, found)) + words

    def attributes_of(self, x: Any) -> set[str] | None:
        """Which attributes of an object the step can read, by names in its code; None for any.

        A trainer's history, which grows between steps, must not fail a guard of a step that does
        not mention it.
        """
        kind = type(x)
        libraries = [base for base in kind.__mro__[:-1] if library(base)]
        if self.words is None or not self.words.isdisjoint(DYNAMIC):
            return None
        if not libraries:
            return self.words
        if all((b.__module__ or "").startswith("nn.optim.") for b in libraries):
            plain = DYNAMIC - {"copy"}  # which they write for copies of arrays
            return self.words | self.steps if self.steps.isdisjoint(plain) else None
        if all((b.__module__ or "").startswith("nn.module.") for b in libraries):
            return self.words | {key for key in vars(x) if key[:1] == "_"} | {"training"}
        return None


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
