"""Rearranging entries, by NumPy's names; each gradient goes back to where its entry was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import Any, Never

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import ShapeError, counted, described, message, one_of
from autograd.numpy.arguments import (
    as_dtype,
    as_operand,
    normalize_axes,
    normalize_axis,
    normalize_one_axis,
)
from autograd.numpy.dispatch import implements
from autograd.numpy.refusals import ArgumentError, explained, unknown_keyword
from autograd.numpy.selection import stop_gradient
from autograd.primitives import reduction as r
from autograd.primitives import shaping as s

__all__ = [
    "astype",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "expand_dims",
    "moveaxis",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "transpose",
]


def _as_tuple(lengths: Any) -> tuple[Any, ...]:
    """One length or axis, or several, of any kind that NumPy takes."""
    if isinstance(lengths, Sequence) and not isinstance(lengths, str):
        return tuple(lengths)
    if isinstance(lengths, np.ndarray):
        if lengths.dtype.kind not in "iu":
            return (lengths,)  # which is refused as a length and as an axis
        lengths = lengths.tolist()
    return tuple(lengths) if np.ndim(lengths) else (lengths,)


@implements(np.reshape)
def reshape(x: Any, shape: Any, order: Any = "C", *, copy: bool | None = None) -> Any:
    """The same entries in another shape; one length may be -1, to be worked out.

    Args:
        x: a Tensor or array.
        shape: an int or a tuple of ints.
        order: "C", the last axis fastest, or "F", the first axis fastest.
        copy: accepted for compatibility; the data are shared, and read-only.

    Raises:
        ShapeError: the number of entries differs.

    Example:
        >>> ag.reshape(ag.Tensor([1.0, 2.0, 3.0, 4.0]), (2, -1))
        Tensor([[1., 2.],
                [3., 4.]])
    """
    x = as_operand(x, "reshape")
    if type(order) is not str or order not in ("C", "F"):
        order = _layout(order, "reshape")
    try:
        if shape is True or shape is False:
            raise TypeError
        lengths = [*map(index, _as_tuple(shape))]
    except TypeError:
        got = f"shape={described(shape)}"
        raise ArgumentError(message("reshape", got, "an int or a tuple of ints")) from None
    if lengths.count(-1) == 1:
        known = -math.prod(lengths)
        if known > 0 and x.size % known == 0:
            lengths[lengths.index(-1)] = x.size // known
    if math.prod(lengths) != x.size or min(lengths, default=0) < 0:
        got = f"{tuple(lengths) if np.ndim(shape) else lengths[0]} for shape {x.shape}"
        expected = f"a shape of {counted(x.size, 'entry')}"
        hint = "only one length may be -1" if lengths.count(-1) > 1 else ""
        raise ShapeError(message("reshape", got, expected, hint))
    if order == "F":
        return transpose(s.reshape(transpose(x), shape=tuple(lengths[::-1])))
    return s.reshape(x, shape=tuple(lengths))


@implements(np.transpose, np.permute_dims)
def transpose(x: Any, axes: Any = None, **others: Never) -> Any:
    """The axes in another order, by default reversed.

    Example:
        >>> ag.transpose(ag.Tensor([[1.0, 2.0, 3.0]])).shape
        (3, 1)
    """
    if others:
        raise unknown_keyword("transpose", next(iter(others)))
    x = as_operand(x, "transpose")
    if axes is None:
        order = tuple(reversed(range(x.ndim)))
    else:
        several = axes if type(axes) is tuple else np.atleast_1d(np.array(axes, object))
        order = tuple(normalize_one_axis(i, x.ndim, "transpose") for i in several)
        if sorted(order) != list(range(x.ndim)):
            expected = f"each of {counted(x.ndim, 'axis')} once"
            hint = "swapaxes exchanges two axes" if len(order) == 2 != x.ndim else ""
            raise ShapeError(message("transpose", f"axes={described(axes)}", expected, hint))
    return s.transpose(x, axes=order)


@implements(np.moveaxis)
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Axes moved to new places, the others keeping their order.

    Example:
        >>> ag.moveaxis(ag.Tensor([[[1.0, 2.0]]]), -1, 0).shape
        (2, 1, 1)
    """
    x = as_operand(x, "moveaxis")
    origins = normalize_axes(source, x.ndim, "moveaxis")
    places = normalize_axes(destination, x.ndim, "moveaxis")
    if len(origins) != len(places):
        got = f"{counted(len(origins), 'source')} and {counted(len(places), 'destination')}"
        raise ShapeError(message("moveaxis", got, "one destination for each source"))
    order = [i for i in range(x.ndim) if i not in origins]
    for place, origin in sorted(zip(places, origins, strict=True)):
        order.insert(place, origin)
    return s.transpose(x, axes=tuple(order))


