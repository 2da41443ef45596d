"""Checks and conversions that layers and functions apply to their arguments."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Node, ShapeError, random
from autograd.errors import as_int, described, kind, message
from nn.names import PARAMETERS

Shape = tuple[int, ...]
MOST_AXES = 64  # of an array of NumPy's
LARGEST = 2**40  # of any size or count: arrays of a terabyte are a mistake, and 2**63 an overflow


def undefined(owner: object, signature: str, purpose: str) -> NotImplementedError:
    """The error for a method that a subclass has to define.

    Args:
        owner: the object whose class lacks it.
        signature: what to define, such as "forward(self, x)".
        purpose: what the method does, with its verb.
    """
    got = f"a class without {signature.partition('(')[0]}"
    hint = f"define {signature}, which {purpose}"
    return NotImplementedError(message(type(owner).__name__, got, hint=hint))


def array(x: Any) -> Any:
    """A Tensor or array unchanged, anything else as an array."""
    return x if isinstance(x, Node) else plain_array("nn.functional", x)


def plain_array(what: str, x: Any) -> Any:
    """Data other than nodes as an array of real numbers.

    Raises:
        ShapeError: rows differ in length.
        DTypeError: it holds something else, such as text or None.
    """
    try:
        values = np.asanyarray(x)  # because asarray would drop a subclass of ndarray
    except ValueError:
        got = f"{described(x)}, whose rows differ in length"
        raise ShapeError(message(what, got, "rows of one length")) from None
    if values.dtype.kind not in "fiub":
        raise DTypeError(message(what, f"data of dtype {values.dtype}", "real numbers"))
    return values


def floats(x: Any) -> Any:
    """`array(x)`, converted to floats if it is not floating.

    Raises:
        DTypeError: it holds something other than real numbers, such as text or None.
    """
    if not isinstance(x, Node):
        x = plain_array("nn.functional", x)
    return x if x.dtype.kind == "f" else x.astype(float)


def floats_like(value: Any, like: Any) -> Any:
    """Data to compare with `like`: floating arrays as they are, anything else in its dtype.

    A list or an array of integers has no precision of its own, and must not widen float32.
    """
    is_array: bool = isinstance(value, Node | np.ndarray)
    return value if is_array and value.dtype.kind == "f" else in_dtype_of(value, like)


def in_dtype_of(value: Any, like: Any) -> Any:
    """Constants such as class weights, as an array in the dtype of what they multiply."""
    value = array(value)
    return value if value.dtype == like.dtype else value.astype(like.dtype)


def integers(x: Any, what: str, name: str, expected: str = "integers") -> Any:
    """Class or token numbers as a plain array of native ints, through which no gradient flows.

    Raises:
        DTypeError: they are not integers.
    """
    if isinstance(x, Node):
        x = x.detach()
    elif not isinstance(x, np.ndarray):
        x = plain_array(what, x)
    values = np.asanyarray(x)
    if values.dtype.kind not in "iu" and values.size:
        raise DTypeError(message(what, f"{name} of dtype {values.dtype}", expected))
    # A dtype of the other byte order has the same `char`, but is not equal.
    return values if values.dtype == np.intp else values.astype(np.intp)


def size(what: str, name: str, value: Any, least: int = 0, most: int = LARGEST) -> int:
    """A count as an int.

    Raises:
        ValueError: it is not an integer, or too small.
    """
    if type(value) is int and least <= value <= most:  # as below, without calls
        return value
    number = as_int(value)
    if number is None or not least <= number <= most:
        largest = f" and at most {most:,}" if number is not None and number > least else ""
        expected = f"an integer of at least {least}{largest}"
        raise ValueError(message(what, f"{name}={described(value)}", expected))
    return number


def zeros(what: object, shape: int | Shape, dtype: Any) -> Any:
    """Zeros, for parameters of a layer or its running statistics.

    Raises:
        MemoryError: there is not so much memory.
    """
    try:
        return np.zeros(shape, dtype)
    except (MemoryError, ValueError):  # NumPy's ValueError: more than can be addressed
        layer = type(what).__name__
        hint = "make the layer smaller"
        raise MemoryError(
            message(layer, f"{np.dtype(dtype)} of shape {shape}", "what fits into memory", hint)
        ) from None


def is_listed(value: Any) -> bool:
    """Whether it is several values in an order, and not text."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Set, Mapping))


def integer(what: str, name: str, value: Any) -> int:
    """Any integer as an int, such as the number of a class that need not exist.

    Raises:
        ValueError: it is not an integer.
    """
    number = as_int(value)
    if number is None:
        raise ValueError(message(what, f"{name}={described(value)}", "an integer"))
    return number


