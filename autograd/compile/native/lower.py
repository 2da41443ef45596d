"""Lowering: each instruction of a program as terms, by a table of rules keyed by its operation.

An instruction without a rule, or whose rule declines, is left to NumPy: a "foreign" term.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compile.native.functions import FUNCTIONS
from autograd.compile.native.terms import (
    MOVES,
    Term,
    Unsupported,
    broadcast,
    cast,
    constant,
    mapped,
    moved,
    number,
    root,
    transposed,
)
from autograd.compile.native.views import View
from autograd.compile.program import Instruction, Program, Variable
from autograd.primitives.indexing import is_basic

Rule = Callable[["Lowering", Instruction], "Term | None"]
FEW = 16  # entries: a reduction of so few is written out
SHORT = 64  # columns: picking one entry of so short a row is a comparison with all of them


class Lowering:
    """The terms of a program.

    Attributes:
        of: the term of each variable; none for what only Python can hold.
        holders: for what only Python can hold, the term that stands for its place in the order.
        draws: the terms of random draws.
        ranged: indices that are checked to be in range, and what they become.
        checks: terms that must be true, besides those of the program, such as indices in range.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.of: dict[Variable, Term] = {}
        self.views: dict[Term, View] = {}
        self.ranged: dict[tuple[Term, int], Term] = {}
        self.draws: list[Term] = []
        self.holders: dict[Variable, Term] = {}
        self.checks: list[Term] = []
        self.in_python: set[Variable] = set()
        self.made = {i.result: i for i in program.instructions}
        for v in program.inputs:
            try:
                self.of[v] = Term("input", (), v.shape, v.dtype, variable=v)
            except Unsupported:
                self.in_python.add(v)
        self.turn = math.inf
        for i in program.instructions:
            self.instruction(i)
            if i.module.startswith("backward") and i.result in self.of:
                self.turn = min(self.turn, self.of[i.result].when)

    def instruction(self, i: Instruction) -> None:
        """The term of an instruction's result."""
        rule = RULES.get(i.operation.name)
        here = all(v not in self.in_python for v in i.inputs())
        term = None
        if rule is not None and here:
            try:
                term = rule(self, i)
            except Unsupported:
                term = None
        if term is not None and (term.shape, term.dtype) != (i.result.shape, i.result.dtype):
            raise AssertionError(f"{i} became {term}")
        if term is None:
            self.by_numpy(i)
        else:
            self.of[i.result] = term

    def by_numpy(self, i: Instruction) -> None:
        """A term that NumPy computes; if only Python can hold the result, one for its place."""
        args: list[Term] = []
        for v in i.inputs():
            if v in self.holders:
                args.append(self.holders[v])
            elif v.kind != "constant" and v not in self.in_python:
                args.append(self.stored(self.leaf(v)))
        if not i.operation.pure:
            args += self.draws[-1:]  # in the order of the eager run
        try:
            made = Term("foreign", args, i.result.shape, i.result.dtype, instruction=i)
            self.of[i.result] = made
        except (Unsupported, TypeError):
            made = Term("foreign", args, (), bool, instruction=i)
            self.in_python.add(i.result)
            self.holders[i.result] = made
        if not i.operation.pure:
            self.draws.append(made)

    # --- arguments ---

    def leaf(self, v: Variable) -> Term:
        """The term of a variable."""
        known = self.of.get(v)
        if known is None:
            if v.kind != "constant":
                raise Unsupported("a value that only Python can hold")
            known = self.of[v] = constant(v.value)
        return known

    def arg(self, x: Any, dtype: Any = None) -> Term:
        """An argument of an instruction, which may be a number."""
        if type(x) is Variable:
            term = self.leaf(x)
        elif isinstance(x, (bool, int, float, np.generic, np.ndarray)):
            term = constant(x, dtype if type(x) in (bool, int, float) else None)
        else:
            raise Unsupported(f"an argument of type {type(x).__name__}")
        return term if dtype is None else cast(term, dtype)

    def view(self, term: Term) -> View | None:
        """Where a term's entries lie; None if strides cannot say it."""
        found = self.views.get(term)
        if found is None:
            if term.op in MOVES:
                inner = self.view(term.args[0])
                found = inner.of(term) if inner is not None else None
            else:
                found = View.whole(term)
            if found is not None:
                self.views[term] = found
        return found

    def stored(self, term: Term) -> Term:
        """The term in memory of its own, in C order."""
        view = self.view(term)
        if (
            view is not None
            and view.is_contiguous()
            and not (view.offset or view.size() != view.base.size)
        ):
            return term
        return Term("store", [term], term.shape, term.dtype)

    def seen(self, op: str, term: Term, shape: Sequence[int], **static: Any) -> Term:
        """A move of a term, which is stored first if strides cannot say it."""
        move = moved(op, term, shape, **static)
        if self.view(move) is None:
            move = moved(op, Term("store", [term], term.shape, term.dtype), shape, **static)
        return move

    def shaped(self, term: Term, shape: Sequence[int]) -> Term:
        """A reshape."""
        return term if tuple(shape) == term.shape else self.seen("reshape", term, shape)


