"""Pooling as modules: each is the function of its options."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(2, 3, 8, 8))


@pytest.mark.parametrize(
    ("layer", "reduce"), [(nn.MaxPool2d(2), np.max), (nn.AvgPool2d(2), np.mean)]
)
def test_a_window_is_reduced(layer, reduce):
    windows = X.reshape(2, 3, 4, 2, 4, 2)
    np.testing.assert_allclose(ag.data_of(layer(X)), reduce(windows, axis=(3, 5)))


def test_the_output_of_an_adaptive_layer_has_the_given_size():
    np.testing.assert_allclose(
        ag.data_of(nn.AdaptiveAvgPool2d(1)(X)), X.mean((2, 3), keepdims=True)
    )
    assert nn.AdaptiveMaxPool2d((3, 5))(X).shape == (2, 3, 3, 5)


def test_options_are_those_of_the_function():
    layer = nn.MaxPool2d(3, stride=2, padding=1)
    expected = nn.functional.max_pool2d(X, 3, stride=2, padding=1)
    np.testing.assert_array_equal(ag.data_of(layer(X)), ag.data_of(expected))
    with pytest.raises(ValueError, match="MaxPool2d: got kernel_size=0"):
        nn.MaxPool2d(0)
