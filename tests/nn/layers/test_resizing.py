"""Resizing as modules."""

import numpy as np
import pytest

import autograd as ag
import nn

X = np.random.default_rng(0).normal(size=(1, 2, 3, 4))


def test_two_more_names_for_images():
    nearest = nn.Upsample(scale_factor=2)(X)
    np.testing.assert_array_equal(nn.UpsamplingNearest2d(scale_factor=2)(X), nearest)
    corners = nn.Upsample((5, 7), mode="bilinear", align_corners=True)(X)
    np.testing.assert_array_equal(nn.UpsamplingBilinear2d((5, 7))(X), corners)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "trilinear"])
def test_volumes(mode):
    assert nn.Upsample(scale_factor=2, mode=mode)(X[None]).shape == (1, 1, 4, 6, 8)


def test_messages():
    with pytest.raises(
        ValueError, match="UpsamplingNearest2d: got size=None and scale_factor=None"
    ):
        nn.UpsamplingNearest2d()
    with pytest.raises(ValueError, match="align_corners=True with mode='area'"):
        nn.Upsample(2, mode="area", align_corners=True)
    with pytest.raises(ag.ShapeError, match="with mode='trilinear'; expected"):
        nn.Upsample(2, mode="trilinear")(X)
