"""How the public functions prepare their arguments before a primitive sees them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import DTypeError, ShapeError, message
from autograd.numpy.dispatch import unsupported


def as_operand(x: Any, what: str) -> Any:
    """`x` as a Tensor or an array: array-likes become arrays, a Value raises."""
    if isinstance(x, Node):
        if not x._backend.has_shape:
            hint = "use Python's own functions on lists of Values; ag.Tensor holds arrays"
            raise DTypeError(message(what, "a Value", "an array or Tensor", hint))
        return x
    return x if isinstance(x, (np.ndarray, np.generic)) else np.asanyarray(x)


def normalize_one_axis(axis: Any, ndim: int, what: str) -> int:
    """`axis` as a non-negative int."""
    try:
        number = operator.index(axis)
    except TypeError:
        raise ShapeError(message(what, f"axis {axis!r}", "an integer")) from None
    if not -ndim <= number < ndim:
        expected = f"one from 0 to {ndim - 1} or -{ndim} to -1" if ndim else "none"
        raise ShapeError(message(what, f"axis {number} for an array of {ndim} axes", expected))
    return number % ndim


def normalize_axis(axis: Any, ndim: int, what: str) -> tuple[int, ...]:
    """`axis` as a sorted tuple of non-negative ints; None means all axes."""
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:  # the most common case, without a sort
        return (axis % ndim,)
    if ndim == 0 and axis in (0, -1) and not isinstance(axis, Iterable):
        return ()  # NumPy lets one number be reduced along axis 0 or -1
    axes = axis if isinstance(axis, Iterable) else (axis,)
    numbers = sorted(normalize_one_axis(a, ndim, what) for a in axes)
    if len(set(numbers)) < len(numbers):
        raise ShapeError(message(what, f"axis={axis}", "each axis once"))
    return tuple(numbers)


def as_elementwise(x: Any) -> Any:
    """`x` as an elementwise primitive takes it: lists become arrays, anything else stays."""
    return np.asanyarray(x) if isinstance(x, (list, tuple)) else x


def bound(dtype: Any, largest: bool) -> Any:
    """The largest or smallest value of a dtype: a limit that changes neither values nor dtype."""
    if dtype.kind == "b":
        return largest
    if dtype.kind in "iu":
        return int(np.iinfo(dtype).max if largest else np.iinfo(dtype).min)
    return np.inf if largest else -np.inf


def positive_ints(value: Any, count: int | None, what: str, name: str) -> tuple[int, ...]:
    """One or more positive ints as a tuple; a single int is repeated `count` times."""
    entries = tuple(value) if isinstance(value, Iterable) else (value,)
    try:
        numbers = tuple(map(operator.index, entries))
    except TypeError:
        numbers = ()
    if count is not None and len(numbers) == 1 and not isinstance(value, Iterable):
        numbers *= count
    if not numbers or min(numbers) < 1 or (count is not None and len(numbers) != count):
        expected = "one or more positive ints" if count is None else f"1 or {count} positive ints"
        raise ShapeError(message(what, f"{name}={value!r}", expected))
    return numbers


def integers(indices: Any, what: str) -> Any:
    """Indices as an array of integers; of a node, its data."""
    array = np.asanyarray(data_of(indices))
    if array.dtype.kind not in "iu":
        raise DTypeError(message(what, f"indices of dtype {array.dtype}", "integers"))
    return array


def check_range(indices: Any, n: int, what: str) -> None:
    """Raise for indices that are not from 0 to n - 1."""
    if indices.size and not 0 <= indices.min() <= indices.max() < n:
        got = f"indices from {indices.min()} to {indices.max()}"
        raise IndexError(message(what, got, f"0 to {n - 1}"))


def check_out(out: Any, numpy_function: Any) -> None:
    """Raise for an `out=`: a Tensor's array is read-only, and the write could not be recorded."""
    if out is not None:
        raise unsupported(numpy_function, "the argument out= is not supported on Tensors")
