"""Grids: identities, shifts, gradients of both arguments, and messages."""

import warnings

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(0)
SAME = [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]
SAME_3D = [np.eye(3, 4)]


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_the_identity_changes_nothing(mode, align_corners):
    x = R.normal(size=(1, 2, 4, 5))
    grid = F.affine_grid(SAME, x.shape, align_corners)
    out = F.grid_sample(x, grid, mode, align_corners=align_corners)
    np.testing.assert_allclose(out, x, atol=1e-12)


@pytest.mark.parametrize("align_corners", [False, True])
def test_the_identity_of_a_volume(align_corners):
    x = R.normal(size=(1, 2, 3, 4, 5))
    grid = F.affine_grid(SAME_3D, x.shape, align_corners)
    np.testing.assert_allclose(F.grid_sample(x, grid, align_corners=align_corners), x, atol=1e-12)


def test_the_modes_of_resizing_are_grids():
    x = R.normal(size=(1, 2, 4, 5))
    grid = F.affine_grid(SAME, (1, 2, 7, 9), True)
    for mode in ("bilinear", "bicubic"):
        resized = F.interpolate(x, (7, 9), mode=mode, align_corners=True)
        sampled = F.grid_sample(x, grid, mode, "border", align_corners=True)
        np.testing.assert_allclose(sampled, resized, atol=1e-12)


def test_what_lies_outside():
    x = np.array([[[[1.0, 2.0, 3.0]]]])
    places = np.array([-3.0, -1.0, 1.0, 1.7]).reshape(1, 1, 4, 1)
    grid = np.concatenate([places, np.zeros_like(places)], axis=-1)
    outs = {
        p: F.grid_sample(x, grid, "nearest", p, True)[0, 0, 0].tolist()
        for p in ("zeros", "border", "reflection")
    }
    assert outs["zeros"] == [0.0, 1.0, 3.0, 0.0]
    assert outs["border"] == [1.0, 1.0, 3.0, 3.0]
    assert outs["reflection"] == [3.0, 1.0, 3.0, 2.0]


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_gradients_reach_the_input_and_the_grid(mode, padding):
    x, grid = R.normal(size=(1, 2, 3, 4)), R.uniform(-1.4, 1.4, (1, 2, 3, 2))
    ag.check_gradients(lambda x, g: F.grid_sample(x, g, mode, padding), x, grid)


def test_gradients_reach_the_map():
    x = R.normal(size=(1, 1, 4, 4))
    theta = R.normal(scale=0.3, size=(1, 2, 3)) + SAME
    ag.check_gradients(lambda t: F.grid_sample(x, F.affine_grid(t, (1, 1, 3, 3))), theta)


def test_nan_in_a_grid_stays_nan_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for mode in ("bilinear", "bicubic"):
            out = F.grid_sample(np.ones((1, 1, 2, 2)), [[[[np.nan, 0.0], [0.0, 0.0]]]], mode)
            assert np.isnan(out[0, 0, 0, 0]) and not np.isnan(out[0, 0, 0, 1])
        far = ag.Tensor([[[[np.inf, -1e300]]]])
        assert F.grid_sample(np.ones((1, 1, 2, 2)), far).item() == 0.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.affine_grid(SAME, (1, 1, 2, 2, 2)), ag.ShapeError, r"expected \(1, 3, 4\)"),
        (lambda: F.affine_grid(SAME, (1, 1)), ValueError, "got size="),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2)), np.ones((1, 2, 2, 3))), ag.ShapeError, "a grid of shape"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2)), np.ones((2, 2, 2, 2))), ag.ShapeError, "one grid for each input"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2)), np.ones((1, 2, 2, 2)), "linear"), ValueError, "mode='linear'"),
        (lambda: F.grid_sample(np.ones((1, 1, 2, 2, 2)), np.ones((1, 1, 2, 2, 3)), "bicubic"), ValueError, "bicubic"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
