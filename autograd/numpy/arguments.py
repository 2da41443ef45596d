"""What the public functions do to their arguments before a primitive sees them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import DTypeError, ShapeError


def as_operand(x: Any, what: str) -> Any:
    """A Tensor or an array: array-likes become arrays, a Value is refused."""
    if isinstance(x, Node):
        if not x._has_shape:
            raise DTypeError(
                f"{what}: a Value came, an array or Tensor is expected; Python's own functions "
                "work on lists of Values, ag.Tensor holds arrays"
            )
        return x
    return x if isinstance(x, (np.ndarray, np.generic)) else np.asarray(x)


def normalize_one_axis(axis: Any, ndim: int, what: str) -> int:
    """`axis` as a non-negative int."""
    try:
        number = operator.index(axis)
    except TypeError:
        raise ShapeError(f"{what}: axis {axis!r} came, an integer is expected") from None
    if not -ndim <= number < ndim:
        raise ShapeError(
            f"{what}: axis {number} came, but there are {ndim} axes"
            + (f", numbered 0 to {ndim - 1} or -{ndim} to -1" if ndim else ": it is one number")
        )
    return number % ndim


def normalize_axis(axis: Any, ndim: int, what: str) -> tuple[int, ...]:
    """`axis` (None, an int or several) as a sorted tuple of non-negative ints; None means all."""
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:  # most often
        return (axis % ndim,)
    if ndim == 0 and axis in (0, -1) and not isinstance(axis, Iterable):
        return ()  # NumPy reduces one number along the axis that it has not
    axes = axis if isinstance(axis, Iterable) else (axis,)
    numbers = sorted(normalize_one_axis(a, ndim, what) for a in axes)
    if len(set(numbers)) < len(numbers):
        raise ShapeError(f"{what}: axis {axis} names one axis twice")
    return tuple(numbers)


def as_elementwise(x: Any) -> Any:
    """What an elementwise primitive takes: lists become arrays, all else is as it is."""
    return np.asarray(x) if isinstance(x, (list, tuple)) else x


def bound(dtype: Any, largest: bool) -> Any:
    """The largest or the smallest number of a dtype, which limits nothing and does not widen it."""
    if dtype.kind == "b":
        return largest
    if dtype.kind in "iu":
        return int(np.iinfo(dtype).max if largest else np.iinfo(dtype).min)
    return np.inf if largest else -np.inf


def data_of(x: Any) -> Any:
    """The data of a node; anything else as it is."""
    return x.data if isinstance(x, Node) else x


def whole_numbers(value: Any, count: int | None, what: str, name: str) -> tuple[int, ...]:
    """A positive int, or several, as a tuple; one int serves for all `count` of them."""
    entries = tuple(value) if isinstance(value, Iterable) else (value,)
    try:
        numbers = tuple(map(operator.index, entries))
    except TypeError:
        numbers = ()
    if count is not None and len(numbers) == 1 and not isinstance(value, Iterable):
        numbers *= count
    if not numbers or min(numbers) < 1 or (count is not None and len(numbers) != count):
        expected = "one or more positive ints" if count is None else f"1 or {count} positive ints"
        raise ShapeError(f"{what}: {name}={value!r} came, {expected} are expected")
    return numbers
