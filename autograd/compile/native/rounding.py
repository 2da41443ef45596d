"""Rounding, signs and remainders, as NumPy defines them."""

from __future__ import annotations

from autograd.compile.native import libm
from autograd.compile.native.scalar import Scalar, copysign, where


def floor(x: Scalar) -> Scalar:
    """The largest integer not above x."""
    return x.function.intrinsic("floor", x)


def ceil(x: Scalar) -> Scalar:
    """The smallest integer not below x."""
    return x.function.intrinsic("ceil", x)


def rint(x: Scalar) -> Scalar:
    """The nearest integer, the even one of two."""
    return x.function.intrinsic("rint", x)


def trunc(x: Scalar) -> Scalar:
    """The nearest integer towards 0."""
    return x.function.intrinsic("trunc", x)


def sign(x: Scalar) -> Scalar:
    """-1, 0 or 1; 0 also for -0, and nan for nan."""
    one = where(x > 0.0, x.like(1.0), where(x < 0.0, x.like(-1.0), 0.0))
    return where(x == x, one, x)


def fmod(x: Scalar, y: Scalar) -> Scalar:
    """The remainder with the sign of x, which is exact."""
    return libm.call("fmod", x, y)


def remainder(x: Scalar, y: Scalar) -> Scalar:
    """The remainder with the sign of y."""
    rest = fmod(x, y)
    rest = where(rest == 0.0, copysign(rest, y), where(_crosses(rest, y), rest + y, rest))
    return rest


def floor_divide(x: Scalar, y: Scalar) -> Scalar:
    """⌊x / y⌋ by way of the remainder, because the quotient itself may round up to an integer."""
    rest = fmod(x, y)
    quotient = (x - rest) / y
    quotient = where((rest != 0.0) & _crosses(rest, y), quotient - 1.0, quotient)
    whole = floor(quotient)
    whole = where(quotient - whole > 0.5, whole + 1.0, whole)
    plain = x / y
    return where(y == 0.0, plain, where(quotient == 0.0, copysign(quotient, plain), whole))


def _crosses(rest: Scalar, y: Scalar) -> Scalar:
    """Whether a remainder has not the sign of y."""
    return (rest < 0.0) ^ (y < 0.0)
