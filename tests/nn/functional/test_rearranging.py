"""Windows as columns and channels as pixels: each has its inverse or its transpose."""

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(0)
GEOMETRIES = [
    {},
    {"dilation": 2},
    {"padding": 1},
    {"stride": 2},
    {"dilation": (1, 2), "padding": (0, 1)},
]


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
def test_a_convolution_is_a_product_with_columns(options):
    x, w = R.normal(size=(2, 3, 6, 5)), R.normal(size=(4, 3, 3, 2))
    columns = F.unfold(x, (3, 2), **options)
    out = F.conv2d(x, w, **options)
    np.testing.assert_allclose((w.reshape(4, -1) @ columns).reshape(out.shape), out, rtol=1e-12)


@pytest.mark.parametrize("options", GEOMETRIES, ids=str)
def test_fold_is_the_transpose_of_unfold(options):
    x = R.normal(size=(2, 3, 6, 5))
    columns = F.unfold(x, (3, 2), **options)
    y = R.normal(size=columns.shape)
    assert np.vdot(columns, y) == pytest.approx(np.vdot(x, F.fold(y, (6, 5), (3, 2), **options)))


@pytest.mark.parametrize("r", [1, 2, 3])
def test_pixels_become_channels_and_back(r):
    x = R.normal(size=(2, 2 * r * r, 3, 4))
    there = F.pixel_shuffle(x, r)
    assert there.shape == (2, 2, 3 * r, 4 * r)
    np.testing.assert_array_equal(F.pixel_unshuffle(there, r), x)
    assert there[0, 1, r - 1, 0] == x[0, r * r + r * (r - 1), 0, 0]


def test_channels_of_all_groups_in_turn():
    x = R.normal(size=(2, 6, 3))
    np.testing.assert_array_equal(F.channel_shuffle(x, 2), x[:, [0, 3, 1, 4, 2, 5]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.unfold(np.ones((1, 2, 2)), 3), "got windows of 3×3 for 2×2 with|entries with"),
        (lambda: F.fold(np.ones((3, 4)), 3, 2), r"expected \(N, C · 4, 4\)"),
        (lambda: F.pixel_shuffle(np.ones((3, 2, 2)), 2), "C a multiple of 4"),
        (lambda: F.pixel_unshuffle(np.ones((3, 3, 2)), 2), "H and W multiples of 2"),
        (lambda: F.channel_shuffle(np.ones((1, 3, 2)), 2), "C a multiple of groups = 2"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ag.ShapeError, match=message):
        call()
