"""A function at one point: its random draws, parameters, and the complex step."""

import numpy as np
import pytest

import autograd as ag


def test_a_function_that_is_not_deterministic_is_refused():
    def noisy(x):
        return x * np.random.default_rng().normal()

    with pytest.raises(ag.GraphError, match="two results at one point"):
        ag.check_gradients(noisy, np.ones(2))


def test_the_default_generator_draws_the_same_each_time():
    masked = lambda x: x * (ag.random.generator().random(x.shape) > 0.5)
    assert ag.check_gradients(masked, np.ones(20)).passed


def test_a_function_that_returns_no_numbers():
    with pytest.raises(ag.GraphError, match="a function that returned a str; expected floats"):
        ag.check_gradients(lambda x: "text", np.ones(2))


def test_parameters_are_restored_exactly():
    w = ag.Tensor(np.random.default_rng(0).normal(size=3), dtype=np.float32, requires_grad=True)
    data = w.data
    w.grad = np.ones(3, np.float32)
    report = ag.check_gradients(
        lambda x: ag.tanh(x * w), np.ones(3, np.float32), parameters={"w": w}
    )
    assert [row.name for row in report.rows] == ["input 0", "w"] and report.passed
    assert w.data is data and w.dtype == np.float32 and w.grad.tolist() == [1.0] * 3
    with pytest.raises(ZeroDivisionError):
        ag.check_gradients(lambda x: 1 / 0, np.ones(3), parameters={"w": w})
    assert w.data is data


def test_the_complex_step_is_exact():
    f = lambda x: ag.exp(ag.sin(x)) / (1.0 + x**2)
    [row] = ag.check_gradients(f, np.linspace(-2.0, 2.1, 9), method="complex").rows
    assert row.largest_absolute < 1e-15


@pytest.mark.parametrize("function", [abs, lambda x: abs(x * 2.0)])
def test_the_complex_step_refuses_what_is_not_analytic(function):
    with pytest.raises(ag.UnsupportedError, match="abs, which is not analytic"):
        ag.check_gradients(function, np.ones(2), method="complex")


def test_the_complex_step_refuses_values():
    with pytest.raises(ag.UnsupportedError, match="got a Value; expected Tensors"):
        ag.check_gradients(lambda x: x * x, ag.Value(1.0), method="complex")


@pytest.mark.parametrize("slope", [3.0, -0.25])
def test_the_rounding_of_a_gradient_is_tolerated(slope):
    """Where nothing else is: by 16 units of its own size, or that of a random direction."""
    f = lambda x: (x * [slope, 0.0])[:1]
    units = 16.0 * np.finfo(float).eps
    report = ag.check_gradients(f, np.zeros(2), rtol=0.0)
    [row] = report.rows
    assert report.passed
    assert row.visible == pytest.approx(units * abs(row.autograd), rel=1e-9, abs=0.0)
    [row] = ag.check_gradients(f, np.zeros(2), rtol=0.0, samples=1).rows
    assert row.worst == "direction"
    anywhere = 2.0 * units * abs(row.autograd)
    assert row.visible_anywhere == pytest.approx(anywhere, rel=1e-9, abs=0.0)


@pytest.mark.parametrize(("error", "passes"), [(2e-6, True), (5e-5, True), (1e-4, False)])
def test_errors_within_the_rounding_of_the_largest_entry_pass(error, passes):
    slightly = ag.Primitive("s", lambda x: x * 1.0, lambda g, out, x: g * [1.0, 1.0 + error])
    f, x = lambda x: slightly(x) * [1e10, 1.0], np.array([0.0, 1.0])
    if passes:
        assert ag.check_gradients(f, x).passed
    else:
        with pytest.raises(ag.GradientCheckError, match="1 WRONG"):
            ag.check_gradients(f, x)


def test_arguments_are_not_rounded_on_the_way():
    """So a large one of which little comes through is no excuse for another one."""
    wrong = ag.Primitive("w", lambda x: x * 3.0, lambda g, out, x: g * 3.1, elementwise=True)
    with pytest.raises(ag.GradientCheckError, match="1 WRONG"):
        ag.check_gradients(lambda x, y: wrong(x) + ag.sin(y), 1.0, 1e12)


@pytest.mark.parametrize("x", [[800.0], [800.0, 900.0]])
def test_a_rule_is_not_blamed_where_no_result_is_finite(x):
    wrong = ag.Primitive("wrong", np.exp, lambda g, out, x: g + 1.0, elementwise=True)
    with pytest.warns(ag.errors.InconclusiveWarning, match="a result is nan or inf"):
        report = ag.check_gradients(wrong, np.array(x))
    assert report.inconclusive == len(x) and not report.failed


