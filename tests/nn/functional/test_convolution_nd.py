"""One convolution for any number of axes: an axis of length 1 changes nothing."""

import itertools

import numpy as np
import pytest

import autograd as ag
from nn import functional as F

R = np.random.default_rng(3)


def by_definition(x, w, stride, padding, dilation, groups):
    """out[n, o, place] as the sum over one window, for any number of axes."""
    k = x.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0), *[(padding, padding)] * k])
    kernel, per_group = w.shape[2:], w.shape[1]
    counts = [
        (n - dilation * (m - 1) - 1) // stride + 1 for n, m in zip(x.shape[2:], kernel, strict=True)
    ]
    out = np.zeros((x.shape[0], w.shape[0], *counts))
    for o in range(w.shape[0]):
        group = o // (w.shape[0] // groups)
        channels = x[:, group * per_group : (group + 1) * per_group]
        for place in itertools.product(*map(range, counts)):
            cut = tuple(
                slice(p * stride, p * stride + dilation * (m - 1) + 1, dilation)
                for p, m in zip(place, kernel, strict=True)
            )
            out[(slice(None), o, *place)] = (channels[(..., *cut)] * w[o]).sum(
                axis=tuple(range(1, k + 2))
            )
    return out


@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"), [(1, 0, 1, 1), (2, 1, 1, 2), (1, 2, 2, 1)]
)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_convolution_is_its_definition(k, stride, padding, dilation, groups):
    x, w = R.normal(size=(2, 4, *(5, 6, 5)[:k])), R.normal(size=(2, 4 // groups, *(3, 2, 2)[:k]))
    function = (F.conv1d, F.conv2d, F.conv3d)[k - 1]
    out = function(x, w, None, stride, padding, dilation, groups)
    expected = by_definition(x, w, stride, padding, dilation, groups)
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_transposed_one_is_the_transpose(k):
    w, y = R.normal(size=(4, 2, *(3, 2, 2)[:k])), R.normal(size=(1, 4, *(2, 3, 2)[:k]))
    forth = (F.conv1d, F.conv2d, F.conv3d)[k - 1]
    back = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[k - 1]
    image = back(y, w, stride=2, padding=1)
    x = R.normal(size=image.shape)
    assert np.vdot(forth(x, w, stride=2, padding=1), y) == pytest.approx(
        np.vdot(x, image), rel=1e-10
    )


def test_gradients_of_a_volume():
    x, w = R.normal(size=(1, 2, 3, 2, 3)), R.normal(size=(2, 2, 2, 2, 2))
    ag.check_gradients(lambda x, w: F.conv3d(x, w, stride=(1, 1, 2), padding=(0, 1, 0)), x, w)
    ag.check_gradients(lambda x, w: F.conv_transpose3d(x, w, stride=2, padding=1), x, w)


def test_messages():
    with pytest.raises(
        ag.ShapeError, match=r"conv3d: got an input of shape \(2, 3\); expected \(N, C, D, H, W\)"
    ):
        F.conv3d(np.ones((2, 3)), np.ones((1, 1, 1, 1, 1)))
    with pytest.raises(ag.ShapeError, match="got a kernel of 3×3×3 for an input of 2×2×2"):
        F.conv3d(np.ones((1, 2, 2, 2)), np.ones((1, 1, 3, 3, 3)))
