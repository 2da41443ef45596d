"""Errors as users read them: they name the function that was called, and what it was given."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn, TypeVar

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.errors import (
    DTypeError,
    Message,
    ShapeError,
    UnsupportedError,
    described,
    kind,
    message,
)
from autograd.names import KEYWORDS, both_keywords

F = TypeVar("F", bound=Callable[..., Any])


class AxisError(ShapeError, np.exceptions.AxisError):
    """An axis that an array does not have; NumPy's error, with our text."""

    def __str__(self) -> str:
        return str(self.args[0])


class ArgumentError(ShapeError, DTypeError):
    """An argument of the wrong kind, where NumPy raises TypeError."""


class RangeError(ArgumentError, OverflowError):
    """A number that the dtype of the other argument cannot hold."""


class PositionError(ArgumentError, IndexError):
    """Positions that are not integers: NumPy raises TypeError, and IndexError between brackets."""


class MatrixError(ShapeError, np.linalg.LinAlgError):
    """An argument that is not a matrix, not a square one, or one without such factors."""


def explained(function: F) -> F:
    """Let a public function name itself in errors, and accept NumPy's and PyTorch's keywords.

    Where it calls other functions or NumPy, their errors become one sentence about the call that
    the user wrote. The class stays a subclass of what it was. It costs a call, so the functions
    that training steps use check their arguments instead.

    Example:
        >>> ag.roll(ag.Tensor([1.0, 2.0]), "a")
        Traceback (most recent call last):
            ...
        autograd.numpy.refusals.ArgumentError: roll: got shift='a'; expected an int, or several
    """
    return both_keywords(function, refused)


def refused(
    name: str, error: Exception, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Exception | None:
    """The error about a call of the function `name`; None to leave it as it is."""
    text = error.args[0] if error.args else ""
    if isinstance(error, UnsupportedError):
        return None
    if isinstance(error, TypeError) and _is_of_the_call(error.__traceback__):
        return _about_a_keyword(name, error)
    if isinstance(text, Message):
        if isinstance(error, (ValueError, TypeError, IndexError)):
            error.args = (_of_matrices(error, text.of(name)), *error.args[1:])
        return None
    of_kind = _class_for(error)
    if of_kind is None:
        return None
    if "could not be broadcast together with shapes" in str(error):
        shapes = " and ".join(str(np.shape(data_of(x))) for x in args)
        got = f"shapes {shapes}, which do not broadcast"
        expected = "each pair of lengths, from the right, to be equal or contain a 1"
        return ShapeError(message(name, got, expected))
    given = [_described(x) for x in args] + [f"{k}={_described(v)}" for k, v in kwargs.items()]
    known = hasattr(np, name) or hasattr(np.linalg, name)
    expected = f"arguments as np.{name} takes them" if known else "numbers, or arrays of them"
    said = f"{'NumPy' if known else 'Python'} says: {error}"
    text = message(name, ", ".join(given), expected, said)
    return of_kind(_of_matrices(error, text))


# What NumPy says about a matrix, what it should be, and what to do.
MATRICES = {
    "Singular matrix": (
        "a matrix that has an inverse",
        "use ag.linalg.pinv, or add a small multiple of the identity",
    ),
    "Matrix is not positive definite": (
        "a symmetric, positive definite matrix",
        "add a small multiple of the identity",
    ),
    "did not converge": ("finite entries", "look for nan and inf with np.isfinite(a)"),
}


def _of_matrices(error: Exception, text: Message) -> Message:
    """The text, with the cure where NumPy refuses a matrix."""
    if isinstance(error, np.linalg.LinAlgError):
        for said, (expected, hint) in MATRICES.items():
            if said in text:
                shapes = re.search(r"shapes? \([\d, ]*\)( and \([\d, ]*\))*", text)
                got = "a singular matrix" if "Singular" in said else "a matrix"
                got += f" ({shapes.group()})" if shapes else ""
                return message(text.operation, got, expected, hint)
    return text


def refuse(name: str, error: Exception, *args: Any) -> NoReturn:
    """Raise the error about the call of a function that `explained` would make slower."""
    better = refused(name, error, args, {})
    if better is None:
        raise error
    raise better from error


def _is_of_the_call(traceback: TracebackType | None) -> bool:
    """Whether the function was never entered, because the arguments do not fit its signature."""
    return traceback is None or traceback.tb_next is None


def _about_a_keyword(name: str, error: Exception) -> TypeError | None:
    """The error for another library's keyword; None for one that no table knows."""
    found = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if found is not None and found[1] in KEYWORDS:
        return unknown_keyword(name, found[1])
    if name == "repeat" and "positional argument" in str(error):
        got, hint = (
            "more than an array, repeats and an axis",
            "write ag.tile(x, (n, m)) for x.repeat(n, m)",
        )
        return TypeError(message(name, got, hint=hint))
    return None


def unknown_keyword(name: str, keyword: str) -> TypeError:
    """The error for a keyword that a function lacks, with what to write for another library's."""
    if keyword not in KEYWORDS:
        return TypeError(f"{name}() got an unexpected keyword argument {keyword!r}")
    write = DIMS.get(name, "axis=") if keyword == "dims" else KEYWORDS[keyword]
    hint = f"unexpected keyword argument {keyword!r}; write {write}"
    return TypeError(message(name, hint=hint))


# The functions that call PyTorch's `dims` otherwise than axis=.
DIMS = {"tensordot": "axes=", "rot90": "axes=", "transpose": "axes=", "tile": "reps="}


def _class_for(error: Exception) -> type[Exception] | None:
    """Our class for an error from NumPy or Python; None for one that is not about arguments."""
    if isinstance(error, (ShapeError, DTypeError)):
        return None
    for of_kind, theirs in (
        (AxisError, np.exceptions.AxisError),
        (MatrixError, np.linalg.LinAlgError),
        (IndexError, IndexError),
        (ShapeError, ValueError),
        (ArgumentError, TypeError),
        (RangeError, OverflowError),
    ):
        if isinstance(error, theirs):
            return of_kind
    return None


def _described(x: Any) -> str:
    """An argument in a message: arrays by their shapes, anything else as it is written."""
    shape = getattr(x, "shape", ())
    if isinstance(x, (Node, np.ndarray)) and shape:
        return f"{kind(x)} of shape {shape}"
    if isinstance(x, (list, tuple)) and any(isinstance(y, (Node, np.ndarray)) for y in x):
        return f"{kind(x)} of {', '.join(map(_described, x))}"
    return described(x)
