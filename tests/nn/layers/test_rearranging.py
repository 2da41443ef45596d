"""Rearranging as modules: the functions of their options."""

import numpy as np
import pytest

import nn

F = nn.functional
X = np.random.default_rng(0).normal(size=(2, 4, 6, 4))


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        (nn.Unfold(2, 1, 1, 2), lambda x: F.unfold(x, 2, padding=1, stride=2)),
        (nn.PixelShuffle(2), lambda x: F.pixel_shuffle(x, 2)),
        (nn.PixelUnshuffle(2), lambda x: F.pixel_unshuffle(x, 2)),
        (nn.ChannelShuffle(2), lambda x: F.channel_shuffle(x, 2)),
    ],
)
def test_options_are_those_of_the_function(layer, function):
    np.testing.assert_array_equal(layer(X), function(X))


def test_windows_that_do_not_overlap_come_back():
    columns = nn.Unfold((3, 2), stride=(3, 2))(X)
    np.testing.assert_array_equal(nn.Fold((6, 4), (3, 2), stride=(3, 2))(columns), X)


def test_messages():
    with pytest.raises(ValueError, match="Fold: got output_size=0"):
        nn.Fold(0, 2)
    with pytest.raises(ValueError, match="PixelShuffle: got upscale_factor=0"):
        nn.PixelShuffle(0)
