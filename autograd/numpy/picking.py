"""Entries picked along an axis: taking, sorting, partitioning, by NumPy's names."""

from __future__ import annotations

from types import EllipsisType
from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.engine.looking import look
from autograd.errors import ShapeError, counted, described, message, one_of, span
from autograd.numpy.arguments import as_operand, check_out, integers_or_one, normalize_one_axis
from autograd.numpy.dispatch import implements
from autograd.numpy.indexing import frozen_index
from autograd.numpy.refusals import ArgumentError, explained
from autograd.numpy.shaping import ravel
from autograd.primitives import indexing as p

__all__ = [
    "compress",
    "partition",
    "sort",
    "take",
    "take_along_axis",
]


@implements(np.take)
@explained
def take(
    x: Any, indices: Any, axis: int | None = None, out: None = None, mode: Any = "raise"
) -> Any:
    """Entries or slices at integer positions along an axis; axis=None takes from all entries.

    Args:
        x: a Tensor or array.
        indices: integers of any shape.
        axis: along which to take.
        out: must be None.
        mode: for positions out of range: "raise", "wrap" or "clip".

    Example:
        >>> ag.take(ag.Tensor([10.0, 20.0, 30.0]), [2, 0])
        Tensor([30., 10.])
    """
    check_out(out, np.take)
    x = as_operand(x, "take")
    if axis is None:
        x, axis = ravel(x), 0
    i = normalize_one_axis(axis, x.ndim, "take")
    index = _positions(indices, "take")
    n = x.shape[i]
    if not isinstance(mode, str) or mode != "raise":
        one_of("take", "mode", mode, ("raise", "wrap", "clip"), ArgumentError)
    if n == 0 and index.size:
        got = f"positions on axis {i}, which has no entries"
        raise IndexError(message("take", got, "entries to take"))
    if mode == "wrap":
        index = index % n
    elif mode == "clip":
        index = np.clip(index, 0, n - 1)
    elif index.size and not -n <= index.min() <= index.max() < n:
        got = span(index.min(), index.max(), "position", "positions")
        expected = f"{-n} to {n - 1}, because axis {i} has length {n}"
        raise IndexError(message("take", got, expected))
    return p.getitem(x, index=(*[slice(None)] * i, index))


@implements(np.take_along_axis)
@explained
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """The entries along an axis at positions that differ from line to line, as argsort gives them.

    Example:
        >>> ag.take_along_axis(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], axis=1)
        Tensor([[2.],
                [3.]])
    """
    x = as_operand(x, "take_along_axis")
    if axis is None:
        x, axis = ravel(x), 0
    i = normalize_one_axis(axis, x.ndim, "take_along_axis")
    index = _positions(indices, "take_along_axis")
    if np.asanyarray(data_of(indices)).dtype.kind == "b" and index.size:
        raise IndexError(message("take_along_axis", "indices of dtype bool", "integers"))
    if index.ndim != x.ndim:
        got = f"indices of {counted(index.ndim, 'axis')} for an array of {x.ndim}"
        raise ShapeError(message("take_along_axis", got, "as many axes"))
    n, others = x.shape[i], [m for k, m in enumerate(x.shape) if k != i]
    if any(
        m not in (1, k) and k != 1
        for m, k in zip([m for k, m in enumerate(index.shape) if k != i], others, strict=True)
    ):
        got = f"indices of shape {index.shape} for an array of shape {x.shape}"
        expected = f"shapes that broadcast but for axis {i}"
        raise IndexError(message("take_along_axis", got, expected))
    if index.size and not -n <= index.min() <= index.max() < n:
        got = span(index.min(), index.max())
        expected = f"{-n} to {n - 1}, because axis {i} has length {n}" if n else "none"
        raise IndexError(message("take_along_axis", got, expected))
    grid = list(np.indices(x.shape, sparse=True))
    grid[i] = index
    return p.getitem(x, index=tuple(grid))


@implements(np.sort)
@explained
def sort(
    x: Any, axis: int | None = -1, kind: Any = None, order: None = None, *, stable: Any = None
) -> Any:
    """The entries in ascending order along an axis; nan last.

    Derivative: each gradient goes back to where its entry came from.

    Example:
        >>> ag.sort(ag.Tensor([3.0, 1.0, 2.0]))
        Tensor([1., 2., 3.])
    """
    x = as_operand(x, "sort")
    if axis is None:
        x, axis = ravel(x), 0
    normalize_one_axis(axis, x.ndim, "sort")
    kind = _algorithm(kind, SORTS, "sort")
    _check_order(order, "sort")
    return take_along_axis(x, np.argsort(look(x), axis, kind=kind or "stable"), axis)


@implements(np.partition)
@explained
def partition(
    x: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: None = None
) -> Any:
    """The entries with the `kth` where sorting puts it and the smaller ones before it.

    Example:
        >>> ag.partition(ag.Tensor([3.0, 1.0, 2.0]), 1)[1]
        Tensor(2.)
    """
    x = as_operand(x, "partition")
    if axis is None:
        x, axis = ravel(x), 0
    i = normalize_one_axis(axis, x.ndim, "partition")
    _algorithm(kind, ("introselect",), "partition")
    _check_order(order, "partition")
    n = x.shape[i]
    if not x.size:
        return x  # whatever `kth` is, as in NumPy
    for k in integers_or_one(kth, "partition", "kth"):
        if not -n <= k < n:
            got = f"kth={k} for an axis of length {n}"
            raise ShapeError(message("partition", got, f"{-n} to {n - 1}" if n else "entries"))
    return take_along_axis(x, np.argpartition(look(x), kth, axis), axis)


SORTS = ("quicksort", "heapsort", "mergesort", "stable")


def _algorithm(kind: Any, names: tuple[str, ...], what: str) -> Any:
    """The name of an algorithm, of which NumPy reads the first letter."""
    if kind is None or (isinstance(kind, str) and kind[:1].lower() in {n[0] for n in names}):
        return kind
    return one_of(what, "kind", kind, names, ArgumentError)


def _check_order(order: Any, what: str) -> None:
    if order is not None:
        raise ShapeError(
            message(what, f"order={described(order)}", "None", "arrays have no fields")
        )


@implements(np.compress)
@explained
def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """The slices along an axis at which a vector of booleans is true.

    Example:
        >>> ag.compress([True, False, True], ag.Tensor([1.0, 2.0, 3.0]))
        Tensor([1., 3.])
    """
    chosen = np.asanyarray(data_of(condition))
    if chosen.ndim != 1:
        got = f"a condition of shape {chosen.shape}"
        raise ShapeError(message("compress", got, "a vector of booleans"))
    x = as_operand(x, "compress")
    if not x.ndim and axis in (0, -1):
        x = ravel(x)
    return take(x, np.flatnonzero(chosen), axis)


def _positions(indices: Any, what: str) -> Any:
    """An array of positions, from an int, an array, a list or a tuple."""
    index = list(indices) if isinstance(indices, tuple) else indices
    if index is None or isinstance(index, (slice, EllipsisType, str)):
        raise ArgumentError(message(what, f"indices={described(indices)}", "integers"))
    index = frozen_index(index, what)
    index = np.array(index) if isinstance(index, int) else index
    return index.astype(int) if index.dtype.kind == "b" else index  # no mask, as in NumPy