@implements(np.swapaxes, np.linalg.matrix_transpose)
def swapaxes(x: Any, axis1: int = -1, axis2: int = -2) -> Any:
    """Two axes exchanged.

    Example:
        >>> ag.swapaxes(ag.Tensor([[[1.0, 2.0]]]), 0, 2).shape
        (2, 1, 1)
    """
    x = as_operand(x, "swapaxes")
    order = list(range(x.ndim))
    i, j = (normalize_one_axis(k, x.ndim, "swapaxes") for k in (axis1, axis2))
    order[i], order[j] = order[j], order[i]
    return s.transpose(x, axes=tuple(order))


@implements(np.squeeze)
@explained
def squeeze(x: Any, axis: Any = None) -> Any:
    """The array without its axes of length 1: all of them, or those named.

    Example:
        >>> ag.squeeze(ag.Tensor([[[1.0, 2.0]]])).shape
        (2,)
    """
    x = as_operand(x, "squeeze")
    if axis is None:
        return s.reshape(x, shape=tuple(n for n in x.shape if n != 1))
    axes = normalize_axis(axis, x.ndim, "squeeze", lone=True)
    for i in axes:
        if x.shape[i] != 1:
            got = f"axis {i} of shape {x.shape}"
            raise ShapeError(message("squeeze", got, "an axis of length 1"))
    return s.reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


@implements(np.expand_dims)
@explained
def expand_dims(x: Any, axis: Any) -> Any:
    """The array with new axes of length 1, at these places of the result.

    Example:
        >>> ag.expand_dims(ag.Tensor([1.0, 2.0]), 0).shape
        (1, 2)
    """
    x = as_operand(x, "expand_dims")
    places = _as_tuple(axis)
    axes = normalize_axis(places, x.ndim + len(places), "expand_dims")
    lengths = iter(x.shape)
    n = x.ndim + len(axes)
    return s.reshape(x, shape=tuple(1 if i in axes else next(lengths) for i in range(n)))


@implements(np.ravel)
def ravel(x: Any, order: Any = "C") -> Any:
    """All entries on one axis.

    Example:
        >>> ag.ravel(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([1., 2., 3., 4.])
    """
    x = as_operand(x, "ravel")
    if type(order) is not str or order not in ("C", "F"):
        order = _layout(order, "ravel")
    return reshape(x, (x.size,), order)


def _layout(order: Any, what: str) -> Any:
    """NumPy's letter for an order of entries: "C" or "F"."""
    if order is None:
        return "C"
    choices = ("C", "F", "A", "K") if what == "ravel" else ("C", "F", "A")
    order = order.upper() if isinstance(order, str) else order
    letter = one_of(what, "order", order, choices, ArgumentError)
    return "F" if letter == "F" else "C"  # arrays of nodes are in C order


