"""Arithmetic: what rules say at ties and steps, and that floats and arrays agree."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd.engine.primitive import Primitive
from autograd.primitives import arithmetic as a

POSITIVE = (0.25, 0.5, 1.0, 2.5, 1e300)
ANY = (-2.5, -0.5, 0.0, math.inf, -math.inf, math.nan)
SCALAR = [p for p in vars(a).values() if isinstance(p, Primitive) and p.scalar is not None]


@pytest.mark.parametrize("op", [p for p in SCALAR if len(p.rules) == 1], ids=lambda p: p.name)
def test_a_float_gives_what_an_array_gives(op):
    for x in POSITIVE + (ANY if op.step or op is a.abs_ else ()):
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(op.scalar(x), float(op.kernel(np.array(x))), rtol=1e-14)


@pytest.mark.parametrize("op", [a.maximum, a.minimum], ids=lambda p: p.name)
def test_a_tie_is_shared(op):
    x, y = ag.Tensor([1.0, 2.0], requires_grad=True), ag.Tensor([1.0, 3.0], requires_grad=True)
    gx, gy = ag.gradients(op(x, y).sum(), [x, y])
    assert gx[0] == gy[0] == 0.5 and {gx[1], gy[1]} == {0.0, 1.0}


def test_nan_goes_through_a_maximum():
    for x, y in ((math.nan, 1.0), (1.0, math.nan)):
        assert math.isnan(a.maximum.scalar(x, y)) and math.isnan(a.minimum.scalar(x, y))


def test_the_branch_that_was_not_chosen_gets_no_gradient():
    x = ag.Tensor([1.0, 0.0], requires_grad=True)
    [g] = ag.gradients(a.where(np.array([True, False]), x, 2.0).sum(), [x])
    assert g.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "rint"])
@pytest.mark.parametrize("x", [-0.0, 0.0, -0.5, -0.3, 0.3, -1.5, 2.5, float("inf")])
def test_rounding_keeps_the_sign_of_zero(name, x):
    """1 / ceil(-0.5) is -inf, not a division by zero and not inf."""
    theirs = getattr(np, name)(x)
    f = getattr(ag, name)
    for ours in (f(x), f(ag.Value(x)).data, f(ag.Tensor(x)).data):
        assert ours == theirs and np.signbit(ours) == np.signbit(theirs)
