"""sin, cos and tan of any number, as formulas on scalars, for loops that LLVM vectorizes.

The reduction is that of Payne and Hanek (Radian reduction for trigonometric functions, 1983): x is
m 2^k, and 2^k (2/π) modulo 4, in several numbers, is looked up by k. So there is no range beyond
which another formula would have to be chosen, which loops could not do.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from autograd.compile.native import coefficients as c
from autograd.compile.native.rounding import rint
from autograd.compile.native.scalar import Scalar, fma, muladd, polynomial, where

BITS = 1300  # of 2/π: the largest double has 1024 before the point, and results need 170 behind it
MAGIC = 1.5 * 2.0**52  # a sum with it is rounded to an integer, which is in its low bits
PI_HALF = c.PI_HALF["float64"]
# By the type: significant bits after the first, and the powers of two beyond them.
DIGITS = {"float": 23, "double": 52}
LARGEST = {"float": 127 - 23, "double": 1023 - 52}
TABLES = {"float": "quarters_of_floats", "double": "quarters_of_doubles"}


@cache
def table(kind: str) -> Any:
    """2^k (2/π) modulo 4 for each k, from -2 to 2, as sums of two (float) or four doubles.

    The first of two has so few bits that its product with a float is exact.
    """
    two_over_pi = (2 << 2 * BITS) // _pi(BITS)
    columns = 2 if kind == "float" else 4
    rows = []
    for k in range(LARGEST[kind] + 1):
        rest = ((two_over_pi << k) + (2 << BITS)) % (4 << BITS) - (2 << BITS)
        row = []
        for column in range(columns):
            part = rest / (1 << BITS)
            if columns == 2 and column == 0:
                part = round(part * 2**26) / 2**26
            numerator, denominator = part.as_integer_ratio()
            rest -= numerator * ((1 << BITS) // denominator)
            row.append(part)
        rows.append(row)
    return np.array(rows)


def _pi(bits: int) -> int:
    """π 2^bits, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239)."""

    def arctan(n: int) -> int:
        term = total = one // n
        for i in range(3, 2 * bits, 2):
            term //= -n * n
            total += term // i
        return total

    one = 1 << (bits + 20)
    return (16 * arctan(5) - 4 * arctan(239)) >> 20


def _looked_up(x: Scalar, kind: str) -> tuple[Scalar, list[Scalar]]:
    """m, and the numbers whose sum times m is x (2/π) up to a multiple of 4; x is a double."""
    exponent = (x.bits() >> 52) & 2047
    k = exponent - (1023 + DIGITS[kind])
    k = where(k > 0, k, 0)
    k = where(k < LARGEST[kind], k, LARGEST[kind])  # for inf and nan
    columns = table(kind).shape[1]
    row = k * columns
    m = x * ((1023 - k) << 52).real()
    address = table(kind).ctypes.data
    return m, [x.function.load(TABLES[kind], address, row + i) for i in range(columns)]


def two_sum(a: Scalar, b: Scalar) -> tuple[Scalar, Scalar]:
    """a + b, and what rounding took from it (Knuth, Seminumerical Algorithms, section 4.2.2)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: Scalar, b: Scalar) -> tuple[Scalar, Scalar]:
    """a b, and what rounding took from it."""
    product = a * b
    return product, fma(a, b, -product)


def _reduced_float(x: Scalar) -> tuple[Scalar, Scalar]:
    """(r, q): x is r + q π/2 and |r| <= π/4, in doubles."""
    m, (first, second) = _looked_up(x.double(), "float")
    exact = m * first
    shifted = muladd(m, second, exact) + MAGIC
    turns = muladd(m, second, exact - (shifted - MAGIC))
    return turns * PI_HALF[0], shifted.bits()


def _reduced_double(x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """(r, s, q): x is r + s + q π/2, where s is what r cannot hold.

    The double next to a multiple of π/2 is 2^-62 away from it, and all the terms that are added
    cancel there, so that sums are exact down to 2^-150.
    """
    m, (first, second, third, fourth) = _looked_up(x, "double")
    p1, e1 = two_product(m, first)
    p2, e2 = two_product(m, second)
    p3, e3 = two_product(m, third)
    n1 = rint(p1)
    total, t1 = two_sum(e1, p2)
    total, t2 = two_sum(p1 - n1, total)
    shifted = total + MAGIC
    small, u1 = two_sum(t1, t2)
    small, u2 = two_sum(small, e2)
    small, u3 = two_sum(small, p3)
    turns, rest = two_sum(total - (shifted - MAGIC), small)
    rest = rest + (((u1 + u2) + u3) + muladd(m, fourth, e3))
    r, s = two_product(turns, turns.like(PI_HALF[0]))
    s = s + muladd(turns, PI_HALF[1], rest * PI_HALF[0])
    quarter = rint(n1 * 0.25)  # of 4: n1 may be larger than any integer
    return r, s, (muladd(quarter, -4.0, n1) + MAGIC).bits() + shifted.bits()


def _sine(r: Scalar, s: Scalar | None) -> Scalar:
    """sin(r + s) for |r| <= π/4."""
    z = r * r
    p = polynomial(z, c.SIN["float32" if s is None else "float64"]) * z
    return muladd(p, r, r) if s is None else r + muladd(p, r, s * muladd(z, -0.5, 1.0))


def _cosine(r: Scalar, s: Scalar | None) -> Scalar:
    """cos(r + s) for |r| <= π/4."""
    z = r * r
    p = polynomial(z, c.COS["float32" if s is None else "float64"]) * z
    if s is None:
        return muladd(p, z, muladd(z, -0.5, 1.0))
    half = z * 0.5
    most = 1.0 - half
    return most + (((1.0 - most) - half) + muladd(p, z, -(r * s)))


def _both(x: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """sin(r), cos(r), and the quarter turns q with x = r + q π/2."""
    if x.kind == "float":
        r, quarters = _reduced_float(x)
        return _sine(r, None), _cosine(r, None), quarters
    r, s, quarters = _reduced_double(x)
    return _sine(r, s), _cosine(r, s), quarters


def _turned(x: Scalar, shift: int) -> Scalar:
    """sin(x + shift π/2): of the quarter turns, odd ones swap and pairs change the sign."""
    sine, cosine, quarters = _both(x)
    quarters = quarters + shift
    y = where((quarters & 1) == 0, sine, cosine)
    return (y.bits() ^ ((quarters & 2) << 62)).real()


def _finished(x: Scalar, y: Scalar, small: float) -> Scalar:
    """y in the type of x; x itself where it is so small; nan for inf."""
    if x.kind == "float":
        y = y.float()
    if small:  # products with subnormal numbers are not exact, and sin(-0) = -0
        y = where(abs(x) < small, x, y)
    return where(abs(x) < math.inf, y, x - x)


def sin(x: Scalar) -> Scalar:
    """sin x."""
    return _finished(x, _turned(x, 0), 2.0**-27)


def cos(x: Scalar) -> Scalar:
    """cos x."""
    return _finished(x, _turned(x, 1), 0.0)


def tan(x: Scalar) -> Scalar:
    """tan x: sin(r) / cos(r), and -cos(r) / sin(r) after an odd number of quarter turns."""
    sine, cosine, quarters = _both(x)
    even = (quarters & 1) == 0
    return _finished(x, where(even, sine, -cosine) / where(even, cosine, sine), 2.0**-27)


def sinc(x: Scalar) -> Scalar:
    """sin(πx) / (πx), 1 at 0."""
    y = x * math.pi
    return where(x == 0.0, x.like(1.0), sin(y) / y)