# --- elementwise ----------------------------------------------------------------------------------


def _kind(x: Any) -> Any:
    """What decides a ufunc's dtypes: Python numbers are weak."""
    if type(x) is Variable:
        return {"f": float, "i": int, "b": bool}[x.dtype.kind] if x.weak else x.dtype
    return type(x) if type(x) in (int, float, bool) else np.asarray(x).dtype


def _elementwise(low: Lowering, i: Instruction) -> Term | None:
    name = i.operation.name
    if i.kwargs:
        return None
    ufunc = getattr(np, name)
    *given, out = ufunc.resolve_dtypes((*map(_kind, i.args), None))
    if out != i.result.dtype:
        return None
    if given[0].kind == "b":
        name = {"add": "logical_or", "multiply": "logical_and", "bitwise_and": "logical_and",
                "bitwise_or": "logical_or", "invert": "logical_not"}.get(name, name)  # fmt: skip
    function = FUNCTIONS.get(name)
    if function is None or any(dtype.kind not in function.kinds for dtype in given):
        return None
    args = [low.arg(x, dtype) for x, dtype in zip(i.args, given, strict=True)]
    return mapped(name, args, out)


def _where(low: Lowering, i: Instruction) -> Term | None:
    if len(i.args) != 3 or i.kwargs:
        return None
    condition = low.arg(i.args[0])
    if condition.dtype != bool:
        return None
    return mapped(
        "where", [condition, *(low.arg(x, i.result.dtype) for x in i.args[1:])], i.result.dtype
    )


def _clip(low: Lowering, i: Instruction) -> Term | None:
    if len(i.args) != 3 or i.kwargs or i.result.dtype.kind not in "fiu":
        return None
    x, least, most = (low.arg(a, i.result.dtype) for a in i.args)
    raised = mapped("maximum", [x, least], i.result.dtype)
    return mapped("minimum", [raised, most], i.result.dtype)


def _erf(low: Lowering, i: Instruction) -> Term | None:
    x = low.arg(i.args[0])
    return mapped("erf", [x], x.dtype) if x.dtype.kind == "f" else None


def _astype(low: Lowering, i: Instruction) -> Term | None:
    return cast(low.arg(i.args[0]), i.result.dtype) if len(i.args) == 2 and not i.kwargs else None


def _same(low: Lowering, i: Instruction) -> Term | None:
    return cast(low.arg(i.args[0]), i.result.dtype)


def _write(low: Lowering, i: Instruction) -> Term | None:
    return broadcast(low.arg(i.args[1], i.result.dtype), i.result.shape)


def _bits(low: Lowering, i: Instruction) -> Term | None:
    """An array of integers seen with another sign."""
    x = low.arg(i.args[0])
    if (
        x.dtype.kind in "iu"
        and i.result.dtype.kind in "iu"
        and x.dtype.itemsize == i.result.dtype.itemsize
    ):
        return mapped("bits", [x], i.result.dtype)
    return None


