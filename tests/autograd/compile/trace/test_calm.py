"""A step in which NumPy raises for inf or nan stays eager, so that it raises."""

import numpy as np
import pytest

import autograd as ag
from autograd.compile.trace.calm import is_calm
from tests.autograd.compile.building import compiled


def test_what_is_calm():
    assert is_calm()
    for how in ("raise", "call"):
        with np.errstate(over=how, call=print):
            assert not is_calm()
    with np.errstate(over="ignore", divide="print"):
        assert is_calm()


def test_an_error_that_is_asked_for_inside_a_step():
    def f(x):
        with np.errstate(divide="raise"):
            return 1.0 / x

    def caught(x):
        try:
            return f(x)
        except FloatingPointError:
            return x * 0.0

    step, other = compiled(f), compiled(caught)
    for _ in range(4):
        assert step(np.ones(2)).tolist() == [1.0, 1.0] == other(np.ones(2)).tolist()
    assert "np.errstate asks for an error" in step.report() and not step.programs
    with pytest.raises(FloatingPointError):
        step(np.zeros(2))
    assert other(np.zeros(2)).tolist() == [0.0, 0.0]


def test_errors_that_are_left_out():
    def f(x):
        with np.errstate(divide="ignore"):
            return 1.0 / x

    def of_tensors(x):
        with np.errstate(divide="raise"):
            return (1.0 / ag.Tensor(x)).data  # the engine never raises, so neither must the step

    for g in (f, of_tensors):
        step = compiled(g)
        for _ in range(4):
            step(np.ones(2))
        assert step(np.zeros(2)).tolist() == [np.inf, np.inf]
        assert bool(step.programs) is (g is f)
