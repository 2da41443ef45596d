"""Dropout as functions: what is dropped, the scale of the rest, and evaluation."""

import numpy as np
import pytest

import autograd as ag
import nn

f = nn.functional


@pytest.mark.parametrize("function", [f.dropout, f.alpha_dropout])
def test_in_evaluation_nothing_changes(function):
    x = np.ones((4, 5))
    np.testing.assert_array_equal(ag.data_of(function(x, 0.5, training=False)), x)
    np.testing.assert_array_equal(ag.data_of(function(x, 0.0, training=True)), x)


def test_entries_are_dropped_or_scaled():
    ag.random.seed(0)
    x = ag.Tensor(np.ones(10_000), requires_grad=True)
    out = f.dropout(x, 0.25, training=True)
    assert set(out.tolist()) == {0.0, 1 / 0.75} and out.mean().item() == pytest.approx(
        1.0, abs=0.03
    )
    np.testing.assert_array_equal(ag.gradients(out.sum(), [x])[0], out.data)


@pytest.mark.parametrize(("function", "shape"), [(f.dropout1d, (50, 8, 3)), (f.dropout2d, (50, 8, 2, 2))])  # fmt: skip
def test_channels_are_dropped_whole(function, shape):
    ag.random.seed(0)
    out = ag.data_of(function(np.ones(shape), 0.5, training=True))
    channels = out.reshape(*shape[:2], -1)
    assert (channels == channels[..., :1]).all() and set(np.unique(channels)) == {0.0, 2.0}


def test_alpha_dropout_keeps_mean_and_variance():
    ag.random.seed(0)
    x = np.random.default_rng(0).normal(size=100_000)
    out = ag.data_of(f.alpha_dropout(x, 0.3, training=True))
    assert out.mean() == pytest.approx(0.0, abs=0.02) and out.std() == pytest.approx(1.0, abs=0.02)


def test_messages():
    with pytest.raises(ValueError, match=r"dropout: got p=1\.5"):
        f.dropout(np.ones(3), 1.5)


@pytest.mark.parametrize(
    ("name", "shape"), [("dropout3d", (5, 6, 2, 3, 2)), ("feature_alpha_dropout", (5, 6, 3))]
)
def test_whole_channels_are_dropped(name, shape):
    out = getattr(nn.functional, name)(np.ones(shape), 0.5, True).reshape(5, 6, -1)
    assert (out == out[..., :1]).all() and len(np.unique(out)) == 2


def test_features_keep_mean_and_variance():
    x = np.random.default_rng(0).normal(size=(400, 50, 4))
    out = nn.functional.feature_alpha_dropout(x, 0.3, True, generator=np.random.default_rng(1))
    assert out.mean() == pytest.approx(0.0, abs=0.03) and out.var() == pytest.approx(1.0, abs=0.05)
    with pytest.raises(ag.ShapeError, match="feature_alpha_dropout: got an input of shape"):
        nn.functional.feature_alpha_dropout(x[0, 0], 0.3, True)