def _item(low: Lowering, i: Instruction) -> Term | None:
    return None  # a Python number; NumPy gives it


# --- moves ----------------------------------------------------------------------------------------


def _reshape(low: Lowering, i: Instruction) -> Term:
    return low.shaped(low.arg(i.args[0]), i.result.shape)


def _transpose(low: Lowering, i: Instruction) -> Term:
    return transposed(low.arg(i.args[0]), i.args[1])


def _broadcast(low: Lowering, i: Instruction) -> Term:
    return broadcast(low.arg(i.args[0]), i.result.shape)


def _windows(low: Lowering, i: Instruction) -> Term:
    x = low.arg(i.args[0])
    return low.seen(
        "windows", x, i.result.shape, **{k: i.kwargs[k] for k in ("size", "stride", "dilation")}
    )


def _ravel(low: Lowering, i: Instruction) -> Term | None:
    """In the order of memory, which here is C order: only where a sum over all entries reads it."""
    if i.args[1:] not in ((), ("C",)) and not _only_summed(low, i.result):
        return None
    return low.shaped(low.arg(i.args[0]), i.result.shape)


def _only_summed(low: Lowering, v: Variable) -> bool:
    users = [i for i in low.program.instructions if v in i.inputs()]
    return all(
        i.operation.name == "ndarray.dot"
        or (i.operation.name == "getitem" and _only_summed(low, i.result))
        for i in users
    )


def sliced(low: Lowering, x: Term, index: Any) -> Term:
    """Entries by slices and integers."""
    entries = list(index) if type(index) is tuple else [index]
    if Ellipsis not in entries:
        entries.append(Ellipsis)
    named = sum(e is not None and e is not Ellipsis for e in entries)
    box: list[tuple[int, int, int]] = []
    kept: list[bool] = []
    new: list[int] = []
    shape: list[int] = []
    for e in entries:
        if e is None:
            new.append(len(shape))
            shape.append(1)
        elif e is Ellipsis:
            for n in x.shape[len(box) : len(box) + len(x.shape) - named]:
                box.append((0, n, 1))
                kept.append(True)
                shape.append(n)
        elif type(e) is slice:
            start, stop, step = e.indices(x.shape[len(box)])
            shape.append(len(range(start, stop, step)))
            box.append((start, stop, step))
            kept.append(True)
        else:
            at = int(e) % x.shape[len(box)]
            box.append((at, at + 1, 1))
            kept.append(False)
    return low.seen("slice", x, shape, box=tuple(box), kept=tuple(kept), new=tuple(new))


# --- entries by index -----------------------------------------------------------------------------


def _rows_and(low: Lowering, index: Any, shape: tuple[int, ...]) -> Variable | None:
    """y of an index (rows, y) that picks one entry of each row of a matrix."""
    if type(index) is not tuple or len(index) != 2 or len(shape) != 2:
        return None
    rows, y = index
    if type(rows) is not Variable or type(y) is not Variable or rows.kind != "constant":
        return None
    if rows.shape != (shape[0],) or y.shape != rows.shape or y.dtype.kind not in "iu":
        return None
    return y if np.array_equal(rows.value, np.arange(shape[0])) else None


def _in_range(low: Lowering, y: Term, n: int) -> Term:
    """Indices from 0 up, those from the end counted from the start; all are checked."""
    if y.op == "constant":
        return constant(y.static["value"] % n)
    known = low.ranged.get((y, n))
    if known is not None:
        return known
    given = y
    y = cast(y, np.int64)
    y = mapped(
        "where",
        [mapped("less", [y, constant(0)], bool), mapped("add", [y, constant(n)], np.int64), y],
        np.int64,
    )
    below = mapped("less", [mapped("bits", [y], np.uint64), constant(n, np.uint64)], bool)
    low.checks.append(reduced(low, below, "all", tuple(range(len(y.shape)))))
    low.ranged[given, n] = y
    return y


