"""The encoder of a Transformer, and the positions it adds to its input."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, kind, message
from nn import functional as f
from nn.arguments import array, divisor, flags, floating, number, size
from nn.layers.attention import MultiheadAttention
from nn.layers.container import ModuleList
from nn.layers.dropout import Dropout
from nn.layers.linear import Linear
from nn.layers.normalization import LayerNorm
from nn.module.module import Module


class PositionalEncoding(Module):
    """x plus sines and cosines of its positions, which let attention tell them apart.

    Args:
        d_model: the length of the vectors.
        dropout: the probability of dropout of the sum, while training.
        batch_first: whether inputs are (N, L, d_model) instead of (L, N, d_model).

    Shape:
        (L, N, d_model), with batch_first (N, L, d_model), or (L, d_model), to the same.

    Raises:
        ShapeError: the input does not fit.

    Example:
        >>> import nn
        >>> nn.PositionalEncoding(2)(np.zeros((1, 2))).tolist()
        [[0.0, 1.0]]

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(self, d_model: int, dropout: float = 0.0, batch_first: bool = False) -> None:
        super().__init__()
        self.d_model = size("PositionalEncoding", "d_model", d_model, 1)
        flags("PositionalEncoding", batch_first=batch_first)
        self.batch_first = batch_first
        self.dropout = Dropout(number("PositionalEncoding", "dropout", dropout, 0.0, 1.0))

    def forward(self, input: Any) -> Any:
        """The input plus its positions."""
        x = array(input)
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:
            raise ShapeError(
                message(
                    "PositionalEncoding",
                    f"an input of shape {x.shape}",
                    "(L, N, d_model), (N, L, d_model) with batch_first, or (L, d_model), "
                    f"d_model = {self.d_model}",
                )
            )
        along_first = x.ndim == 3 and not self.batch_first
        dtype = x.dtype if x.dtype.kind == "f" else float
        length = x.shape[0 if along_first else -2]
        table = f.sinusoidal_positional_encoding(length, self.d_model, dtype=dtype)
        return self.dropout(x + (table[:, None] if along_first else table))

    def extra_repr(self) -> str:
        """The length of the vectors, and whether the batch comes first."""
        return f"{self.d_model}, batch_first={self.batch_first}"


class TransformerLayer(Module):
    """What encoder and decoder layers share: attentions, then two Linears, with residuals."""

    _attentions: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = "relu",
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
        what = type(self).__name__
        named: dict[Any, Callable[..., Any]] = {"relu": ag.relu, "gelu": f.gelu}
        if not callable(activation) and not (isinstance(activation, str) and activation in named):
            got = f"activation={described(activation)}"
            raise ValueError(message(what, got, "'relu', 'gelu' or a function"))
        flags(what, batch_first=batch_first, norm_first=norm_first, bias=bias)
        size(what, "d_model", d_model, 1)
        divisor(what, "nhead", nhead, d_model=d_model)
        size(what, "dim_feedforward", dim_feedforward, 1)
        dropout = number(what, "dropout", dropout, 0.0, 1.0)
        layer_norm_eps = number(what, "layer_norm_eps", layer_norm_eps, 0.0)
        dtype = floating(what, dtype, device)
        new: dict[str, Any] = {"dtype": dtype, "generator": generator}
        for name in self._attentions:
            heads = MultiheadAttention(
                d_model, nhead, dropout, bias, batch_first=batch_first, **new
            )
            self.register_module(name, heads)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **new)
        self.dropout = Dropout(dropout, generator=generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **new)
        parts = range(1, len(self._attentions) + 2)
        for i in parts:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
            self.register_module(f"norm{i}", norm)
        for i in parts:
            self.register_module(f"dropout{i}", Dropout(dropout, generator=generator))
        self.norm_first = norm_first
        self.activation = activation if callable(activation) else named[activation]

    def _attend(self, x: Any, masks: dict[str, Any]) -> Any:
        return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])

    def _feed_forward(self, x: Any, dropout: Module) -> Any:
        return dropout(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoderLayer(TransformerLayer):
    """Self-attention, then two Linears, each with a residual connection and a normalization.

    Args:
        d_model: the length of the vectors.
        nhead: the number of heads.
        dim_feedforward: the length between the two Linears.
        dropout: the probability of dropout, while training.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: added to the variance by the normalizations.
        batch_first: whether inputs are (N, L, d_model) instead of (L, N, d_model).
        norm_first: whether to normalize before attention and Linears, which trains more easily, or
            after them.
        bias: whether the Linears and normalizations have biases.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters and for dropout.

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        >>> layer(np.ones((3, 5, 8)), is_causal=True).shape
        (3, 5, 8)

    Source: Vaswani et al., Attention is all you need (2017); Xiong et al., On layer normalization
        in the Transformer architecture (2020), for norm_first.
    """

    _attentions = ("self_attn",)

    def forward(
        self,
        src: Any,
        src_mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """The encoded sequence; masks as in `MultiheadAttention`."""
        masks: dict[str, Any] = {
            "attn_mask": src_mask,
            "key_padding_mask": src_key_padding_mask,
            "is_causal": is_causal,
        }
        if self.norm_first:
            x = src + self._attend(self.norm1(src), masks)
            return x + self._feed_forward(self.norm2(x), self.dropout2)
        x = self.norm1(src + self._attend(src, masks))
        return self.norm2(x + self._feed_forward(x, self.dropout2))


class TransformerEncoder(Module):
    """A stack of encoder layers.

    Args:
        encoder_layer: a layer, which is copied with its parameters, as in PyTorch; or a function
            that returns a new layer, so that each has its own initial parameters.
        num_layers: the number of layers.
        norm: a normalization of the output, which layers with norm_first need.
        enable_nested_tensor: accepted, and has no effect.
        mask_check: accepted, and has no effect.

    Raises:
        ValueError: num_layers is not a positive integer.

    Example:
        >>> import nn
        >>> encoder = nn.TransformerEncoder(lambda: nn.TransformerEncoderLayer(8, 2, 16), 2)
        >>> encoder(np.ones((5, 3, 8))).shape
        (5, 3, 8)
    """

    def __init__(
        self,
        encoder_layer: Module | Callable[[], Module],
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        options = {"enable_nested_tensor": enable_nested_tensor, "mask_check": mask_check}
        flags("TransformerEncoder", **options)
        self.num_layers = size("TransformerEncoder", "num_layers", num_layers, 1, 10_000)
        self.layers = stack_of("TransformerEncoder", encoder_layer, self.num_layers)
        self.register_module("norm", norm)

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Any:
        """The encoded sequence; masks as in `MultiheadAttention`."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


def stack_of(what: str, layer: Any, count: int) -> ModuleList:
    """Copies of a layer, or new layers from a function.

    Raises:
        TypeError: it is neither.
    """
    if not callable(layer):
        raise TypeError(message(what, kind(layer), "a layer, or a function that returns one"))
    copies = isinstance(layer, Module)
    return ModuleList(copy.deepcopy(layer) if copies else layer() for _ in range(count))
