"""Picking entries and putting them back, by NumPy's names and keyword arguments."""

from __future__ import annotations

import re
from types import EllipsisType
from typing import Any

import numpy as np

from autograd.backends.numpy import frozen
from autograd.engine.graph import Node, data_of
from autograd.errors import DTypeError, ShapeError, described, message
from autograd.names import UPDATES, install
from autograd.numpy.arguments import (
    as_operand,
    bound,
    check_range,
    integers,
)
from autograd.numpy.refusals import ArgumentError, PositionError
from autograd.numpy.shaping import broadcast_to, ravel
from autograd.primitives import arithmetic as a
from autograd.primitives import indexing as p
from autograd.primitives import reduction as r
from autograd.primitives.shaping import cast, concatenate, reshape, transpose

__all__ = [
    "embedding",
    "getitem",
]


def getitem(x: Any, index: Any) -> Any:
    """`x[index]`, for every kind of index that NumPy accepts.

    Derivative: the gradient goes back to the entries read; one read twice gets the sum.

    Args:
        x: a Tensor or array.
        index: ints, slices, Ellipsis, None, integer arrays, boolean masks, or a tuple of these.

    Raises:
        IndexError: an index is out of range, or of an unsupported kind.

    Example:
        >>> ag.getitem(ag.Tensor([1.0, 2.0, 3.0]), [0, 0, 2])
        Tensor([1., 1., 3.])
    """
    if type(index) is tuple and len(index) == 2:
        i, j = index
        if type(i) is type(j) is np.ndarray and i.dtype.kind == j.dtype.kind == "i":
            # As a loss picks entries, by row and class.
            index = (frozen(i), frozen(j))
            try:
                return p.getitem(x, index=index)
            except (IndexError, TypeError) as error:
                raise _of_index("indexing", x, index, error) from error
    index = frozen_index(index)
    if not isinstance(x, (Node, np.ndarray)):
        x = as_operand(x, "getitem")
    try:
        return p.getitem(x, index=index)
    except (IndexError, TypeError, OverflowError) as error:
        raise _of_index("indexing", x, index, error) from error


# What NumPy says about an index, and what would be valid.
INDICES = {
    r"out of bounds for axis (\d+) with size 0": "no index, because axis {0} has no entries",
    r"out of bounds for axis (\d+) with size (\d+)": "-{1} to {2} on axis {0}",
    r"array is (\d+)-dimensional": "at most {0} indices",
    r"axis (\d+); size of axis is (\d+)": "a mask of length {1} on axis {0}",
    r"shape mismatch": "index arrays that broadcast",
    r"single ellipsis": "one ellipsis",
    r"slice indices must be integers": "slices of ints",
    r"slice step cannot be zero": "a step other than 0",
}


def _of_index(what: str, x: Any, index: Any, error: Exception) -> Exception:
    """The error about an index, with the index and what fits."""
    if isinstance(error, DTypeError):
        return error
    expected, hint = "", f"NumPy says: {error}"
    for pattern, words in INDICES.items():
        found = re.search(pattern, str(error))
        if found:
            sizes = [int(n) for n in found.groups()]
            expected, hint = words.format(*sizes, *[n - 1 for n in sizes[1:]]), ""
            break
    several = isinstance(index, tuple)
    shown = f"[{', '.join(map(_index_text, index))}]" if several else _index_text(index)
    of_kind = ArgumentError if isinstance(error, TypeError) else IndexError
    return of_kind(message(what, f"index {shown} for shape {np.shape(data_of(x))}", expected, hint))


def _index_text(i: Any) -> str:
    """One index as it is written between brackets."""
    if isinstance(i, slice):
        ends = ["" if end is None else str(end) for end in (i.start, i.stop, i.step)]
        return ":".join(ends if i.step is not None else ends[:2])
    if isinstance(i, np.ndarray):
        if i.ndim == 1 and i.size < 10:
            return str(i.tolist())
        return f"{'a mask' if i.dtype == bool else 'integers'} of shape {i.shape}"
    return "..." if i is Ellipsis else described(i)


def frozen_index(index: Any, what: str = "indexing") -> Any:
    """`index` with its arrays copied, so that later writes to them do not reach the graph."""
    if type(index) is np.ndarray and index.dtype.kind in "iub" and index.dtype.isnative:
        return frozen(index)
    if isinstance(index, tuple):
        if p.is_basic(index):
            return index
        # A tuple inside of a tuple is a list of positions.
        return tuple(frozen_index(list(i) if isinstance(i, tuple) else i, what) for i in index)
    if index is None or isinstance(index, (slice, int, EllipsisType)):
        return index
    try:
        array = np.array(data_of(index), subok=True)
    except ValueError:
        got = f"{described(index)}, rows that differ in length"
        raise ArgumentError(message(what, got, "index arrays")) from None
    if array.size == 0 and not isinstance(index, (Node, np.ndarray)):
        array = array.astype(int)
    if not array.dtype.isnative:
        array = array.astype(np.intp)
    if array.dtype.kind not in "iub":
        expected = "ints, slices, Ellipsis, None, integer arrays or boolean masks"
        raise PositionError(message(what, f"an index of dtype {array.dtype}", expected))
    array.setflags(write=False)
    return array