def _hot(low: Lowering, y: Term, columns: int) -> Term:
    """Where a counter of columns is the class of the row."""
    counter = Term("counter", (), (1, columns), np.int64)
    return mapped("equal", [counter, low.shaped(y, (y.size, 1))], bool)


def _getitem(low: Lowering, i: Instruction) -> Term | None:
    x, index = low.arg(i.args[0]), i.args[1]
    if is_basic(index) and not [v for v in i.inputs()[1:]]:
        return sliced(low, x, index)
    if type(index) is tuple and len(index) == 1:
        (index,) = index
    y = _rows_and(low, index, x.shape)
    if y is not None and x.shape[1] <= SHORT:
        hot = _hot(low, _in_range(low, low.leaf(y), x.shape[1]), x.shape[1])
        picked = mapped("where", [hot, x, constant(0, x.dtype)], x.dtype)
        return reduced(low, picked, "sum", (1,))
    if y is not None:
        flat = mapped(
            "add",
            [_in_range(low, low.leaf(y), x.shape[1]), constant(np.arange(x.shape[0]) * x.shape[1])],
            np.int64,
        )
        return Term(
            "gather",
            [low.stored(low.shaped(x, (x.size,))), low.stored(flat)],
            i.result.shape,
            x.dtype,
        )
    if type(index) is Variable and index.dtype.kind in "iu" and x.shape:
        rows = low.stored(_in_range(low, low.leaf(index), x.shape[0]))
        return Term("gather", [low.stored(x), rows], i.result.shape, x.dtype)
    return None


def _added_at(low: Lowering, i: Instruction) -> Term | None:
    """x with values added at an index that names no entry twice."""
    x, index, value = low.arg(i.args[0]), i.args[1], low.arg(i.args[2])
    y = _rows_and(low, index, x.shape)
    if y is not None and x.shape[1] <= SHORT:
        hot = _hot(low, _in_range(low, low.leaf(y), x.shape[1]), x.shape[1])
        column = low.shaped(broadcast(value, (x.shape[0],)), (x.shape[0], 1))
        more = mapped("add", [x, cast(column, x.dtype)], x.dtype)
        return mapped("where", [hot, more, x], x.dtype)
    return None


def _scattered(low: Lowering, i: Instruction) -> Term | None:
    """Zeros with rows added at an index."""
    x, index, shape = low.arg(i.args[0]), i.kwargs["index"], tuple(i.kwargs["shape"])
    if type(index) is tuple and len(index) == 1:
        (index,) = index
    if (
        type(index) is not Variable
        or index.dtype.kind not in "iu"
        or x.shape != (*index.shape, *shape[1:])
    ):
        return None
    y = low.stored(_in_range(low, low.leaf(index), shape[0]))
    return Term("scatter", [low.stored(x), y], shape, x.dtype)


def _pieces(low: Lowering, i: Instruction) -> Term | None:
    shape, dtype, indices, *parts = i.args
    if not all(is_basic(index) for index in indices):
        return None
    return joined(low, shape, dtype, indices, [low.arg(p, dtype) for p in parts])


def joined(low: Lowering, shape: Any, dtype: Any, indices: Any, parts: list[Term]) -> Term:
    """Parts side by side in a buffer, and zeros elsewhere."""
    whole = Term("pieces", (), shape, dtype)
    slots = [sliced(low, whole, index) for index in indices]
    views = [low.view(slot) for slot in slots]
    parts = [broadcast(p, slot.shape) for p, slot in zip(parts, slots, strict=True)]
    parts = [Term("store", [p], p.shape, p.dtype) for p in parts]
    covered = sum(p.size for p in parts) == whole.size
    return Term(
        "pieces",
        parts,
        shape,
        dtype,
        slots=[(v.offset, v.shape, v.strides) for v in views if v],
        covered=covered,
    )


