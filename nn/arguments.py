"""What layers and functions do to their arguments before they compute."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd import DTypeError, Node, ShapeError, random


def array(x: Any) -> Any:
    """A Tensor as it is, anything else as an array."""
    return x if isinstance(x, Node) else np.asarray(x)


def floats(x: Any) -> Any:
    """A Tensor as it is, anything else as an array of floats."""
    x = array(x)
    return x if x.dtype.kind == "f" else x.astype(float)


def integers(x: Any, what: str, name: str, hint: str = "integers are expected") -> Any:
    """Class numbers, token numbers: a plain array, for no gradient flows through it.

    Raises:
        DTypeError: they are not integers.
    """
    numbers = x.detach() if isinstance(x, Node) else x
    numbers = np.asarray(numbers)
    if numbers.dtype.kind not in "iu" and numbers.size:
        raise DTypeError(f"{what}: {name} of dtype {numbers.dtype} came; {hint}")
    return numbers if numbers.dtype.char == "l" else numbers.astype(int)


def size(what: str, name: str, value: Any, least: int = 0) -> int:
    """A count as an int.

    Raises:
        ValueError: it is not one, or too small.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ValueError(f"{what}: {name}={value!r} came; an integer, {least} or more, is expected")
    return number


def sizes(what: str, name: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """One int for each of `count` axes; a single one serves for all.

    Raises:
        ValueError: there are more or fewer, or one is too small.
    """
    entries = tuple(value) if isinstance(value, Iterable) else (value,) * count
    try:
        numbers = tuple(map(operator.index, entries))
    except TypeError:
        numbers = ()
    if len(numbers) != count or min(numbers, default=least) < least:
        raise ValueError(
            f"{what}: {name}={value!r} came; an integer, {least} or more, is expected"
            + ("" if count == 1 else f", or {count} of them")
        )
    return numbers


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
        ValueError: it is none, or outside.
    """
    try:
        good = (
            math.isfinite(value) and (low < value if open_low else low <= value) and value <= high
        )
    except TypeError:
        good = False
    if not good:
        limits = [] if low == -math.inf else [f"above {low:g}" if open_low else f"{low:g} or more"]
        limits += [] if high == math.inf else [f"{high:g} at most"]
        raise ValueError(
            f"{what}: {name}={value!r} came; a number{', ' if limits else ''}{', '.join(limits)}, "
            "is expected"
        )
    return float(value)


def one_of(what: str, name: str, value: Any, choices: Sequence[str]) -> Any:
    """One of several words.

    Raises:
        ValueError: it is another.
    """
    if value not in choices:
        raise ValueError(
            f"{what}: {name}={value!r} came; one of {', '.join(map(repr, choices))} is expected"
        )
    return value


def check_features(what: str, x: Any, count: int, name: str, axis: int = -1) -> Any:
    """`x` as an array whose axis has the length that a layer was made for.

    Raises:
        ShapeError: it has another.
    """
    x = array(x)
    shape = x.shape
    if len(shape) < (axis + 1 if axis >= 0 else -axis) or shape[axis] != count:
        place = "its last axis" if axis == -1 else f"axis {axis}"
        raise ShapeError(
            f"{what}: an input of shape {shape} came; {place} must have {name} = {count}"
        )
    return x


def with_batch_axis(what: str, x: Any, ndim: int, axes: str) -> tuple[Any, bool]:
    """`x` with a batch axis in front, and whether that had to be added.

    Raises:
        ShapeError: it has other axes than `axes`, with or without the first of them.
    """
    x = array(x)
    if x.ndim not in (ndim, ndim - 1):
        names = axes.split(", ")
        raise ShapeError(
            f"{what}: an input of shape {x.shape} came; ({axes}) or ({', '.join(names[1:])}) is "
            "expected"
        )
    return (x, False) if x.ndim == ndim else (x.reshape((1, *x.shape)), True)


def generator_or_default(what: str, generator: object) -> np.random.Generator:
    """The Generator that was passed, or the default one.

    Raises:
        TypeError: it is something else.
    """
    if generator is None:
        return random.generator()
    if not isinstance(generator, np.random.Generator):
        raise TypeError(
            f"{what}: generator={generator!r} came; a numpy.random.Generator is expected, e.g. "
            "numpy.random.default_rng(0)"
        )
    return generator


def floating(what: str, dtype: npt.DTypeLike) -> np.dtype[Any]:
    """A dtype that can have gradients.

    Raises:
        DTypeError: it is no floating one.
    """
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise DTypeError(f"{what}: dtype {kind} came; a floating one is expected, e.g. float")
    return kind
