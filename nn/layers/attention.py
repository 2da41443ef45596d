"""Attention with several heads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import DTypeError, ShapeError
from autograd.errors import message
from nn import functional as f
from nn import init
from nn.arguments import array, divisor, flags, floating, in_dtype_of, number, size, zeros
from nn.functional.attention import attention
from nn.layers.linear import Linear
from nn.module.module import Module
from nn.module.parameter import Parameter


class MultiheadAttention(Module):
    """Several attentions side by side, each on its own projections, combined by a Linear.

    Args:
        embed_dim: E, the length of queries and outputs.
        num_heads: the number of heads, a divisor of E.
        dropout: the probability of dropout of the weights, while training.
        bias: whether the projections have biases.
        add_bias_kv: whether to append a learned key and value to every sequence.
        add_zero_attn: whether to append a key and value of zeros to every sequence.
        kdim: the length of keys, by default E.
        vdim: the length of values, by default E.
        batch_first: whether inputs and outputs are (N, L, E) instead of (L, N, E).
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters and for dropout.

    Attributes:
        in_proj_weight: shape (3 E, E), for queries, keys and values; None if kdim or vdim differs
            from E, where `q_proj_weight`, `k_proj_weight` and `v_proj_weight` replace it.
        in_proj_bias: shape (3 E,), or None.
        out_proj: the Linear at the end.
        bias_k: the learned key, shape (1, 1, E), or None.
        bias_v: the learned value, shape (1, 1, E), or None.

    Raises:
        ValueError: an argument is out of range, or num_heads does not divide E.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> layer = nn.MultiheadAttention(8, 2, batch_first=True)
        >>> x = np.ones((3, 5, 8))
        >>> out, weights = layer(x, x, x, is_causal=True)
        >>> out.shape, weights.shape
        ((3, 5, 8), (3, 5, 5))

    Source: Vaswani et al., Attention is all you need (2017).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        what = "MultiheadAttention"
        self.embed_dim = size(what, "embed_dim", embed_dim, 1)
        self.num_heads = divisor(what, "num_heads", num_heads, embed_dim=self.embed_dim)
        flags(what, bias=bias, add_bias_kv=add_bias_kv)
        flags(what, add_zero_attn=add_zero_attn, batch_first=batch_first)
        self.dropout = number(what, "dropout", dropout, 0.0, 1.0)
        self.kdim = embed_dim if kdim is None else size(what, "kdim", kdim, 1)
        self.vdim = embed_dim if vdim is None else size(what, "vdim", vdim, 1)
        self.batch_first, self.generator = batch_first, generator
        dtype = floating(what, dtype, device)
        separate = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
        if len(set(separate.values())) == 1:
            self.in_proj_weight = Parameter(zeros(self, (3 * embed_dim, embed_dim), dtype))
            separate = dict.fromkeys(separate, 0)
        else:
            self.register_parameter("in_proj_weight", None)
        for name, width in separate.items():
            weight = Parameter(zeros(self, (embed_dim, width), dtype)) if width else None
            self.register_parameter(f"{name}_proj_weight", weight)
        self.register_parameter("in_proj_bias", None)
        if bias:
            self.in_proj_bias = Parameter(zeros(self, 3 * embed_dim, dtype))
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, generator=generator)
        self.add_zero_attn = add_zero_attn
        for name in ("bias_k", "bias_v"):
            learned = Parameter(zeros(self, (1, 1, embed_dim), dtype)) if add_bias_kv else None
            self.register_parameter(name, learned)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again: Xavier for the projections, zeros for their biases."""
        self.out_proj.reset_parameters(generator)
        for name, parameter in self.named_parameters():
            if name.endswith("proj_weight"):
                init.xavier_uniform_(parameter, generator=generator)
            elif name.endswith("bias"):
                init.zeros_(parameter)
            elif name in ("bias_k", "bias_v"):
                init.xavier_normal_(parameter, generator=generator)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The weighted mean of the values for each query.

        Args:
            query: shape (L, N, E), with batch_first (N, L, E), or (L, E).
            key: shape (S, N, kdim), likewise.
            value: shape (S, N, vdim), likewise.
            key_padding_mask: shape (N, S) or (S,): booleans, True for keys that no query may attend
                to, or numbers to add to the scores.
            need_weights: whether to return the weights.
            attn_mask: shape (L, S) or (N · num_heads, L, S): booleans, True where a query may not
                attend to a key, or numbers to add to the scores.
            average_attn_weights: whether to average the weights over the heads.
            is_causal: whether query i attends to keys 0 to i only, which needs no mask.

        Returns:
            (output, weights): the output has the shape of the query; the weights before dropout
            have shape (N, L, S), or (N, num_heads, L, S) if not averaged, or are None.
        """
        if type(need_weights) is not bool or type(average_attn_weights) is not bool:
            options = {"need_weights": need_weights, "average_attn_weights": average_attn_weights}
            flags("MultiheadAttention", **options)
        inputs = [array(x) for x in (query, key, value)]
        unbatched = inputs[0].ndim == 2
        if unbatched:
            inputs = [ag.expand_dims(x, 0) if x.ndim == 2 else x for x in inputs]
        elif not self.batch_first:
            inputs = [ag.swapaxes(x, 0, 1) if x.ndim == 3 else x for x in inputs]
        self._check_inputs(inputs)
        q, k, v = map(self._split_heads, inputs, self._projections())
        mask = self._mask(key_padding_mask, attn_mask, q, k)
        if self.bias_k is not None or self.add_zero_attn:
            k, v, mask = self._with_extra_keys(k, v, mask, is_causal, q.shape[2])
            is_causal = False
        rate = self.dropout if self.training else 0.0
        mixed, weights = attention(q, k, v, mask, rate, is_causal, None, self.generator)
        n, _, length, _ = mixed.shape
        out = self.out_proj(ag.transpose(mixed, (0, 2, 1, 3)).reshape((n, length, self.embed_dim)))
        if average_attn_weights:
            weights = ag.mean(weights, axis=1)
        if unbatched:
            out, weights = out[0], weights[0]
        elif not self.batch_first:
            out = ag.swapaxes(out, 0, 1)
        return out, weights if need_weights else None

    def _check_inputs(self, inputs: list[Any]) -> None:
        widths = self.embed_dim, self.kdim, self.vdim
        shapes = [x.shape for x in inputs]
        if (
            any(len(s) != 3 or s[2] != width for s, width in zip(shapes, widths, strict=True))
            or len({s[0] for s in shapes}) > 1
            or shapes[1][1] != shapes[2][1]
        ):
            raise ShapeError(
                message(
                    "MultiheadAttention",
                    f"query, key and value of shapes {shapes} (batch first)",
                    f"(N, L, {widths[0]}), (N, S, {widths[1]}) and (N, S, {widths[2]})",
                )
            )

    def _projections(self) -> list[tuple[Any, Any]]:
        if self.in_proj_weight is None:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        else:
            weights = ag.split(self.in_proj_weight, 3)
        biases = [None] * 3 if self.in_proj_bias is None else ag.split(self.in_proj_bias, 3)
        return list(zip(weights, biases, strict=True))

    def _split_heads(self, x: Any, projection: tuple[Any, Any]) -> Any:
        """(N, L, E) as (N, heads, L, E / heads)."""
        n, length, _ = x.shape
        heads = f.linear(x, *projection).reshape((n, length, self.num_heads, -1))
        return ag.transpose(heads, (0, 2, 1, 3))

    def _with_extra_keys(
        self, k: Any, v: Any, mask: Any, is_causal: bool, length: int
    ) -> tuple[Any, Any, Any]:
        """Keys and values with the appended ones, which every query may attend to, and the mask."""
        n, heads, keys, width = k.shape
        if is_causal:
            causal = np.where(np.tri(length, keys, dtype=bool), 0.0, -np.inf).astype(k.dtype)
            mask = causal if mask is None else mask + causal
        ends: list[tuple[Any, Any]] = []
        if self.bias_k is not None:
            shape = (1, heads, 1, width)
            ends += [(self.bias_k.reshape(shape), self.bias_v.reshape(shape))]
        if self.add_zero_attn:
            ends += [(np.zeros((1, heads, 1, width), k.dtype),) * 2]
        for key, value in ends:
            k = ag.concatenate([k, ag.broadcast_to(key, (n, heads, 1, width))], axis=2)
            v = ag.concatenate([v, ag.broadcast_to(value, (n, heads, 1, width))], axis=2)
        if mask is not None:
            mask = ag.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, len(ends))])
        return k, v, mask

    def _mask(self, padding: Any, mask: Any, q: Any, k: Any) -> Any:
        """Both masks as one array to add to the scores, or None."""
        (n, heads, length, _), keys = q.shape, k.shape[2]
        total: Any = None
        shapes = {
            "key_padding_mask": (padding, [(n, keys), (keys,)], (-1, 1, 1, keys)),
            "attn_mask": (
                mask,
                [(length, keys), (n * heads, length, keys)],
                (-1, 1 if np.ndim(mask) == 2 else heads, length, keys),
            ),
        }
        for name, (given, expected, shape) in shapes.items():
            if given is None:
                continue
            given = array(given)
            if given.shape not in expected:
                raise ShapeError(
                    message(
                        "MultiheadAttention",
                        f"{name} of shape {given.shape}",
                        f"{expected[0]} or {expected[1]}",
                    )
                )
            if given.dtype.kind == "b":
                given = ag.where(given, -np.inf, 0.0)
            elif given.dtype.kind != "f":
                got, wanted = f"{name} of dtype {given.dtype}", "booleans, or floats to add"
                raise DTypeError(message("MultiheadAttention", got, f"{wanted} to the scores"))
            given = in_dtype_of(given, q).reshape(shape)
            total = given if total is None else total + given
        return total

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.embed_dim}, {self.num_heads}, batch_first={self.batch_first}"
