"""The gradient of a function of any tree of arguments."""

import numpy as np
import pytest

import autograd as ag


def test_trees():
    def loss(parameters, x):
        return np.sum((x @ parameters["w"] + parameters["b"][0]) ** 2)

    parameters = {"w": np.ones((2, 3)), "b": [0.5, (7.0,)]}
    value, g = ag.value_and_grad(loss)(parameters, np.ones((4, 2)))
    assert value == 4 * 3 * 2.5**2
    assert g["w"].shape == (2, 3) and (g["w"] == 4 * 2 * 2.5).all()
    assert g["b"] == [60.0, (0.0,)]  # the unused number has a gradient of zero


def test_argnums():
    f = lambda x, y: x**2 * y
    assert ag.grad(f, argnums=1)(3.0, 4.0) == 9.0
    assert ag.grad(f, argnums=(1, 0))(3.0, 4.0) == (9.0, 24.0)


def test_one_number_with_axes():
    assert ag.grad(lambda x: x * 2.0)(np.ones(1)).tolist() == [2.0]
    value, g = ag.value_and_grad(lambda x: x * x)(np.full((1, 1), 3.0))
    assert value.tolist() == [[9.0]] and g.tolist() == [[6.0]]


def test_no_argument_to_differentiate_by():
    assert ag.value_and_grad(lambda: 1.5, ())() == (1.5, ())
    assert ag.grad(lambda x: x * x, ())(3.0) == ()


def test_a_constant_function():
    assert ag.value_and_grad(lambda x: 5.0)(2.0) == (5.0, 0.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: ag.grad(lambda x: x)(np.ones(3)),
            ag.ShapeError,
            r"grad: got a result of shape \(3,\) from the function; expected one number; reduce it",
        ),
        (lambda: ag.grad(lambda x: "a")(1.0), ag.GraphError, "grad: got a str from the function"),
        (
            lambda: ag.grad(lambda x: x.sum())(np.array([1, 2])),
            ag.DTypeError,
            "int64; expected floats",
        ),
        (
            lambda: ag.grad(lambda x: np.unique(x).sum())(np.ones(2)),
            ag.UnsupportedError,
            "np.unique",
        ),
        (
            lambda: ag.grad(lambda x, y: x, argnums=2)(3.0, 4.0),
            ag.ShapeError,
            "grad: got argnums=2 for 2 arguments; expected ints from -2 to 1",
        ),
        (
            lambda: ag.grad(lambda x: x, argnums=(0, -1))(3.0),
            ag.ShapeError,
            "expected each argument once",
        ),
        (
            lambda: ag.grad(lambda x: x, argnums="x")(3.0),
            ag.DTypeError,
            "expected an int or a tuple",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
