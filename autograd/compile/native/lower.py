"""Lowering: each instruction of a program as terms, by a table of rules keyed by its operation.

An instruction without a rule, or whose rule declines, is left to NumPy: a "foreign" term.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compile.native import entries, reductions
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
    transposed,
)
from autograd.compile.native.views import View
from autograd.compile.program import Instruction, Program, Variable

Rule = Callable[["Lowering", Instruction], "Term | None"]


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

    def sliced(self, x: Term, index: Any) -> Term:
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
        return self.seen("slice", x, shape, box=tuple(box), kept=tuple(kept), new=tuple(new))


# --- elementwise ----------------------------------------------------------------------------------


def _kind(x: Any) -> Any:
    """What decides a ufunc's dtypes: Python's numbers are weak, its truth values are not."""
    if type(x) is Variable:
        return {"f": float, "i": int}.get(x.dtype.kind, x.dtype) if x.weak else x.dtype
    return type(x) if type(x) in (int, float) else np.asarray(x).dtype


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
    return _power(args[0], args[1], out) if name == "power" else mapped(name, args, out)


def _power(x: Term, y: Term, dtype: Any) -> Term:
    """x^y. NumPy takes the root where one exponent for all entries is 1/2: (-inf)^0.5 is nan and
    not inf, and (-0.0)^0.5 is -0.0."""
    general = mapped("power", [x, y], dtype)
    if y.shape and not y.size == 1 < x.size:
        return general
    root, value = mapped("sqrt", [x], dtype), number(y)
    if value is not None:
        return broadcast(root, general.shape) if value == 0.5 else general
    is_half = mapped("equal", [y, constant(0.5, dtype)], bool)
    return mapped("where", [is_half, root, general], dtype)


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
    return reductions.reduced(low, mapped("isnan", [x], bool), "any", tuple(range(len(x.shape))))


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
    "getitem": entries.getitem,
    "add_at": entries.added_at,
    "kernel.scatter_add": entries.scattered,
    "pieces": entries.pieces,
    "numpy.concatenate": entries.concatenated,
    "kernel.fold": entries.fold,
    "add.reduce": reductions.reduction("sum"),
    "maximum.reduce": reductions.reduction("max"),
    "minimum.reduce": reductions.reduction("min"),
    "multiply.reduce": reductions.reduction("prod"),
    "logical_or.reduce": reductions.reduction("any"),
    "logical_and.reduce": reductions.reduction("all"),
    "ndarray.all": reductions.truth("all"),
    "ndarray.any": reductions.truth("any"),
    "kernel.sum_of_rows": reductions.sum_of_rows,
    "kernel.sum_of_few": reductions.sum_of_few,
    "kernel.largest": reductions.largest,
    "kernel.reduce_along": reductions.reduce_along,
    "ndarray.dot": reductions.matrix_product,
    "matmul": reductions.matrix_product,
}
