"""Lowering of reductions, as steps that loop nests can take, and of products of matrices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compile.native.terms import (
    MOVES,
    Term,
    broadcast,
    cast,
    mapped,
)
from autograd.compile.program import Instruction, Variable

if TYPE_CHECKING:
    from autograd.compile.native.lower import Lowering

Rule = Callable[["Lowering", Instruction], "Term | None"]
FEW = 16  # entries: a reduction of so few is written out


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
        return low.sliced(x, index)
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


def reduction(function: str) -> Rule:
    """The rule of `ufunc.reduce`."""

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


def truth(function: str) -> Rule:
    """The rule of `all` and `any` over all entries."""

    def rule(low: Lowering, i: Instruction) -> Term | None:
        x = low.arg(i.args[0])
        if x.dtype != bool or len(i.args) > 1 or i.kwargs:
            return None
        return reduced(low, x, function, _axes(x, None))

    return rule


def sum_of_rows(low: Lowering, i: Instruction) -> Term:
    """The engine's sum along the first axes."""
    x = low.arg(i.args[0])
    count = i.args[1] if len(i.args) > 1 else i.kwargs.get("count", 1)
    return reduced(low, x, "sum", tuple(range(count)), i.result.dtype)


def sum_of_few(low: Lowering, i: Instruction) -> Term:
    """The engine's sum along some axes."""
    x = low.arg(i.args[0])
    return reduced(low, x, "sum", _axes(x, tuple(i.args[1])), i.result.dtype)


def largest(low: Lowering, i: Instruction) -> Term:
    """The engine's largest entry along some axes."""
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


def reduce_along(low: Lowering, i: Instruction) -> Term | None:
    """The engine's `ufunc.reduce` along some axes."""
    function = UFUNCS.get(i.args[0].__name__)
    if function is None:
        return None
    x = low.arg(i.args[1])
    return low.shaped(
        reduced(low, x, function, _axes(x, tuple(i.args[2])), i.result.dtype), i.result.shape
    )


# --- products -------------------------------------------------------------------------------------


def matrix_product(low: Lowering, i: Instruction) -> Term | None:
    """`dot` and `matmul` of floats."""
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
