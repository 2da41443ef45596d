"""Picking entries and putting them back, by NumPy's names and keyword arguments."""

from __future__ import annotations

import re
from types import EllipsisType
from typing import Any

import numpy as np

from autograd.backends.numpy import frozen
from autograd.engine.graph import Node, data_of
from autograd.errors import DTypeError, ShapeError, message
from autograd.names import UPDATES, install
from autograd.numpy.arguments import (
    as_operand,
    check_number,
    check_out,
    check_range,
    counted,
    integer,
    integers,
    integers_or_one,
    normalize_one_axis,
    one_of,
)
from autograd.numpy.dispatch import implements
from autograd.numpy.reductions import sum as sum_of
from autograd.numpy.refusals import ArgumentError, PositionError, described, explained
from autograd.numpy.shaping import broadcast_to, moveaxis, ravel
from autograd.primitives import arithmetic as a
from autograd.primitives import indexing as p
from autograd.primitives.shaping import cast

__all__ = [
    "compress",
    "diag",
    "diagflat",
    "diagonal",
    "embedding",
    "getitem",
    "interp",
    "partition",
    "sort",
    "take",
    "take_along_axis",
    "trace",
    "tril",
    "triu",
]


def getitem(x: Any, index: Any) -> Any:
    """`x[index]`, for every kind of index that NumPy accepts.

    Derivative: the gradient goes back to the entries read; one read twice gets the sum.

    Args:
        x: a Tensor or array.
        index: ints, slices, Ellipsis, None, integer arrays, boolean masks, or a tuple of these.

    Raises:
        IndexError: an index is out of range, or of another kind.

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
    try:
        return p.getitem(x, index=index)
    except (IndexError, TypeError, OverflowError) as error:
        raise _of_index("indexing", x, index, error) from error


# What NumPy says of an index, and what it should have been.
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
    if type(index) is np.ndarray and index.dtype.kind in "iub":
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
    if array.dtype.kind not in "iub":
        expected = "ints, slices, Ellipsis, None, integer arrays or boolean masks"
        raise PositionError(message(what, f"an index of dtype {array.dtype}", expected))
    array.setflags(write=False)
    return array


class At:
    """`t.at[index].set(v)` and `t.at[index].add(v)`: a new Tensor that differs from `t` there.

    Example:
        >>> t = ag.Tensor([1.0, 2.0, 3.0])
        >>> t.at[0].set(10.0)
        Tensor([10.,  2.,  3.])
        >>> t.at[1:].add(1.0)
        Tensor([1., 3., 4.])
    """

    __slots__ = ("_index", "_tensor")

    def __init__(self, tensor: Any, index: Any = ...) -> None:
        self._tensor = tensor
        self._index = index

    def __getitem__(self, index: Any) -> At:
        return At(self._tensor, frozen_index(index, "at"))

    def set(self, v: Any) -> Any:
        """The tensor with the entries at the index replaced by `v`, which broadcasts.

        Of an index that is given twice the last entry wins, and only it has a gradient.
        """
        t, v = self._tensor, self._matching(v)
        source = np.full(t.shape, -1)
        source[self._index] = np.arange(v.size).reshape(v.shape)
        if v.size == 0:
            return t
        return a.where(source >= 0, p.getitem(ravel(v), index=(np.maximum(source, 0),)), t)

    def add(self, v: Any) -> Any:
        """The tensor with `v`, which broadcasts, added at the index, once for each mention."""
        t = self._tensor
        return t + p.scatter_add(self._matching(v), index=self._index, shape=t.shape)

    def _matching(self, v: Any) -> Any:
        """`v` at the shape of what is indexed, in the tensor's dtype if that is of its kind."""
        dtype = self._tensor.dtype
        weak = isinstance(v, (bool, int, float)) and not isinstance(v, np.generic)
        v = np.asarray(v, np.result_type(dtype, v)) if weak else as_operand(v, "at")
        if v.dtype != dtype and np.can_cast(v.dtype, dtype, "same_kind"):
            v = cast(v, dtype=dtype)
        try:
            shape = np.empty(self._tensor.shape, bool)[self._index].shape
        except (IndexError, TypeError) as error:
            raise _of_index("at", self._tensor, self._index, error) from None
        try:
            return broadcast_to(v, shape)
        except ShapeError:
            got, expected = f"a value of shape {v.shape}", f"one for the indexed shape {shape}"
            raise ShapeError(message("at", got, expected)) from None