@implements(np.broadcast_to)
def broadcast_to(x: Any, shape: Any, subok: bool = False) -> Any:
    """The array repeated to a shape, along axes that are missing or have length 1.

    Derivative: the gradients of the repetitions are summed.

    Example:
        >>> ag.broadcast_to(ag.Tensor([1.0, 2.0]), (2, 2))
        Tensor([[1., 2.],
                [1., 2.]])
    """
    x = as_operand(x, "broadcast_to")
    target = _as_tuple(shape)
    try:
        fits = np.broadcast_shapes(x.shape, target) == target
    except ValueError:
        fits = False
    except TypeError:
        got = f"shape={described(shape)}"
        raise ArgumentError(message("broadcast_to", got, "an int or a tuple of ints")) from None
    if not fits:
        got = f"shape {x.shape} to broadcast to {target}"
        raise ShapeError(message("broadcast_to", got, "lengths that are equal or 1"))
    return _repeated(x, target)


@implements(np.broadcast_arrays)
def broadcast_arrays(*arrays: Any, subok: bool = False) -> tuple[Any, ...]:
    """All arguments, repeated to their common shape.

    Example:
        >>> [t.shape for t in ag.broadcast_arrays(ag.Tensor([1.0, 2.0]), ag.Tensor([[1.0], [2.0]]))]
        [(2, 2), (2, 2)]
    """
    operands = [as_operand(x, "broadcast_arrays") for x in arrays]
    shapes = [x.shape for x in operands]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        got = f"shapes {' and '.join(map(str, shapes))}, which do not broadcast"
        expected = "lengths, counted from the right, that are equal or 1"
        raise ShapeError(message("broadcast_arrays", got, expected)) from None
    return tuple(broadcast_to(x, shape) for x in operands)


def _repeated(x: Any, shape: tuple[int, ...]) -> Any:
    """`x` broadcast to a shape; without a node where it has that shape."""
    return x if x.shape == shape else r.broadcast_to(x, shape=shape)


@implements(np.atleast_1d)
@explained
def atleast_1d(*arrays: Any) -> Any:
    """The array with at least one axis; several arrays give a tuple.

    Example:
        >>> ag.atleast_1d(ag.Tensor(1.0))
        Tensor([1.])
    """
    if len(arrays) != 1:
        return tuple(atleast_1d(x) for x in arrays)
    x = as_operand(arrays[0], "atleast_1d")
    return x if x.ndim else s.reshape(x, shape=(1,))


@implements(np.atleast_2d)
def atleast_2d(*arrays: Any) -> Any:
    """The array with at least two axes, new ones in front; several arrays give a tuple.

    Example:
        >>> ag.atleast_2d(ag.Tensor([1.0, 2.0])).shape
        (1, 2)
    """
    if len(arrays) != 1:
        return tuple(atleast_2d(x) for x in arrays)
    x = atleast_1d(arrays[0])
    return x if x.ndim > 1 else s.reshape(x, shape=(1, *x.shape))


@implements(np.atleast_3d)
def atleast_3d(*arrays: Any) -> Any:
    """The array with at least three axes, as NumPy adds them; several arrays give a tuple.

    Example:
        >>> ag.atleast_3d(ag.Tensor([1.0, 2.0])).shape
        (1, 2, 1)
    """
    if len(arrays) != 1:
        return tuple(atleast_3d(x) for x in arrays)
    x = atleast_2d(arrays[0])
    return x if x.ndim > 2 else s.reshape(x, shape=(*x.shape, 1))


@implements(np.astype)
@explained
def astype(x: Any, dtype: Any, copy: bool = True) -> Any:
    """The same values in another dtype; the gradient comes back in the dtype of `x`.

    A result of an integer or boolean dtype is a constant: no gradient can flow through it.

    Example:
        >>> ag.astype(ag.Tensor([1.5]), "float32")
        Tensor([1.5], dtype=float32)
    """
    x = as_operand(x, "astype")
    dtype = as_dtype(dtype, "astype")
    if x.dtype == dtype:
        return x
    if dtype.kind != "f" and isinstance(x, Node):
        x = stop_gradient(x)
    return s.cast(x, dtype=dtype)
