"""Expressions and statements as people write them: one entry per operation that has its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compile.passes.rewrite import number
from autograd.compile.printing.expressions import expression
from autograd.compile.printing.text import ATOM
from autograd.compile.program import Instruction, Variable

if TYPE_CHECKING:
    from autograd.compile.printing.source import Source


# --- Expressions as people write them -------------------------------------------------------------


def expression_of(n: Source, i: Instruction) -> tuple[str, int]:
    """The text of an instruction, and how tightly it binds."""
    special = READING.get(i.operation.name) or READING.get(i.operation.form)
    found = special(n, i) if special is not None else None
    return found if found is not None else expression(n, i)


def _weakly(n: Source, i: Instruction) -> tuple[str, int] | None:
    """Numbers of the arrays' dtype as plain numbers."""
    arrays = [x for x in i.args if type(x) is Variable and not x.weak and x.shape]
    if i.kwargs or not arrays or any(x.dtype != arrays[0].dtype for x in arrays):
        return None
    args = tuple(_plain_number(x, arrays[0].dtype) for x in i.args)
    if all(x is y for x, y in zip(args, i.args, strict=True)):
        return None
    return expression(n, Instruction(i.operation, args, {}, i.result))


def _plain_number(x: Any, dtype: Any) -> Any:
    if type(x) is Variable and x.kind == "constant" and not x.shape and x.dtype == dtype:
        x = x.value[()]
    if isinstance(x, np.floating) and x.dtype == dtype and np.isfinite(x):
        value = float(str(x))
        if x not in (np.finfo(dtype).min, np.finfo(dtype).max):
            return int(value) if value == int(value) and abs(value) < 1000 else value
    return x


def _quotient(n: Source, i: Instruction) -> tuple[str, int] | None:
    x, y = i.args
    value = number(y)
    if value is None or value != int(value) or abs(value) < 2:
        return _weakly(n, i)
    return f"{n.text(x, 5)} / {n.count(int(value))}", 5


def _plain_reduction(n: Source, i: Instruction) -> tuple[str, int] | None:
    """x.sum(axis=0) and kin."""
    word = REDUCTIONS.get(i.operation.name)
    if word is None or len(i.args) != 1:
        return None
    x, facts = i.args[0], dict(i.kwargs)
    axis = facts.pop("axis", 0)
    given: dict[str, Any] = {}
    if axis is not None and axis != tuple(range(len(x.shape))):
        given["axis"] = axis[0] if type(axis) is tuple and len(axis) == 1 else axis
    given |= {k: v for k, v in facts.items() if v is not None and v is not False}
    return f"{n.text(x, ATOM)}.{word}{n.call((), given)}", ATOM


def _product(n: Source, i: Instruction) -> tuple[str, int] | None:
    if len(i.args) != 2 or i.kwargs:
        return None
    return f"{n.text(i.args[0], 5)} @ {n.text(i.args[1], 6)}", 5


REDUCTIONS = {
    "add.reduce": "sum",
    "maximum.reduce": "max",
    "minimum.reduce": "min",
    "multiply.reduce": "prod",
    "logical_and.reduce": "all",
    "logical_or.reduce": "any",
}
READING: dict[str, Any] = {
    "divide": _quotient,
    "matmul": _product,
    "ndarray.dot": _product,
    "reduce": _plain_reduction,
    "ufunc": _weakly,
}


# --- Statements of more than one line -------------------------------------------------------------


def assignment(n: Source, i: Instruction, name: str) -> list[str]:
    """A line that gives a result its name."""
    return [f"{name} = {expression_of(n, i)[0]}"]


def _begun(n: Source, x: Any, name: str) -> str:
    """A copy of what is changed next; what is computed here needs none."""
    text = n.text(x)
    made = n.inline.get(x) if type(x) is Variable else None
    if made is not None and made.operation.form in ("ufunc", "reduce"):
        return f"{name} = {text}"
    return f"{name} = np.array({text})"


def _added(n: Source, i: Instruction, name: str) -> list[str]:
    x, index, value = i.args
    known = number(value)
    sign = "-=" if known is not None and known < 0 else "+="
    text = n.text(value) if known is None else _fraction(n, abs(known))
    return [_begun(n, x, name), f"{name}[{n.index(index)}] {sign} {text}"]


def _fraction(n: Source, value: float) -> str:
    if 0 < value < 1 and abs(round(1 / value) * value - 1) < 1e-6:
        return f"1 / {n.count(round(1 / value))}"
    return repr(value)


def _set(n: Source, i: Instruction, name: str) -> list[str]:
    x, index, value = i.args
    return [_begun(n, x, name), f"{name}[{n.index(index)}] = {n.text(value)}"]


def _written(n: Source, i: Instruction, name: str) -> list[str]:
    return [f"{name} = np.empty_like({n.text(i.args[0])})", f"{name}[...] = {n.text(i.args[1])}"]


def _laid(n: Source, i: Instruction, name: str) -> list[str]:
    shape, dtype, indices, *parts = i.args
    lines = [f"{name} = np.zeros({n.static(shape)}, np.{np.dtype(dtype).name})"]
    pairs = zip(indices, parts, strict=True)
    return lines + [f"{name}[{n.index(tidy(k, shape))}] = {n.text(part)}" for k, part in pairs]


def tidy(index: Any, shape: tuple[int, ...]) -> Any:
    """A slice that takes a whole axis as `:`."""
    if type(index) is not tuple or any(k is None or k is Ellipsis for k in index):
        return index
    return tuple(
        slice(None) if type(k) is slice and k.indices(m) == (0, m, 1) else k
        for k, m in zip(index, shape, strict=False)
    )


STATEMENT: dict[str, Any] = {"add_at": _added, "setitem": _set, "write": _written, "pieces": _laid}
