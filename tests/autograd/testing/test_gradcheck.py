"""check_gradients: no false alarm on honest functions, none missed, nothing left changed."""

import numpy as np
import pytest

import autograd as ag


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    "f",
    [lambda x: x * x, lambda x: x**3 / (1.0 + x * x), lambda x: ag.log(abs(x) + 1.0), lambda x: ag.sqrt(x * x + 1.0),
     lambda x: ag.softmax(x / (1.0 + abs(x).max())), lambda x: 1e8 + x, lambda x: ag.norm(x) * 100.0],
)  # fmt: skip
def test_honest_functions_pass_at_every_scale(f, scale):
    x = np.random.default_rng(0).normal(size=6) * scale
    assert ag.check_gradients(f, x).passed


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


@pytest.mark.parametrize(
    ("f", "x", "kinks"),
    [
        (ag.relu, [0.0, 1.0, -1.0], 1), (abs, [0.0, 1.0], 1), (ag.relu, [0.0, 3e-6, -4e-7], 1),
        (lambda x: ag.maximum(x, 1.0), [1.0, 2.0], 1), (lambda x: ag.clip(x, 0.0, 1.0), [0.0, 1.0, 0.5], 2),
        (ag.floor, [1.0, 1.5], 1), (lambda x: ag.max(x), [2.0, 2.0, 1.0], 2), (ag.norm, [0.0, 0.0], 2),
    ],
)  # fmt: skip
def test_kinks_pass_and_are_counted(f, x, kinks):
    [row] = ag.check_gradients(f, np.array(x)).rows
    assert row.kinks == kinks


def test_a_slope_outside_a_kink_fails():
    steep = ag.Primitive(
        "steep", lambda x: np.maximum(x, 0), lambda g, out, x: g * 1.5, elementwise=True
    )
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(steep, np.array([0.0]))


def test_parameters_are_restored_exactly():
    w = ag.Tensor(np.random.default_rng(0).normal(size=3), dtype=np.float32, requires_grad=True)
    data = w.data
    w.grad = np.ones(3)
    report = ag.check_gradients(
        lambda x: ag.tanh(x * w), np.ones(3, np.float32), parameters={"w": w}
    )
    assert [row.name for row in report.rows] == ["input 0", "w"] and report.passed
    assert w.data is data and w.dtype == np.float32 and w.grad.tolist() == [1.0] * 3
    with pytest.raises(ZeroDivisionError):
        ag.check_gradients(lambda x: 1 / 0, np.ones(3), parameters={"w": w})
    assert w.data is data


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


def test_random_functions():
    def noisy(x):
        return x * np.random.default_rng().normal()

    with pytest.raises(ag.GraphError, match="two results at one point"):
        ag.check_gradients(noisy, np.ones(2))
    masked = lambda x: x * (ag.random.generator().random(x.shape) > 0.5)
    assert ag.check_gradients(masked, np.ones(20)).passed


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


def test_complex_step_is_exact():
    f = lambda x: ag.exp(ag.sin(x)) / (1.0 + x**2)
    [row] = ag.check_gradients(f, np.linspace(-2.0, 2.1, 9), method="complex").rows
    assert row.largest_absolute < 1e-15
    for bad in (abs, lambda x: abs(x * 2.0)):
        with pytest.raises(ag.UnsupportedError, match="abs, which is not analytic"):
            ag.check_gradients(bad, np.ones(2), method="complex")


def test_samples_state_what_was_looked_at():
    report = ag.check_gradients(lambda x: x**2, np.ones((50, 50)), samples=10)
    assert report.checked == 10 and report.total == 2500
    assert "10 of 2,500 entries looked at (0.4%)" in str(report)
    assert "an error above" in str(report)


def test_integers_are_refused():
    with pytest.raises(ag.DTypeError, match="input 0 of dtype int64; expected floats"):
        ag.check_gradients(lambda x: x, np.array([1, 2]))


@pytest.mark.parametrize(
    ("options", "text"),
    [({"method": "forward"}, "got method='forward'; expected"), ({"order": 0}, "got order=0; expected 1, 2"),
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
