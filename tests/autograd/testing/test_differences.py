"""Numeric derivatives: right at every scale, and at kinks any slope in between."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import InconclusiveWarning


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize(
    "f",
    [lambda x: x * x, lambda x: x**3 / (1.0 + x * x), lambda x: ag.log(abs(x) + 1.0), lambda x: ag.sqrt(x * x + 1.0),
     lambda x: ag.softmax(x / (1.0 + abs(x).max())), lambda x: 1e8 + x, lambda x: ag.norm(x) * 100.0],
)  # fmt: skip
def test_honest_functions_pass_at_every_scale(f, scale):
    x = np.random.default_rng(0).normal(size=6) * scale
    assert ag.check_gradients(f, x).passed


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


A = np.array


@pytest.mark.parametrize("x", [1e3, 1e5, 1e7, 1e8, 1e9])
def test_waves_far_from_zero_are_resolved(x):
    assert ag.check_gradients(lambda t: np.sin(t), A([x])).passed
    assert ag.check_gradients(lambda t: np.cos(t) * 3.0, A([x, 0.5])).passed
    off = ag.Primitive("sin", np.sin, lambda g, out, x: g * 1.02 * ag.cos(x), elementwise=True)
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(off, A([x]))


@pytest.mark.parametrize("f", [ag.exp, ag.cosh, lambda x: ag.exp(x) * 3.0, lambda x: x * 2e305])
def test_near_overflow(f):
    assert ag.check_gradients(f, A([700.0, 1.0]) if f is not ag.cosh else A([700.0])).passed


@pytest.mark.parametrize(
    ("f", "x", "entries", "reason"),
    [
        (ag.sin, [1e12], 1, "changes faster"), (ag.sin, [1e17, 1.0], 1, "changes faster"),
        (lambda x: ag.sin(1e16 * x), [1.0], 1, "changes faster"),
        (lambda x: x**2, [1.0, np.nan, 2.0], 1, "the argument is nan or inf"),
        (lambda x: x**2, [1.0, np.inf], 1, "the argument is nan or inf"),
        (ag.tanh, [-np.inf], 1, "the argument is nan or inf"),
        (lambda x: ag.sum(x**2), [1.0, np.nan], 2, "a result is nan or inf"),
        (lambda x: x * A([np.nan, 1.0]), [1.0, 1.0], 1, "a result is nan or inf"),
        (ag.exp, [1.0, 800.0], 1, "a result is nan or inf"), (lambda x: x**2, [1e200], 1, "a result is nan or inf"),
        (ag.log, [1.0, -1.0], 1, "a result is nan or inf"), (ag.sqrt, [-1.0], 1, "a result is nan or inf"),
        (lambda x: 1.0 / x, [0.0], 1, "a result is nan or inf"),
        (lambda x: ag.sqrt(-(x**2) * 1.0) + 3.0 * x, [0.0], 1, "next to this point"),
        (lambda x: 1e16 + x, [1.0], 1, "rounding error"), (lambda x: (1e15 + x) - 1e15, [1.0], 1, "rounding error"),
        (lambda x: (1e16 + x) - 1e16, [1.0], 1, "rounding error"), (lambda x: x * 1e-322, [1.0], 1, "rounding error"),
        (lambda x: ag.sin(x.astype(np.float16)).astype(float), [1.0], 1, "rounding error"),
        (ag.sqrt, [1e-300], 1, "smaller than the smallest step"), (ag.tan, [np.pi / 2], 1, "faster"),
        (lambda x: x**2, [1e-170], 1, "smaller than the smallest step"), (lambda x: 1.0 / x, [1e-300], 1, "a"),
    ],
)  # fmt: skip
def test_where_differences_cannot_tell_they_say_so(f, x, entries, reason):
    with pytest.warns(InconclusiveWarning, match="differences cannot tell") as caught:
        report = ag.check_gradients(f, A(x))
    assert not report.passed and not report.failed and report.inconclusive == entries
    assert reason in str(report) and f"{entries} inconclusive" in str(report)
    assert reason in str(caught[0].message) and caught[0].filename == __file__


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x**2, [np.nan, 2.0]),
        (lambda x: ag.exp(x), [800.0, 2.0]),
        (lambda x: x**2, [2.0, np.inf]),
    ],
)
def test_what_can_be_told_beside_it_is_told(f, x):
    wrong = ag.Primitive("wrong", lambda x: x * 1.0, lambda g, out, x: g * 1.1, elementwise=True)
    with pytest.raises(ag.GradientCheckError, match="1 WRONG, 1 inconclusive"):
        ag.check_gradients(lambda t: f(wrong(t)), A(x))


@pytest.mark.parametrize("x", [1e5 + 0.25, 1e7 + 0.25, 1e9 + 0.25, 1e12 + 0.25])
@pytest.mark.parametrize(
    "f",
    [
        np.sinc,
        lambda x: np.sin(np.pi * x),
        lambda x: np.tan(np.pi * x),
        lambda x: np.cos(np.pi * x / 5),
        lambda x: x - np.floor(x),
    ],
)
@pytest.mark.filterwarnings("ignore::autograd.errors.InconclusiveWarning")
def test_steps_are_no_multiples_of_a_period(f, x):
    """A right rule is not blamed, and a wrong one that fits a step of whole periods is not believed."""
    assert not ag.check_gradients(f, A([x])).failed
    if x < 1e9:
        wrong = ag.Primitive("w", lambda x: x * 1.0, lambda g, out, x: g * 1.1, elementwise=True)
        with pytest.raises(ag.GradientCheckError):
            ag.check_gradients(lambda t: f(wrong(t)), A([x]))


WRONG_SQUARE = ag.Primitive("sq", lambda x: x**2, lambda g, out, x: g * 2.02 * x, elementwise=True)


@pytest.mark.parametrize("huge", [1e10, 1e100, 1e200])
def test_a_huge_entry_sets_no_tolerance_of_a_small_one(huge):
    with pytest.warns(InconclusiveWarning):
        report = ag.check_gradients(lambda x: ag.sum(x**2), A([huge, 1.0]))
    assert report.inconclusive == (2 if huge == 1e200 else 1) and not report.passed
    text = str(report)
    assert ("the others agree" in text) == ("would have been seen" in text) == (huge < 1e200)
    with pytest.warns(InconclusiveWarning):  # of 1e200, no result is finite
        assert not ag.check_gradients(lambda x: ag.sum(WRONG_SQUARE(x)), A([1e200, 3.0])).passed


def test_results_apart_are_told_beside_a_huge_one():
    assert ag.check_gradients(lambda x: x**2, A([1e100, 3.0])).passed
    with pytest.raises(ag.GradientCheckError, match="1 WRONG, 1 inconclusive"):
        ag.check_gradients(WRONG_SQUARE, A([1e100, 3.0]))


@pytest.mark.parametrize("x", [1e-30, 1e-10, 1.0, 1e10, 1e100])
def test_a_wrong_slope_is_told_at_every_scale(x):
    wrong = ag.Primitive("wrong", lambda x: x * 3.0, lambda g, out, x: g * 3.1, elementwise=True)
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(lambda t: wrong(t) + x, A([x]))


def test_a_slope_of_a_constant_is_told():
    for scale in (1e-5, 1.0, 1e5):
        with pytest.raises(ag.GradientCheckError):
            ag.check_gradients(lambda t, s=scale: s * (t - ag.stop_gradient(t)) + 1.0, A([1.5]))


def test_nan_of_a_rule_where_the_function_is_finite_is_told():
    broken = ag.Primitive("broken", np.sin, lambda g, out, x: g * np.nan, elementwise=True)
    with pytest.raises(ag.GradientCheckError, match="1 WRONG"):
        ag.check_gradients(broken, A([1.0]))


def test_float32_within_is_no_fault():
    assert ag.check_gradients(
        lambda x: ag.sin(x.astype(np.float32)).astype(float), A([1.0, 2.0])
    ).passed


def test_the_complex_step_beside_what_is_not_finite():
    with pytest.warns(InconclusiveWarning):
        report = ag.check_gradients(ag.exp, A([800.0, 1.0]), method="complex")
    assert report.inconclusive == 1 and report.rows[0].largest_relative < 1e-15
    with pytest.warns(InconclusiveWarning):
        assert ag.check_gradients(ag.sin, A([np.nan, 1.0]), method="complex").inconclusive == 1


def test_a_gradient_that_is_nothing_but_rounding():
    with pytest.warns(InconclusiveWarning, match="changes the gradient as much"):
        ag.check_gradients(ag.linalg.det, np.outer([0.1, 0.7, 0.3], [1.1, 1.0 / 3.0, 0.9]))


def test_samples_of_which_one_is_too_fast():
    with pytest.warns(InconclusiveWarning):
        report = ag.check_gradients(ag.sin, np.r_[1e20, np.ones(50)], samples=5)
    assert report.rows[0].reasons and report.rows[0].failed == 0


def test_steps_out_of_the_domain_are_no_results():
    """A function that raises beside the point, such as a loss of probabilities or a singular inverse."""
    loss = nn.functional.binary_cross_entropy
    assert ag.check_gradients(lambda p: loss(p, 1.0, reduction="none"), A([1.0, 0.5])).passed
    assert ag.check_gradients(lambda p: loss(p, 0.0, reduction="none"), A([0.0, 0.5])).passed
    assert ag.check_gradients(ag.linalg.inv, A([[1.0, 1.0], [1.0, 1.0 + 1e-3]])).passed


def test_tiny_slopes_beside_large_ones_do_not_matter():
    """The change of a result of 1 is rounded to 1e-16, in which slopes of 1e-13 drown."""
    assert ag.check_gradients(lambda x: x[0] + 1e-13 * x[1] + 1.0, A([1.0, 1.0])).passed
    with pytest.warns(InconclusiveWarning):
        ag.check_gradients(lambda x: 1e-13 * x[0] + 1e-13 * x[1] + 1.0, A([1.0, 1.0]))
    wrong = ag.Primitive("w", lambda x: x * 1.0, lambda g, out, x: g * 1.1, elementwise=True)
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(lambda x: x[0] + 1e-4 * wrong(x)[1] + 1.0, A([1.0, 1.0]))
