"""Convolution against its definition, and messages."""

import math

import numpy as np
import pytest

from nn import functional as F

R = np.random.default_rng(5)


def naive_conv2d(x, w, stride, widths):
    x = np.pad(x, [(0, 0), (0, 0), *widths])
    n, _, h, width = x.shape
    o, _, a, b = w.shape
    out = np.zeros((n, o, (h - a) // stride + 1, (width - b) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            part = x[:, :, i * stride : i * stride + a, j * stride : j * stride + b]
            out[:, :, i, j] = np.einsum("nchw,ochw->no", part, w)
    return out


@pytest.mark.parametrize("length", range(3, 9))
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3])
def test_same_and_valid_sizes_are_those_of_tensorflow(length, kernel, stride):
    x, w = R.normal(size=(2, 2, length, length)), R.normal(size=(3, 2, kernel, kernel))
    total = max((-(length // -stride) - 1) * stride + kernel - length, 0)
    widths = [(total // 2, total - total // 2)] * 2
    same = F.conv2d(x, w, stride=stride, padding="same")
    assert same.shape == (2, 3, math.ceil(length / stride), math.ceil(length / stride))
    np.testing.assert_allclose(same, naive_conv2d(x, w, stride, widths), atol=1e-12)
    valid = F.conv2d(x, w, stride=stride, padding="valid")
    assert valid.shape[2] == (length - kernel) // stride + 1
    np.testing.assert_allclose(valid, naive_conv2d(x, w, stride, [(0, 0)] * 2), atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid", 1])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_a_transposed_convolution_is_the_transpose(kernel, stride, padding):
    """<conv(x), y> = <x, conv_transpose(y)>, where the sizes belong to each other."""
    w, y = R.normal(size=(3, 2, kernel)), R.normal(size=(2, 3, 4))
    back = F.conv_transpose1d(y, w, stride=stride, padding=padding)
    if padding == "same":
        assert back.shape == (2, 2, 4 * stride)
    x = R.normal(size=back.shape)
    forth = F.conv1d(x, w, stride=stride, padding=padding)
    assert np.vdot(forth, y) == pytest.approx(np.vdot(x, back), rel=1e-10)
