"""Elementary functions: powers at their edges, and that floats and arrays agree."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd.engine.primitive import Primitive
from autograd.primitives import elementary as e

SCALAR = [p for p in vars(e).values() if isinstance(p, Primitive) and p.scalar is not None]


@pytest.mark.parametrize("op", [p for p in SCALAR if len(p.rules) == 1], ids=lambda p: p.name)
def test_a_float_gives_what_an_array_gives(op):
    for x in (0.25, 0.5, 0.875):
        x += op.name == "arccosh"
        found, expected = op.scalar(x), float(op.kernel(np.array(x)))
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("x", "y", "by_base", "by_exponent"),
    [
        (0.0, 1.0, 1.0, 0.0),
        (0.0, 2.0, 0.0, 0.0),
        (2.0, 3.0, 12.0, 8.0 * math.log(2.0)),
        (-2.0, 2.0, -4.0, None),
        (3.0, 0.0, 0.0, math.log(3.0)),
    ],
)
def test_slopes_of_a_power(x, y, by_base, by_exponent):
    base, exponent = ag.Value(x), ag.Value(y)
    slopes = ag.gradients(base**exponent, [base, exponent])
    assert slopes[0] == pytest.approx(by_base)
    if by_exponent is not None:
        assert slopes[1] == pytest.approx(by_exponent)


@pytest.mark.parametrize("x", [-800.0, -30.0, 0.0, 30.0, 800.0])
def test_nothing_overflows(x):
    t = ag.Tensor(x, requires_grad=True)
    with np.errstate(over="raise"):
        values = [e.sigmoid(t).item(), e.softplus(t).item(), e.tanh(t).item()]
    assert np.isfinite(values).all()
    assert values[1] == pytest.approx(max(x, 0.0) + math.log1p(math.exp(-abs(x))))


def test_an_exponent_that_is_a_mask():
    x = ag.Tensor([3.0, 0.0, 5.0], requires_grad=True)
    (x ** np.array([True, False, False])).sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 0.0]
