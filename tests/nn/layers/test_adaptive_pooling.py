"""Adaptive pooling as modules."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(2, 3, 8, 8, 8))


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_output_has_the_given_size(k):
    x = X[(..., *(0,) * (3 - k))]
    axes = tuple(range(2, 2 + k))
    mean = getattr(nn, f"AdaptiveAvgPool{k}d")(1)(x)
    np.testing.assert_allclose(ag.data_of(mean), x.mean(axes, keepdims=True))
    largest, indices = getattr(nn, f"AdaptiveMaxPool{k}d")(1, return_indices=True)(x)
    np.testing.assert_allclose(ag.data_of(largest), x.max(axes, keepdims=True))
    np.testing.assert_array_equal(indices.reshape(2, 3), x.reshape(2, 3, -1).argmax(-1))
    assert getattr(nn, f"AdaptiveMaxPool{k}d")((3, 5, 2)[:k])(x).shape == (2, 3, *(3, 5, 2)[:k])


def test_messages():
    with pytest.raises(ValueError, match="AdaptiveAvgPool3d: got output_size=0"):
        nn.AdaptiveAvgPool3d(0)
