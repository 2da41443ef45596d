"""Parameters as one vector: there and back."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.utils import parameters_to_vector, vector_to_parameters


def test_the_functions_of_clipping_are_those_of_nn_optim():
    for name in ("clip_grad_norm_", "clip_grad_value_"):
        assert getattr(nn.utils, name) is getattr(nn.optim, name)


def test_there_and_back():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1, dtype=np.float32))
    vector = parameters_to_vector(model.parameters())
    assert vector.shape == (11,)
    vector_to_parameters(vector.data * 2.0, model.parameters())
    np.testing.assert_allclose(parameters_to_vector(model.parameters()).data, 2.0 * vector.data)
    assert model[1].weight.dtype == np.float32


def test_gradients_flow_through_the_vector():
    p, q = nn.Parameter([[1.0, 2.0]]), nn.Parameter([3.0])
    (parameters_to_vector([p, q]) ** 2).sum().backward()
    assert p.grad.tolist() == [[2.0, 4.0]] and q.grad.tolist() == [6.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: parameters_to_vector([]), ValueError, "got no parameters; expected at least one"),
        (lambda: parameters_to_vector(nn.Parameter([1.0])), TypeError, "such as model.parameters"),
        (lambda: vector_to_parameters([1.0], [3]), TypeError, "got an int among the parameters"),
        (
            lambda: vector_to_parameters([1.0, 2.0], [nn.Parameter([1.0])]),
            ag.ShapeError,
            r"got a vector of shape \(2,\); expected \(1,\)",
        ),
        (lambda: nn.utils.weight_norm, AttributeError, r"nn\.utils\.parametrizations\.weight_norm"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
