"""Adaptive pooling: windows of nearly equal lengths that cover the input."""

import numpy as np
import pytest

import autograd as ag
import nn

f = nn.functional
X = np.random.default_rng(0).normal(size=(2, 3, 7))


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("pool", "reduce"), [(f.adaptive_avg_pool1d, np.mean), (f.adaptive_max_pool1d, np.max)]
)
def test_windows(pool, reduce, size):
    # Window i reaches from ⌊i n / size⌋ to ⌈(i + 1) n / size⌉.
    bounds = [(i * 7 // size, -(-(i + 1) * 7 // size)) for i in range(size)]
    expected = np.stack([reduce(X[..., low:high], axis=-1) for low, high in bounds], -1)
    np.testing.assert_allclose(ag.data_of(pool(X, size)), expected)


def test_each_entry_gets_the_share_of_its_windows():
    x = ag.Tensor(np.ones((1, 1, 3)), requires_grad=True)
    [g] = ag.gradients(f.adaptive_avg_pool1d(x, 2).sum(), [x])
    np.testing.assert_allclose(g, [[[0.5, 1.0, 0.5]]])


def test_bytes_are_no_lengths():
    """b"x" holds the number 120."""
    for call in (
        nn.AdaptiveAvgPool1d,
        lambda s: nn.functional.adaptive_max_pool1d(np.ones((1, 2)), s),
    ):
        with pytest.raises(ValueError, match="got output_size=b'x'"):
            call(b"x")
