"""Floats as the engine sees them: IEEE arithmetic where Python would raise."""

import math

import numpy as np
import pytest

import autograd as ag
from autograd.backends.floats import FLOATS, as_float, on_floats
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e
from autograd.primitives.shaping import reshape


@pytest.mark.parametrize("x", [2, 2.0, True, np.float32(2.0), np.int8(2), np.array(2.0)])
def test_any_single_number_becomes_a_float(x):
    assert type(as_float(x, "f")) is float and as_float(x, "f") == float(x)


@pytest.mark.parametrize(
    ("op", "args", "result"),
    [
        (a.div, (1.0, 0.0), math.inf),
        (a.div, (-1.0, 0.0), -math.inf),
        (a.div, (0.0, 0.0), math.nan),
        (e.log, (0.0,), -math.inf),
        (e.log, (-1.0,), math.nan),
        (e.exp, (1000.0,), math.inf),
        (e.power, (0.0, -1.0), math.inf),
        (a.remainder, (1.0, 0.0), math.nan),
    ],
)
def test_where_python_raises_ieee_decides(op, args, result):
    np.testing.assert_equal(on_floats(op, *args), result)


def test_a_rule_in_which_python_raises_follows_ieee_too():
    node = ag.Value(0.0).log()
    assert FLOATS.safe_rule(node, 0, 1.0, node.data, node.saved) == math.inf


def test_a_cotangent_of_zero_contributes_zero_whatever_the_slope():
    node = ag.Value(0.0).log()
    assert FLOATS.safe_rule(node, 0, 0.0, node.data, node.saved) == 0.0


def test_nan_among_gradients_is_seen():
    assert FLOATS.has_nan([1.0, math.nan, 2.0])
    assert not FLOATS.has_nan([1.0, 2.0]) and not FLOATS.has_nan([])


def test_a_primitive_of_arrays_refuses_a_value():
    with pytest.raises(ag.DTypeError, match=r"reshape: got a Value; expected an array; use ag\."):
        reshape(ag.Value(1.0), shape=(1,))


def test_a_gradient_of_minus_zero_keeps_its_sign():
    x = ag.Value(1.0)
    FLOATS.accumulate([x], [-0.0])
    assert math.copysign(1.0, x.grad) == -1.0


def test_what_is_no_real_number_needs_care():
    assert FLOATS.has_nan([1.0, 1j]) and FLOATS.has_nan([np.float64(1.0)])
    assert FLOATS.has_nan([1.0, np.array(2.0)])


@pytest.mark.parametrize("x", [2, True, np.float32(2.0), np.array(2.0)])
def test_fit_makes_a_float_of_any_real_number(x):
    node = ag.Value(1.0) * 2.0
    assert type(FLOATS.fit(node, 0, x, 1.0)) is float


def test_a_node_is_fitted_as_a_node_only_where_one_is_wanted():
    node, g = ag.Value(1.0) * 2.0, ag.Value(3.0)
    assert FLOATS.fit(node, 0, g, 1.0, on_nodes=True) is g
    assert FLOATS.fit(node, 0, g, 1.0) == 3.0
