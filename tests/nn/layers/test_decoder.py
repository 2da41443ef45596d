"""The decoder: what it may look at, and the Transformer's parts."""

import numpy as np
import pytest

import autograd as ag
import nn

R = np.random.default_rng(5)


def transformer(**options):
    ag.random.seed(0)
    return nn.Transformer(8, 2, 1, 2, 16, batch_first=True, **options).eval()


def test_a_causal_decoder_does_not_see_the_future():
    model = transformer()
    src, tgt = R.normal(size=(1, 4, 8)), R.normal(size=(1, 5, 8))
    later = tgt.copy()
    later[0, 3:] += 1.0
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    by_flag, by_mask = model(src, tgt, tgt_is_causal=True), model(src, tgt, tgt_mask=mask)
    np.testing.assert_allclose(by_flag.data, by_mask.data, rtol=1e-12)
    np.testing.assert_allclose(
        model(src, later, tgt_is_causal=True).data[0, :3], by_flag.data[0, :3], rtol=1e-12
    )


def test_padding_of_the_source_has_no_effect():
    model = transformer(norm_first=True)
    src, tgt = R.normal(size=(1, 4, 8)), R.normal(size=(1, 5, 8))
    padding = np.array([[False, False, False, True]])
    masks = {"src_key_padding_mask": padding, "memory_key_padding_mask": padding}
    whole, cut = model(src, tgt, **masks), model(src[:, :3], tgt)
    np.testing.assert_allclose(whole.data, cut.data, rtol=1e-12)


def test_layers_from_a_function_differ_and_copies_do_not():
    make = lambda: nn.TransformerDecoderLayer(8, 2, 16)
    own, copies = nn.TransformerDecoder(make, 2), nn.TransformerDecoder(make(), 2)
    assert (own.layers[0].linear1.weight.data != own.layers[1].linear1.weight.data).any()
    assert (copies.layers[0].linear1.weight.data == copies.layers[1].linear1.weight.data).all()


def test_a_part_can_be_replaced():
    model = nn.Transformer(4, 2, custom_encoder=nn.Identity(), custom_decoder=nn.Identity())
    assert list(model.parameters()) == []


def test_numeric_gradients():
    ag.random.seed(0)
    layer = nn.TransformerDecoderLayer(4, 2, 5, 0.0, "gelu", norm_first=True)
    x, memory = R.normal(size=(2, 1, 4)), R.normal(size=(3, 1, 4))
    ag.check_gradients(layer, x, memory, parameters=layer)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.TransformerDecoderLayer(8, 3),
            ValueError,
            "TransformerDecoderLayer: got nhead=3; expected a divisor of d_model = 8",
        ),
        (
            lambda: nn.TransformerDecoder(3, 2),
            TypeError,
            "TransformerDecoder: got an int; expected a layer, or a function",
        ),
        (lambda: nn.Transformer(num_encoder_layers=0), ValueError, "got num_encoder_layers=0"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
