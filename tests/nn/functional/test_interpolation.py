"""Resizing: positions of the linear modes, and messages."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F


def test_aligned_corners_keep_their_places_and_areas_keep_their_borders():
    x = np.array([[[0.0, 3.0]]])
    aligned = F.interpolate(x, 4, mode="linear", align_corners=True)
    np.testing.assert_allclose(aligned[0, 0], [0.0, 1.0, 2.0, 3.0], atol=1e-15)
    areas = F.interpolate(x, 4, mode="linear", align_corners=False)
    np.testing.assert_allclose(areas[0, 0], [0.0, 0.75, 2.25, 3.0], atol=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Upsample()(np.ones((1, 1, 4))), ValueError, "got size=None and scale_factor=None; expected exactly one"),
        (lambda: nn.Upsample(2, mode="cubic")(np.ones((1, 1, 4))), ValueError, "mode='cubic'"),
        (lambda: nn.Upsample(2, mode="bilinear")(np.ones((1, 1, 4))), ag.ShapeError, r"expected \(N, C, H, W\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


MODES = {"linear": (5,), "bilinear": (5, 4), "trilinear": (3, 4, 2)}


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_linear_modes_reproduce_a_plane(mode, align_corners):
    lengths = MODES[mode]
    plane = np.indices(lengths).astype(float).sum(0)[None, None]
    new = tuple(2 * n for n in lengths)
    out = F.interpolate(plane, new, mode=mode, align_corners=align_corners)[0, 0]
    middle = out[tuple(slice(n // 2 - 1, n // 2 + 1) for n in new)]
    for axis, n in enumerate(lengths):
        step = (n - 1) / (2 * n - 1) if align_corners else 0.5
        np.testing.assert_allclose(np.diff(middle, axis=axis), step, rtol=1e-12)


def test_a_cubic_goes_through_the_entries_and_weighs_four_between():
    x = np.random.default_rng(0).normal(size=(1, 1, 1, 6))
    out = F.interpolate(x, (1, 11), mode="bicubic", align_corners=True)[0, 0, 0]
    np.testing.assert_allclose(out[::2], x[0, 0, 0], rtol=1e-12)
    a, b, c, d = x[0, 0, 0, 1:5]
    assert out[5] == pytest.approx(0.59375 * (b + c) - 0.09375 * (a + d))


def test_nearest_modes_and_area():
    x = np.arange(4.0).reshape(1, 1, 4)
    assert F.interpolate(x, 3, mode="nearest").tolist() == [[[0.0, 1.0, 2.0]]]
    assert F.interpolate(x, 3, mode="nearest-exact").tolist() == [[[0.0, 2.0, 3.0]]]
    assert F.interpolate(x, 2, mode="area").tolist() == [[[0.5, 2.5]]]
    volume = np.arange(8.0).reshape(1, 1, 2, 2, 2)
    assert F.interpolate(volume, 1, mode="area").item() == 3.5
    np.testing.assert_array_equal(
        F.interpolate(volume, scale_factor=2), volume.repeat(2, 2).repeat(2, 3).repeat(2, 4)
    )


def test_rows_of_a_cubic_matrix_sum_to_1():
    ones = np.ones((1, 1, 3, 7))
    np.testing.assert_allclose(F.interpolate(ones, (5, 4), mode="bicubic"), 1.0, rtol=1e-14)


def test_antialiasing_is_refused():
    with pytest.raises(TypeError, match=r"got antialias=True; expected False; .*avg_pool2d"):
        F.interpolate(np.ones((1, 1, 2, 2)), 2, mode="bilinear", antialias=True)


def test_factors_and_sizes_that_no_array_has():
    x = np.ones((1, 1, 3))
    with pytest.raises(ValueError, match="at most 1,099,511,627,776 entries on each axis"):
        F.interpolate(x, scale_factor=1e308)
    for options in ({"size": ()}, {"scale_factor": ()}, {"scale_factor": True}):
        with pytest.raises(ValueError, match=f"Upsample: got {next(iter(options))}="):
            nn.Upsample(**options)