install(At, "t.at[i]", UPDATES)


def _positions(indices: Any, what: str) -> Any:
    """An array of positions, from an int, an array, a list or a tuple."""
    index = list(indices) if isinstance(indices, tuple) else indices
    if index is None or isinstance(index, (slice, EllipsisType, str)):
        raise ArgumentError(message(what, f"indices={described(indices)}", "integers"))
    index = frozen_index(index, what)
    index = np.array(index) if isinstance(index, int) else index
    return index.astype(int) if index.dtype.kind == "b" else index  # no mask, as in NumPy


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
        one_of(mode, ("raise", "wrap", "clip"), "take", "mode")
    if n == 0 and index.size:
        got = f"positions on axis {i}, which has no entries"
        raise IndexError(message("take", got, "entries to take"))
    if mode == "wrap":
        index = index % n
    elif mode == "clip":
        index = np.clip(index, 0, n - 1)
    elif index.size and not -n <= index.min() <= index.max() < n:
        got = f"positions from {index.min()} to {index.max()}"
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
    if index.ndim != x.ndim:
        got = f"indices of {counted(index.ndim, 'axis', 'axes')} for an array of {x.ndim}"
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
        got = f"indices from {index.min()} to {index.max()}"
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
    return take_along_axis(x, np.argsort(data_of(x), axis, kind=kind or "stable"), axis)


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
    for k in integers_or_one(kth, "partition", "kth"):
        if not -n <= k < n:
            got = f"kth={k} for an axis of length {n}"
            raise ShapeError(message("partition", got, f"{-n} to {n - 1}" if n else "entries"))
    return take_along_axis(x, np.argpartition(data_of(x), kth, axis), axis)


SORTS = ("quicksort", "heapsort", "mergesort", "stable")


def _algorithm(kind: Any, names: tuple[str, ...], what: str) -> Any:
    """The name of an algorithm, of which NumPy reads the first letter."""
    if kind is None or (isinstance(kind, str) and kind[:1].lower() in {n[0] for n in names}):
        return kind
    return one_of(kind, names, what, "kind")


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
    return take(x, np.flatnonzero(chosen), axis)


@implements(np.tril)
@explained
def tril(m: Any, k: int = 0) -> Any:
    """The lower triangle, zeros above the k-th diagonal; of each matrix in a stack.

    Example:
        >>> ag.tril(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[1.0, 0.0], [3.0, 4.0]]
    """
    m = as_operand(m, "tril")
    return a.where(_lower(m, k, "tril"), m, m.dtype.type(0))


@implements(np.triu)
@explained
def triu(m: Any, k: int = 0) -> Any:
    """The upper triangle, zeros below the k-th diagonal; of each matrix in a stack.

    Example:
        >>> ag.triu(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[1.0, 2.0], [0.0, 4.0]]
    """
    m = as_operand(m, "triu")
    return a.where(_lower(m, integer(k, "triu", "k") - 1, "triu"), m.dtype.type(0), m)


