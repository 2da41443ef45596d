"""How the public functions prepare their arguments before a primitive sees them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import DTypeError, ShapeError, as_int, counted, described, message, span
from autograd.numpy.dispatch import unsupported
from autograd.numpy.refusals import ArgumentError, AxisError


def as_operand(x: Any, what: str) -> Any:
    """`x` as a Tensor or an array: array-likes become arrays, a Value raises."""
    if isinstance(x, Node):
        if not x._backend.has_shape:
            hint = "use Python's own functions on lists of Values; ag.Tensor holds arrays"
            raise DTypeError(message(what, "a Value", "an array or Tensor", hint))
        return x
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fiubc":
        return x
    return as_numbers(x, what)


def as_numbers(x: Any, what: str) -> Any:
    """An array of the numbers in nested lists."""
    try:
        array = np.asanyarray(x)
    except ValueError as error:
        got, expected = "rows that differ in length", "rows of one length"
        raise ShapeError(message(what, got, expected, f"NumPy says: {error}")) from None
    is_number = array.dtype.kind in "biufc"
    if is_number or (array.dtype.hasobject and all(isinstance(x, Node) for x in array.flat)):
        return array
    raise ArgumentError(message(what, f"{described(x)}, of dtype {array.dtype}", "numbers"))


def integer(value: Any, what: str, name: str, expected: str = "an int") -> int:
    """`value` as an int; anything else raises, booleans and whole floats too, as in NumPy."""
    number = as_int(data_of(value))
    if number is None:
        raise ArgumentError(message(what, f"{name}={described(value)}", expected))
    return number


def integers_or_one(value: Any, what: str, name: str) -> list[int]:
    """One int or several, as a list."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    expected = "an int, or several"
    if isinstance(value, (list, tuple, range)):
        return [integer(v, what, name, expected) for v in value]
    return [integer(value, what, name, expected)]


def normalize_one_axis(axis: Any, ndim: int, what: str) -> int:
    """`axis` as a non-negative int."""
    number = as_int(axis)
    if number is None:
        raise ArgumentError(message(what, f"axis {described(axis)}", "an integer"))
    if not -ndim <= number < ndim:
        expected = f"one from 0 to {ndim - 1} or -{ndim} to -1" if ndim > 1 else "0 or -1"
        got = f"axis {number} for an array of {counted(ndim, 'axis')}"
        raise AxisError(message(what, got, expected if ndim else "an array with axes"))
    return number % ndim


def normalize_axes(axes: Any, ndim: int, what: str) -> list[int]:
    """One axis or several, in their order, as non-negative ints, each once."""
    if isinstance(axes, np.ndarray):
        axes = axes.tolist()
    several = axes if isinstance(axes, (list, tuple, range)) else [axes]
    numbers = [normalize_one_axis(a, ndim, what) for a in several]
    if len(set(numbers)) < len(numbers):
        raise ShapeError(message(what, f"axes {described(axes)}", "each axis once"))
    return numbers


def normalize_axis(axis: Any, ndim: int, what: str, lone: bool = False) -> tuple[int, ...]:
    """`axis` as a sorted tuple of non-negative ints; None means all axes.

    With `lone`, one number has an axis 0, which is also -1: so NumPy's sums and extremes see it.
    """
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:  # the most common case, without a sort
        return (axis % ndim,)
    if lone and ndim == 0 and type(axis) is int and axis in (0, -1):
        return ()
    if type(axis) is np.ndarray:
        axis = axis.tolist()
    axes = axis if isinstance(axis, (tuple, list, range)) else (axis,)
    numbers = sorted(normalize_one_axis(a, ndim, what) for a in axes)
    if len(set(numbers)) < len(numbers):
        raise ShapeError(message(what, f"axis={axis}", "each axis once"))
    return tuple(numbers)


def several(arrays: Any, what: str) -> list[Any]:
    """The operands in a sequence of arrays, or in an array along its first axis."""
    try:
        return [as_operand(x, what) for x in arrays]
    except TypeError as error:
        if isinstance(error, DTypeError):  # about one of them
            raise
        got = f"{described(arrays)}, which is not a sequence"
        raise ArgumentError(message(what, got, "a list or tuple of arrays")) from None


