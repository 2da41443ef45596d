"""Value: arithmetic with everything that is a number, micrograd's idioms, IEEE 754, messages."""

import copy
import math
import pickle

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.primitives import PRIMITIVES

LEFT = [2, 2.0, True, np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0)]


@pytest.mark.parametrize("other", LEFT, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**", "%", "//"])
def test_operators_both_ways(other, symbol):
    operate = eval(f"lambda x, y: x {symbol} y")
    for swap in (False, True):
        v = ag.Value(3.0)
        out = operate(other, v) if swap else operate(v, other)
        expected = operate(float(other), 3.0) if swap else operate(3.0, float(other))
        assert isinstance(out, ag.Value)
        assert out.data == expected
        assert type(out.data) is float


def test_arrays_give_object_arrays():
    v = ag.Value(3.0)
    for out in (np.array([1.0, 2.0]) * v, v * np.array([1.0, 2.0])):
        assert out.dtype == object and [x.data for x in out] == [3.0, 6.0]
    sum(np.array([1.0, 2.0]) * v).backward()
    assert v.grad == 3.0
    assert [round(x.data, 6) for x in np.exp(np.array([ag.Value(0.0), ag.Value(1.0)]))] == [
        1.0,
        2.718282,
    ]


def test_numpy_functions_of_a_value():
    v = ag.Value(0.5)
    np.tanh(np.exp(v)).backward()
    assert v.grad == pytest.approx((1 - math.tanh(math.exp(0.5)) ** 2) * math.exp(0.5), rel=1e-14)
    assert np.isnan(ag.Value(math.nan)) and np.isfinite(v)
    with pytest.raises(ag.UnsupportedError, match=r"np\.spacing: has no derivative"):
        np.spacing(v)


def test_micrograd_s_demo_loop():
    a, b = ag.Value(-4.0), ag.Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert round(g.data, 4) == 24.7041
    assert (round(a.grad, 4), round(b.grad, 4)) == (138.8338, 645.5773)
    a.data -= 0.1 * a.grad
    assert a.data == pytest.approx(-17.88338, abs=1e-4)


def test_every_node_keeps_its_gradient():
    x = ag.Value(3.0)
    y = x * 2.0
    z = y * y
    z.backward()
    assert (z.grad, y.grad, x.grad) == (1.0, 12.0, 24.0)


def test_ieee_arithmetic():
    assert (1 / ag.Value(0.0)).data == math.inf
    assert (1 / ag.Value(-0.0)).data == -math.inf
    assert ag.Value(0.0).log().data == -math.inf
    assert ag.Value(1000.0).exp().data == math.inf
    assert math.isnan((ag.Value(-8.0) ** (1 / 3)).data)
    assert (ag.Value(0.0) ** -1).data == math.inf
    assert math.isnan((ag.Value(0.0) / 0.0).data)
    x = ag.Value(0.0)
    (1 / x).backward()
    assert x.grad == -math.inf


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (ag.relu, 0.0, 0.0), (abs, 0.0, 0.0), (ag.sign, 1.0, 0.0), (ag.sqrt, 0.0, math.inf),
        (lambda x: ag.maximum(x, 1.0), 1.0, 0.5), (lambda x: ag.minimum(x, x), 1.0, 1.0),
        (lambda x: ag.floor(x) + x, 0.5, 1.0), (lambda x: x**0, 0.0, 0.0), (lambda x: 0.0**x, 2.0, 0.0),
        (lambda x: ag.hypot(x, 0.0), 0.0, 0.0), (ag.sinc, 0.0, 0.0),
    ],
)  # fmt: skip
def test_slopes_decided_at_kinks(function, at, slope):
    v, t = ag.Value(at), ag.Tensor(at, requires_grad=True)
    function(v).backward()
    function(t).backward()
    assert v.grad == slope and t.grad == slope


def test_comparisons_look_at_the_data():
    v = ag.Value(3.0)
    assert v > 2 and v >= 3.0 and v < ag.Value(4.0) and v <= 3 and v == 3.0 and v != 4.0
    assert len({v, ag.Value(3.0)}) == 2  # sets go by identity


def test_repr_shows_what_a_person_wants_to_see():
    x = ag.Value(3.0, name="x")
    y = x * 2
    assert repr(y) == "Value(6.0, op=mul)"
    y.backward()
    assert repr(x) == "Value(3.0, name='x', grad=2.0)"
    assert f"{x:.2f}" == "3.00"


def test_leaves_are_copied_and_pickled_graphs_are_not():
    x = ag.Value(3.0, name="x")
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert (other.data, other.name, other.requires_grad) == (3.0, "x", True)
    with pytest.raises(ag.GraphError, match="detach"):
        copy.copy(x * 2.0)


@pytest.mark.parametrize("extra", [0, 2.0, {"base": 2.0}])
def test_a_method_takes_no_second_argument(extra):
    """math.log would take it for a base, and its rule would not."""
    for use in (lambda x: x.log(extra), lambda x: x.exp(extra), lambda x: ag.log(x, extra)):
        with pytest.raises(TypeError, match=r"1 positional arguments? but 2 were given"):
            use(ag.Value(8.0))
    with pytest.raises(ag.DTypeError, match="log: got a Value"):
        PRIMITIVES["log"](ag.Value(8.0), base=2.0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: ag.Value("3"), "Value: got a str, '3'; expected one number"),
        (lambda: ag.Value([1.0]), "Value: got a list, \\[1.0\\]; expected one number"),
        (lambda: ag.Value(1 + 2j), "Value: got a complex"),
        (
            lambda: ag.Value(np.ones(3)),
            r"Value: got an array of shape \(3,\) .*ag\.Tensor holds arrays",
        ),
        (lambda: ag.Value(ag.Value(1.0)), "Value: got a Value; expected one number; use one kind"),
        (lambda: ag.Value(1.0) + "a", "add of a Value: got a str, 'a'"),
        (lambda: ag.Value(1.0) + None, "add of a Value: got None"),
        (lambda: ag.Value(1.0) * ag.Tensor(1.0), "mul.*Tensor"),
        (
            lambda: ag.Tensor(1.0) * ag.Value(1.0),
            "mul: got a Tensor and a Value; expected one kind of node",
        ),
        (
            lambda: ag.add(ag.Value(1.0), np.ones(2)),
            r"add: got a Value and an array of shape \(2,\)",
        ),
        (lambda: ag.sum(ag.Value(1.0)), "sum.*Value"),
    ],
)
def test_bad_input_gets_a_sentence(build, message):
    with pytest.raises(ag.DTypeError, match=message):
        build()


