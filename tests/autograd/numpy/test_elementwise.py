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
