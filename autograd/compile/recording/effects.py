"""What a step does that a program would not do again: print, read a clock, call foreign code.

During a trace a profile function sees every call. Python code may do what it likes to objects,
because the state of those is compared; of C functions only those are allowed that do nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import random
import sys
import types
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd.compile.guards.learned import DYNAMIC
from autograd.compile.guards.places import words_in
from autograd.compile.trace.tape import LIBRARIES, Tape

DENIED = frozenset(
    {"print", "input", "open", "exec", "eval", "compile", "breakpoint", "globals", "locals", "vars"}
)
C_MODULES = frozenset(
    {
        *("builtins", "math", "cmath", "numpy", "operator", "_operator", "itertools", "functools"),
        *("_functools", "_collections", "collections", "_contextvars", "_weakref", "_abc", "abc"),
        *("_thread", "_bisect", "_heapq", "_struct", "_copy", "_typing", "types", "re", "_sre"),
        *("contextvars", "weakref", "threading", "_weakrefset", "_statistics", "_stat"),
        "autograd",  # the __exit__ of no_grad()
    }
)
PYTHON_MODULES = frozenset(
    {
        *("functools", "contextlib", "collections", "dataclasses", "typing", "copy", "operator"),
        *("enum", "abc", "numbers", "types", "weakref", "inspect", "threading", "itertools"),
        *("re", "sre_compile", "sre_parse", "math", "fractions", "statistics", "bisect", "heapq"),
        *("_collections_abc", "copyreg", "keyword", "reprlib", "string", "textwrap", "importlib"),
        *("_weakrefset", "ast", "dis", "opcode", "linecache", "tokenize", "token", "warnings"),
        *("difflib", "autograd", "nn", "numpy", "zipimport", "codecs", "encodings"),
    }
)
NAMED_TUPLES = "namedtuple_"  # begins the name of the module in which the `__new__` of one runs
OPTIMIZERS = "nn.optim"
CALLS = frozenset({"call", "c_call"})
MOST = 20  # functions that ran without being found
OF_PYTHON = 1000  # objects that Python may freeze when it starts; 3.12 freezes 375
THREADS = frozenset({"start_new_thread", "start_new", "start_joinable_thread"})
SYS = frozenset({"_getframe", "intern", "getsizeof", "getrefcount", "setprofile"})


def _denied(function: Any) -> str:
    """What a C function is called, if a program must not leave it out; else ""."""
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", "")
    if owner is None or isinstance(owner, types.ModuleType):
        module = getattr(function, "__module__", None) or getattr(owner, "__name__", "") or ""
        if module == "sys":
            return "" if name in SYS else f"sys.{name}"
        if module == "builtins":
            return name if name in DENIED else ""
        if name in THREADS:
            return name
    else:
        kind = owner if isinstance(owner, type) else type(owner)
        module = kind.__module__
        if module.startswith("numpy.random"):
            return f"the draw {name} of a generator that the step cannot be asked for"
        name = f"{kind.__qualname__}.{name}"
    root = module.partition(".")[0]
    return "" if root in C_MODULES else f"{module}.{name}"


def _sets_context(function: Any) -> bool:
    """Whether a C function changes a context variable, which would have to be put back."""
    owner = getattr(function, "__self__", None)
    return isinstance(owner, ContextVar) and function.__name__ != "get"


class Abandoned(BaseException):
    """A trace ends before the step does what cannot be undone; the step is then run eagerly."""


class Watch:
    """What a trace sees of the calls that a step makes.

    Attributes:
        seen: the code of user functions that ran, with their globals.
        steps: the code of `nn` that ran, with the name of its module.
    """

    def __init__(self, tape: Tape | None) -> None:
        self.tape = tape
        self.seen: dict[types.CodeType, dict[str, Any]] = {}
        self.steps: dict[types.CodeType, str] = {}
        self.engine: set[int] = set()  # the globals of the engine's modules, which may do anything

    def profile(self) -> Callable[[types.FrameType, str, Any], None]:
        """A function for `sys.setprofile`. Most of what happens is the engine's, so it is fast at
        letting that pass: it takes a fifth of the time of a trace."""
        engine, look = self.engine, self.look

        def profile(frame: types.FrameType, event: str, arg: Any) -> None:
            if id(frame.f_globals) not in engine and event in CALLS:
                look(frame, event, arg)

        return profile

    def look(self, frame: types.FrameType, event: str, arg: Any) -> None:
        """One call that is not known to be the engine's."""
        if event == "c_call":
            root = (frame.f_globals.get("__name__") or "").partition(".")[0]
            if root == "autograd":
                self.engine.add(id(frame.f_globals))
            elif what := _denied(arg):
                self.effect(what)
            elif root not in LIBRARIES and _sets_context(arg):
                self.effect(f"ContextVar.{arg.__name__}")
            elif arg is id and root not in LIBRARIES and self.tape is not None:
                self.tape.lose("id() of an object, which differs from call to call")
                raise Abandoned  # of what stands for an array, it would be another one
        else:
            name = frame.f_globals.get("__name__") or ""
            root = name.partition(".")[0]
            if root in PYTHON_MODULES or root.startswith(NAMED_TUPLES):
                if root == "nn":
                    self.steps[frame.f_code] = name
                elif root == "autograd":
                    self.engine.add(id(frame.f_globals))
                return
            if root in LIBRARIES:
                self.effect(f"{name}.{frame.f_code.co_qualname}")
            else:
                self.seen[frame.f_code] = frame.f_globals

    def words(self) -> set[str]:
        """All names in the user code that ran."""
        return {word for code in self.seen for word in words_in(code)}

    def words_of_optimizers(self) -> set[str]:
        """All names in the code of `nn` that ran. That layers read attributes by computed names
        does not matter here: they do not read an optimizer's."""
        found: set[str] = set()
        for code, name in self.steps.items():
            words = words_in(code)
            found |= words if name.startswith(OPTIMIZERS) else words - DYNAMIC
        return found

    def effect(self, what: str) -> None:
        """The step is about to call something that has to be called each time."""
        if self.tape is None:
            return
        self.tape.lose(f"{what}() is called, which a program would leave out")
        raise Abandoned


