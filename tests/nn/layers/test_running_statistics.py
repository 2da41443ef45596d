"""Running statistics: how batches move them, and what evaluation makes of them."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(3.0, 2.0, size=(50, 4))


def test_a_batch_moves_them_by_the_momentum():
    layer = nn.BatchNorm1d(4, momentum=0.25)
    layer(X)
    np.testing.assert_allclose(layer.running_mean, 0.25 * X.mean(0))
    np.testing.assert_allclose(layer.running_var, 0.75 + 0.25 * X.var(0, ddof=1))


def test_without_momentum_they_are_the_mean_of_all_batches():
    layer = nn.BatchNorm1d(4, momentum=None)
    layer(X[:25])
    layer(X[25:])
    np.testing.assert_allclose(layer.running_mean, X.mean(0))


def test_evaluation_uses_them_and_leaves_them():
    layer = nn.BatchNorm1d(4)
    layer(X)
    layer.eval()
    before = layer.running_mean.copy()
    found = ag.data_of(layer(X[:1]))
    expected = (X[:1] - before) / np.sqrt(layer.running_var + layer.eps)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_array_equal(layer.running_mean, before)


def test_without_them_evaluation_uses_the_batch():
    layer = nn.BatchNorm1d(4, track_running_stats=False).eval()
    assert layer.running_mean is None
    assert ag.data_of(layer(X)).mean() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_one_class_for_each_number_of_axes(k):
    x = np.random.default_rng(0).normal(size=(4, 2, *(3, 4, 5)[:k]))
    axes = tuple(range(2, k + 2))
    batch = ag.data_of(getattr(nn, f"BatchNorm{k}d")(2)(x))
    np.testing.assert_allclose(batch.mean((0, *axes)), 0.0, atol=1e-12)
    layer = getattr(nn, f"InstanceNorm{k}d")(2, track_running_stats=True)
    instance = ag.data_of(layer(x))
    np.testing.assert_allclose(instance.mean(axes), 0.0, atol=1e-12)
    np.testing.assert_allclose(layer.running_mean, 0.1 * x.mean((0, *axes)), rtol=1e-12)
    np.testing.assert_allclose(ag.data_of(layer(x[0])), instance[0], rtol=1e-12)
    with pytest.raises(ag.ShapeError, match=rf"InstanceNorm{k}d: got an input of shape"):
        layer(np.ones((2, 2, 2, 2, 2, 2)))