def _concatenated(low: Lowering, i: Instruction) -> Term | None:
    if type(i.args[0]) not in (tuple, list) or len(i.args) > 1 or not set(i.kwargs) <= {"axis"}:
        return None
    parts = [low.arg(x, i.result.dtype) for x in i.args[0]]
    axis, at, indices = i.kwargs.get("axis", 0), 0, []
    axis %= len(i.result.shape)
    for p in parts:
        indices.append((slice(None),) * axis + (slice(at, at + p.shape[axis]),))
        at += p.shape[axis]
    return joined(low, i.result.shape, i.result.dtype, indices, parts)


def _fold(low: Lowering, i: Instruction) -> Term | None:
    x = low.arg(i.args[0])
    facts = {k: tuple(i.kwargs[k]) for k in ("size", "stride", "dilation")}
    whole = Term("pieces", (), i.kwargs["shape"], x.dtype)
    target = low.view(low.seen("windows", whole, x.shape, **facts))
    apart = facts["size"] == facts["stride"] and set(facts["dilation"]) == {1}
    if apart and target is not None:
        slot = (target.offset, target.shape, target.strides)
        part = Term("store", [x], x.shape, x.dtype)
        covered = x.size == whole.size
        return Term("pieces", [part], whole.shape, x.dtype, slots=[slot], covered=covered)
    return Term("fold", [x], whole.shape, x.dtype, **facts)


# --- reductions -----------------------------------------------------------------------------------


def reduced(low: Lowering, x: Term, function: str, axes: Sequence[int], dtype: Any = None) -> Term:
    """A reduction, as steps of which each goes along the last axes, or along none of them."""
    x = cast(x, x.dtype if dtype is None else dtype)
    kept = [n for a, n in enumerate(x.shape) if a not in axes]
    live = [a for a in axes if x.shape[a] != 1]
    if not live:
        return low.shaped(x, kept)
    if _is_few(low, x, live):
        return low.shaped(_written_out(low, x, function, live), kept)
    trailing = [a for a in live if all(b in live or n == 1 for b, n in enumerate(x.shape) if b > a)]
    if trailing and math.prod(kept) > 1:
        return low.shaped(_from_the_end(low, x, function, live, trailing), kept)
    # To one value, in whatever nest computes the entries, or along none of the last axes.
    shape = [n for a, n in enumerate(x.shape) if a not in live] if math.prod(kept) > 1 else []
    out = Term("reduce", [x], shape, x.dtype, function=function, axes=tuple(live))
    return low.shaped(out, kept)


def _is_few(low: Lowering, x: Term, live: Sequence[int]) -> bool:
    """Whether each result combines few entries that lie apart, as in pooling."""
    if not 1 < math.prod(x.shape[a] for a in live) <= FEW:
        return False
    view = low.view(x)
    apart = len(live) > 1 and view is not None and not view.is_contiguous()
    return x.op == "windows" or apart or (len(live) > 1 and x.op == "map")


def _from_the_end(
    low: Lowering, x: Term, function: str, live: Sequence[int], trailing: Sequence[int]
) -> Term:
    """Along the last axes, as one axis if strides allow it, and then along the others."""
    first, view = min(trailing), low.view(x)
    if x.op in MOVES and (view is None or view.reshaped(_merged(x.shape, first)) is None):
        first = max(trailing)
    flat = _merged(x.shape, first)
    args = [low.shaped(x, flat)]
    inner = Term("reduce", args, flat[:-1], x.dtype, function=function, axes=(first,))
    return reduced(low, inner, function, [a for a in live if a < first])


def _merged(shape: Sequence[int], first: int) -> tuple[int, ...]:
    """A shape whose axes from `first` on are one."""
    return (*shape[:first], math.prod(shape[first:]))


BINARY = {
    "sum": "add",
    "max": "maximum",
    "min": "minimum",
    "any": "logical_or",
    "all": "logical_and",
    "prod": "multiply",
}


