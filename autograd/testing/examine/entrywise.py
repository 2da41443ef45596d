"""Elementwise functions: of numbers or of arrays, at points where they have a slope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import DTypeError, UnsupportedError, message

WHAT = "check_derivative"
# Both sides of 0, and further out than where functions such as ReLU6 and hard tanh bend.
FAR = np.array([0.1, 4.5, 6.5, 9.0, 12.0])
DEFAULT = np.sort(np.concatenate([np.linspace(-3.0, 3.0, 9), FAR, -FAR]))


def entrywise(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of arrays from one that may take single numbers only, as those of `math` do."""

    def of_array(x: Any) -> Any:
        try:
            return function(x)
        except (TypeError, ValueError):
            if isinstance(x, Node):
                raise
            return np.array([function(float(v)) for v in np.ravel(x)]).reshape(np.shape(x))

    of_array.__name__ = getattr(function, "__name__", "function")
    return of_array


def _values(function: Callable[..., Any], x: Any) -> Any:
    """The values of a function at points, nan where it raises."""
    with np.errstate(all="ignore"):
        try:
            return np.asarray(data_of(function(x)), float)
        except (ArithmeticError, ValueError):  # math.log(-1.0)
            return np.array([_value(function, v) for v in x])


def _value(function: Callable[..., Any], x: float) -> float:
    try:
        return float(np.ravel(data_of(function(np.array([x]))))[0])
    except (ArithmeticError, ValueError):
        return float("nan")


def smooth_points(function: Callable[..., Any]) -> Any:
    """The default points at which a function is finite and not infinitely steep.

    Raises:
        DTypeError: there is none.

    Example:
        >>> import numpy as np
        >>> from autograd.testing.examine.entrywise import smooth_points
        >>> bool(smooth_points(np.log).min() > 0)
        True
    """
    x = DEFAULT
    if np.shape(_values(function, x)) != x.shape:
        return x
    near, nearer = (_slopes(function, x, step) for step in (1e-4, 1e-8))
    with np.errstate(all="ignore"):
        fits = np.isfinite(nearer) & (np.abs(nearer) <= 10.0 * np.abs(near) + 1.0)
    if not fits.any():
        raise DTypeError(message(WHAT, "a function that is finite at no default point", "points"))
    return x[fits]


def _slopes(function: Callable[..., Any], x: Any, step: float) -> Any:
    with np.errstate(all="ignore"):
        step = step * np.maximum(1.0, np.abs(x))
        middle = _values(function, x)
        up, down = (_values(function, x + side * step) - middle for side in (1.0, -1.0))
        return (np.abs(up) + np.abs(down)) / step


def check_elementwise(function: Callable[..., Any], x: Any) -> None:
    """Refuse a function whose value at one point depends on the others, as softmax.

    Raises:
        UnsupportedError: it does, or the result has another shape.
    """
    hint = "a function of several numbers is for check_backward"
    value = _values(function, x)
    if value.shape != x.shape:
        got = f"a function that makes {value.shape} of {x.shape}"
        raise UnsupportedError(message(WHAT, got, "an elementwise one", hint))
    moved = x.copy()
    moved[0] += 0.01 * max(1.0, abs(moved[0]))
    if x.size > 1 and not np.array_equal(_values(function, moved)[1:], value[1:], equal_nan=True):
        got = "a function whose value at one point depends on the others"
        raise UnsupportedError(message(WHAT, got, "an elementwise one", hint))
