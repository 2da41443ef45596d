"""Lowering of entries: what slices and indices pick, what is laid side by side, and windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compile.native.reductions import reduced
from autograd.compile.native.terms import (
    Term,
    broadcast,
    cast,
    constant,
    mapped,
)
from autograd.compile.program import Instruction, Variable
from autograd.primitives.indexing import is_basic

if TYPE_CHECKING:
    from autograd.compile.native.lower import Lowering

SHORT = 64  # columns: picking one entry of so short a row is a comparison with all of them


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


def getitem(low: Lowering, i: Instruction) -> Term | None:
    """x[index]: a view, one entry of each row, or rows by one array of integers."""
    x, index = low.arg(i.args[0]), i.args[1]
    if is_basic(index) and not [v for v in i.inputs()[1:]]:
        return low.sliced(x, index)
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


def added_at(low: Lowering, i: Instruction) -> Term | None:
    """x with values added at an index that names no entry twice."""
    x, index, value = low.arg(i.args[0]), i.args[1], low.arg(i.args[2])
    y = _rows_and(low, index, x.shape)
    if y is not None and x.shape[1] <= SHORT:
        hot = _hot(low, _in_range(low, low.leaf(y), x.shape[1]), x.shape[1])
        column = low.shaped(broadcast(value, (x.shape[0],)), (x.shape[0], 1))
        more = mapped("add", [x, cast(column, x.dtype)], x.dtype)
        return mapped("where", [hot, more, x], x.dtype)
    return None


def scattered(low: Lowering, i: Instruction) -> Term | None:
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


def pieces(low: Lowering, i: Instruction) -> Term | None:
    """Parts at slices of zeros."""
    shape, dtype, indices, *parts = i.args
    if not all(is_basic(index) for index in indices):
        return None
    return joined(low, shape, dtype, indices, [low.arg(p, dtype) for p in parts])


def joined(low: Lowering, shape: Any, dtype: Any, indices: Any, parts: list[Term]) -> Term:
    """Parts side by side in a buffer, and zeros elsewhere."""
    whole = Term("pieces", (), shape, dtype)
    slots = [low.sliced(whole, index) for index in indices]
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


def concatenated(low: Lowering, i: Instruction) -> Term | None:
    """np.concatenate as parts of one buffer."""
    if type(i.args[0]) not in (tuple, list) or len(i.args) > 1 or not set(i.kwargs) <= {"axis"}:
        return None
    parts = [low.arg(x, i.result.dtype) for x in i.args[0]]
    axis, at, indices = i.kwargs.get("axis", 0), 0, []
    axis %= len(i.result.shape)
    for p in parts:
        indices.append((slice(None),) * axis + (slice(at, at + p.shape[axis]),))
        at += p.shape[axis]
    return joined(low, i.result.shape, i.result.dtype, indices, parts)


def fold(low: Lowering, i: Instruction) -> Term | None:
    """Windows added to their places; those that do not overlap are parts of one buffer."""
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
