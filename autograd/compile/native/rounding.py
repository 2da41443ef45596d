"""Rounding, signs and remainders, as NumPy defines them."""

from __future__ import annotations

from autograd.compile.native.scalar import Scalar, where


def floor(x: Scalar) -> Scalar:
    """The largest integer not above x."""
    return x.function.call("floor", x)


def ceil(x: Scalar) -> Scalar:
    """The smallest integer not below x."""
    return x.function.call("ceil", x)


def rint(x: Scalar) -> Scalar:
    """The nearest integer, the even one of two."""
    return x.function.call("rint", x)


def trunc(x: Scalar) -> Scalar:
    """The nearest integer towards 0."""
    return x.function.call("trunc", x)


def sign(x: Scalar) -> Scalar:
    """-1, 0 or 1; 0 also for -0, and nan for nan."""
    one = where(x > 0.0, x.like(1.0), where(x < 0.0, x.like(-1.0), 0.0))
    return where(x == x, one, x)
