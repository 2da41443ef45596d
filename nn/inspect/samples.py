"""Statistics of many arrays at once, from a sample of the entries of each."""

from __future__ import annotations

from typing import Any

import numpy as np

SAMPLE = 256  # entries of each array
BINS = 24  # of a histogram
STATISTICS = ("mean", "std", "smallest", "largest")


class Samples:
    """A matrix with a row of entries for each array; an array that is small enough is there whole.

    The entries of a larger array are always the same ones, chosen at random, so that two runs can
    be compared and a step is the difference of two samples.

    Args:
        count: how many arrays there are.
    """

    def __init__(self, count: int) -> None:
        self.entries = np.full((count, SAMPLE), np.nan)
        self.weights = np.zeros((count, SAMPLE))

    def put(self, row: int, array: Any) -> None:
        """Sample an array into a row; an empty one leaves nan."""
        size = array.size
        if size > SAMPLE:
            self.entries[row] = array.take(places(size))
            self.weights[row] = 1.0 / SAMPLE
        elif size:
            self.entries[row, :size] = array.ravel()
            self.entries[row, size:] = self.entries[row, 0]
            self.weights[row, :size] = 1.0 / size
            self.weights[row, size:] = 0.0

    def grow(self, count: int) -> None:
        """Have so many rows, of which the new ones are empty."""
        missing = count - len(self.entries)
        if missing > 0:
            self.entries = np.concatenate([self.entries, np.full((missing, SAMPLE), np.nan)])
            self.weights = np.concatenate([self.weights, np.zeros((missing, SAMPLE))])

    def clear(self) -> None:
        """Make all rows nan."""
        self.entries.fill(np.nan)

    def measure(self) -> tuple[Any, Any]:
        """The statistics [rows, 4] and the histograms [rows, BINS], in shares of 255.

        A histogram reaches from the smallest entry to the largest. A row with nan or inf among its
        entries has the statistics that arithmetic gives, and an empty histogram.
        """
        x, weights = self.entries, self.weights
        with np.errstate(all="ignore"):
            mean = np.einsum("ij,ij->i", x, weights)
            gaps = x - mean[:, None]
            std = np.sqrt(
                np.einsum("ij,ij->i", gaps * gaps, weights)
            )  # of three arrays: 20 × slower
            low, high = x.min(axis=1), x.max(axis=1)
            scale = BINS / (high - low)
            scale[~np.isfinite(scale)] = 0.0
            bins = (x - low[:, None]) * scale[:, None]
            broken = ~np.isfinite(std)
            bins[broken] = 0.0
            found = np.minimum(bins.astype(np.intp), BINS - 1)
        found += BINS * np.arange(len(x))[:, None]
        counts = np.bincount(found.ravel(), weights.ravel(), BINS * len(x)).reshape(-1, BINS)
        counts[broken] = 0.0
        return np.stack([mean, std, low, high], axis=1), np.rint(255 * counts).astype(np.uint8)


_places: dict[int, Any] = {}


def places(size: int) -> Any:
    """The places of the entries that stand for an array of this size, in ascending order."""
    if size not in _places:
        if len(_places) > 256:
            _places.clear()
        _places[size] = np.sort(np.random.default_rng(size).integers(0, size, SAMPLE))
    return _places[size]
