"""Entries added, removed and chosen, grids, and pieces along fixed axes, by NumPy's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import ShapeError, check_flags, counted, described, message, one_of
from autograd.numpy.arguments import as_operand, normalize_one_axis, several
from autograd.numpy.dispatch import implements
from autograd.numpy.indexing import At, getitem
from autograd.numpy.joining import concatenate, split
from autograd.numpy.refusals import ArgumentError, explained
from autograd.numpy.shaping import broadcast_to, ravel, reshape
from autograd.primitives import arithmetic as a
from autograd.primitives.shaping import cast

__all__ = [
    "append",
    "delete",
    "dsplit",
    "hsplit",
    "insert",
    "meshgrid",
    "piecewise",
    "select",
    "vsplit",
]


@implements(np.append)
@explained
def append(x: Any, values: Any, axis: int | None = None) -> Any:
    """An array with another after it along an axis; axis=None joins all entries of both on one.

    Example:
        >>> ag.append(ag.Tensor([1.0, 2.0]), [3.0])
        Tensor([1., 2., 3.])
    """
    x, values = as_operand(x, "append"), as_operand(values, "append")
    if axis is None:
        return concatenate([ravel(x), ravel(values)])
    return concatenate([x, values], normalize_one_axis(axis, x.ndim, "append"))


@implements(np.insert)
@explained
def insert(x: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """An array with values inserted before positions along an axis; axis=None takes all entries.

    Derivatives: each entry's gradient goes back to where it came from.

    Args:
        x: a Tensor or array.
        obj: an int, a slice, or positions; plain data.
        values: what is inserted, in the dtype of x; it broadcasts.
        axis: along which to insert.

    Example:
        >>> ag.insert(ag.Tensor([1.0, 3.0]), 1, 2.0)
        Tensor([1., 2., 3.])
    """
    x = as_operand(x, "insert")
    if isinstance(obj, bool):  # at which NumPy looks for a shape
        raise ArgumentError(message("insert", f"obj={obj}", "an int, a slice, or positions"))
    if isinstance(obj, list):
        obj = np.array([data_of(i) for i in obj], dtype=None if len(obj) else int)
    if not isinstance(values, Node):
        values = np.array(values, dtype=x.dtype)
    # NumPy inserts numbers of the values among numbers of the entries, which says what goes where.
    entries = np.arange(x.size).reshape(x.shape)
    more = x.size + np.arange(values.size).reshape(values.shape)
    places = np.insert(entries, data_of(obj), more, axis)
    values = values if values.dtype == x.dtype else cast(values, dtype=x.dtype)
    return getitem(concatenate([ravel(x), ravel(values)]), places)


@implements(np.delete)
@explained
def delete(x: Any, obj: Any, axis: int | None = None) -> Any:
    """An array without the entries at positions along an axis; axis=None takes all entries.

    Derivative: the gradient of entries that are left out is 0.

    Args:
        x: a Tensor or array.
        obj: an int, a slice, positions or a mask; plain data.
        axis: along which to delete.

    Example:
        >>> ag.delete(ag.Tensor([1.0, 2.0, 3.0]), 1)
        Tensor([1., 3.])
    """
    x = as_operand(x, "delete")
    places = np.delete(np.arange(x.size).reshape(x.shape), data_of(obj), axis)
    return getitem(ravel(x), places)


@implements(np.hsplit)
@explained
def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Pieces side by side: cut along the second axis, vectors along their only one.

    Example:
        >>> [t.tolist() for t in ag.hsplit(ag.Tensor([1.0, 2.0, 3.0, 4.0]), 2)]
        [[1.0, 2.0], [3.0, 4.0]]
    """
    x = _with_axes(x, 1, "hsplit")
    return split(x, indices_or_sections, min(x.ndim - 1, 1))


