"""check_gradients: no false alarm on honest functions, none missed, nothing left changed."""

import numpy as np
import pytest

import autograd as ag


def test_numerical_gradient():
    x = np.array([[1.0, 2.0]], np.float32)
    g = ag.numerical_gradient(lambda t: np.sum(t**3), x)
    assert g.dtype == np.float64 and x.tolist() == [[1.0, 2.0]]
    np.testing.assert_allclose(g, [[3.0, 12.0]], rtol=1e-8)
    assert ag.numerical_gradient(lambda t: t**2, 3.0) == pytest.approx(6.0)
    assert ag.numerical_gradient(lambda t: ag.exp(t), ag.Value(0.0)) == pytest.approx(1.0)
    assert ag.numerical_gradient(lambda t: (t * t).sum(), ag.Tensor([1.0, 2.0])).shape == (2,)
    with pytest.raises(ag.GraphError, match=r"returned shape \(2,\)"):
        ag.numerical_gradient(lambda t: t, np.ones(2))


def test_a_wrong_parameter_gradient_is_named():
    w = ag.Tensor([2.0, 3.0], requires_grad=True)
    half = ag.Primitive("half", lambda x: x * 1.0, lambda g, out, x: g * 0.5, elementwise=True)
    with pytest.raises(ag.GradientCheckError) as caught:
        ag.check_gradients(lambda x: x * half(w), np.ones(2), parameters={"w": w})
    assert [row.name for row in caught.value.report.rows if row.failed] == ["w"]
    assert isinstance(caught.value, AssertionError) and "2 WRONG" in str(caught.value)


def test_inputs_are_not_modified_and_may_be_anything():
    x = np.asfortranarray(np.random.default_rng(0).normal(size=(3, 4)))[::2]
    before = x.copy()
    tree = {"a": x, "b": [ag.Tensor([1.0], name="bias"), 2.0]}
    report = ag.check_gradients(lambda t: (t["a"] * t["b"][0], t["b"][1] * 3.0), tree)
    assert [row.name for row in report.rows] == ["input 0[0]", "bias", "input 0[2]"]
    assert (x == before).all()
    assert ag.check_gradients(
        lambda a, b: a * b.tanh(), ag.Value(1.0), ag.Value(2.0), order=2
    ).passed


def test_a_gradient_dropped_on_the_way_is_caught():
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(lambda x: x * ag.stop_gradient(x), np.array([2.0]))


def test_second_order_finds_what_first_order_cannot():
    hidden = ag.Primitive(
        "hidden", np.sin, lambda g, out, x: g * ag.stop_gradient(ag.cos(x)), elementwise=True
    )
    assert ag.check_gradients(hidden, np.array([0.5])).passed
    with pytest.raises(ag.GradientCheckError, match="order 2: input 0"):
        ag.check_gradients(hidden, np.array([0.5]), order=2)


def test_integers_are_refused():
    with pytest.raises(ag.DTypeError, match="input 0 of dtype int64; expected floats"):
        ag.check_gradients(lambda x: x, np.array([1, 2]))


@pytest.mark.parametrize(
    ("options", "text"),
    [({"method": "forward"}, "got method='forward'; expected"), ({"order": 0}, "got order=0; expected an int from 1 to 20"),
     ({"samples": 0}, "got samples=0; expected a positive int"), ({"eps": 2.0}, "got eps=2.0; expected a step")],
)  # fmt: skip
def test_options_that_do_not_exist(options, text):
    with pytest.raises(ag.UnsupportedError, match=text):
        ag.check_gradients(lambda x: x, 1.0, **options)


def test_a_parameter_that_is_not_a_leaf():
    with pytest.raises(ag.DTypeError, match="parameter w, a float; expected a leaf"):
        ag.check_gradients(lambda x: x, 1.0, parameters={"w": 3.0})
    double = ag.Tensor([1.0], requires_grad=True) * 2.0
    with pytest.raises(ag.DTypeError, match="parameter w, a Tensor, computed by mul"):
        ag.check_gradients(lambda x: x, 1.0, parameters={"w": double})


