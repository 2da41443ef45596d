"""Polynomials against the functions that they stand for."""

import math

import numpy as np
import pytest

from autograd.compile.native import coefficients as c

WHOLE = {
    "EXP": (lambda p, x: 1 + x + x * x * p(x), math.exp, math.log(2) / 2),
    "SIN": (lambda p, x: x + x**3 * p(x * x), math.sin, math.pi / 4),
    "COS": (lambda p, x: 1 - x * x / 2 + x**4 * p(x * x), math.cos, math.pi / 4),
    "TANH": (lambda p, x: x + x**3 * p(x * x), math.tanh, 0.625),
    "ERF": (lambda p, x: x + x * p(x * x), math.erf, 1.0),
}


@pytest.mark.parametrize(("dtype", "error"), [("float32", 1e-8), ("float64", 4e-16)])
@pytest.mark.parametrize("name", WHOLE)
def test_a_polynomial_is_as_close_as_its_table_says(name, dtype, error):
    form, function, reach = WHOLE[name]
    powers = getattr(c, name)[dtype]

    def polynomial(x):
        return sum(a * x**k for k, a in enumerate(powers))

    for x in np.linspace(-reach, reach, 401).tolist():
        assert abs(form(polynomial, x) - function(x)) <= error * max(abs(function(x)), abs(x))
