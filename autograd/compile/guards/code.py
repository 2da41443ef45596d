"""What code can reach: classes and their methods, closures, defaults, globals and modules."""

from __future__ import annotations

import builtins
import sys
import types
from typing import TYPE_CHECKING, Any

from autograd.compile.guards.bytecode import facts_of, modules_of
from autograd.compile.guards.learned import DYNAMIC, functions_in
from autograd.compile.guards.places import Place, codes_in, library, names_in
from autograd.compile.trace.functions import CONVERSIONS, only_calls
from autograd.compile.trace.tape import LIBRARIES

if TYPE_CHECKING:
    from autograd.compile.guards.reach import Reach

# Code with these names may go on where an attribute is missing.
CATCHING = frozenset(
    {"AttributeError", "ImportError", "NameError", "Exception", "BaseException", "suppress"}
)
# What is called by its attributes: `weight`, not `model.weight`.
QUIET = frozenset({"self", "model", "net", "network"})


def visit_class(reach: Reach, x: type) -> None:
    """The methods of a class, and what else it says about its objects."""
    for base in x.__mro__:
        if library(base) or (base is not x and not reach.first_visit(base)):
            continue
        name = reach.name(base)
        reach.guard(
            f"{name}.__mro__ is {reach.name(base.__mro__)}", f"the bases of {base.__name__}"
        )
        reach.guard(f"len({name}.__dict__) == {len(vars(base))}", f"what {base.__name__} has")
        for word, value in list(vars(base).items()):
            at, path = f"{name}.__dict__[{word!r}]", f"{base.__name__}.{word}"
            functions = functions_in(value)
            if functions:
                reach.guard(f"{at} is {reach.name(value)}", path)
                for f in functions:
                    reach.visit(f, reach.name(f), "", True)
            elif hasattr(type(value), "__get__") and not library(type(value)):
                reach.visit(value, at, path, True)  # a descriptor of the user's
            elif not word.startswith("__") and not hasattr(type(value), "__get__"):
                reach.inside(base, word, at, path, True)
    if not library(type(x)):
        reach.visit(type(x), reach.name(type(x)), "", True)


def visit_function(reach: Reach, f: types.FunctionType, name: str) -> None:
    """The closure of a function, its defaults, and the globals that user code names."""
    for i, cell in enumerate(f.__closure__ or ()):
        free = f.__code__.co_freevars[i]
        at = f"{reach.name(cell)}.cell_contents"
        reach.absent(cell, None, free)
        reach.inside(cell, None, at, "" if free in QUIET else free, True)
    if f.__module__ is not None and f.__module__.partition(".")[0] in LIBRARIES:
        if f.__closure__ is None:
            return  # its defaults and globals are the library's
        reach.visit(f.__defaults__, f"{name}.__defaults__", "default", True)
        return
    reach.inside(f, "__defaults__", f"{name}.__defaults__", f"a default of {f.__name__}", True)
    reach.visit(f.__kwdefaults__, f"{name}.__kwdefaults__", f"a default of {f.__name__}", True)
    reach.guard(f"{name}.__code__ is {reach.name(f.__code__)}", f"the code of {f.__name__}")
    reach.codes |= codes_in(f.__code__)
    if f.__dict__ and not hasattr(f, "__wrapped__"):
        reach.container(f.__dict__, f"{name}.__dict__", f.__name__, True)
    reach.names_seen |= names_in(f.__code__)
    reach.spaces[id(f.__globals__)] = f.__globals__
    visit_globals(reach, f.__globals__, names_in(f.__code__))
    visit_code(reach, f)


def visit_code(reach: Reach, f: types.FunctionType) -> None:
    """The globals of a function that do not exist yet, and the modules that it imports itself."""
    space = f.__globals__
    for word in sorted(facts_of(f.__code__).globals - space.keys()):
        if not hasattr(builtins, word):
            reach.guard(f"{word!r} not in {reach.name(space)}", f"the global {word}")
    for name in modules_of(f.__code__, space.get("__package__")):
        if name.partition(".")[0] in LIBRARIES:
            continue
        module = sys.modules.get(name)
        if module is None:
            reach.guard(f"{name!r} not in modules", f"the module {name}")
        else:
            reach.guard(f"modules[{name!r}] is {reach.name(module)}", f"the module {name}")
            reach.modules[id(module)] = module


def visit_globals(reach: Reach, space: dict[str, Any], words: set[str]) -> None:
    """The globals that a function names, and the absence of those that would hide others."""
    reach.asks_types = reach.asks_types or not words.isdisjoint(("type", "__class__"))
    reach.keep.append(space)
    for word in sorted(words):
        if (id(space), word) in reach.visited:
            continue
        reach.visited.add((id(space), word))
        if word in space:
            at = f"{reach.name(space)}[{word!r}]"
            reach.inside(space, word, at, "" if word in QUIET else word, True)
        elif hasattr(builtins, word):
            reach.guard(f"{word!r} not in {reach.name(space)}", f"the global {word}")


def visit_conversions(reach: Reach) -> None:
    """The places, among the globals of user code, of `float` and `int` where it only calls them."""
    for space in reach.spaces.values():
        for word in CONVERSIONS:
            codes = [c for c in reach.codes if word in c.co_names]
            if codes and word not in space and all(only_calls(c, word) for c in codes):
                reach.places.append(Place(space, word, "", word))


def visit_modules(reach: Reach) -> None:
    """What user code may read from modules of its own: `config.rate`, also in a function that
    got the module as an argument."""
    before = -1
    while before != len(reach.names_seen) + len(reach.modules):
        before = len(reach.names_seen) + len(reach.modules)
        for module in list(reach.modules.values()):
            space = vars(module)
            anything = not reach.names_seen.isdisjoint(DYNAMIC)
            if anything or not reach.names_seen.isdisjoint(CATCHING):
                reach.guard(
                    f"len({reach.name(space)}) == {len(space)}", f"what {module.__name__} has"
                )
            for word in sorted(space if anything else reach.names_seen & space.keys()):
                if (id(space), word) not in reach.visited and not word.startswith("__"):
                    reach.visited.add((id(space), word))
                    at = f"{reach.name(space)}[{word!r}]"
                    reach.inside(space, word, at, f"{module.__name__}.{word}", True)
