"""Elementwise functions that are compositions of others, by the names of NumPy and SciPy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.graph import data_of
from autograd.engine.looking import condition
from autograd.errors import DTypeError, message
from autograd.numpy.arguments import as_elementwise, as_numbers, as_operand
from autograd.numpy.dispatch import implements, of_scipy
from autograd.numpy.refusals import explained
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e
from autograd.primitives.shaping import cast

__all__ = [
    "conj",
    "deg2rad",
    "degrees",
    "imag",
    "logit",
    "polygamma",
    "rad2deg",
    "radians",
    "real",
    "xlogy",
]


@explained
def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of the digamma function, elementwise; `digamma` itself for n = 0.

    Derivative: polygamma(n + 1, x); none for n.

    Args:
        n: integers, 0 or more, as plain data.
        x: a Tensor, array, number or Value; broadcasts against n.

    Example:
        >>> ag.polygamma(1, ag.Tensor([1.0, 2.0]))
        Tensor([1.64493407, 0.64493407])

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.4.
    """
    order = data_of(n)
    if not isinstance(order, (int, float)):
        order = as_numbers(order, "polygamma")
    return e.polygamma(order, as_elementwise(x))


@of_scipy("logit")
@explained
def logit(p: Any) -> Any:
    """ln(p / (1 - p)), elementwise: the inverse of `sigmoid`; nan outside [0, 1].

    Derivative: 1 / (p (1 - p)).

    Example:
        >>> ag.logit(ag.Tensor([0.5, 0.9]))
        Tensor([0.        , 2.19722458])
    """
    p = as_elementwise(p)
    return a.sub(e.log(p), e.log1p(a.neg(p)))


@of_scipy("xlogy")
@explained
def xlogy(x: Any, y: Any) -> Any:
    """x ln y, elementwise, and 0 where x = 0, even at y = 0.

    Derivatives: ln y and x / y; both are 0 where x = 0 and y has no finite logarithm.

    Example:
        >>> ag.xlogy(ag.Tensor([0.0, 2.0]), [0.0, 1.0])
        Tensor([0., 0.])
    """
    x, y = as_elementwise(x), as_elementwise(y)
    return a.mul(x, e.log(a.where(condition(_no_logarithm_counts, x, y), 1.0, y)))


def _no_logarithm_counts(x: Any, y: Any) -> Any:
    """Where x = 0 and y has no finite logarithm."""
    return np.logical_and(x == 0, np.logical_or(y <= 0, y == np.inf))


def _times(factor: float) -> Any:
    def product(x: Any) -> Any:
        x = as_elementwise(x)
        dtype = getattr(x, "dtype", None)
        if dtype is not None and dtype.kind != "f":
            x = cast(x, dtype=np.deg2rad(np.empty(0, dtype)).dtype)
        return a.mul(x, factor)

    return product


_to_radians, _to_degrees = _times(math.pi / 180.0), _times(180.0 / math.pi)


@implements(np.deg2rad, np.radians)
@explained
def deg2rad(x: Any) -> Any:
    """Angles in degrees as radians, elementwise: x π / 180.

    Example:
        >>> ag.deg2rad(ag.Tensor([180.0, 90.0]))
        Tensor([3.14159265, 1.57079633])
    """
    return _to_radians(x)


@implements(np.rad2deg, np.degrees)
@explained
def rad2deg(x: Any) -> Any:
    """Angles in radians as degrees, elementwise: 180 x / π.

    Example:
        >>> ag.rad2deg(ag.Tensor([np.pi, 0.0]))
        Tensor([180.,   0.])
    """
    return _to_degrees(x)


radians, degrees = deg2rad, rad2deg


@implements(np.real)
@explained
def real(x: Any) -> Any:
    """The real part, which for real numbers is x itself.

    Example:
        >>> ag.real(ag.Tensor([1.0, 2.0]))
        Tensor([1., 2.])
    """
    return _real(x, "real")


@implements(np.imag)
@explained
def imag(x: Any) -> Any:
    """The imaginary part, which for real numbers is 0, and so is its derivative.

    Example:
        >>> ag.imag(ag.Tensor([1.0, 2.0]))
        Tensor([0., 0.])
    """
    return a.zeros_like(_real(x, "imag"))


@explained
def conj(x: Any) -> Any:
    """The complex conjugate, which for real numbers is x itself.

    Example:
        >>> ag.conj(ag.Tensor([1.0, 2.0]))
        Tensor([1., 2.])
    """
    x = _real(x, "conj")
    return cast(x, dtype=np.dtype(np.int8)) if x.dtype.kind == "b" else x  # as NumPy has it


def _real(x: Any, what: str) -> Any:
    x = as_operand(x, what)
    if x.dtype.kind == "c":
        raise DTypeError(message(what, f"an array of dtype {x.dtype}", "real numbers"))
    return x
