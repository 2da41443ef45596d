"""Statistics of samples: exact for small arrays, close for large ones, and defined for odd ones."""

import numpy as np
import pytest

from nn.inspect.samples import BINS, SAMPLE, Samples, places


def measured(*arrays):
    samples = Samples(len(arrays))
    for row, array in enumerate(arrays):
        samples.put(row, np.asarray(array))
    return samples.measure()


@pytest.mark.parametrize("size", [1, 7, SAMPLE])
def test_a_small_array_is_measured_whole(size):
    x = np.random.default_rng(size).normal(3.0, 2.0, size)
    statistics, histograms = measured(x)
    np.testing.assert_allclose(statistics[0], [x.mean(), x.std(), x.min(), x.max()], rtol=1e-12)
    counts = np.histogram(x, BINS, (x.min(), x.max()))[0] if size > 1 else np.eye(BINS)[0]
    np.testing.assert_array_equal(histograms[0], np.rint(255 * counts / size))


def test_a_large_array_is_measured_by_a_sample():
    x = np.random.default_rng(0).normal(3.0, 2.0, (400, 500))
    [[mean, std, low, high]], histograms = measured(x)
    error = 2.0 / SAMPLE**0.5
    assert abs(mean - 3.0) < 4 * error and abs(std - 2.0) < 4 * error / 2**0.5
    assert x.min() <= low < high <= x.max() and abs(int(histograms.sum()) - 255) <= BINS


def test_the_same_entries_are_read_each_time():
    assert (places(100_000) == places(100_000)).all() and places(100_000).max() < 100_000
    assert len(np.unique(places(100_000) % 10)) == 10


def test_arrays_do_not_mix():
    statistics, _ = measured(np.ones(3), np.full((20, 30), 5.0), np.zeros(1))
    assert statistics[:, 0].tolist() == [1.0, 5.0, 0.0] and not statistics[:, 1].any()


def test_odd_entries_leave_an_empty_histogram():
    statistics, histograms = measured([1.0, np.nan], [1.0, np.inf], [])
    assert (
        np.isnan(statistics[0, 0]) and statistics[1, 3] == np.inf and np.isnan(statistics[2]).all()
    )
    assert not histograms.any()


def test_rows_are_cleared():
    samples = Samples(1)
    samples.put(0, np.ones(4))
    samples.clear()
    assert np.isnan(samples.measure()[0]).all()
