"""Joining and splitting arrays, by NumPy's names."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograd.errors import ShapeError, counted, message
from autograd.numpy.arguments import (
    as_dtype,
    as_operand,
    check_out,
    integer,
    integers_or_one,
    normalize_one_axis,
    several,
)
from autograd.numpy.dispatch import implements
from autograd.numpy.refusals import ArgumentError, explained
from autograd.numpy.shaping import astype, atleast_1d, atleast_2d, atleast_3d, expand_dims, ravel
from autograd.primitives import shaping as s
from autograd.primitives.indexing import getitem

__all__ = [
    "array_split",
    "column_stack",
    "concatenate",
    "dstack",
    "hstack",
    "split",
    "stack",
    "vstack",
]


@implements(np.concatenate, np.concat)
@explained
def concatenate(arrays: Any, axis: int | None = 0, out: None = None, *, dtype: Any = None) -> Any:
    """Arrays joined along an existing axis; axis=None joins all their entries on one.

    Example:
        >>> ag.concatenate([ag.Tensor([1.0]), ag.Tensor([2.0, 3.0])])
        Tensor([1., 2., 3.])
    """
    check_out(out, np.concatenate)
    operands = several(arrays, "concatenate")
    if not operands:
        raise ShapeError(message("concatenate", "an empty list", "at least one array"))
    if axis is None:
        operands, axis = [ravel(x) for x in operands], 0
    axis = normalize_one_axis(axis, operands[0].ndim, "concatenate")
    rests = {(*x.shape[:axis], *x.shape[axis + 1 :]) for x in operands}
    if len(rests) > 1 or any(x.ndim != operands[0].ndim for x in operands):
        shapes = ", ".join(str(x.shape) for x in operands)
        expected = f"shapes that differ on axis {axis} only"
        raise ShapeError(message("concatenate", f"shapes {shapes}", expected))
    if dtype is not None:
        # Each by itself: what int64 and uint64 have in common is float64, which would round them.
        operands = _in_dtype(operands, as_dtype(dtype, "concatenate"))
    return s.concatenate(*operands, axis=axis)


def _in_dtype(operands: list[Any], dtype: Any) -> list[Any]:
    """The operands in a dtype of their kind or a wider kind."""
    if not all(np.can_cast(x.dtype, dtype, "same_kind") for x in operands):
        got = f"dtype={dtype} for arrays of dtype {np.result_type(*(x.dtype for x in operands))}"
        hint = "use astype on the result to cut off what it cannot hold"
        raise ArgumentError(message("concatenate", got, "a dtype that holds their kind", hint))
    return [x if x.dtype == dtype else astype(x, dtype) for x in operands]


@implements(np.stack)
@explained
def stack(arrays: Any, axis: int = 0, out: None = None, *, dtype: Any = None) -> Any:
    """Arrays of one shape joined along a new axis.

    Example:
        >>> ag.stack([ag.Tensor(1.0), ag.Tensor(2.0)])
        Tensor([1., 2.])
    """
    operands = several(arrays, "stack")
    if len({x.shape for x in operands}) > 1:
        shapes = ", ".join(str(x.shape) for x in operands)
        raise ShapeError(message("stack", f"shapes {shapes}", "equal ones"))
    if operands:
        normalize_one_axis(axis, operands[0].ndim + 1, "stack")
    return concatenate([expand_dims(x, axis) for x in operands], axis, out, dtype=dtype)


@implements(np.vstack)
@explained
def vstack(arrays: Any, *, dtype: Any = None) -> Any:
    """Arrays joined as rows; a vector is one row.

    Example:
        >>> ag.vstack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])]).shape
        (2, 2)
    """
    return concatenate([atleast_2d(x) for x in several(arrays, "vstack")], 0, dtype=dtype)


@implements(np.hstack)
@explained
def hstack(arrays: Any, *, dtype: Any = None) -> Any:
    """Arrays joined side by side: along the second axis, vectors along their only one.

    Example:
        >>> ag.hstack([ag.Tensor([1.0]), ag.Tensor([2.0])])
        Tensor([1., 2.])
    """
    operands = [atleast_1d(x) for x in several(arrays, "hstack")]
    return concatenate(operands, 0 if operands and operands[0].ndim == 1 else 1, dtype=dtype)


@implements(np.dstack)
@explained
def dstack(arrays: Any) -> Any:
    """Arrays joined along the third axis.

    Example:
        >>> ag.dstack([ag.Tensor([1.0]), ag.Tensor([2.0])]).shape
        (1, 1, 2)
    """
    return concatenate([atleast_3d(x) for x in several(arrays, "dstack")], 2)


@implements(np.column_stack)
@explained
def column_stack(arrays: Any) -> Any:
    """Vectors as the columns of a matrix.

    Example:
        >>> ag.column_stack([ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])])
        Tensor([[1., 3.],
                [2., 4.]])
    """
    operands = several(arrays, "column_stack")
    return concatenate([x if x.ndim > 1 else atleast_2d(x).T for x in operands], 1)


@implements(np.array_split)
@explained
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut along an axis into pieces, of nearly equal length or at indices.

    Example:
        >>> [t.shape for t in ag.array_split(ag.Tensor([1.0, 2.0, 3.0]), 2)]
        [(2,), (1,)]
    """
    x = as_operand(x, "array_split")
    i = normalize_one_axis(axis, x.ndim, "array_split")
    whole = [slice(None)] * i
    cuts = _cuts(x.shape[i], indices_or_sections)
    return [getitem(x, index=(*whole, slice(a, b))) for a, b in cuts]