def divisor(what: str, name: str, value: Any, **multiples: int) -> int:
    """A count that divides other sizes, which are passed by name.

    Raises:
        ValueError: it is not a positive integer, or leaves a remainder.
    """
    number = size(what, name, value, 1)
    if any(n % number for n in multiples.values()):
        whole = " and ".join(f"{key} = {n}" for key, n in multiples.items())
        raise ValueError(message(what, f"{name}={described(value)}", f"a divisor of {whole}"))
    return number


def entry_number(
    what: str,
    name: str,
    value: Any,
    count: int,
    thing: str,
    error: type[Exception] = IndexError,
) -> int:
    """The index of one of `count` things; a negative one counts from the end.

    Raises:
        ValueError: it is not an integer.
        IndexError: there is no such thing; `error` replaces the class.
    """
    number = integer(what, name, value)
    if not -count <= number < count:
        expected = f"one of the {count} {thing}s" if count != 1 else f"0, the only {thing}"
        raise error(message(what, f"{name}={described(value)}", expected))
    return number % count


def sizes(what: str, name: str, value: Any, count: int, least: int = 1) -> Shape:
    """One int for each of `count` axes; a single int is repeated.

    Raises:
        ValueError: there are more or fewer, or one is too small.
    """
    if type(value) is int and least <= value <= LARGEST:  # as below, without calls
        return (value,) * count
    entries = tuple(value) if is_listed(value) else (value,) * count
    for n in entries:
        if type(n) is not int or not least <= n <= LARGEST:
            break
    else:
        if len(entries) == count:
            return entries
    numbers = tuple(n for n in map(as_int, entries) if n is not None and least <= n <= LARGEST)
    if not len(numbers) == len(entries) == count:
        more = "" if count == 1 else f", or {count} of them"
        raise ValueError(
            message(what, f"{name}={described(value)}", f"an integer of at least {least}{more}")
        )
    return numbers


def normalized_shape(what: str, shape: Any, least: int = 0) -> Shape:
    """The lengths of the axes that a layer normalizes over, given as an int or a sequence.

    Raises:
        ValueError: a length is not an integer, or too small.
    """
    entries = tuple(shape) if is_listed(shape) else (shape,)
    if not entries:
        raise ValueError(
            message(what, f"normalized_shape={described(shape)}", "the length of an axis")
        )
    return tuple(size(what, "normalized_shape", n, least) for n in entries)


def number(
    what: str,
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
    finite: bool = True,
) -> float:
    """A number between two limits, by default a finite one.

    Raises:
        ValueError: it is not a number, or outside the limits.
    """
    if type(value) is float and low < value < high:  # as below, without calls
        return value
    try:
        good = not isinstance(value, (bool, np.bool_))  # lr=True is a flag in the wrong place
        good = good and (low < value if open_low else low <= value) and value <= high
        good = good and (not finite or math.isfinite(value)) and not isinstance(value, Node)
    except (TypeError, ValueError, OverflowError):  # of a str, of an array, of 10**400
        good = False
    if not good:
        limits = [] if low == -math.inf else [f"above {low:g}" if open_low else f"at least {low:g}"]
        limits += [] if high == math.inf else [f"at most {high:g}"]
        infinite = isinstance(value, float) and math.isinf(value)
        kind = "a finite number" if finite and infinite else "a number"
        expected = f"{kind}, {' and '.join(limits)}" if limits else kind
        raise ValueError(message(what, f"{name}={described(value)}", expected))
    return float(value)


def axis_number(what: str, axis: Any, ndim: int) -> int:
    """An axis counted from the first, for an array of `ndim` axes.

    Raises:
        ShapeError: the array has no such axis.
        TypeError: it is not an integer.
    """
    number = as_int(axis)
    if number is None:
        raise TypeError(message(what, f"axis {described(axis)}", "the number of an axis"))
    if not -ndim <= number < ndim:
        expected = f"one from {-ndim} to {ndim - 1}" if ndim else "an array with axes"
        raise ShapeError(message(what, f"axis {number} for an array of {ndim} axes", expected))
    return number % ndim


def axes_numbers(what: str, axes: Any) -> Any:
    """An axis, or a tuple of them, for an array that does not exist yet.

    Raises:
        TypeError: one is not an integer.
        ValueError: no array has so many axes.
    """
    for axis in axes if isinstance(axes, tuple) else (axes,):
        if as_int(axis) is None:
            raise TypeError(message(what, f"dim={described(axes)}", "the number of an axis"))
        later_axis(what, "dim", axis)
    return axes


