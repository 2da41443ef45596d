"""Passes over entries: what is added to some of them, and what is laid side by side.

A -0 to which these passes no longer add a 0 stays -0; otherwise they keep every bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.passes.rewrite import Context, instead, is_constant, rewrite
from autograd.compile.program import ADD_AT, PIECES, Instruction, Program, Variable
from autograd.primitives.indexing import is_basic

Box = list[tuple[int, int, int]]


def box_of(index: Any, shape: tuple[int, ...]) -> Box | None:
    """(start, stop, step) along each axis of what a slice names; None for other indices."""
    if not is_basic(index):
        return None
    entries = list(index) if type(index) is tuple else [index]
    named = sum(e is not None and e is not Ellipsis for e in entries)
    if Ellipsis not in entries:
        entries.append(Ellipsis)
    box: Box = []
    for e in entries:
        if e is Ellipsis:
            box += [(0, n, 1) for n in shape[len(box) : len(box) + len(shape) - named]]
        elif type(e) is slice:
            if any(type(p) is Variable for p in (e.start, e.stop, e.step)):
                return None
            start, stop, step = e.indices(shape[len(box)])
            if step < 0:
                return None
            box.append((start, stop, step))
        elif e is not None:
            at = int(e) % shape[len(box)]
            box.append((at, at + 1, 1))
    return box


def apart(a: Box, b: Box) -> bool:
    """Whether two boxes have no entry in common."""
    return any(p[1] <= q[0] or q[1] <= p[0] for p, q in zip(a, b, strict=True))


# --- one-hot updates ------------------------------------------------------------------------------


def names_none_twice(index: Any) -> bool:
    """Whether arrays of indices name each entry once, because one of them counts rows."""
    if type(index) is not tuple or not index or any(type(e) is not Variable for e in index):
        return False
    if any(e.dtype.kind not in "iu" or e.shape != index[0].shape for e in index):
        return False
    return any(
        is_constant(e) and e.value.size and e.value.min() >= 0
        and len(np.unique(e.value)) == e.value.size
        for e in index
    )  # fmt: skip


def _one_hot(i: Instruction, context: Context) -> Instruction | None:
    if i.operation.name != "add" or i.kwargs:
        return None
    for x, y in (i.args, i.args[::-1]):
        hot = context.maker(y, "kernel.scatter_add")
        if hot is None or type(x) is not Variable or not context.once(y):
            continue
        same = (x.shape, x.dtype) == (i.result.shape, i.result.dtype) == (y.shape, y.dtype)
        if same and names_none_twice(hot.kwargs["index"]):
            return instead(i, ADD_AT, x, hot.kwargs["index"], hot.args[0])
    return None


def one_hot_updates(program: Program) -> Program:
    """`x + scatter_add(v, (rows, y))` → x with `x[rows, y] += v`."""
    return rewrite(program, _one_hot)


# --- pieces of a buffer ---------------------------------------------------------------------------


def _joined(i: Instruction, context: Context) -> Instruction | None:
    """Entries added to zeros by a slice lie in a place of their own; one more part, apart from
    the others."""
    name = i.operation.name
    if name == "kernel.scatter_add" and is_basic(i.kwargs["index"]):
        shape = tuple(i.kwargs["shape"])
        return instead(i, PIECES, shape, i.result.dtype, (i.kwargs["index"],), i.args[0])
    if name == "add_at":
        whole = context.maker(i.args[0], "pieces")
        if whole is None or not context.once(i.args[0]):
            return None
        return _with_parts(i, whole, (i.args[1],), (i.args[2],))
    if name == "add" and not i.kwargs:
        whole, more = (context.maker(x, "pieces") for x in i.args)
        if whole is None or more is None or whole is more or not all(map(context.once, i.args)):
            return None
        return _with_parts(i, whole, more.args[2], more.args[3:])
    return None


def _with_parts(
    i: Instruction, whole: Instruction, indices: tuple[Any, ...], parts: tuple[Any, ...]
) -> Instruction | None:
    shape, dtype, known, *given = whole.args
    boxes = [box_of(index, shape) for index in (*known, *indices)]
    fit = shape == i.result.shape and dtype == i.result.dtype
    if not fit or any(b is None for b in boxes):
        return None
    if any(type(p) is not Variable or p.dtype != dtype for p in parts):
        return None
    for n, b in enumerate(boxes[len(known) :], len(known)):
        if not all(apart(a, b) for a in boxes[:n] if a is not None and b is not None):
            return None
    return instead(i, PIECES, shape, dtype, (*known, *indices), *given, *parts)


def pieces(program: Program) -> Program:
    """Parts added to zeros, no two at one entry → parts laid side by side in one buffer."""
    return rewrite(program, _joined)


def _entry(i: Instruction, context: Context) -> Variable | None:
    """A piece that is cut out again."""
    if i.operation.name != "getitem":
        return None
    whole = context.maker(i.args[0], "pieces")
    if whole is None:
        return None
    wanted, result = box_of(i.args[1], whole.args[0]), i.result
    for index, part in zip(whole.args[2], whole.args[3:], strict=True):
        alike = (part.shape, part.dtype) == (result.shape, result.dtype)
        if alike and wanted is not None and box_of(index, whole.args[0]) == wanted:
            return part  # type: ignore[no-any-return]
    return None


def pieces_read(program: Program) -> Program:
    """A piece cut out of the buffer where it was laid → the piece."""
    return rewrite(program, _entry)
