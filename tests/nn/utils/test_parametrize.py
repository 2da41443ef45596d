"""Parametrized parameters: what is read, what is kept, and what becomes of the module."""

import copy
import pickle

import numpy as np
import pytest

import autograd as ag
import nn
from nn.utils.parametrize import (
    is_parametrized,
    register_parametrization,
    remove_parametrizations,
)


class Positive(nn.Module):
    def forward(self, x):
        return ag.exp(x)

    def right_inverse(self, x):
        return np.log(x)


class Doubled(nn.Module):
    def forward(self, x):
        return 2.0 * x

    def right_inverse(self, x):
        return x / 2.0


class Longer(nn.Module):
    def forward(self, x):
        return ag.concatenate([x, x])


def positive():
    layer = nn.Linear(3, 2)
    layer.weight.data = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    return register_parametrization(layer, "weight", Positive())


def test_the_parameter_is_computed_and_keeps_its_value():
    layer = positive()
    assert [n for n, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    original = layer.parametrizations.weight.original
    np.testing.assert_allclose(original.data, np.log([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.testing.assert_allclose(layer.weight.data, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert isinstance(layer, nn.Linear) and type(layer).__name__ == "ParametrizedLinear"
    layer(np.ones((1, 3))).sum().backward()
    np.testing.assert_allclose(original.grad, layer.weight.data)  # of exp


def test_assigning_goes_through_the_inverse():
    layer = positive()
    layer.weight = np.full((2, 3), np.e)
    np.testing.assert_allclose(layer.parametrizations.weight.original.data, 1.0)
    with pytest.raises(ValueError, match="'weight' of the class would hide it"):
        layer.weight = nn.Parameter(np.ones((2, 3)))


def test_steps_follow_each_other():
    layer = register_parametrization(positive(), "weight", Doubled())
    np.testing.assert_allclose(layer.weight.data, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    original = layer.parametrizations.weight.original
    np.testing.assert_allclose(original.data, np.log(layer.weight.data / 2.0))


def test_several_parameters_of_a_module():
    layer = register_parametrization(positive(), "bias", Doubled())
    assert is_parametrized(layer, "bias") and is_parametrized(layer, "weight")
    remove_parametrizations(layer, "weight")
    assert is_parametrized(layer) and not is_parametrized(layer, "weight")
    remove_parametrizations(layer, "bias")
    assert type(layer) is nn.Linear and not is_parametrized(layer)
    assert sorted(n for n, _ in layer.named_parameters()) == ["bias", "weight"]
    np.testing.assert_allclose(layer.weight.data, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_the_original_can_come_back():
    layer = remove_parametrizations(positive(), "weight", leave_parametrized=False)
    np.testing.assert_allclose(np.exp(layer.weight.data), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_parameters_of_its_own(again):
    layer = positive()
    other = again(layer)
    other.parametrizations.weight.original.data = np.zeros((2, 3))
    assert (other.weight.data == 1.0).all() and layer.weight.data[0, 1] == pytest.approx(2.0)


def test_a_state_is_saved_and_loaded():
    layer, other = positive(), positive()
    layer.parametrizations.weight.original.data = np.zeros((2, 3))
    other.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(other.weight.data, 1.0)


def test_a_frozen_parameter_stays_frozen():
    layer = nn.Linear(3, 2).requires_grad_(False)
    register_parametrization(layer, "weight", Doubled())
    assert not layer.weight.requires_grad
    assert not remove_parametrizations(layer, "weight").weight.requires_grad


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: register_parametrization(3, "weight", Doubled()), TypeError, "got an int"),
        (
            lambda: register_parametrization(nn.Linear(1, 1), "w", Doubled()),
            ValueError,
            "got the name 'w' for Linear; expected one of 'weight', 'bias'",
        ),
        (
            lambda: register_parametrization(nn.Linear(1, 1), "bias", Longer()),
            ag.ShapeError,
            r"maps shape \(1,\) to \(2,\); expected equal shapes",
        ),
        (
            lambda: remove_parametrizations(nn.Linear(1, 1), "bias"),
            ValueError,
            "got the name 'bias'",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_lazy_layer_has_to_be_called_before():
    with pytest.raises(ValueError, match=r"'weight' of a LazyLinear that was not called.*call the"):
        nn.utils.parametrizations.weight_norm(nn.LazyLinear(3))
