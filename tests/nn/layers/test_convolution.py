"""Convolutional layers: messages."""

import numpy as np
import pytest

import autograd as ag
import nn


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 3)(np.ones((2, 3, 5))), ag.ShapeError, r"an input of 2 channels and a weight of shape"),
        (lambda: nn.Conv2d(3, 4, 3)(np.ones((3, 5))), ag.ShapeError, r"shape \(3, 5\); expected \(N, C, H, W\) or \(C, H, W\)"),
        (lambda: nn.Conv2d(3, 4, 3)(np.ones((1, 3, 2, 5))), ag.ShapeError, r"got a kernel of 3×3 for an input of 2×5.*pad the input"),
        (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "got groups=2; expected a divisor of in_channels = 3"),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError, r"got kernel_size=\(3, 3, 3\); expected an integer of at least 1, or 2"),
        (lambda: nn.Conv2d(3, 4, 3, padding="full"), ValueError, "got padding='full'; expected one of 'valid', 'same'"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="edge"), ValueError, "padding_mode='edge'"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), ValueError, "got padding_mode='reflect'; expected 'zeros'"),
        (lambda: nn.ConvTranspose1d(1, 1, 2, stride=2, output_padding=2)(np.ones((1, 3))), ValueError, "output_padding=.* less than the stride"),
        (lambda: nn.ConvTranspose1d(1, 1, 1, padding=2)(np.ones((1, 3))), ag.ShapeError, "all of which it cuts off"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
