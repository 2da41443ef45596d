"""x^y as a formula on scalars: e^(y ln x), with the logarithm in two doubles.

The product may be as large as 745, and its error is the result's, so that 64 bits of the logarithm
are needed (Muller, Handbook of Floating-Point Arithmetic, section 10.3).
"""

from __future__ import annotations

import math

from autograd.compile.native import coefficients as c
from autograd.compile.native import exponential as e
from autograd.compile.native.rounding import rint
from autograd.compile.native.scalar import Scalar, copysign, fma, muladd, polynomial, where
from autograd.compile.native.trigonometric import two_product, two_sum

TWO_THIRDS = 2 / 3, 2 / 3 * 2.0**-54  # 2/3 is 0.101010... in binary, and so is its rest
LIMIT = 800.0  # beyond, e^x is 0 or inf


def power(x: Scalar, y: Scalar) -> Scalar:
    """x^y as C defines it: 1 for y = 0 and for x = 1, nan for negative x unless y is an integer."""
    size = abs(x)
    if x.kind == "float":
        result = _float_power(size.double(), y.double()).float()
    else:
        result = _exp_of_product(y, *_log(size))
    half = y * 0.5
    whole, even = y == rint(y), half == rint(half)
    result = where(size == 1.0, size, result)
    result = where(whole & ~even, copysign(result, x), result)
    negative = (x < 0.0) & (size < math.inf) & ~whole
    result = where(negative, x.like(math.nan), result)
    return where((x == 1.0) | (y == 0.0), x.like(1.0), result)


def _float_power(x: Scalar, y: Scalar) -> Scalar:
    """x^y in doubles, to 40 bits; no float is too small or too large for that."""
    f, n = e.split(x)
    s = f / (f + 2.0)
    z = s * s
    r = polynomial(z, c.LOG_QUOTIENT["float64"][:5]) * z
    log = e.log_where(x, muladd(n, c.LN2["float64"][0], s * (r + 2.0)), 0.0)
    product = e.clamped(y * log, -110.0, 90.0)
    n, biased = e.nearest(product, e.LOG2_E)
    r = muladd(n, -c.LN2["float64"][0], product)
    power = polynomial(r, (1.0, 1.0, *c.EXP["float32"]))
    return power * ((biased - e.FORMATS["double"].bias) << 52).real()


def _log(x: Scalar) -> tuple[Scalar, Scalar]:
    """ln x in two doubles: 2s + s³ (2/3 + z P(z)) with s = f / (2 + f) and z = s²."""
    y, exponent = e.normal(x)
    f, n = e.split(y)
    n = n - exponent
    below, below_rest = two_sum(f.like(2.0), f)
    s = f / below
    s_rest = muladd(s, -below_rest, fma(s, -below, f)) / below
    z, z_rest = two_product(s, s)
    z_rest = muladd(s + s, s_rest, z_rest)
    # The bounds of the polynomial count from s³ on, so that its first term is 2/3 itself.
    tail = polynomial(z, c.POWER["float64"]) * z
    factor, factor_rest = two_sum(tail.like(TWO_THIRDS[0]), tail)
    factor_rest = factor_rest + TWO_THIRDS[1]
    cube, cube_rest = two_product(s, z)
    cube_rest = muladd(s, z_rest, muladd(s_rest, z, cube_rest))
    part, part_rest = two_product(cube, factor)
    part_rest = muladd(cube, factor_rest, muladd(cube_rest, factor, part_rest))
    near, near_rest = two_sum(s + s, part)
    high, low = c.LN2_SHORT["float64"]
    total, rest = two_sum(n * high, near)
    rest = rest + (muladd(n, low, near_rest) + muladd(s_rest, 2.0, part_rest))
    return e.log_where(x, total, 0.0), where(abs(total) < math.inf, rest, 0.0)


def _exp_of_product(y: Scalar, a: Scalar, b: Scalar) -> Scalar:
    """e^(y (a + b))."""
    product, rest = two_product(y, a)
    rest = muladd(y, b, rest)
    inside = abs(product) < LIMIT
    form = e.FORMATS[y.kind]
    total = e.clamped(product, *form.exp)
    n, biased = e.nearest(total, e.LOG2_E)
    first, lost = e.reduced(total, n)
    rest = lost + where(inside, rest, 0.0)
    r = first + rest  # as large as 2^-43, so that its product with r counts
    return e.scaled(e.expm1_near(r, (first - r) + rest) + 1.0, biased)