class At:
    """`t.at[index].set(v)`, `add(v)` and others: a new Tensor that differs from `t` there.

    Example:
        >>> t = ag.Tensor([1.0, 2.0, 3.0])
        >>> t.at[0].set(10.0)
        Tensor([10.,  2.,  3.])
        >>> t.at[1:].add(1.0)
        Tensor([1., 3., 4.])
        >>> t.at[[0, 0, 2]].multiply([2.0, 3.0, 10.0])
        Tensor([ 6.,  2., 30.])
    """

    __slots__ = ("_index", "_tensor")

    def __init__(self, tensor: Any, index: Any = ...) -> None:
        self._tensor = tensor
        self._index = index

    def __getitem__(self, index: Any) -> At:
        return At(self._tensor, frozen_index(index, "at"))

    def set(self, v: Any) -> Any:
        """The tensor with the entries at the index replaced by `v`, which broadcasts.

        If an index occurs twice, the last entry wins, and only that one has a gradient.
        """
        t, v = self._tensor, self._matching(v)
        source = np.full(t.shape, -1)
        try:
            source[self._index] = np.arange(v.size).reshape(v.shape)
        except IndexError as error:
            raise _of_index("at", t, self._index, error) from None
        if v.size == 0:
            return t
        return a.where(source >= 0, p.getitem(ravel(v), index=(np.maximum(source, 0),)), t)

    def add(self, v: Any) -> Any:
        """The tensor with `v`, which broadcasts, added at the index, once for each mention."""
        t, v = self._tensor, self._matching(v)
        try:
            return t + p.scatter_add(v, index=self._index, shape=t.shape)
        except IndexError as error:
            raise _of_index("at", t, self._index, error) from None

    def multiply(self, v: Any) -> Any:
        """The tensor with the entries at the index multiplied by `v`, once for each mention."""
        return self._combined(v, 1, lambda x: r.prod(transpose(x, axes=(1, 0))))

    def max(self, v: Any) -> Any:
        """The tensor with the larger of each entry at the index and all of `v` that name it.

        Equal ones share the gradient evenly.
        """
        largest = bound(self._tensor.dtype, False)
        return self._combined(v, largest, lambda x: r.max_(x, axis=(0,), keepdims=False))

    def min(self, v: Any) -> Any:
        """The tensor with the smaller of each entry at the index and all of `v` that name it.

        Equal ones share the gradient evenly.
        """
        smallest = bound(self._tensor.dtype, True)
        return self._combined(v, smallest, lambda x: r.min_(x, axis=(0,), keepdims=False))

    def _combined(self, v: Any, neutral: Any, reduce: Any) -> Any:
        """Each entry with all values that name it, in rows of which each names it at most once."""
        t, v = self._tensor, self._matching(v)
        at = np.arange(t.size).reshape(t.shape)[self._index].ravel()
        if not at.size:
            return t
        order = np.argsort(at, kind="stable")
        ordered = at[order]
        first = np.searchsorted(ordered, ordered)  # where the run of equal positions begins
        source = np.full((1 + int((np.arange(at.size) - first).max()), t.size), -1)
        source[np.arange(at.size) - first, ordered] = order
        rows = p.getitem(ravel(v), index=(np.maximum(source, 0),))
        neutral = np.asarray(neutral, t.dtype if v.dtype == t.dtype else None)
        rows = a.where(source >= 0, rows, neutral)
        return reshape(
            reduce(concatenate(reshape(t, shape=(1, t.size)), rows, axis=0)), shape=t.shape
        )

    def _matching(self, v: Any) -> Any:
        """`v` in the shape of the indexed entries, in the tensor's dtype if that is of its kind."""
        dtype = self._tensor.dtype
        weak = isinstance(v, (bool, int, float)) and not isinstance(v, np.generic)
        v = np.asarray(v, np.result_type(dtype, v)) if weak else as_operand(v, "at")
        if v.dtype != dtype and np.can_cast(v.dtype, dtype, "same_kind"):
            v = cast(v, dtype=dtype)
        index, shape = self._index, self._tensor.shape
        try:
            # One array of positions, which may differ from call to call, is not looked at.
            positions = isinstance(index, np.ndarray) and index.dtype.kind in "iu" and shape
            shape = index.shape + shape[1:] if positions else np.empty(shape, bool)[index].shape
        except (IndexError, TypeError) as error:
            raise _of_index("at", self._tensor, self._index, error) from None
        try:
            return broadcast_to(v, shape)
        except ShapeError:
            got, expected = f"a value of shape {v.shape}", f"one for the indexed shape {shape}"
            raise ShapeError(message("at", got, expected)) from None


install(At, "t.at[i]", UPDATES)


def embedding(weight: Any, indices: Any) -> Any:
    """The rows of a matrix at integer indices: a vector for each token.

    Derivative: each row gets the sum of the gradients of the places that it was copied to.

    Args:
        weight: a Tensor of shape (num_embeddings, embedding_dim).
        indices: integers of any shape, from 0 to num_embeddings - 1.

    Returns:
        shape indices.shape + (embedding_dim,).

    Raises:
        DTypeError: indices are not integers.
        IndexError: an index is out of range.

    Example:
        >>> ag.embedding(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [1, 1, 0]).tolist()
        [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    weight = as_operand(weight, "embedding")
    indices = integers(indices, "embedding")
    if not weight.ndim:
        raise ShapeError(message("embedding", "a weight without axes", "one row for each index"))
    check_range(indices, weight.shape[0], "embedding")
    return p.getitem(weight, index=(frozen_index(indices),))