def as_elementwise(x: Any) -> Any:
    """`x` as an elementwise primitive takes it: lists become arrays, anything else stays."""
    return as_numbers(x, "an elementwise function") if isinstance(x, (list, tuple)) else x


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
        if value is True or value is False:
            raise TypeError
        numbers = tuple(map(operator.index, entries))
    except TypeError:
        numbers = ()
    if count is not None and len(numbers) == 1 and not isinstance(value, Iterable):
        numbers *= count
    if not numbers or min(numbers) < 1 or (count is not None and len(numbers) != count):
        expected = "one or more positive ints" if count is None else f"1 or {count} positive ints"
        of_kind = ShapeError if numbers else ArgumentError
        raise of_kind(message(what, f"{name}={described(value)}", expected))
    return numbers


def integers(indices: Any, what: str) -> Any:
    """Indices as an array of native ints; of a node, its data."""
    array = data_of(indices)
    if not isinstance(array, np.ndarray):
        array = as_numbers(array, what)
    if array.dtype.kind not in "iu":
        raise DTypeError(message(what, f"indices of dtype {array.dtype}", "integers"))
    return array if array.dtype == np.intp else array.astype(np.intp)


def check_range(indices: Any, n: int, what: str) -> None:
    """Raise for indices that are not from 0 to n - 1."""
    if indices.size and not 0 <= indices.min() <= indices.max() < n:
        got = span(indices.min(), indices.max())
        expected = "no index, because there is nothing to pick"
        raise IndexError(message(what, got, f"0 to {n - 1}" if n > 1 else "0" if n else expected))


def flag(value: Any, what: str, name: str) -> bool:
    """`value` as True or False: a bool or an int, as in NumPy."""
    if isinstance(value, np.bool_):
        return bool(value)
    try:
        return operator.index(value) != 0
    except TypeError:
        got = f"{name}={described(value)}"
        raise ArgumentError(message(what, got, "True or False")) from None


def check_number(value: Any, what: str, name: str) -> None:
    """Raise unless `value` is one number, or None."""
    if value is None or type(value) in (int, float):
        return
    data = data_of(value)
    if np.ndim(data) or np.asarray(data).dtype.kind not in "biufc":
        raise ArgumentError(message(what, f"{name}={described(value)}", "one number"))


def keepdims_by_position(what: str, name: str, given: bool) -> ArgumentError:
    """The error for PyTorch's keepdim by position, where NumPy has another argument."""
    kept = what not in ("cumsum", "cumprod", "astype", "take", "dot", "outer", "concatenate")
    hint = f"write keepdims={given} by name" if kept else ""
    expected = "a NumPy dtype, such as np.float32" if name == "dtype" else "None"
    return ArgumentError(message(what, f"{name}={given}", expected, hint))


def check_out(out: Any, numpy_function: Any) -> None:
    """Raise for an `out=`: a Tensor's array is read-only, and the write could not be recorded."""
    if out is True or out is False:
        raise keepdims_by_position(numpy_function.__name__, "out", out)
    if out is not None:
        expected = "out=None, because a Tensor cannot be written to"
        raise unsupported(numpy_function, "out=", expected, "use the result")


def as_dtype(dtype: Any, what: str) -> Any:
    """`dtype` as a NumPy dtype of numbers."""
    if dtype is True or dtype is False:
        raise keepdims_by_position(what, "dtype", dtype)
    try:
        found = np.dtype(dtype)
    except TypeError:
        expected = "a NumPy dtype, such as np.float32"
        raise ArgumentError(message(what, f"dtype={described(dtype)}", expected)) from None
    if found.kind not in "biufc":
        expected = "a dtype of numbers, such as np.float32"
        raise ArgumentError(message(what, f"dtype={described(dtype)}", expected))
    return found if found.isnative else np.dtype(found.type)
