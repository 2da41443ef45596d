"""The Transformer encoder: causality, copies and messages."""

import numpy as np
import pytest

import autograd as ag
import nn

R = np.random.default_rng(5)


def test_causal_attention_does_not_see_the_future():
    ag.random.seed(0)
    layer = nn.TransformerEncoder(
        lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2
    ).eval()
    x = R.normal(size=(1, 5, 8))
    y = x.copy()
    y[0, 3:] += 1.0
    a, b = layer(x, is_causal=True).data, layer(y, is_causal=True).data
    np.testing.assert_allclose(a[0, :3], b[0, :3], rtol=1e-12)
    assert not np.allclose(a[0, 3:], b[0, 3:])
    same = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2)
    own = nn.TransformerEncoder(lambda: nn.TransformerEncoderLayer(8, 2, 16), 2)
    assert (same.layers[0].linear1.weight.data == same.layers[1].linear1.weight.data).all()
    assert not (own.layers[0].linear1.weight.data == own.layers[1].linear1.weight.data).any()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.TransformerEncoderLayer(8, 2, activation="swish"), ValueError, "'relu', 'gelu' or a function"),
        (lambda: nn.PositionalEncoding(4)(np.ones((2, 3))), ag.ShapeError, "d_model = 4"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