@implements(np.diagonal)
@explained
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonal in the plane of two axes, as a new last axis.

    Example:
        >>> ag.diagonal(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([1., 4.])
    """
    x = as_operand(x, "diagonal")
    if x.ndim < 2:
        raise ShapeError(message("diagonal", f"shape {x.shape}", "at least two axes"))
    offset = integer(offset, "diagonal", "offset")
    i, j = (normalize_one_axis(k, x.ndim, "diagonal") for k in (axis1, axis2))
    if i == j:
        got = f"axis1={axis1} and axis2={axis2}, which are the same"
        raise ShapeError(message("diagonal", got, "two axes"))
    x = moveaxis(x, (i, j), (-2, -1))
    n = max(0, min(x.shape[-2] + min(offset, 0), x.shape[-1] - max(offset, 0)))
    k = np.arange(n)
    return p.getitem(x, index=(..., k - min(offset, 0), k + max(offset, 0)))


@implements(np.linalg.diagonal)
def _matrix_diagonal(x: Any, *, offset: int = 0) -> Any:
    return diagonal(x, offset, -2, -1)


@implements(np.diag)
@explained
def diag(v: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix, or the matrix with a vector on its k-th diagonal.

    Example:
        >>> ag.diag(ag.Tensor([1.0, 2.0])).tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    v, k = as_operand(v, "diag"), integer(k, "diag", "k")
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(message("diag", f"shape {v.shape}", "one or two axes"))
    n = v.shape[0] + abs(k)
    i = np.arange(v.shape[0])
    return p.scatter_add(v, index=(i - min(k, 0), i + max(k, 0)), shape=(n, n))


@implements(np.diagflat)
@explained
def diagflat(v: Any, k: int = 0) -> Any:
    """The matrix with all entries of `v` on its k-th diagonal.

    Example:
        >>> ag.diagflat(ag.Tensor([[1.0], [2.0]])).tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    return diag(ravel(v), k)


@implements(np.trace)
@explained
def trace(
    x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None
) -> Any:
    """The sum of the diagonal.

    Example:
        >>> ag.trace(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor(5.)
    """
    return sum_of(diagonal(x, offset, axis1, axis2), -1, dtype, out)


@implements(np.interp)
@explained
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Linear interpolation through the points (xp, fp), at x.

    Derivatives: by `x` the slope of the segment; by `fp` and `xp` that of the same formula.

    Args:
        x: the points to evaluate at, of any shape.
        xp: abscissas, a vector in ascending order.
        fp: ordinates, a vector of the same length.
        left: the value below xp[0], by default fp[0].
        right: the value above xp[-1], by default fp[-1].
        period: a period of x and xp.

    Example:
        >>> ag.interp(ag.Tensor([0.5, 1.5]), [0.0, 1.0, 2.0], [0.0, 10.0, 30.0])
        Tensor([ 5., 20.])
    """
    x, xp, fp = (as_operand(t, "interp") for t in (x, xp, fp))
    if fp.dtype.kind == "b":  # booleans do not subtract
        fp = cast(fp, dtype=np.dtype(float))
    if xp.ndim != 1 or xp.shape != fp.shape or xp.size == 0:
        got = f"xp and fp of shapes {xp.shape} and {fp.shape}"
        expected = "vectors of one length" if xp.size else "vectors with entries"
        raise ShapeError(message("interp", got, expected))
    if period is not None:
        check_number(period, "interp", "period")
        if period == 0:
            raise ShapeError(message("interp", "period=0", "a number other than 0"))
        size = abs(period)
        x, xp = a.remainder(x, size), a.remainder(xp, size)
        order = np.argsort(data_of(xp))
        order = np.concatenate([order[-1:], order, order[:1]])
        turns = np.zeros(order.size)
        turns[0], turns[-1] = -size, size
        xp, fp = p.getitem(xp, index=(order,)) + turns, p.getitem(fp, index=(order,))
    check_number(left, "interp", "left")
    check_number(right, "interp", "right")
    n = xp.shape[0]
    if n == 1:
        inside = broadcast_to(p.getitem(fp, index=(0,)), x.shape)
    else:
        i = np.clip(np.searchsorted(data_of(xp), data_of(x), "right") - 1, 0, n - 2)
        x0, x1, f0, f1 = (p.getitem(t, index=(k,)) for t in (xp, fp) for k in (i, i + 1))
        inside = f0 + (x - x0) * ((f1 - f0) / (x1 - x0))
    first, last = (p.getitem(fp, index=(k,)) for k in (0, n - 1))
    result = a.where(data_of(x) < data_of(xp)[0], first if left is None else left, inside)
    return a.where(data_of(x) > data_of(xp)[-1], last if right is None else right, result)


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
    check_range(indices, weight.shape[0], "embedding")
    return p.getitem(weight, index=(frozen_index(indices),))


def _lower(m: Any, k: int, what: str) -> Any:
    """Where the entries on and below the k-th diagonal are."""
    if m.ndim < 2:
        raise ShapeError(message(what, f"shape {m.shape}", "at least two axes"))
    return np.tri(m.shape[-2], m.shape[-1], integer(k, what, "k")) == 1
