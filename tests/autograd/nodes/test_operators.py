"""Operators and conversions, for both kinds of nodes."""

import cmath
import math
import operator

import numpy as np
import pytest

import autograd as ag

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])

CONVERSIONS = {
    "float": float,
    "int": int,
    "complex": complex,
    "round": round,
    "round to digits": lambda x: round(x, 2),
    "math.exp": math.exp,
    "math.sqrt": math.sqrt,
    "math.pow": lambda x: math.pow(x, 2),
    "math.floor": math.floor,
    "math.ceil": math.ceil,
    "math.trunc": math.trunc,
    "math.isnan": math.isnan,
    "math.fsum": lambda x: math.fsum([x, x]),
    "math.hypot": lambda x: math.hypot(x, 1.0),
    "cmath.exp": cmath.exp,
    "np.float64": np.float64,
    "np.array of floats": lambda x: np.array([x, 1.0], float),
    "a complex part": lambda x: complex(1.0, x),
}


@KINDS
@pytest.mark.parametrize("name", CONVERSIONS)
def test_what_would_drop_the_gradient_raises(make, name):
    convert = CONVERSIONS[name]
    x = make(2.0)
    for node in (x, x * 3.0):
        with pytest.raises(ag.GraphError, match=r"got a (Value|Tensor) that requires a gradient"):
            convert(node)
    with pytest.raises(ag.GraphError, match="that requires a gradient"):
        ag.grad(lambda t: convert(t) * t)(2.0)


@KINDS
@pytest.mark.parametrize("name", [n for n in CONVERSIONS if not n.startswith("np.")])
def test_the_message_names_the_way_out(make, name):
    with pytest.raises(ag.GraphError, match=r"use item\(\)"):
        CONVERSIONS[name](make(2.0))


@KINDS
@pytest.mark.parametrize("name", CONVERSIONS)
def test_a_node_without_gradient_is_a_number(make, name):
    convert, x = CONVERSIONS[name], make(2.25).detach()
    np.testing.assert_array_equal(convert(x), convert(2.25))
    with ag.no_grad():
        np.testing.assert_array_equal(convert(make(2.25)), convert(2.25))


@KINDS
def test_item_and_comparisons_work_on_every_node(make):
    x = make(2.0)
    assert x.item() == 2.0 and type((x * x).item()) is float
    assert x and x > 1.0 and x == 2.0 and max(x, 1.0) is x and sorted([x * 2.0, x])[0] is x


@KINDS
def test_printing_works_on_every_node(make):
    x = make(2.0)
    assert f"{x:.1f}" == format(x, ".1f") == "2.0"
    assert str(x) == repr(x) == f"{x}" and "2." in str(x)


@KINDS
def test_a_node_is_no_index(make):
    for use in (operator.index, range, lambda x: [1, 2, 3][x]):
        with pytest.raises((TypeError, ag.GraphError), match="item"):
            use(make(2.0))


def test_a_tensor_of_one_integer_is_an_index():
    assert [10, 20, 30][ag.Tensor(1)] == 20 and operator.index(ag.Tensor([2])) == 2
    with pytest.raises(TypeError, match=r"index: got a Tensor of shape \(2,\) and dtype int64"):
        operator.index(ag.Tensor([1, 2]))


@KINDS
def test_floor_division_is_recorded(make):
    x = make(7.0)
    (x // 2.0 * x).backward()
    assert x.grad == 3.0


@KINDS
def test_a_computed_node_is_not_copied(make):
    import copy
    import pickle

    y = make(2.0) * 3.0
    for use in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(ag.GraphError, match=r"copy: got a .* computed by mul, .*detach\(\)"):
            use(y)


def test_an_update_in_place_says_which_leaf():
    w = ag.Tensor(np.ones(2), requires_grad=True, name="w")
    for use, symbol in ((operator.isub, "-="), (operator.iadd, r"\+="), (operator.imul, r"\*=")):
        with pytest.raises(ag.GraphError, match=rf"^{symbol}: got w, a leaf .*ag\.no_grad\(\)"):
            use(w, 1.0)
    with (
        ag.no_grad(),
        pytest.raises(ag.ShapeError, match=r"-=: got a result of shape \(3, 2\) for w"),
    ):
        w -= np.ones((3, 2))


@KINDS
def test_no_grad_in_a_differentiated_function_is_no_way_around(make):
    def under_no_grad(use):
        def function(x):
            with ag.no_grad():
                use(x)
            return x * x

        return function

    with pytest.raises(ag.GraphError, match="requires a gradient, which a plain number would drop"):
        ag.grad(under_no_grad(float))(make(2.0).detach())
    with pytest.raises(ag.UnsupportedError, match="which a masked array would drop"):
        ag.grad(under_no_grad(lambda x: x.mask))(make(2.0).detach())


@KINDS
def test_a_masked_array_is_refused_where_it_would_drop_a_gradient(make):
    x = make(2.0)
    with pytest.raises(ag.UnsupportedError, match=r"^np\.ma: got a .*use ag\.where\(mask, x, y\)"):
        x.mask  # noqa: B018
    with ag.no_grad():
        assert not hasattr(x, "mask")
    assert not hasattr(x.detach(), "mask") and not hasattr(type(x), "mask")


@KINDS
def test_a_graph_of_the_gradient_is_not_made_by_backward(make):
    x = make(2.0)
    with pytest.raises(TypeError, match=r"backward: got create_graph=True; ag\.gradients\(y, xs"):
        (x * x).backward(create_graph=True)
    (x * x).backward(retain_graph=True, create_graph=False)
    assert x.grad == 4.0
