"""What is inside of an object: its attributes, in a dictionary or in slots, and its class."""

from __future__ import annotations

import operator
import types
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache, partial
from inspect import getattr_static
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compile.guards.code import visit_class, visit_function
from autograd.compile.guards.places import CACHES, TABLES, Contents, library, mangled
from autograd.compile.trace.tape import LIBRARIES

if TYPE_CHECKING:
    from autograd.compile.guards.reach import Reach

# Libraries whose objects are not looked into: calls of the last ones keep a step eager anyway.
UNSEEN = (
    *("autograd", "numpy", "logging", "threading", "io", "_io", "subprocess", "concurrent"),
    *("asyncio", "multiprocessing", "unittest"),
)
READERS = (operator.attrgetter, operator.methodcaller)
CACHED = type(lru_cache(int))


def visit_object(reach: Reach, x: Any, at: str, path: str) -> None:
    """Anything else: the same object, and its attributes inside."""
    if isinstance(x, types.MethodType):
        reach.visit(x.__self__, f"{at}.__self__", path, True)
        reach.visit(x.__func__, f"{at}.__func__", path, True)
        return
    name = reach.name(x)
    if at != name:
        reach.guard(f"{at} is {name}", path)
    if not reach.first_visit(x):
        return
    if not library(type(x)) and not isinstance(x, type):
        reach.guard(f"type({name}) is {reach.name(type(x))}", f"the class of {path}")
    inside = next((of_kind for kind, of_kind in INSIDE.items() if isinstance(x, kind)), None)
    if inside is not None:
        inside(reach, x, name, path)
    elif isinstance(x, types.ModuleType):
        if x.__name__.partition(".")[0] not in LIBRARIES:
            reach.modules[id(x)] = x
    elif hasattr(x, "__wrapped__"):
        if isinstance(x, CACHED):
            test = f"{name}.cache_info()[1:] == {reach.constant(x.cache_info()[1:])}"
            reach.guard(test, f"the cache of {x.__name__}")
        reach.visit(x.__wrapped__, f"{name}.__wrapped__", path, True)
    elif isinstance(x, READERS) or any(x is reader for reader in (getattr, setattr, vars)):
        filtered = reach.learned.words is not None
        if reach.learned.extend({"attrgetter"}) and filtered:
            reach.object_to("it reads attributes by computed names")
    elif not library(type(x), *UNSEEN):
        visit_attributes(reach, x, name, path)


def visit_attributes(reach: Reach, x: Any, name: str, path: str) -> None:
    """The attributes of an object, in its dictionary or in slots, and its class."""
    if hasattr(x, "__dict__"):
        words = reach.learned.attributes_of(x)
        if words is None:
            reach.container(vars(x), f"{name}.__dict__", path, True)
        else:
            visit_named(reach, x, path, words)
    for base in type(x).__mro__:
        slots = vars(base).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if slot in ("__dict__", "__weakref__"):
                continue
            key = mangled(base, slot)
            if type(getattr_static(type(x), key, None)) is not types.MemberDescriptorType:
                continue  # a subclass has something else under the name
            reach.absent(x, key, f"{path}.{slot}")
            reach.inside(x, key, f"{name}.{key}", f"{path}.{slot}", True)
    reach.visit(type(x), reach.name(type(x)), "", True)


def visit_named(reach: Reach, x: Any, path: str, words: set[str]) -> None:
    """Those attributes of an object that code names, and the absence of the others: each would
    hide one of its class, or be there for `hasattr`."""
    space = vars(x)
    name = reach.name(space)
    reach.guard(f"{reach.name(x)}.__dict__ is {name}", path)
    if not reach.first_visit(space):
        return
    reach.contents.append(Contents(space, path, ordered=False))
    for word in sorted(words & space.keys() - CACHES):
        at, inner = f"{name}[{word!r}]", f"{path}.{word}" if word not in TABLES else path
        reach.inside(space, word, at, inner.removeprefix("."), True)
    missing = words - space.keys() - CACHES
    if missing:
        reach.guard(f"{reach.constant(frozenset(missing))}.isdisjoint({name})", f"what {path} has")


# --- what is inside of an object, by its kind -----------------------------------------------------


def _generator(reach: Reach, x: Any, name: str, path: str) -> None:
    reach.generators[id(x)] = (x, name, path)


def _partial(reach: Reach, x: Any, name: str, path: str) -> None:
    for word in ("func", "args", "keywords"):
        reach.inside(x, word, f"{name}.{word}", path, True)


INSIDE: dict[type, Callable[[Reach, Any, str, str], None]] = {
    weakref.ref: lambda reach, x, name, path: reach.visit(x(), f"{name}()", path, True),
    ContextVar: lambda reach, x, name, path: reach.inside(
        x, None, f"{name}.get(None)", path or x.name, True
    ),
    np.random.Generator: _generator,
    types.FunctionType: lambda reach, x, name, path: visit_function(reach, x, name),
    partial: _partial,
    type: lambda reach, x, name, path: visit_class(reach, x),
}