# Pieces without entries are as many objects: 10⁹ of them take minutes and fill the memory.
MOST_EMPTY = 1_000_000


def _pieces(sections: Any, what: str) -> int:
    """The number of pieces; 0 for a list of indices."""
    if np.ndim(sections):
        return 0
    expected = "a number of pieces, 1 or more, or a list of indices"
    pieces = integer(sections, what, "indices_or_sections", expected)
    if pieces < 1:
        raise ShapeError(message(what, f"indices_or_sections={pieces}", expected))
    return pieces


def _cuts(n: int, indices_or_sections: Any) -> list[tuple[int, int]]:
    """Where the pieces begin and end."""
    pieces = indices_or_sections
    if type(pieces) is not int or pieces < 1:
        pieces = _pieces(indices_or_sections, "array_split")
    if pieces > n + MOST_EMPTY:
        got = f"indices_or_sections={pieces:,} for {counted(n, 'entry')}"
        raise ShapeError(message("array_split", got, f"at most {n + MOST_EMPTY:,} pieces"))
    if pieces:
        size, longer = divmod(n, pieces)
        ends = [size * k + min(k, longer) for k in range(pieces + 1)]
        return list(itertools.pairwise(ends))
    at = integers_or_one(indices_or_sections, "array_split", "indices_or_sections")
    places = np.array_split(np.arange(n), at)
    return [(int(p[0]), int(p[-1]) + 1) if len(p) else (0, 0) for p in places]


@implements(np.split)
@explained
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut along an axis into equal pieces, or at indices.

    Raises:
        ShapeError: the length is not a multiple of the number of pieces.

    Example:
        >>> [t.tolist() for t in ag.split(ag.Tensor([1.0, 2.0, 3.0, 4.0]), 2)]
        [[1.0, 2.0], [3.0, 4.0]]
    """
    x = as_operand(x, "split")
    n = x.shape[normalize_one_axis(axis, x.ndim, "split")]
    pieces = indices_or_sections
    if type(pieces) is not int or pieces < 1:
        pieces = _pieces(indices_or_sections, "split")
    if pieces and n % pieces:
        got, hint = f"length {n} for {pieces} pieces", "use array_split for unequal pieces"
        raise ShapeError(message("split", got, f"a multiple of {pieces}", hint))
    return array_split(x, indices_or_sections, axis)