@implements(np.vsplit)
@explained
def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Pieces one above the other: cut along the first axis of two or more.

    Example:
        >>> [t.shape for t in ag.vsplit(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), 2)]
        [(1, 2), (1, 2)]
    """
    return split(_with_axes(x, 2, "vsplit"), indices_or_sections, 0)


@implements(np.dsplit)
@explained
def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """Pieces one behind the other: cut along the third axis of three or more.

    Example:
        >>> [t.shape for t in ag.dsplit(ag.Tensor([[[1.0, 2.0]]]), 2)]
        [(1, 1, 1), (1, 1, 1)]
    """
    return split(_with_axes(x, 3, "dsplit"), indices_or_sections, 2)


def _with_axes(x: Any, least: int, what: str) -> Any:
    x = as_operand(x, what)
    if x.ndim < least:
        expected = f"{counted(least, 'axis')} or more"
        raise ShapeError(message(what, f"an array of {counted(x.ndim, 'axis')}", expected))
    return x


@implements(np.meshgrid)
@explained
def meshgrid(*xi: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy") -> Any:
    """Coordinates of a grid, one array for each axis.

    Args:
        xi: the coordinates along each axis, vectors or numbers.
        copy: without effect.
        sparse: whether each array keeps length 1 along the other axes.
        indexing: "xy", where the first vector runs along the columns, or "ij".

    Returns:
        a tuple of arrays.

    Example:
        >>> x, y = ag.meshgrid(ag.Tensor([1.0, 2.0]), [3.0, 4.0, 5.0])
        >>> x.shape, y.tolist()
        ((3, 2), [[3.0, 3.0], [4.0, 4.0], [5.0, 5.0]])
    """
    one_of("meshgrid", "indexing", indexing, ("xy", "ij"), ArgumentError)
    check_flags("meshgrid", copy=copy, sparse=sparse)
    vectors = several(xi, "meshgrid")
    for x in vectors:
        if x.ndim > 1:
            got = f"coordinates of shape {x.shape}"
            raise ShapeError(message("meshgrid", got, "vectors or numbers"))
    n = len(vectors)
    axes = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else list(range(n))
    lines = []
    for x, axis in zip(vectors, axes, strict=True):
        lengths = [1] * n
        lengths[axis] = x.size
        lines.append(reshape(x, tuple(lengths)))
    if sparse:
        return tuple(lines)
    shape = np.broadcast_shapes(*(x.shape for x in lines))
    return tuple(broadcast_to(x, shape) for x in lines)


@implements(np.select)
@explained
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """From several arrays, each entry from the one whose condition is the first that holds.

    Args:
        condlist: masks of booleans.
        choicelist: an array for each mask.
        default: the entry where no mask holds.

    Example:
        >>> x = ag.Tensor([-1.0, 0.5, 3.0])
        >>> ag.select([x < 0, x < 1], [-x, x * x], 1.0)
        Tensor([1.  , 0.25, 1.  ])
    """
    masks = [np.asanyarray(data_of(c)) for c in condlist]
    given = [*choicelist, default]
    *choices, other = several(given, "select")
    weak = [
        x if type(x) in (int, float) else y.dtype
        for x, y in zip(given, (*choices, other), strict=True)
    ]
    if len(masks) != len(choices) or not masks:
        got = f"{counted(len(masks), 'mask')} for {counted(len(choices), 'array')}"
        raise ShapeError(message("select", got, "one mask for each array, at least one"))
    for mask in masks:
        if mask.dtype.kind != "b":
            got = f"a condition of dtype {mask.dtype}"
            raise ArgumentError(message("select", got, "masks of booleans"))
    dtype = np.result_type(*weak)
    result = broadcast_to(other, np.broadcast_shapes(*(x.shape for x in (*masks, *choices, other))))
    for mask, x in zip(reversed(masks), reversed(choices), strict=True):
        result = a.where(mask, x, result)
    return result if result.dtype == dtype else cast(result, dtype=dtype)


@implements(np.piecewise)
@explained
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Another function for each part of the entries, in the dtype of x.

    Args:
        x: a Tensor or array.
        condlist: masks of booleans; where several hold, the last one counts.
        funclist: for each mask a function of the entries there, or a number; one more is for the
            entries where no mask holds, which else are 0.
        args, kw: further arguments for the functions.

    Example:
        >>> x = ag.Tensor([-1.0, 2.0])
        >>> ag.piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: x * x])
        Tensor([1., 4.])
    """
    x = as_operand(x, "piecewise")
    if (
        isinstance(condlist, (dict, set, str, bytes))
        or condlist is None
        or (np.ndim(data_of(condlist)) and not len(condlist))
    ):
        raise ArgumentError(message("piecewise", f"condlist={described(condlist)}", "masks"))
    one = np.isscalar(condlist) or (np.ndim(data_of(condlist[0])) == 0 and x.ndim)
    given = [np.asarray(data_of(c), bool) for c in ([condlist] if one else condlist)]
    masks = np.asarray([np.broadcast_to(c, x.shape) if not c.ndim else c for c in given])
    if len(funclist) == len(masks) + 1:
        masks = np.concatenate([masks, ~masks.any(axis=0, keepdims=True)])
    if len(funclist) != len(masks) or masks.shape[1:] != x.shape:
        got = f"masks of shape {masks.shape} and {counted(len(funclist), 'function')}"
        expected = f"as many, or one more, and masks of shape {x.shape}"
        raise ShapeError(message("piecewise", got, expected))
    result = a.where(np.zeros(x.shape, bool), x, np.zeros((), x.dtype))  # stays in the graph
    for mask, function in zip(masks, funclist, strict=True):
        part = function(getitem(x, mask), *args, **kw) if callable(function) else function
        part = as_operand(part, "piecewise")
        part = part if part.dtype == x.dtype else cast(part, dtype=x.dtype)
        result = At(result)[mask].set(part)
    return result
