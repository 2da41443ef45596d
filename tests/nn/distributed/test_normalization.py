"""Synchronized batch normalization alone; test_mpi.py has several ranks."""

import numpy as np
import pytest

import nn
from nn.distributed import normalization
from nn.distributed.single import World


class Twins(World):
    """Two ranks with the same batch."""

    size = 2

    def all_reduce(self, x):
        return x + x

    def reduce_scatter(self, x):
        raise AssertionError


@pytest.mark.parametrize("twins", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"affine": False}, {"bias": False}, {"track_running_stats": False}]
)
def test_it_is_batch_normalization(options, twins, monkeypatch):
    if twins:
        monkeypatch.setattr(normalization, "world", Twins)
    x = np.random.default_rng(0).normal(size=(4, 2, 3, 3))
    ours, plain = nn.SyncBatchNorm2d(2, **options), nn.BatchNorm2d(2, **options)
    both = np.concatenate([x, x]) if twins else x
    np.testing.assert_allclose(ours(x).data, plain(both).data[:4], rtol=1e-12, atol=1e-14)
    assert ours.state_dict().keys() == plain.state_dict().keys()
    for name, value in plain.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], value, rtol=1e-12)
    ours.eval(), plain.eval()
    if ours.running_mean is not None:
        np.testing.assert_allclose(ours(x).data, plain(x).data, rtol=1e-12)


def test_a_single_value_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="more than one value"):
        nn.SyncBatchNorm1d(2)(np.ones((1, 2)))
    monkeypatch.setattr(normalization, "world", Twins)
    nn.SyncBatchNorm1d(2)(np.ones((1, 2)))
    with pytest.raises(ValueError, match="SyncBatchNorm1d: got 0 values for each channel"):
        nn.SyncBatchNorm1d(2)(np.ones((0, 2)))
