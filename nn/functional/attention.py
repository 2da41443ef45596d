"""Attention: means of values, weighted by how well their keys match the queries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import DTypeError, ShapeError
from autograd.errors import message
from nn.arguments import (
    array,
    check_broadcast,
    flags,
    floating,
    floats,
    generator_or_default,
    in_dtype_of,
    number,
    size,
)
from nn.functional.dropout import dropout

LARGEST_TABLE = 2**30  # entries; more would take seconds


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """softmax(Q Kᵀ / √E) V.

    Args:
        query: shape (..., L, E).
        key: shape (..., S, E).
        value: shape (..., S, V).
        attn_mask: broadcasts to (..., L, S): booleans, True where a query may attend to a key, or
            numbers to add to the scores. A query that may attend to nothing gets zeros.
        dropout_p: the probability of dropout of the weights.
        is_causal: whether query i attends to keys 0 to i only.
        scale: replaces 1 / √E.
        enable_gqa: whether axis -3 counts heads, and each head of key and value serves an equal
            share of the query's.
        generator: the source of dropout's randomness.

    Returns:
        shape (..., L, V).

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> q, v = ag.Tensor(np.zeros((2, 4))), ag.Tensor([[1.0], [3.0]])
        >>> nn.functional.scaled_dot_product_attention(q, q, v, is_causal=True)
        Tensor([[1.],
                [2.]])

    Source: Vaswani et al., Attention is all you need (2017).
    """
    if enable_gqa is not False:
        key, value = (_repeat_heads(query, x, enable_gqa) for x in (key, value))
    out, _ = attention(query, key, value, attn_mask, dropout_p, is_causal, scale, generator)
    return out


def _repeat_heads(query: Any, x: Any, enable_gqa: bool) -> Any:
    """x with each head repeated to match the heads of the query."""
    what = "scaled_dot_product_attention"
    flags(what, enable_gqa=enable_gqa)
    query, x = array(query), array(x)
    if min(query.ndim, x.ndim) < 3 or not x.shape[-3] or query.shape[-3] % x.shape[-3]:
        got = f"a query of shape {query.shape} and a key or value of shape {x.shape}"
        expected = "(..., heads, L, E), with a multiple of the heads of key and value"
        raise ShapeError(message(what, got, expected))
    return ag.repeat(x, query.shape[-3] // x.shape[-3], axis=-3)


def attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any,
    dropout_p: float,
    is_causal: bool,
    scale: float | None,
    generator: np.random.Generator | None,
) -> tuple[Any, Any]:
    """What `scaled_dot_product_attention` returns, and the weights before dropout, (..., L, S)."""
    what = "scaled_dot_product_attention"
    if generator is not None:
        generator_or_default(what, generator)
    q, k, v = floats(query), floats(key), floats(value)
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ShapeError(
            message(
                what,
                f"query {q.shape}, key {k.shape} and value {v.shape}",
                "(..., L, E), (..., S, E) and (..., S, V)",
            )
        )
    if is_causal is not True and is_causal is not False:
        flags(what, is_causal=is_causal)
    factor = 1.0 / math.sqrt(q.shape[-1] or 1) if scale is None else number(what, "scale", scale)
    scores = (q * factor) @ ag.swapaxes(k, -1, -2)
    if attn_mask is not None:
        scores = _masked(what, scores, attn_mask)
    if is_causal:
        scores = ag.where(np.tri(q.shape[-2], k.shape[-2], dtype=bool), scores, -np.inf)
    # A query that may attend to nothing has only scores of -inf. Subtracting 0 makes its weights 0;
    # subtracting the largest score would make them nan, and so would dividing by their sum, 0.
    largest = ag.max(ag.stop_gradient(scores), axis=-1, keepdims=True, initial=-np.inf)
    weights = ag.exp(scores - ag.where(largest == -np.inf, 0.0, largest))
    total = ag.sum(weights, axis=-1, keepdims=True)
    weights = weights / ag.where(total == 0, 1.0, total)
    if type(dropout_p) in (int, float) and dropout_p == 0:
        return weights @ v, weights
    p = number(what, "dropout_p", dropout_p, 0.0, 1.0)
    return dropout(weights, p, generator=generator) @ v, weights


def _masked(what: str, scores: Any, mask: Any) -> Any:
    """Scores that are -∞ where a mask of booleans is False, or plus a mask of numbers."""
    mask = array(mask)
    if mask.dtype.kind not in "bf":
        got = f"attn_mask of dtype {mask.dtype}"
        raise DTypeError(message(what, got, "booleans, or floats to add to the scores"))
    check_broadcast(what, "attn_mask", mask.shape, scores.shape)
    if mask.dtype.kind == "b":
        return ag.where(mask, scores, -np.inf)
    return scores + in_dtype_of(mask, scores)


def causal_mask(length: int, keys: int | None = None) -> Any:
    """A plain array, True where a query may attend to a key: at its own position and before.

    Raises:
        ValueError: a length is not an int.

    Example:
        >>> import nn
        >>> nn.functional.causal_mask(2).tolist()
        [[True, False], [True, True]]
    """
    length = size("causal_mask", "length", length)
    columns = length if keys is None else size("causal_mask", "keys", keys)
    _check_table("causal_mask", length, columns, "pass is_causal=True instead of a mask")
    return np.tri(length, columns, dtype=bool)


def sinusoidal_positional_encoding(
    length: int, d_model: int, base: float = 10000.0, *, dtype: npt.DTypeLike = float
) -> Any:
    """sin(t / base^(2i/d)) in column 2i and its cosine in column 2i + 1, for each position t.

    Args:
        length: the number of positions.
        d_model: d, the number of columns.
        base: the ratio of the longest wave to the shortest.
        dtype: the dtype of the array.

    Returns:
        a plain array of shape (length, d_model).

    Raises:
        ValueError: a size is not an int.

    Example:
        >>> import nn
        >>> nn.functional.sinusoidal_positional_encoding(2, 2).round(4).tolist()
        [[0.0, 1.0], [0.8415, 0.5403]]

    Source: Vaswani et al., Attention is all you need (2017).
    """
    what = "sinusoidal_positional_encoding"
    length, width = size(what, "length", length), size(what, "d_model", d_model, 1)
    base = number(what, "base", base, 0.0, open_low=True)
    _check_table(what, length, width)
    pairs = np.arange(0, width, 2)
    angles = np.arange(length)[:, None] * base ** (-pairs / width)
    table = np.empty((length, width))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : width // 2])
    return table.astype(floating(what, dtype))


def _check_table(what: str, rows: int, columns: int, hint: str = "") -> None:
    """Raise for a table that would take seconds to fill."""
    if rows * columns > LARGEST_TABLE:
        expected = f"at most {LARGEST_TABLE:,} entries"
        raise ValueError(message(what, f"{rows:,} rows of {columns:,} entries", expected, hint))
