"""Each operation as an expression of Python's: one entry per form of operation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.printing.text import ATOM, SYMBOLS, Names
from autograd.compile.program import Instruction

Expression = tuple[str, int]  # the text, and how tightly it binds


def expression(n: Names, i: Instruction) -> Expression:
    """The text of an instruction."""
    by_name = OPERATIONS.get(i.operation.name)
    return (by_name or FORMS[i.operation.form])(n, i)


def function(n: Names, i: Instruction) -> str:
    """The name of what an operation calls: `np.linalg.inv` where NumPy has it, else one of ours."""
    path = i.operation.name.split(".")
    found: Any = np if path[0] == "numpy" else None
    for word in path[1:]:
        found = getattr(found, word, None)
    if found is not None and found is i.operation.compute:
        return ".".join(["np", *path[1:]])
    return n.bind(i.operation.compute, path[-1])


def _ufunc(n: Names, i: Instruction) -> Expression:
    op, args = i.operation, i.args
    if op.name in SYMBOLS and len(args) == 2 and not i.kwargs:
        symbol, level = SYMBOLS[op.name]
        left = level + (op.name == "power" or level == 2)
        return f"{n.text(args[0], left)} {symbol} {n.text(args[1], level + 1)}", level
    if op.name == "negative" and not i.kwargs:
        return f"-{n.text(args[0], 6)}", 6
    return f"np.{op.name}{n.call(args, i.kwargs)}", ATOM


def _reduce(n: Names, i: Instruction) -> Expression:
    return f"np.{i.operation.name}{n.call(i.args, i.kwargs)}", ATOM


def _function(n: Names, i: Instruction) -> Expression:
    return f"{function(n, i)}{n.call(i.args, i.kwargs)}", ATOM


def _method(n: Names, i: Instruction) -> Expression:
    name = i.operation.name.split(".")[-1]
    return f"{n.text(i.args[0], ATOM)}.{name}{n.call(i.args[1:], i.kwargs)}", ATOM


def _attribute(n: Names, i: Instruction) -> Expression:
    return f"{n.text(i.args[0], ATOM)}.{i.operation.name.split('.')[-1]}", ATOM


def _entries(n: Names, i: Instruction) -> Expression:
    return f"{n.text(i.args[0], ATOM)}[{n.index(i.args[1])}]", ATOM


def _copy(n: Names, i: Instruction) -> Expression:
    return f"np.array({n.text(i.args[0])})", ATOM


def _draw(n: Names, i: Instruction) -> Expression:
    return f"{n.text(i.args[0], ATOM)}.{i.args[1]}{n.call(i.args[2:], i.kwargs)}", ATOM


def _transpose(n: Names, i: Instruction) -> Expression:
    x, axes = i.args
    if axes == (1, 0):
        return f"{n.text(x, ATOM)}.T", ATOM
    if axes == (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2):
        return f"{n.text(x, ATOM)}.mT", ATOM
    return f"{n.text(x, ATOM)}.transpose{n.call(axes, {})}", ATOM


def _reshape(n: Names, i: Instruction) -> Expression:
    x, shape = i.args
    given: Any = x.shape
    if shape == (*given, 1) and given:
        return f"{n.text(x, ATOM)}[{', '.join(':' * len(given))}, None]", ATOM
    if given == (*shape, 1) and shape:
        return f"{n.text(x, ATOM)}[{', '.join(':' * len(shape))}, 0]", ATOM
    return f"{n.text(x, ATOM)}.reshape{n.call(shape or ((),), {})}", ATOM


def _broadcast(n: Names, i: Instruction) -> Expression:
    return f"np.broadcast_to{n.call(i.args, {})}", ATOM


def _astype(n: Names, i: Instruction) -> Expression:
    dtype = f"np.{np.dtype(i.args[1]).name}"
    return f"{n.text(i.args[0], ATOM)}.astype({dtype if dtype != 'np.bool' else 'bool'})", ATOM


PYTHON = {
    "add": ("+", 4), "sub": ("-", 4), "mul": ("*", 5), "truediv": ("/", 5), "floordiv": ("//", 5),
    "mod": ("%", 5), "pow": ("**", 7), "lt": ("<", 2), "le": ("<=", 2), "gt": (">", 2),
    "ge": (">=", 2), "eq": ("==", 2), "ne": ("!=", 2),
}  # fmt: skip


def _python(n: Names, i: Instruction) -> Expression:
    """Operators and functions of Python's on numbers."""
    name = i.operation.name.split(".")[-1]
    if name in PYTHON:
        symbol, level = PYTHON[name]
        left = level + (level in (2, 7))
        return f"{n.text(i.args[0], left)} {symbol} {n.text(i.args[1], level + 1)}", level
    if name in ("neg", "pos"):
        return f"{'-' if name == 'neg' else '+'}{n.text(i.args[0], 6)}", 6
    if name in ("floor", "ceil", "trunc"):
        return f"int(np.{name}{n.call(i.args, {})})", ATOM
    return f"{name}{n.call(i.args, i.kwargs)}", ATOM  # abs, round, float and int


def _math(n: Names, i: Instruction) -> Expression:
    name = i.operation.name.split(".")[-1]
    return f"{n.bind(math, 'math')}.{name}{n.call(i.args, i.kwargs)}", ATOM


FORMS: dict[str, Callable[[Names, Instruction], Expression]] = {
    "ufunc": _ufunc,
    "reduce": _reduce,
    "function": _function,
    "kernel": _function,
    "method": _method,
    "attribute": _attribute,
    "python": _python,
    "math": _math,
    "getitem": _entries,
    "item": _entries,
    "copy": _copy,
    "draw": _draw,
    "transpose": _transpose,
    "reshape": _reshape,
    "broadcast": _broadcast,
    "astype": _astype,
    **dict.fromkeys(("setitem", "write", "add_at", "pieces"), _function),
}
OPERATIONS: dict[str, Callable[[Names, Instruction], Expression]] = {}
