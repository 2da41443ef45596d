"""Embedding: messages."""

import pytest

import autograd as ag
import nn


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Embedding(3, 2)([0.5]), ag.DTypeError, "got indices of dtype float64"),
        (lambda: nn.Embedding(3, 2)([3]), IndexError, "got index 3; "),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "got padding_idx=3; expected one of the 3 tokens"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