@pytest.mark.parametrize(
    ("option", "values"),
    [("eps", [-1, 0, 1, "a", None, np.nan, [1e-5]]), ("rtol", [-1, "a", np.nan, [1]]), ("atol", [-1, "a", None, np.nan]),
     ("order", [0, -1, "a", 2.0, True, None]), ("samples", [0, -1, "a", 2.5, True]), ("method", ["x", 3, None, ["central"]])],
)  # fmt: skip
def test_options_of_every_wrong_kind(option, values):
    for value in values:
        with pytest.raises(ag.UnsupportedError, match=f"^check_gradients: got {option}="):
            ag.check_gradients(lambda x: x, 1.0, **{option: value})


def test_a_high_order_and_numpy_numbers_as_options():
    assert ag.check_gradients(lambda x: x**3, 0.5, order=4).passed
    options = {"eps": np.float32(1e-5), "rtol": np.float64(1e-4), "atol": 0, "order": np.int64(1)}
    assert ag.check_gradients(ag.tanh, np.ones(3), samples=np.int64(2), **options).passed


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: ag.check_gradients(3, 1.0), ag.DTypeError, "check_gradients: got an int; expected a function"),
        (lambda: ag.check_gradients(ag.Value(1.0), 1.0), ag.DTypeError, "check_gradients: got a Value"),
        (lambda: ag.check_gradients(abs, 1.0, parameters=[1]), ag.DTypeError, "got a list as parameters"),
        (lambda: ag.numerical_gradient(3, 1.0), ag.DTypeError, "numerical_gradient: got an int; expected a function"),
        (lambda: ag.numerical_gradient(abs, "a"), ag.DTypeError, "numerical_gradient: got a str as the point"),
        (lambda: ag.numerical_gradient(abs, None), ag.DTypeError, "got None as the point"),
        (lambda: ag.numerical_gradient(abs, 1.0, eps=0), ag.UnsupportedError, "got eps=0; expected a positive step"),
        (lambda: ag.numerical_gradient(abs, 1.0, eps="a"), ag.UnsupportedError, "got eps='a'"),
        (lambda: ag.numerical_gradient(lambda x: None, 1.0), ag.GraphError, "a function that returned None"),
        (lambda: ag.numerical_gradient(lambda x: "a", 1.0), ag.GraphError, "a function that returned a str"),
        (lambda: ag.numerical_gradient(lambda x: {}, 1.0), ag.GraphError, "a function that returned a dict"),
    ],
)  # fmt: skip
def test_messages(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize(
    ("f", "rows"),
    [(lambda x: (x**2, ag.Tensor(3.0), 5.0), 3), (lambda x: 1.5, 1), (lambda x: ag.stop_gradient(x) * 0.0, 1), (lambda x: (1.5, x), 3)],
)  # fmt: skip
def test_results_that_are_constant_have_no_second_derivatives(f, rows):
    report = ag.check_gradients(f, np.ones(2), order=2)
    assert report.passed and len(report.rows) == rows


def test_rules_are_looked_at_where_asked_or_where_gradients_differ():
    x = np.array([0.0, 1.0])
    report = ag.check_gradients(ag.relu, x)
    assert report.passed and report.kinks == [] and report.rows[0].kinks == 1
    assert len(ag.check_gradients(ag.relu, x, locate=True).kinks) == 1
    assert len(ag.check_gradients(ag.relu, x, locate=True, order=2).kinks) == 1
    conventions = ag.check_gradients(lambda x: ag.relu(x) * x, x, order=2).conventions
    assert len(conventions) == len(set(conventions)) >= 1


def test_a_sample_of_all_entries_is_all_of_them():
    """Then there is nothing left that only a random direction could reveal."""
    x = np.linspace(1.0, 2.0, 4)
    for samples, anywhere in ((None, 0.0), (9, 0.0), (4, 0.0), (3, 1.0)):
        [row] = ag.check_gradients(lambda x: x**2, x, samples=samples).rows
        assert row.checked == min(samples or 4, 4) and row.total == 4
        assert (row.visible_anywhere > 0.0) == bool(anywhere) and row.visible > 0.0


@pytest.mark.parametrize("x", [np.array(2.0), 2.0, np.array([2.0]), ag.Tensor(2.0), ag.Value(2.0)])
def test_a_numeric_gradient_has_the_shape_of_its_point(x):
    g = ag.numerical_gradient(lambda t: ag.sum(t**2) if isinstance(t, ag.Tensor) else t**2, x)
    assert np.shape(g) == np.shape(getattr(x, "data", x)) and g == pytest.approx(4.0)
