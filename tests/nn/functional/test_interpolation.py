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


def test_factors_and_sizes_that_no_array_has():
    x = np.ones((1, 1, 3))
    with pytest.raises(ValueError, match="at most 1,099,511,627,776 entries on each axis"):
        F.interpolate(x, scale_factor=1e308)
    for options in ({"size": ()}, {"scale_factor": ()}, {"scale_factor": True}):
        with pytest.raises(ValueError, match=f"Upsample: got {next(iter(options))}="):
            nn.Upsample(**options)