def test_results_cut_off_from_the_argument_are_wrong():
    for f in (lambda x: ag.stop_gradient(x) * 2.0, lambda x: float(ag.data_of(x)) * 2.0):
        with pytest.raises(ag.GradientCheckError, match="1 WRONG") as caught:
            ag.check_gradients(f, 1.0)
        assert caught.value.report.culprits == []


def test_an_argument_without_entries():
    report = ag.check_gradients(lambda x: x * 2.0, np.zeros((0, 2)))
    assert report.passed and report.total == 0


def test_samples_are_different_entries():
    """Of six entries one is wrong: five samples meet it five times in six, a direction always."""
    failed = []
    for i in range(6):
        factor = np.where(np.arange(6) == i, 1.5, 1.0)
        wrong = ag.Primitive("w", lambda x: x * 1.0, lambda g, out, x, f=factor: g * f)
        with pytest.raises(ag.GradientCheckError) as caught:
            ag.check_gradients(wrong, np.ones(6), samples=5)
        failed.append(caught.value.report.rows[0].failed)
    assert sorted(failed) == [1, 2, 2, 2, 2, 2]


def test_the_complex_step_of_parameters():
    w = ag.Tensor([0.5, 2.0], requires_grad=True)
    f = lambda x: ag.sin(x * w) + w
    report = ag.check_gradients(f, np.ones(2), parameters={"w": w}, method="complex")
    assert report.passed and max(row.largest_absolute for row in report.rows) < 1e-15


def test_the_complex_step_of_a_kernel_for_real_numbers_only():
    saw = ag.Primitive("saw", lambda x: x - np.floor(x), lambda g, out, x: g, elementwise=True)
    with pytest.raises(
        ag.UnsupportedError, match=r"got a TypeError \(.*floor.*use method=\"central"
    ):
        ag.check_gradients(saw, np.array([0.5]), method="complex")


def test_a_parameter_whose_gradient_is_nothing_but_rounding():
    singular = np.outer([0.1, 0.7, 0.3], [1.1, 1.0 / 3.0, 0.9])
    w = ag.Tensor(singular, requires_grad=True)
    with pytest.warns(ag.errors.InconclusiveWarning, match="changes the gradient as much"):
        report = ag.check_gradients(lambda: ag.linalg.det(w), parameters={"w": w})
    assert report.inconclusive == 9


def test_the_complex_step_beside_a_kink():
    """It has the slope to one side; that of a rule may be another one in between."""
    size = ag.Primitive("size", lambda x: np.sqrt(x * x), lambda g, out, x: g * 0.5)
    [row] = ag.check_gradients(size, np.zeros(1), method="complex").rows
    assert row.kinks == 1 and row.failed == 0
    with pytest.raises(ag.GradientCheckError, match="1 WRONG"):
        ag.check_gradients(size, np.ones(1), method="complex")


def test_the_random_direction_goes_up_and_down():
    [row] = ag.check_gradients(ag.sum, np.zeros(1000), samples=1).rows
    assert row.worst == "direction" and abs(row.autograd) < 100.0


@pytest.mark.parametrize("samples", [1, 4, None])
def test_a_direction_of_gradients_that_are_rounding_proves_nothing(samples):
    singular = np.outer([0.1, 0.7, 0.3, 0.9], [1.1, 1.0 / 3.0, 0.9, 0.3])
    with pytest.warns(ag.errors.InconclusiveWarning, match="changes the gradient as much"):
        report = ag.check_gradients(ag.linalg.det, singular, samples=samples)
    assert not report.failed


def test_a_huge_result_excuses_only_arguments_that_reach_it():
    """The rounding of 1e10 is no reason to let pass a slope that is wrong by 1 %."""
    tanh = ag.primitives.PRIMITIVES["tanh"]
    wrong = ag.Primitive("wrong", tanh.kernel, lambda g, out, x: 1.01 * g * (1.0 - out * out))
    for order in (1, -1):
        both = lambda x, y, order=order: (x * 1e10, wrong(y))[::order]
        with pytest.raises(ag.GradientCheckError) as caught:
            ag.check_gradients(both, 1.0, 1.0)
        assert [row.failed for row in caught.value.report.rows] == [0, 1]
    assert ag.check_gradients(lambda x, y: (x * 1e10, ag.tanh(y)), 1.0, 1.0).passed
