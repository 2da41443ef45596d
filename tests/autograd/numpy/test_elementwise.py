"""Functions made from the table are plain functions to people, tracebacks and type checkers."""

import inspect
import re

import numpy as np
import pytest

import autograd as ag
from autograd.numpy import elementwise
from tests.autograd.numpy.stub import PATH, stub

NAMES = {entry.names.split()[0]: entry for entry in elementwise.TABLE}


def test_the_stub_is_written_from_the_table():
    assert PATH.read_text(encoding="utf-8") == stub(), "run python -m tests.autograd.numpy.stub"


@pytest.mark.parametrize("name", NAMES)
def test_a_function_says_who_it_is(name):
    f = getattr(ag, name)
    assert inspect.isfunction(f)
    assert f.__name__ == f.__qualname__ == f.__code__.co_name == name
    assert f.__module__ == "autograd.numpy.elementwise"


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_named(name):
    expected = {"x": "x", "xy": "x, y", "yx": "y, x"}
    kind = "yx" if name == "arctan2" else "xy" if len(NAMES[name].op.rules) == 2 else "x"
    assert ", ".join(inspect.signature(getattr(ag, name)).parameters) == expected[kind]


@pytest.mark.parametrize("name", NAMES)
def test_documentation_has_a_summary_a_derivative_and_an_example(name):
    summary, derivative, example, *source = inspect.getdoc(getattr(ag, name)).split("\n\n")
    assert summary.endswith(", elementwise.") and "\n" not in summary and len(summary) < 100
    plural = "s" if len(NAMES[name].op.rules) == 2 else ""
    assert re.fullmatch(rf"Derivative{plural}: .+\.", derivative)
    assert example.startswith(f"Example:\n    >>> ag.{name}(ag.Tensor(")
    assert all(text.startswith("Source: ") for text in source)


@pytest.mark.parametrize("name", NAMES)
def test_aliases_are_the_function_itself(name):
    for alias in NAMES[name].names.split():
        assert getattr(ag, alias) is getattr(ag, name)


def test_keywords_reach_the_right_argument():
    assert ag.arctan2(y=0.0, x=-1.0) == np.pi
    assert ag.subtract(y=1.0, x=3.0) == 2.0


def test_lists_are_arrays():
    np.testing.assert_array_equal(ag.add([1.0, 2.0], (3.0, 4.0)), [4.0, 6.0])


def test_public_names_are_listed_once():
    assert len(set(ag.__all__)) == len(ag.__all__)
    assert all(hasattr(ag, name) for name in ag.__all__)


@pytest.mark.parametrize("x", [-50.0, -20.0, -9.5, -1e-9, 3.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_slope_of_expm1_keeps_its_digits_where_the_value_is_near_minus_one(x, dtype):
    x = dtype(x)
    gradient = ag.grad(ag.expm1)(np.array(x))
    np.testing.assert_allclose(gradient, np.exp(x), rtol=4 * np.finfo(dtype).eps)
    assert np.isclose(ag.grad(ag.expm1)(float(x)), np.exp(float(x)), rtol=1e-15, atol=0)


# --- slopes where squares, differences and sums of large or small numbers lose what counts ---

TINY, HUGE = 1e-200, 1e200
SLOPES = [  # by a function of an array, at a point, and what the slopes are
    (lambda x: ag.logaddexp(x[0], x[1]), [1e17, 1e17], [0.5, 0.5]),
    (lambda x: ag.logaddexp(x[0], x[1]), [-1e300, -1e300], [0.5, 0.5]),
    (lambda x: ag.logaddexp(x[0], x[1]), [np.inf, 1.0], [1.0, 0.0]),
    (lambda x: ag.logaddexp(x[0], x[1]), [-np.inf, 1.0], [0.0, 1.0]),
    (lambda x: ag.logsumexp(x), [1e17, 1e17, 0.0], [0.5, 0.5, 0.0]),
    (lambda x: ag.logsumexp(x), [-1e300, -1e300], [0.5, 0.5]),
    (lambda x: ag.logsumexp(x), [-np.inf, -np.inf], [0.0, 0.0]),
    (lambda x: ag.logsumexp(x), [-np.inf, 1.0], [0.0, 1.0]),
    (lambda x: ag.arctan2(x[0], x[1]), [3 * TINY, 4 * TINY], [0.16 / TINY, -0.12 / TINY]),
    (lambda x: ag.arctan2(x[0], x[1]), [3 * HUGE, 4 * HUGE], [0.16 / HUGE, -0.12 / HUGE]),
    (lambda x: ag.arctan2(x[0], x[1]), [TINY, 0.0], [0.0, -1.0 / TINY]),
    (lambda x: ag.hypot(x[0], x[1]), [3 * TINY, -4 * TINY], [0.6, -0.8]),
    (lambda x: ag.hypot(x[0], x[1]), [3 * HUGE, -4 * HUGE], [0.6, -0.8]),
    (lambda x: ag.remainder(x[0], x[1]), [-1.0, 1e300], [1.0, 1.0]),
    (lambda x: ag.remainder(x[0], x[1]), [-5e-324, 1.0], [1.0, 1.0]),
    (lambda x: ag.remainder(x[0], x[1]), [-1.0, np.inf], [1.0, 1.0]),
    (lambda x: ag.fmod(x[0], x[1]), [1.0, np.inf], [1.0, 0.0]),
    (lambda x: ag.arcsin(x[0]), [1.0 - 2.0**-40], [(2.0**-39 - 2.0**-80) ** -0.5]),
    (lambda x: ag.arctanh(x[0]), [1.0 - 2.0**-40], [1 / (2.0**-39 - 2.0**-80)]),
    (lambda x: ag.grad(ag.arcsin)(x[0]), [1e-10], [1e-10]),
    (lambda x: ag.grad(ag.arccos)(x[0]), [1e-10], [-1e-10]),
    (lambda x: ag.grad(ag.arctanh)(x[0]), [1e-10], [2e-10]),
    (lambda x: ag.grad(ag.tanh)(x[0]), [1e-10], [-2e-10]),
    (lambda x: ag.grad(ag.sinc)(x[0]), [1e-10], [-(np.pi**2) / 3]),
    (lambda x: ag.expm1(x[0]), [-700.0], [np.exp(-700.0)]),
]


@pytest.mark.parametrize(("f", "point", "slopes"), SLOPES)
def test_slopes_at_large_and_small_numbers(f, point, slopes):
    np.testing.assert_allclose(ag.grad(f)(np.array(point)), slopes, rtol=1e-12, atol=0.0)


def test_the_slope_of_a_remainder_counts_what_was_taken_away():
    """x / y may round to the next integer, while the remainder is exact."""
    rng = np.random.default_rng(0)
    y = rng.random(1000) + 0.1
    x = np.nextafter(y * rng.integers(1, 50, 1000), rng.choice([-np.inf, np.inf], 1000))
    for f, g in ((ag.fmod, np.fmod), (ag.remainder, np.remainder)):
        slope = ag.grad(lambda y, f=f: ag.sum(f(x, y)))(y)
        np.testing.assert_allclose(slope, -np.round((x - g(x, y)) / y), rtol=0, atol=0)