def _cut(low: Lowering, x: Term, index: tuple[Any, ...]) -> Term:
    """Some entries of a term; those of an elementwise function are computed from those it reads."""
    if x.op != "map":
        return sliced(low, x, index)
    args = [_cut(low, broadcast(a, x.shape), index) if a.shape else a for a in x.args]
    return mapped(x.static["function"], args, x.dtype)


def _written_out(low: Lowering, x: Term, function: str, axes: Sequence[int]) -> Term:
    """A reduction of few entries as an expression of slices."""
    total: Term | None = None
    for at in np.ndindex(*(x.shape[a] for a in axes)):
        index: list[Any] = [slice(None)] * len(x.shape)
        for a, k in zip(axes, at, strict=True):
            index[a] = k
        part = _cut(low, x, tuple(index))
        total = part if total is None else mapped(BINARY[function], [total, part], x.dtype)
    assert total is not None
    return total


def _axes(x: Term, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(len(x.shape)))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(a % len(x.shape) for a in axes))


def _reduction(function: str) -> Rule:
    def rule(low: Lowering, i: Instruction) -> Term | None:
        if len(i.args) != 1 or not set(i.kwargs) <= {"axis", "keepdims", "initial"}:
            return None
        x = low.arg(i.args[0])
        out = reduced(low, x, function, _axes(x, i.kwargs.get("axis", 0)), i.result.dtype)
        initial = i.kwargs.get("initial")
        if initial is not None:
            out = mapped(BINARY[function], [out, low.arg(initial, out.dtype)], out.dtype)
        return low.shaped(out, i.result.shape)

    return rule


def _truth(function: str) -> Rule:
    def rule(low: Lowering, i: Instruction) -> Term | None:
        x = low.arg(i.args[0])
        if x.dtype != bool or len(i.args) > 1 or i.kwargs:
            return None
        return reduced(low, x, function, _axes(x, None))

    return rule


def _sum_of_rows(low: Lowering, i: Instruction) -> Term:
    x = low.arg(i.args[0])
    count = i.args[1] if len(i.args) > 1 else i.kwargs.get("count", 1)
    return reduced(low, x, "sum", tuple(range(count)), i.result.dtype)


def _sum_of_few(low: Lowering, i: Instruction) -> Term:
    x = low.arg(i.args[0])
    return reduced(low, x, "sum", _axes(x, tuple(i.args[1])), i.result.dtype)


def _largest(low: Lowering, i: Instruction) -> Term:
    x = low.arg(i.args[0])
    return low.shaped(reduced(low, x, "max", _axes(x, tuple(i.args[1]))), i.result.shape)


UFUNCS = {
    "add": "sum",
    "maximum": "max",
    "minimum": "min",
    "logical_or": "any",
    "logical_and": "all",
    "multiply": "prod",
}


def _reduce_along(low: Lowering, i: Instruction) -> Term | None:
    function = UFUNCS.get(i.args[0].__name__)
    if function is None:
        return None
    x = low.arg(i.args[1])
    return low.shaped(
        reduced(low, x, function, _axes(x, tuple(i.args[2])), i.result.dtype), i.result.shape
    )


def _isnan(low: Lowering, i: Instruction) -> Term | None:
    """Whether a number is nan; of the product of an array with itself, whether an entry is.

    The engine looks for nan so. Where the product is nan and no entry is, it finds that out.
    """
    dot = low.made.get(i.args[0]) if type(i.args[0]) is Variable else None
    if dot is None or dot.operation.name != "ndarray.dot":
        return _elementwise(low, i)
    sources = {_searched(low, x) for x in dot.args}
    if len(sources) != 1 or None in sources:
        return _elementwise(low, i)
    x = low.arg(sources.pop())
    return reduced(low, mapped("isnan", [x], bool), "any", tuple(range(len(x.shape))))


