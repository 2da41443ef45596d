"""What NumPy's own functions do with a Tensor: ours, the data, or an error."""

import numpy as np
import pytest

import autograd as ag
from autograd.numpy import dispatch


def test_a_ufunc_is_differentiated():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    assert np.exp(x).requires_grad and np.sinc(x).requires_grad


def test_a_function_without_a_gradient_runs_on_the_data():
    x = ag.Tensor([2.0, 1.0], requires_grad=True)
    assert np.argsort(x).tolist() == [1, 0]
    assert np.isfinite(x).tolist() == [True, True]


@pytest.mark.parametrize("function", [np.linalg.qr, np.unique], ids=["linalg.qr", "unique"])
def test_any_other_function_raises_and_names_a_near_one(function):
    name = dispatch.name_of(function)
    with pytest.raises(ag.UnsupportedError, match=rf"{name}: has no derivative.*use np\..*nearest"):
        function(ag.Tensor(np.eye(2), requires_grad=True))


@pytest.mark.parametrize(
    ("function", "name"),
    [(np.exp, "np.exp"), (np.sum, "np.sum"), (np.linalg.inv, "np.linalg.inv")],
)
def test_names_are_those_that_programs_write(function, name):
    assert dispatch.name_of(function) == name


def test_no_function_is_of_two_kinds():
    assert not dispatch.WITHOUT_GRADIENT & dispatch.DIFFERENTIABLE.keys()