@contextlib.contextmanager
def watched(tape: Tape | None) -> Iterator[Watch]:
    """Watch this thread's calls, or without a tape only which code runs; and without the collector,
    whose callbacks are not the step's."""
    # np.quantile imports it at its first call, which would count as an effect.
    importlib.import_module("numpy.ma")
    watch = Watch(tape)
    collects = gc.isenabled()
    try:
        gc.disable()
        sys.setprofile(watch.profile())
        yield watch
    finally:
        sys.setprofile(None)
        if collects:
            gc.enable()


def functions_of(watch: Watch, known: set[types.CodeType]) -> list[types.FunctionType] | None:
    """The user functions that ran but were not found by a name of the step; None if they are too
    many, or if one cannot be found at all."""
    found: list[types.FunctionType] = []
    left: dict[int, types.CodeType] = {}
    for code, space in watch.seen.items():
        if code not in known:
            function = by_its_name(code, space)
            if function is None:
                left[id(code)] = code
            else:
                found.append(function)
    if left:
        holders = gc.get_referrers(*left.values())
        found += [
            h for h in holders if isinstance(h, types.FunctionType) and id(h.__code__) in left
        ]
        # A function that is gone has no holder; nor has one that gc.freeze() hides.
        hidden = left.keys() - {id(f.__code__) for f in found}
        if hidden and gc.get_freeze_count() > OF_PYTHON:
            return None
    return found if len(found) <= MOST else None


def by_its_name(code: types.CodeType, space: dict[str, Any]) -> types.FunctionType | None:
    """The function of a module, or of a class there, that has this code.

    Example:
        >>> by_its_name(functions_of.__code__, globals()) is functions_of
        True
    """
    first, *rest = code.co_qualname.split(".")
    found = space.get(first)
    for name in rest:
        found = vars(found).get(name) if isinstance(found, type) else None
    function = getattr(found, "__func__", found)  # of a static or a class method
    is_it = isinstance(function, types.FunctionType) and function.__code__ is code
    return function if is_it else None


def foreign_state(before: Any = None) -> Any:
    """The state of the global generators; with an earlier one, whether they moved."""
    now = (random.getstate(), repr(np.random.get_state(legacy=False)))  # noqa: NPY002
    if before is None:
        return now
    moved = "the step draws from the random generator of Python or NumPy; use ag.random.generator()"
    return "" if now == before else moved