def _searched(low: Lowering, x: Any) -> Any:
    """The array whose entries, or half of them, are these."""
    i = low.made.get(x) if type(x) is Variable else None
    if i is not None and i.operation.name == "getitem" and type(i.args[1]) is slice:
        n = i.args[0].shape[0]
        halves = (
            slice(None, (n + 1) // 2),
            slice(n // 2, None),
            slice(None, n // 2),
            slice(-(n // 2), None),
        )
        if len(i.args[0].shape) == 1 and i.args[1] in halves:
            return _searched(low, i.args[0])
    if i is not None and i.operation.name in ("ndarray.ravel", "reshape"):
        return _searched(low, i.args[0])
    return x if type(x) is Variable else None


# --- products -------------------------------------------------------------------------------------


def _product(low: Lowering, i: Instruction) -> Term | None:
    if len(i.args) != 2 or i.kwargs or any(type(x) is not Variable for x in i.args):
        return None
    if i.result.dtype.char not in "fd":
        return None
    a, b = (low.arg(x, i.result.dtype) for x in i.args)
    if i.operation.name == "ndarray.dot" and (len(b.shape) > 2 or not a.shape or not b.shape):
        return None
    return product(low, a, b, i.result.shape)


def product(low: Lowering, a: Term, b: Term, shape: Sequence[int]) -> Term:
    """A product of matrices, or of stacks of them; of two vectors it is a sum."""
    if len(a.shape) == len(b.shape) == 1:
        return reduced(low, mapped("multiply", [a, b], a.dtype), "sum", (0,))
    if number(root(a)) == 0 or number(root(b)) == 0:
        pass  # 0 · nan is nan
    a = low.shaped(a, (1, *a.shape)) if len(a.shape) == 1 else a
    b = low.shaped(b, (*b.shape, 1)) if len(b.shape) == 1 else b
    if (
        len(b.shape) == 2 and len(a.shape) > 2
    ):  # a stack of matrices times one matrix is one product
        flat = low.shaped(a, (math.prod(a.shape[:-1]), a.shape[-1]))
        return low.shaped(product(low, flat, b, (flat.shape[0], b.shape[1])), shape)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    if math.prod(batch) == 1 and batch:
        a, b = low.shaped(a, a.shape[-2:]), low.shaped(b, b.shape[-2:])
        batch = ()
    args = [x if _fits(low, x) else Term("store", [x], x.shape, x.dtype) for x in (a, b)]
    out = Term("product", args, (*batch, a.shape[-2], b.shape[-1]), a.dtype)
    return low.shaped(out, shape)


def _fits(low: Lowering, x: Term) -> bool:
    view = low.view(x)
    return view is not None and view.fits_product()


# --- the table ------------------------------------------------------------------------------------

RULES: dict[str, Rule] = {
    **dict.fromkeys(FUNCTIONS, _elementwise),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "invert"), _elementwise),
    "numpy.where": _where,
    "numpy.clip": _clip,
    "isnan": _isnan,
    "kernel.erf_of_entries": _erf,
    "astype": _astype,
    "copy": _same,
    "kernel.relaid": _same,
    "write": _write,
    "ndarray.view": _bits,
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast": _broadcast,
    "kernel.broadcast_to": _broadcast,
    "kernel.windows": _windows,
    "ndarray.ravel": _ravel,
    "getitem": _getitem,
    "add_at": _added_at,
    "kernel.scatter_add": _scattered,
    "pieces": _pieces,
    "numpy.concatenate": _concatenated,
    "kernel.fold": _fold,
    "add.reduce": _reduction("sum"),
    "maximum.reduce": _reduction("max"),
    "minimum.reduce": _reduction("min"),
    "multiply.reduce": _reduction("prod"),
    "logical_or.reduce": _reduction("any"),
    "logical_and.reduce": _reduction("all"),
    "ndarray.all": _truth("all"),
    "ndarray.any": _truth("any"),
    "kernel.sum_of_rows": _sum_of_rows,
    "kernel.sum_of_few": _sum_of_few,
    "kernel.largest": _largest,
    "kernel.reduce_along": _reduce_along,
    "ndarray.dot": _product,
    "matmul": _product,
}
