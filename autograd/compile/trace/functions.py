"""Python's own functions of numbers, which a trace could not follow: `float`, `int` and `math`.

They are written in C and ask a stand for its value. While a step is traced, other functions stand
in their places among the user's globals, and write down what they compute. In other threads, and
for other arguments, they do what the functions themselves do.
"""

from __future__ import annotations

import dis
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import of_math, of_operator
from autograd.compile.trace.number import PLAIN, Number, recorded_number
from autograd.compile.trace.tape import traces
from autograd.compile.trace.traced import Traced
from autograd.engine.graph import Node

OF_SEQUENCES = frozenset({"fsum", "prod", "dist", "sumprod"})  # and these look at the values


def number_of(x: Any) -> Any:
    """What stands for the number that an array or a Tensor of one entry holds; others as they are.

    A Tensor that requires a gradient stays as it is too: its conversion raises.
    """
    if isinstance(x, Node) and not x.requires_grad:
        x = x._data
    if type(x) is Traced and x.size == 1 and x.ndim == 0 and x.dtype.kind in "fiu":
        return x.item()
    return x


def followed(function: Callable[..., Any], operation: Any) -> Callable[..., Any]:
    """A function of numbers that writes itself down where one of them is traced."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs or (traces(args) is None and not any(isinstance(x, Node) for x in args)):
            return function(*args, **kwargs)
        given = [number_of(x) for x in args]
        tape = traces(given)
        if tape is not None and tape.number is not Number:
            return tape.followed(function, given)
        if traces(given) is None or not all(type(x) is Number or type(x) in PLAIN for x in given):
            return function(*args)
        return recorded_number(function, *given, operation=operation)

    call.__name__ = function.__name__
    return call


# --- float and int, where code only calls them ----------------------------------------------------


class _Kind(type):
    """To other threads, which may see it for a moment, the class is the one that it stands for."""

    plain: type

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.plain)

    def __eq__(cls, other: Any) -> bool:
        return other is cls or other is cls.plain

    def __hash__(cls) -> int:
        return hash(cls.plain)


def _converting(kind: type) -> Any:
    convert = followed(kind, of_operator(kind))

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        return convert(*args, **kwargs)

    space = {"__new__": new, "plain": kind, "dtype": np.dtype(kind), "__slots__": ()}
    return _Kind(kind.__name__, (kind,), space)


CONVERSIONS: dict[str, Any] = {kind.__name__: _converting(kind) for kind in (float, int)}


def only_calls(code: types.CodeType, word: str) -> bool:
    """Whether code uses a builtin for nothing but calls, such as `float(x)`; not as a dtype."""
    for i in dis.get_instructions(code):
        loaded = i.argval == word and i.opname in ("LOAD_GLOBAL", "LOAD_NAME")
        if loaded and not (i.opname == "LOAD_GLOBAL" and (i.arg or 0) & 1):  # marks what is called
            return False
    inner = (x for x in code.co_consts if isinstance(x, types.CodeType))
    return all(only_calls(x, word) for x in inner)


# --- math -----------------------------------------------------------------------------------------


def _of_math() -> dict[str, Any]:
    found = {}
    for name, function in vars(math).items():
        if isinstance(function, types.BuiltinFunctionType) and name not in OF_SEQUENCES:
            found[name] = followed(function, of_math(function))
    return found


FUNCTIONS = _of_math()
MODULE = types.ModuleType("math", math.__doc__)
vars(MODULE).update(vars(math) | FUNCTIONS)

# By identity: what stands in for the module, and for functions that were imported from it.
SUBSTITUTES: dict[int, Any] = {id(math): MODULE} | {
    id(getattr(math, name)): function for name, function in FUNCTIONS.items()
}
