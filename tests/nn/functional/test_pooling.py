"""Pooling with padding, resizing, and messages."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn import functional as F


def test_same_pooling_leaves_the_padding_out():
    x = np.arange(5.0).reshape(1, 1, 5)
    assert F.max_pool1d(-x, 2, padding="same").tolist() == [[[0.0, -2.0, -4.0]]]
    assert F.avg_pool1d(x, 2, padding="same").tolist() == [[[0.5, 2.5, 4.0]]]
    assert F.avg_pool1d(x, 3, stride=1, padding="same").tolist() == [[[0.5, 1.0, 2.0, 3.0, 3.5]]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.MaxPool2d(2, padding=2)(np.ones((1, 4, 4))), ValueError, "expected at most half of the kernel size"),
        (lambda: nn.MaxPool2d(5)(np.ones((1, 4, 4))), ag.ShapeError, r"got windows of 5×5 for an input of 4×4"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