def later_axis(what: str, name: str, axis: Any) -> int:
    """An axis as an int, for an array that does not exist yet.

    Raises:
        ValueError: it is not an integer, or no array has so many axes.
    """
    number = integer(what, name, axis)
    if not -MOST_AXES <= number < MOST_AXES:
        expected = f"an axis, of which an array has at most {MOST_AXES}"
        raise ValueError(message(what, f"{name}={described(axis)}", expected))
    return number


def flags(what: str, **values: Any) -> None:
    """Check options that must be True or False, passed by name.

    Raises:
        TypeError: one is something else; any text would count as True.
    """
    for name, value in values.items():
        if value is not True and value is not False and not isinstance(value, np.bool_):
            raise TypeError(message(what, f"{name}={described(value)}", "True or False"))


def optional_flags(what: str, **values: Any) -> None:
    """Check options that must be None, True or False, passed by name.

    Raises:
        TypeError: one is something else.
    """
    flags(what, **{name: value for name, value in values.items() if value is not None})


def refuse(what: str, **values: Any) -> None:
    """Check that options of PyTorch's that have no counterpart here keep their defaults.

    Raises:
        TypeError: one has another value; the message says what to do instead.
    """
    for name, value in values.items():
        default, instead = PARAMETERS[name]
        plain = isinstance(value, (str, bool, int, float, np.generic))
        if value is not default and not (plain and value == default):
            raise TypeError(message(what, f"{name}={described(value)}", f"{default!r}", instead))


def check_broadcast(what: str, name: str, shape: Shape, target: Shape) -> None:
    """Check that an array of one shape broadcasts to another, without widening it.

    Raises:
        ShapeError: it does not.
    """
    try:
        fits = np.broadcast_shapes(shape, target) == target
    except ValueError:
        fits = False
    if not fits:
        got = f"{name} of shape {shape}"
        raise ShapeError(message(what, got, f"one that broadcasts to {target}"))


def check_features(what: str, x: Any, count: int, name: str, axis: int = -1) -> Any:
    """`x` as an array whose axis has the length that a layer was made for.

    Raises:
        ShapeError: the axis has another length.
    """
    x = array(x)
    shape = x.shape
    if len(shape) < (axis + 1 if axis >= 0 else -axis) or shape[axis] != count:
        place = "the last axis" if axis == -1 else f"axis {axis}"
        raise ShapeError(
            message(what, f"an input of shape {shape}", f"{name} = {count} along {place}")
        )
    return x


def with_batch_axis(what: str, x: Any, ndim: int, axes: str) -> tuple[Any, bool]:
    """`x` with a batch axis in front, and whether that had to be added.

    Raises:
        ShapeError: it has other axes than `axes`, with or without the first of them.
    """
    x = array(x)
    if x.ndim not in (ndim, ndim - 1):
        single = axes.partition(", ")[2]
        raise ShapeError(message(what, f"an input of shape {x.shape}", f"({axes}) or ({single})"))
    return (x, False) if x.ndim == ndim else (x.reshape((1, *x.shape)), True)


def generator_or_default(what: str, generator: object) -> np.random.Generator:
    """The Generator that was passed, or the default one.

    Raises:
        TypeError: it is something else.
    """
    if generator is None:
        return random.generator()
    if not isinstance(generator, np.random.Generator):
        expected = "a numpy.random.Generator, e.g. numpy.random.default_rng(0)"
        raise TypeError(message(what, f"generator={described(generator)}", expected))
    return generator


def floating(what: str, dtype: npt.DTypeLike, device: str | None = None) -> np.dtype[Any]:
    """A dtype that can have gradients; None is float. The only device is the CPU.

    Raises:
        DTypeError: it is not floating.
        TypeError: the device is another.
    """
    if device is not None and not (isinstance(device, str) and device == "cpu"):
        refuse(what, device=device)
    try:
        kind = np.dtype(dtype)
    except TypeError as error:
        expected = "a floating dtype of NumPy, e.g. np.float32"
        raise DTypeError(message(what, f"dtype={described(dtype)}", expected)) from error
    if kind.kind != "f":
        raise DTypeError(message(what, f"dtype {kind}", "a floating one, e.g. float"))
    return kind if kind.isnative else np.dtype(kind.type)


def one_number(what: str, name: str, x: Any) -> float:
    """A number, or a Tensor or array with one entry, as a float; `name` says what it is.

    Raises:
        TypeError: it is something else.
        ShapeError: it has several entries.
    """
    if getattr(x, "size", 1) != 1:
        raise ShapeError(message(what, f"{name} of shape {x.shape}", "one number"))
    try:
        return float(x.item() if hasattr(x, "item") else x)
    except (TypeError, ValueError):
        raise TypeError(message(what, f"{kind(x)} as {name}", "one number")) from None
