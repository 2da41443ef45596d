"""Numeric derivatives: right at every scale, and at kinks any slope in between."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import InconclusiveWarning
from autograd.testing.differences import FAST, LOST, NEIGHBOUR, SMALL, Comparison, Line, Slopes


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


@pytest.mark.parametrize("rtol", [0.0, 1e-12, 1e-10, 1e-8])
@pytest.mark.parametrize("beside", [0.0, 1.0, 1e3, -1e5])
def test_kinks_pass_however_little_is_tolerated(rtol, beside):
    """Even where the rounding of the result makes the largest step the best."""
    [row] = ag.check_gradients(lambda x: ag.relu(x) + beside, np.zeros(1), rtol=rtol).rows
    assert row.kinks == 1
    outside = ag.Primitive("out", lambda x: np.maximum(x, 0), lambda g, out, x: g * 1.1)
    with pytest.raises(ag.GradientCheckError):
        ag.check_gradients(lambda x: outside(x) + beside, np.zeros(1), rtol=rtol)


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


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("left", "right", "noise", "central", "gap"),
    [
        (1.0, 3.0, 0.0, 2.0, 2.0), (-1.0, 1.0, 0.0, 0.0, 2.0), (NAN, 3.0, 0.0, 3.0, 0.0), (1.0, NAN, 0.0, 1.0, 0.0),
        (1.0, 1.0009, 0.0, 1.00045, 0.0), (1.0, 1.0012, 0.0, 1.0006, 0.0012), (1.0, 3.0, 0.26, 2.0, 0.0), (1.0, 3.0, 0.24, 2.0, 2.0),
        (-INF, 1.0, 0.0, -INF, 0.0), (1.5e308, 1.7e308, 0.0, 1.6e308, 0.2e308),
        (-1.5e308, 1.5e308, 0.0, 0.0, 0.0),
    ],
)  # fmt: skip
def test_slopes_to_both_sides(left, right, noise, central, gap):
    """A gap is what is neither a thousandth of them nor within eight times the rounding."""
    slopes = Slopes(1e-3, left, right, noise)
    np.testing.assert_allclose([slopes.central, slopes.gap], [central, gap], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("autograd", "numeric", "tolerance", "agree", "visible"),
    [
        (2.0, 2.5, 0.5, True, True), (2.0, 2.5, 0.4, False, True), (-4.0, 1.0, 2.0, False, True), (-4.0, 1.0, 2.1, False, False),
        (1.0, 4.0, 2.0, False, True), (0.0, 0.0, 0.0, True, True), (0.0, 0.0, 0.1, True, False), (INF, INF, 0.0, True, True),
        (NAN, 1.0, 9.0, False, False), (INF, 1.0, 9.0, False, True),
    ],
)  # fmt: skip
def test_comparisons(autograd, numeric, tolerance, agree, visible):
    found = Comparison(autograd, numeric, tolerance)
    assert (found.agree, found.passed, found.failed) == (agree, agree, not agree)
    if autograd == autograd:
        assert found.visible == visible
    told = found._replace(unresolved="so")
    assert (told.agree, told.passed, told.failed) == (agree, False, False)
    assert found._replace(kink=True).passed
    assert Comparison.of(-4.0, 2.0, 0.25, 0.5) == (-4.0, 2.0, 1.5, False, "")
    assert Comparison.of(INF, 2.0, 0.25, 0.5).tolerance == 0.5


def line(f, x=0.0, eps=1e-5):
    """The line through a number, of a function of it."""
    at = lambda t: np.atleast_1d(np.asarray(f(np.float64(x) + t), float))
    with np.errstate(all="ignore"):
        return Line.along(at, at(0.0), A([x]), A([1.0]), eps)


def compared(f, autograd, x=0.0, rtol=1e-6, atol=1e-9, negligible=1e-12, **options):
    with np.errstate(all="ignore"):
        return line(f, x).compare(autograd, rtol, atol, negligible, **options)


@pytest.mark.parametrize(
    ("f", "x", "slopes", "others"),
    [
        # At a corner, every slope in between passes and those outside fail.
        (abs, 0.0, (-1.0, -0.5, 0.0, 1.0), (-1.1, 1.1)), (lambda x: np.maximum(x, 3.0 * x), 0.0, (1.0, 2.0, 3.0), (0.9, 3.1, -1.0)),
        (lambda x: np.maximum(x, 0.0) + 5.0, 1e-7, (1.0,), (0.0, 0.5, 1.1)),
        # At a jump, any finite slope, and the infinite one of its sign.
        (np.sign, 0.0, (0.0, 1.0, -7.0, INF), (-INF, NAN)), (lambda x: x + np.floor(x), 1.0, (1.0,), (NAN,)),
        (lambda x: np.where(abs(x) < 5e-9, np.floor(x), NAN), 0.0, (0.0, 1.0, -7.0, INF), (-INF, NAN)),
        (lambda x: 1e3 + 5e-10 * np.sign(x), 0.0, (1.0, -7.0, INF), (-INF, NAN)),
        # Where it is infinitely steep, only that, with its sign.
        (np.cbrt, 0.0, (INF,), (-INF, NAN)), (lambda x: -np.cbrt(x), 0.0, (-INF,), (INF, NAN)),
        (lambda x: np.sign(x) * abs(x) ** 0.7, 0.0, (INF,), (-INF,)),
        (lambda x: np.where(abs(x) < 5e-11, -1.0, 1.0) * np.cbrt(x), 0.0, (-INF,), (INF, NAN)),
        # Half of a function is enough, at the edge of what it is defined for.
        (lambda x: np.where(x < 0, np.nan, 3.0 * x), 0.0, (3.0,), (2.9, 3.1)), (lambda x: np.where(x > 0, np.nan, 3.0 * x), 0.0, (3.0,), (2.9, 3.1)),
        # So is what is defined nearby only, within the smallest step.
        (lambda x: np.where(abs(x) < 5e-11, 3.0 * x, np.nan), 0.0, (3.0,), (2.9, 3.1)),
        (lambda x: np.where(abs(x) < 5e-11, 0.05 * x, np.nan), 0.0, (0.05, 0.05 + 3e-8), (0.05 + 8e-8, 0.05 - 8e-8)),
        (lambda x: x**3, 2.0, (12.0, 12.000001), (12.1, -12.0, INF, NAN)),
        (lambda x: 0.0 * x + 4.0, 1.0, (0.0, 1e-10), (0.1, -0.1, INF)),
    ],
)  # fmt: skip
def test_which_slopes_pass(f, x, slopes, others):
    assert [compared(f, slope, x).passed for slope in slopes] == [True] * len(slopes)
    assert [compared(f, slope, x).passed for slope in others] == [False] * len(others)


@pytest.mark.parametrize(
    ("f", "x", "autograd", "kink", "reason"),
    [
        (abs, 0.0, 0.0, True, ""), (abs, 0.0, 0.5, True, ""), (abs, 1.0, 1.0, False, ""), (np.sign, 0.0, 2.0, True, ""),
        (np.cbrt, 0.0, INF, True, ""), (lambda x: x**2, 0.0, 0.0, False, ""), (lambda x: x**2, 1.0, 2.1, False, ""),
        (lambda x: x, NAN, 1.0, False, "the argument is nan or inf"), (lambda x: x, INF, 1.0, False, "the argument is nan or inf"),
        (lambda x: x * NAN, 1.0, 1.0, False, "a result is nan or inf"), (lambda x: x + INF, 1.0, 1.0, False, "a result is nan or inf"),
        (lambda x: x + INF, 1.0, 0.0, False, ""), (lambda x: np.where(x == 0.0, 0.0, NAN), 0.0, 1.0, False, NEIGHBOUR),
        (lambda x: x + INF, 1.0, 0.05, False, "a result is nan or inf"),
        (lambda x: x**2, 1e-170, 5.0, False, SMALL), (lambda x: x**2, 5e-30, 5.0, False, SMALL), (lambda x: x**2, 3e-29, 5.0, False, FAST),
        (lambda x: np.sin(1e16 * x), 1e-4, 1e15, False, FAST), (lambda x: 1e12 + 1e-7 * x, 1.0, 1e-7, False, LOST),
    ],
)  # fmt: skip
def test_what_a_comparison_says(f, x, autograd, kink, reason):
    found = compared(f, autograd, x)
    assert (found.kink, found.unresolved) == (kink, reason)
    assert found.autograd == autograd
    if reason.endswith("is nan or inf"):  # nothing was compared, so nothing is tolerated
        assert np.isnan(found.numeric) and found.tolerance == 0.0


def test_no_results_have_no_slope():
    nothing = lambda x: np.zeros(0)
    assert compared(nothing, 0.0).passed and compared(nothing, 1.0).failed


def test_a_result_that_loses_every_step_may_have_a_slope():
    """It is 2e14, of which a step of 0.01 is lost, so a slope of about 20 would be."""
    beside = lambda x: A([2e14 + x, x])
    assert compared(beside, 2.0, 1.0).unresolved == LOST
    assert compared(beside, 51.0, 1.0).failed


def test_a_wave_above_rounding_is_resolved_to_a_thousandth():
    wave = lambda x: 1e8 + np.sin(1e4 * x)
    assert compared(wave, 1e4).passed
    assert compared(wave, 1.002e4).failed and compared(wave, 0.998e4).failed


def test_a_root_on_one_side_has_no_slope_of_the_other_sign():
    assert compared(lambda x: np.sqrt(max(x, 0.0)), -1e3).failed
    assert compared(lambda x: -np.sqrt(max(-x, 0.0)), -1e3).failed


def test_a_slope_near_overflow():
    assert compared(lambda x: 1.5e308 * x, 1.5e308).passed
    assert compared(lambda x: 1.5e308 * x, 1e308).failed


@pytest.mark.parametrize("infinite", [lambda x: x > 0.0, lambda x: x < 0.0, lambda x: x != 0.0])
def test_infinite_results_next_to_the_point_are_no_floating_point_errors(infinite):
    beside = line(lambda x: np.where(infinite(x), INF, 0.0))
    with np.errstate(all="raise"):
        assert beside.compare(1.0, 1e-6, 1e-9, 1e-12).unresolved == NEIGHBOUR


@pytest.mark.parametrize("wrong", [INF, NAN])
def test_the_numeric_value_beside_one_that_is_not_finite(wrong):
    found = compared(lambda x: x**3, wrong, 2.0)
    assert found.failed and found.numeric == pytest.approx(12.0, rel=1e-9)


def test_a_change_within_rounding_is_not_steep():
    """There is a jump nearby, and what the smallest step shows is lost in the rounding of 5."""
    near_a_jump = lambda slope: lambda x: 5.0 + (x > 5e-11) + slope * x
    assert compared(near_a_jump(3e-4), 1e5).failed
    assert compared(near_a_jump(3e-2), 1e5).unresolved == FAST


def test_rounding_on_the_way_excuses_what_it_can_explain():
    """Asked for only where the two differ, and no more than it says is excused."""
    asked = []

    def rounding(size):
        return lambda: asked.append(size) or size

    cubed = lambda x: x**3
    for own in (INF, 0.0):
        assert compared(cubed, 12.0, 2.0, rounding=rounding(1.0), own=own).passed and asked == []
    assert compared(cubed, 12.5, 2.0, rounding=rounding(1e-12)).failed and asked == [1e-12]
    assert not compared(cubed, 12.5, 2.0, rounding=rounding(1.0)).failed
    [found] = {compared(cubed, 12.0, 2.0, rounding=rounding(0.0))}
    assert found.numeric == pytest.approx(12.0, rel=1e-9)


def test_the_line_knows_what_moves_on_it():
    x = A([3.0, -1e-5, 0.0, -40.0])
    along = Line.along(lambda t: x, x, x, A([1.0, 1.0, 1.0, 0.0]), 1e-5)
    assert (along.size, along.smallest) == (3.0, 1e-5)
    assert along.step == pytest.approx(3e-5, rel=0.1)
    still = Line.along(lambda t: x, x, x, A([0.0, 0.0, 1.0, 0.0]), 1e-5)
    assert (still.size, still.smallest) == (0.0, 0.0)
    assert still.step == pytest.approx(1e-5, rel=0.1)
    # Steps go far below the smallest entry, of which a tenth of the first would be too large.
    assert Line.along(lambda t: x, x, A([1e-14]), A([1.0]), 1e-5).decades == 13
    assert still.decades == 6


def test_quotients_of_a_line_and_their_rounding():
    at = lambda t: A([5.0 * t, 7.0, 2.0 * max(t, 0.0) + 1.0])
    found = Line.along(at, at(0.0), A([1.0]), A([1.0]), 1e-5).slopes(1e-3)
    np.testing.assert_allclose(found[:3], [1e-3, 5.0, 7.0], rtol=1e-9)
    # The result that stays 7 adds none: of 0 and 1, and of the argument, four times 2.2e-16.
    assert found.noise == pytest.approx(4 * 2.0**-52 * (1.0 + 7.0) / 1e-3, rel=1e-6)


def test_what_any_error_would_pass_is_looked_at_more_closely():
    """The first step drowns in the rounding of 1e8, and larger ones do not."""
    asked = []

    def rounding(size):
        return lambda: asked.append(size) or size

    f, options = lambda x: 1e8 + 1e-3 * x, {"negligible": 1e-2, "own": 0.0}
    for more in ({}, {"rounding": rounding(0.0)}):
        found = compared(f, 1e-3, **options, **more)
        assert found.passed and found.visible and found.numeric == pytest.approx(1e-3, rel=0.05)
        assert compared(f, 1.5e-3, **options, **more).unresolved == LOST
    assert asked == [0.0, 0.0]
    assert compared(f, 1e-3, **options, rounding=rounding(1.0)).unresolved == LOST
    assert compared(f, 1e-3, negligible=1e-2, own=1.0).passed  # nothing but rounding anyway
    # Any slope between those of a kink passes, though none of them would be seen.
    kinked = compared(lambda x: 1e8 + 5e-3 * abs(x), 1e-3, rtol=0.2, **options)
    assert kinked.passed and kinked.kink and not kinked.visible
