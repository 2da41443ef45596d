"""MultiheadAttention: messages."""

import numpy as np
import pytest

import autograd as ag
import nn


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.MultiheadAttention(8, 3), ValueError, "got num_heads=3; expected a divisor of embed_dim = 8"),
        (lambda: nn.MultiheadAttention(8, 2)(*[np.ones((5, 2, 7))] * 3), ag.ShapeError, r"\(N, L, 8\)"),
        (lambda: nn.MultiheadAttention(8, 2)(*[np.ones((5, 2, 8))] * 3, attn_mask=np.ones((4, 4))), ag.ShapeError, r"attn_mask of shape \(4, 4\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