def test_updates_in_place_are_those_of_leaves_under_no_grad():
    """A constant and a result are replaced by a new Value, so that graphs which hold them stay."""
    with ag.no_grad():
        leaf = ag.Value(1.0)
        before = leaf
        leaf -= 0.25
        assert leaf is before and leaf.data == 0.75
        constant = ag.Value(1.0).detach()
        kept = constant
        constant -= 0.25
        assert constant is not kept and (kept.data, constant.data) == (1.0, 0.75)
    result = leaf * 2.0
    kept = result
    with ag.no_grad():
        result -= 0.5
    assert result is not kept and (kept.data, result.data) == (1.5, 1.0)
    p = leaf
    p -= 0.5
    assert p is not leaf and p.op is not None and leaf.data == 0.75


def test_calls_of_ufuncs_that_no_float_has():
    x = ag.Value(2.0)
    for call, text in (
        (lambda: np.exp(x, where=True), "exp: got where=; expected a plain call"),
        (lambda: np.exp(x, dtype=float), "exp: got dtype="),
        (lambda: np.add.reduce(x), "add: got a call of its method reduce"),
    ):
        with pytest.raises(ag.UnsupportedError, match=text):
            call()


def test_methods_that_are_no_primitives_are_not_replaced():
    assert ag.Value.__mul__ is not ag.Value.exp and ag.Value(2.0).exp().op.name == "exp"
    assert ag.Value(-2.0).data == -2.0 and (-ag.Value(2.0)).op.name == "neg"


def test_a_notebook_shows_the_number_and_its_gradient():
    x = ag.Value(3.0, name="x")
    assert ">x = 3<" in x._repr_html_() and ">from " not in x._repr_html_()
    y = x * 1.25
    y.backward()
    assert ">x = 3<" in x._repr_html_() and ">gradient 1.25<" in x._repr_html_()
    assert ">Value = 3.75<" in y._repr_html_() and ">from mul<" in y._repr_html_()


def test_comparisons_with_an_array_are_truth_values():
    v, array = ag.Value(3.0), np.array([1.0, 3.0, 5.0])
    for found, expected in (
        (array > v, array > 3.0),
        (array == v, array == 3.0),
        (v < array, array > 3.0),
        (np.greater_equal(array, v), array >= 3.0),
    ):
        np.testing.assert_array_equal(found, expected, strict=True)
    assert array[array > v].tolist() == [5.0]


def test_a_number_in_an_array_without_axes_is_a_number():
    v = ag.Value(4.0)
    out = np.hypot(np.array(3.0), v)
    out.backward()
    assert type(out) is ag.Value and out.data == 5.0 and v.grad == 0.8


def test_comparisons_of_equal_numbers():
    v, w = ag.Value(3.0), ag.Value(3.0)
    assert (v < w, v <= w, v > w, v >= w, v == w, v != w) == (False, True, False, True, True, False)


def test_names_of_other_libraries_lead_to_ours():
    v = ag.Value(3.0)
    for name, advice in {
        "add": r"v \+ other",
        "pow": r"v\*\*exponent",
        "value": r"v\.data",
    }.items():
        with pytest.raises(AttributeError, match=rf"^v\.{name}: no such name here; write {advice}"):
            getattr(v, name)


def test_only_functions_of_one_number_are_methods():
    for name in ("exp", "relu", "digamma"):
        assert getattr(ag.Value(2.0), name)().op.name == name
    for name in ("where", "hypot", "maximum", "logaddexp"):
        assert not hasattr(ag.Value(2.0), name)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
def test_a_copy_of_a_constant_is_a_constant(again):
    assert again(ag.Value(2.0).detach()).requires_grad is False
    v = ag.Value(2.0, name="v")
    (v * 3.0).backward()
    found = again(v)
    assert (found.data, found.requires_grad, found.name, found.grad) == (2.0, True, "v", 3.0)


@pytest.mark.parametrize("children", [None, 0, 0.0, ""])
def test_children_are_a_collection(children):
    with pytest.raises(TypeError, match=r"Value: got _children=.*; expected a tuple of Values"):
        ag.Value(1.0, children)


def test_an_operation_written_as_in_micrograd_is_in_the_module_that_runs():
    class Layer(nn.Module):
        def forward(self, x):
            return ag.Value(x.data + 1.0, (x,), "plus one")

    assert nn.Sequential(Layer())(ag.Value(2.0)).module == "0"


def test_an_operation_as_in_micrograd_that_is_not_recorded_is_a_constant():
    x = ag.Value(2.0)
    with ag.no_grad():
        y = ag.Value(3.0, (x,), "plus one")
    z = ag.Value(3.0, (x.detach(),), "plus one")
    for found in (y, z):
        assert repr(found) == "Value(3.0)" and found.name is None and not found.requires_grad
