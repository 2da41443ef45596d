"""What a backward pass returned is read by argument, and nothing of it is lost."""

import numpy as np
import pytest

import autograd as ag
from autograd.testing.examine.returned import by_name, gradient_of

X, W = np.ones((2, 3)), np.ones((3, 4))
VALUES = {"x": X, "ids": np.array([1, 2]), "W": W}


@pytest.mark.parametrize(
    ("returned", "names", "left"),
    [
        (X, ["x"], ()),
        ((X, None, W), ["x", "W"], ()),
        ((X, W), ["x", "W"], ()),
        ([X, None, W], ["x", "W"], ()),
        (X.tolist(), ["x"], ()),
        ({"dW": W}, ["W"], ()),
        ({"grad_x": X, "W_grad": W}, ["x", "W"], ()),
        ({"dL_dx": X, "weights": W, "ids": None}, ["x", "W"], ()),
        ({0: X, 2: W}, ["x", "W"], ()),
        ({"x": X, "dV": W}, ["x"], ("dV",)),
    ],
)
def test_gradients_by_argument(returned, names, left):
    found, unread = by_name(returned, list(VALUES), VALUES)
    assert list(found) == names and unread == left


def test_too_many_gradients_are_an_error():
    with pytest.raises(ag.GraphError, match="got 4 gradients; expected at most 3"):
        by_name((X, X, X, W), list(VALUES), VALUES)


@pytest.mark.parametrize("x", [X + 1j, "zero", [[1.0], [1.0, 2.0]], {}])
def test_what_is_no_gradient(x):
    with pytest.raises(ag.GraphError, match="as the gradient of W; expected an array of real"):
        gradient_of(x, "W")
