"""The decoder of a Transformer, and the Transformer itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.errors import kind, message
from nn import init
from nn.arguments import floating, size
from nn.layers.normalization import LayerNorm
from nn.layers.transformer import (
    TransformerEncoder,
    TransformerEncoderLayer,
    TransformerLayer,
    stack_of,
)
from nn.module.module import Module


class TransformerDecoderLayer(TransformerLayer):
    """Self-attention, attention to an encoded sequence, then two Linears, each with a residual.

    Args:
        d_model: the length of the vectors.
        nhead: the number of heads.
        dim_feedforward: the length between the two Linears.
        dropout: the probability of dropout, while training.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: added to the variance by the normalizations.
        batch_first: whether inputs are (N, L, d_model) instead of (L, N, d_model).
        norm_first: whether to normalize before attentions and Linears, or after them.
        bias: whether the Linears and normalizations have biases.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters and for dropout.

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> layer = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)
        >>> layer(np.ones((3, 5, 8)), np.ones((3, 7, 8)), tgt_is_causal=True).shape
        (3, 5, 8)

    Source: Vaswani et al., Attention is all you need (2017).
    """

    _attentions = ("self_attn", "multihead_attn")

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """The decoded sequence; masks as in `MultiheadAttention`.

        Args:
            tgt: the sequence so far.
            memory: the encoded sequence that it attends to.
            tgt_mask: between the entries of tgt.
            memory_mask: between entries of tgt and of memory.
            tgt_key_padding_mask: entries of tgt that are padding.
            memory_key_padding_mask: entries of memory that are padding.
            tgt_is_causal: whether an entry of tgt attends to none after it.
            memory_is_causal: whether entry i of tgt attends to the first i + 1 of memory only.
        """
        own: dict[str, Any] = {
            "attn_mask": tgt_mask,
            "key_padding_mask": tgt_key_padding_mask,
            "is_causal": tgt_is_causal,
        }
        others: dict[str, Any] = {
            "attn_mask": memory_mask,
            "key_padding_mask": memory_key_padding_mask,
            "is_causal": memory_is_causal,
        }
        if self.norm_first:
            x = tgt + self._attend(self.norm1(tgt), own)
            x = x + self._attend_to(self.norm2(x), memory, others)
            return x + self._feed_forward(self.norm3(x), self.dropout3)
        x = self.norm1(tgt + self._attend(tgt, own))
        x = self.norm2(x + self._attend_to(x, memory, others))
        return self.norm3(x + self._feed_forward(x, self.dropout3))

    def _attend_to(self, x: Any, memory: Any, masks: dict[str, Any]) -> Any:
        found = self.multihead_attn(x, memory, memory, need_weights=False, **masks)[0]
        return self.dropout2(found)


class TransformerDecoder(Module):
    """A stack of decoder layers.

    Args:
        decoder_layer: a layer, which is copied with its parameters, as in PyTorch; or a function
            that returns a new layer, so that each has its own initial parameters.
        num_layers: the number of layers.
        norm: a normalization of the output, which layers with norm_first need.

    Raises:
        ValueError: num_layers is not a positive integer.

    Example:
        >>> import nn
        >>> decoder = nn.TransformerDecoder(lambda: nn.TransformerDecoderLayer(8, 2, 16), 2)
        >>> decoder(np.ones((5, 3, 8)), np.ones((7, 3, 8))).shape
        (5, 3, 8)
    """

    def __init__(
        self,
        decoder_layer: Module | Callable[[], Module],
        num_layers: int,
        norm: Module | None = None,
    ) -> None:
        super().__init__()
        self.num_layers = size("TransformerDecoder", "num_layers", num_layers, 1, 10_000)
        self.layers = stack_of("TransformerDecoder", decoder_layer, self.num_layers)
        self.register_module("norm", norm)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """The decoded sequence; arguments as in `TransformerDecoderLayer.forward`."""
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks, tgt_is_causal, memory_is_causal)
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder of one sequence and a decoder of another, which attends to the first.

    Args:
        d_model: the length of the vectors.
        nhead: the number of heads.
        num_encoder_layers: the number of encoder layers.
        num_decoder_layers: the number of decoder layers.
        dim_feedforward: the length between the two Linears of a layer.
        dropout: the probability of dropout, while training.
        activation: "relu", "gelu", or a function.
        custom_encoder: a module instead of the encoder.
        custom_decoder: a module instead of the decoder.
        layer_norm_eps: added to the variance by the normalizations.
        batch_first: whether inputs are (N, L, d_model) instead of (L, N, d_model).
        norm_first: whether to normalize before attentions and Linears, or after them.
        bias: whether the Linears and normalizations have biases.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters and for dropout.

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> model = nn.Transformer(8, 2, 1, 1, 16)
        >>> model(np.ones((7, 3, 8)), np.ones((5, 3, 8)), tgt_is_causal=True).shape
        (5, 3, 8)

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        what = "Transformer"
        size(what, "num_encoder_layers", num_encoder_layers, 1, 10_000)
        size(what, "num_decoder_layers", num_decoder_layers, 1, 10_000)
        dtype = floating(what, dtype, device)
        options: tuple[Any, ...] = (d_model, nhead, dim_feedforward, dropout, activation)
        options += (layer_norm_eps, batch_first, norm_first, bias, None, dtype)

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.encoder = (
            custom_encoder
            if custom_encoder is not None
            else TransformerEncoder(
                lambda: TransformerEncoderLayer(*options, generator=generator),
                num_encoder_layers,
                norm(),
            )
        )
        self.decoder = (
            custom_decoder
            if custom_decoder is not None
            else TransformerDecoder(
                lambda: TransformerDecoderLayer(*options, generator=generator),
                num_decoder_layers,
                norm(),
            )
        )
        for name, part in (("encoder", self.encoder), ("decoder", self.decoder)):
            if not isinstance(part, Module):
                raise TypeError(message(what, f"{kind(part)} as custom_{name}", "a Module"))
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw all matrices again, by Xavier's rule; vectors keep their values."""
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter, generator=generator)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool = False,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """The decoded sequence; masks as in `MultiheadAttention`.

        Args:
            src: the sequence to encode.
            tgt: the sequence to decode.
            src_mask: between the entries of src.
            tgt_mask: between the entries of tgt.
            memory_mask: between entries of tgt and of the encoded src.
            src_key_padding_mask: entries of src that are padding.
            tgt_key_padding_mask: entries of tgt that are padding.
            memory_key_padding_mask: entries of the encoded src that are padding.
            src_is_causal: whether an entry of src attends to none after it.
            tgt_is_causal: whether an entry of tgt attends to none after it.
            memory_is_causal: whether entry i of tgt attends to the first i + 1 of src only.
        """
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        masks = tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask
        return self.decoder(tgt, memory, *masks, tgt_is_causal, memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(
        sz: int, device: str | None = None, dtype: npt.DTypeLike = float
    ) -> Any:
        """A mask to add to scores: 0 for earlier keys and the query's own, -∞ for later ones.

        Example:
            >>> import nn
            >>> nn.Transformer.generate_square_subsequent_mask(2)
            array([[  0., -inf],
                   [  0.,   0.]])
        """
        what = "generate_square_subsequent_mask"
        count = size(what, "sz", sz, 0, 100_000)
        mask = np.where(np.tri(count, dtype=bool), 0.0, -np.inf)
        return mask.astype(floating(what, dtype, device))
