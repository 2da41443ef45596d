"""Weight and spectral normalization against their definitions."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.utils.parametrizations import spectral_norm, weight_norm


@pytest.mark.parametrize(
    ("make", "dim", "axes"),
    [
        (lambda: nn.Linear(4, 3), 0, (1,)),
        (lambda: nn.Conv2d(2, 3, 2), 0, (1, 2, 3)),
        (lambda: nn.Conv1d(2, 3, 2), 1, (0, 2)),
        (lambda: nn.Conv1d(2, 3, 2), None, (0, 1, 2)),
    ],
)
def test_lengths_are_apart_from_directions(make, dim, axes):
    layer = make()
    before = layer.weight.data
    weight_norm(layer, dim=dim)
    np.testing.assert_allclose(layer.weight.data, before, rtol=1e-12)
    length, direction = layer.parametrizations.weight.parameters()
    direction.data = 7.0 * direction.data  # changes nothing
    np.testing.assert_allclose(layer.weight.data, before, rtol=1e-12)
    length.data = np.full_like(length.data, 2.0)
    np.testing.assert_allclose(np.sqrt((layer.weight.data**2).sum(axes)), 2.0, rtol=1e-12)


def test_a_direction_has_no_gradient_along_itself():
    layer = weight_norm(nn.Linear(4, 3))
    (layer(np.ones((2, 4))) ** 2).sum().backward()
    v = layer.parametrizations.weight.original1
    np.testing.assert_allclose((v.grad * v.data).sum(1), 0.0, atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [lambda: nn.Linear(6, 4), lambda: nn.Conv2d(2, 3, 2), lambda: nn.ConvTranspose1d(2, 5, 3)],
)
def test_the_largest_singular_value_becomes_1(make):
    ag.random.seed(0)
    layer = spectral_norm(make(), n_power_iterations=50)
    weight = layer.weight.data
    if isinstance(layer, nn.ConvTranspose1d):
        weight = np.moveaxis(weight, 1, 0)
    largest = np.linalg.svd(weight.reshape(len(weight), -1), compute_uv=False)[0]
    assert largest == pytest.approx(1.0, rel=1e-6)


def test_estimates_move_in_training_only():
    layer = spectral_norm(nn.Linear(6, 4))
    estimate = layer.parametrizations.weight[0]
    before = estimate._u
    layer(np.ones((1, 6)))
    moved = estimate._u
    assert not np.array_equal(moved, before)
    layer.eval()(np.ones((1, 6)))
    assert estimate._u is moved


def test_numeric_gradients():
    for norm in (weight_norm, spectral_norm):
        layer = norm(nn.Linear(3, 2)).eval()
        x = np.random.default_rng(0).normal(size=(4, 3))
        ag.check_gradients(lambda x, layer=layer: ag.tanh(layer(x)), x, parameters=layer, order=2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: weight_norm(nn.ReLU()), ValueError, "got the name 'weight' for ReLU"),
        (lambda: weight_norm(nn.Linear(2, 2), dim=2), ag.ShapeError, "weight_norm: got axis 2"),
        (lambda: spectral_norm(nn.Linear(2, 2), "bis"), ValueError, "got the name 'bis'"),
        (
            lambda: spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
            ValueError,
            "got n_power_iterations=0; expected an integer of at least 1",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
