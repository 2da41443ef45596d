"""Checks and conversions that layers and functions apply to their arguments."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Node, ShapeError, random
from autograd.errors import message

Shape = tuple[int, ...]


def array(x: Any) -> Any:
    """A Tensor or array unchanged, anything else as an array."""
    # asanyarray, because asarray would drop a subclass of ndarray.
    return x if isinstance(x, Node) else np.asanyarray(x)


def floats(x: Any) -> Any:
    """`array(x)`, converted to floats if it is not floating."""
    if not isinstance(x, Node):
        x = np.asanyarray(x)
    return x if x.dtype.kind == "f" else x.astype(float)


def integers(x: Any, what: str, name: str, expected: str = "integers") -> Any:
    """Class or token numbers as a plain array of ints, through which no gradient flows.

    Raises:
        DTypeError: they are not integers.
    """
    values = np.asanyarray(x.detach() if isinstance(x, Node) else x)
    if values.dtype.kind not in "iu" and values.size:
        raise DTypeError(message(what, f"{name} of dtype {values.dtype}", expected))
    return values if values.dtype.char == "l" else values.astype(int)


def size(what: str, name: str, value: Any, least: int = 0) -> int:
    """A count as an int.

    Raises:
        ValueError: it is not an integer, or too small.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ValueError(message(what, f"{name}={value!r}", f"an integer of at least {least}"))
    return number


def sizes(what: str, name: str, value: Any, count: int, least: int = 1) -> Shape:
    """One int for each of `count` axes; a single int is repeated.

    Raises:
        ValueError: there are more or fewer, or one is too small.
    """
    entries = tuple(value) if isinstance(value, Iterable) else (value,) * count
    try:
        numbers = tuple(map(operator.index, entries))
    except TypeError:
        numbers = ()
    if len(numbers) != count or min(numbers, default=least) < least:
        more = "" if count == 1 else f", or {count} of them"
        raise ValueError(
            message(what, f"{name}={value!r}", f"an integer of at least {least}{more}")
        )
    return numbers


def normalized_shape(what: str, shape: Any, least: int = 0) -> Shape:
    """The lengths of the axes that a layer normalizes over, given as an int or a sequence.

    Raises:
        ValueError: a length is not an integer, or too small.
    """
    entries = shape if isinstance(shape, Sequence) else (shape,)
    return tuple(size(what, "normalized_shape", n, least) for n in entries)


def number(
    what: str,
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open_low: bool = False,
) -> float:
    """A finite number between two limits.

    Raises:
        ValueError: it is not a finite number, or outside the limits.
    """
    try:
        good = (
            math.isfinite(value) and (low < value if open_low else low <= value) and value <= high
        )
    except TypeError:
        good = False
    if not good:
        limits = [] if low == -math.inf else [f"above {low:g}" if open_low else f"at least {low:g}"]
        limits += [] if high == math.inf else [f"at most {high:g}"]
        expected = f"a number, {' and '.join(limits)}" if limits else "a number"
        raise ValueError(message(what, f"{name}={value!r}", expected))
    return float(value)


def one_of(what: str, name: str, value: Any, choices: Sequence[str]) -> Any:
    """One of several words.

    Raises:
        ValueError: it is another.
    """
    if value not in choices:
        raise ValueError(
            message(what, f"{name}={value!r}", f"one of {', '.join(map(repr, choices))}")
        )
    return value


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
        raise TypeError(message(what, f"generator={generator!r}", expected))
    return generator


def floating(what: str, dtype: npt.DTypeLike) -> np.dtype[Any]:
    """A dtype that can have gradients.

    Raises:
        DTypeError: it is not floating.
    """
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise DTypeError(message(what, f"dtype {kind}", "a floating one, e.g. float"))
    return kind
