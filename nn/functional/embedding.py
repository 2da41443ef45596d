"""The lookup of rows in a table, one by one or in bags, and its matrix form."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError, Tensor
from autograd.errors import as_int, described, message, one_of
from nn.arguments import (
    array,
    entry_number,
    flags,
    floats,
    integers,
    number,
    refuse,
    size,
)
from nn.module.state import replace


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Look up the rows of a table, one vector for each token.

    Args:
        input: integers of any shape, from 0 to num_embeddings - 1.
        weight: shape (num_embeddings, embedding_dim).
        padding_idx: a row that gets no gradient, counted from the end if negative.
        max_norm: before the lookup, rows among the tokens with a larger norm are scaled down to it;
            this replaces the data of the weight, which has to be a Tensor.
        norm_type: the p of that norm; `math.inf` for the largest entry.
        scale_grad_by_freq: whether to divide the gradient of a row by the number of its tokens.
        sparse: only False.

    Returns:
        shape input.shape + (embedding_dim,).

    Raises:
        DTypeError: the tokens are not integers.
        IndexError: a token or padding_idx is out of range.
        TypeError: max_norm is given for a weight that is no Tensor, or sparse is not False.

    Example:
        >>> import nn
        >>> nn.functional.embedding([1, 0], ag.Tensor([[1.0, 2.0], [3.0, 4.0]]))
        Tensor([[3., 4.],
                [1., 2.]])
    """
    if sparse is not False:
        refuse("embedding", sparse=sparse)
    weight = array(weight)
    if weight.ndim != 2:
        expected = "(num_embeddings, embedding_dim)"
        raise ShapeError(message("embedding", f"a weight of shape {weight.shape}", expected))
    indices = integers(input, "embedding", "indices")
    if max_norm is not None or type(norm_type) is not float or norm_type != 2.0:
        _limit_rows("embedding", weight, indices, max_norm, norm_type)
    rows = ag.embedding(weight, indices)
    if scale_grad_by_freq is not False:
        flags("embedding", scale_grad_by_freq=scale_grad_by_freq)
        if scale_grad_by_freq:
            rows = _by_frequency(rows, indices, weight.shape[0])
    if padding_idx is None:
        return rows
    place = entry_number("embedding", "padding_idx", padding_idx, weight.shape[0], "row")
    padding = np.expand_dims(indices == place, -1)
    return ag.where(padding, ag.stop_gradient(rows), rows)


def _counts(indices: Any, n: int) -> Any:
    """How many of the indices are 0, 1, and so on up to n - 1, as floats."""
    found = np.zeros(n)
    if indices.size == 0:
        return found
    counted = ag.Tensor(found).at[indices.reshape(-1)].add(np.ones(indices.size))
    return np.asanyarray(ag.stop_gradient(counted))


def _limit_rows(what: str, weight: Any, indices: Any, max_norm: Any, norm_type: Any) -> None:
    """Scale rows that occur among the indices down to a norm of at most max_norm."""
    p = number(what, "norm_type", norm_type, 0.0, open_low=True, finite=False)
    if max_norm is None:
        return
    limit = number(what, "max_norm", max_norm, 0.0, finite=False)
    if not isinstance(weight, Tensor):
        got = f"max_norm={described(max_norm)} for a weight that is a plain array"
        raise TypeError(message(what, got, "a Tensor, whose data can be replaced"))
    ag.embedding(ag.stop_gradient(weight), indices)  # raises if one is out of range
    used = _counts(indices, weight.shape[0]) > 0

    def shortened(data: Any) -> Any:
        sizes = np.abs(data)
        norms = sizes.max(axis=1, initial=0.0)
        if p != math.inf:
            norms = (sizes**p).sum(axis=1) ** (1.0 / p)
        scale = np.where(used & (norms > limit), limit / (norms + 1e-7), 1.0)  # PyTorch's 1e-7
        return data * scale[:, None].astype(data.dtype)

    replace(weight, shortened)


def _by_frequency(rows: Any, indices: Any, n: int) -> Any:
    """The rows, whose gradients are divided by how often their index occurs."""
    share = np.take(1.0 / np.maximum(_counts(indices, n), 1.0), indices)
    constant = ag.stop_gradient(rows)
    # The difference is 0, so that only gradients are scaled.
    return constant + (rows - constant) * np.expand_dims(share, -1).astype(rows.dtype)


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, mean or maximum of the rows of each bag of tokens; an empty bag gives zeros.

    Args:
        input: integers of shape (bags, tokens), or (tokens,) with offsets.
        weight: shape (num_embeddings, embedding_dim).
        offsets: where each bag begins among the tokens, integers that start with 0.
        max_norm: as in `embedding`; so are norm_type, scale_grad_by_freq and sparse.
        norm_type: the p of that norm.
        scale_grad_by_freq: not with mode "max".
        mode: "mean", "sum" or "max".
        sparse: only False.
        per_sample_weights: a weight for each token, of the shape of the input, with mode "sum".
        include_last_offset: whether the last offset is the end of the last bag.
        padding_idx: a token that no bag counts.

    Returns:
        shape (bags, embedding_dim).

    Raises:
        ShapeError: the shapes do not fit.
        ValueError: an argument is out of range, or offsets do not ascend from 0.
        IndexError: a token or padding_idx is out of range.

    Example:
        >>> import nn
        >>> table = ag.Tensor([[1.0], [10.0], [100.0]])
        >>> nn.functional.embedding_bag([0, 1, 2, 2], table, [0, 3], mode="sum").tolist()
        [[111.0], [100.0]]
    """
    what = "embedding_bag"
    one_of(what, "mode", mode, ("mean", "sum", "max"))
    flags(what, scale_grad_by_freq=scale_grad_by_freq, include_last_offset=include_last_offset)
    if mode == "max" and scale_grad_by_freq:
        raise ValueError(message(what, "scale_grad_by_freq=True with mode='max'", "another mode"))
    tokens, weight = integers(input, what, "tokens"), array(weight)
    if weight.ndim != 2:
        expected = "(num_embeddings, embedding_dim)"
        raise ShapeError(message(what, f"a weight of shape {weight.shape}", expected))
    shares = None if per_sample_weights is None else floats(per_sample_weights)
    if shares is not None and (mode != "sum" or shares.shape != tokens.shape):
        got = f"per_sample_weights of shape {shares.shape} with mode={mode!r}"
        expected = f"the shape of the tokens, {tokens.shape}, and mode='sum'"
        raise ShapeError(message(what, got, expected))
    options = max_norm, norm_type, scale_grad_by_freq, sparse
    counted = np.ones(tokens.shape, bool)
    if padding_idx is not None:
        place = entry_number(what, "padding_idx", padding_idx, weight.shape[0], "row")
        counted = tokens != place
    rows = embedding(tokens, weight, None, *options)
    if offsets is not None or tokens.ndim != 2:
        grid, real = _grid(what, tokens, offsets, include_last_offset)
        rows, counted = ag.take(rows, grid, axis=0), np.take(counted, grid) & real
        shares = None if shares is None else ag.take(shares, grid)
    return _bags(rows, counted, shares, mode)


def _bags(rows: Any, counted: Any, shares: Any, mode: str) -> Any:
    """Rows of shape (bags, tokens, dim), of which only those that count, reduced over tokens."""
    mask = np.expand_dims(counted, -1)
    if mode == "max":
        largest = ag.max(ag.where(mask, rows, -np.inf), axis=1, initial=-np.inf)
        return ag.where(np.any(mask, axis=1), largest, 0.0)
    rows = rows if shares is None else rows * ag.expand_dims(shares, -1)
    total = ag.sum(ag.where(mask, rows, 0.0), axis=1)
    if mode == "sum":
        return total
    return total / np.maximum(np.sum(mask, axis=1), 1).astype(total.dtype)


def _grid(what: str, tokens: Any, offsets: Any, include_last: bool) -> tuple[Any, Any]:
    """The places of the tokens of each bag, of shape (bags, longest); and which are no filling."""
    if tokens.ndim != 1 or offsets is None:
        got = f"tokens of shape {tokens.shape} {'with' if offsets is not None else 'without'} "
        expected = "(bags, tokens) without offsets, or (tokens,) with offsets"
        raise ShapeError(message(what, got + "offsets", expected))
    begins = integers(offsets, what, "offsets")
    if begins.ndim != 1 or not begins.size:
        raise ShapeError(message(what, f"offsets of shape {begins.shape}", "(bags,)"))
    starts, ends = begins, np.concatenate([begins[1:], np.full(1, tokens.size)])
    if include_last:
        starts, ends = begins[:-1], begins[1:]
    lengths = ends - starts
    if begins[0] != 0 or (lengths < 0).any() or (ends > tokens.size).any():
        got = f"offsets={described(begins.tolist())} for {tokens.size} tokens"
        raise ValueError(message(what, got, "numbers that start with 0 and never descend"))
    steps = np.arange(int(lengths.max(initial=0)))
    real = steps < lengths[:, None]
    return np.where(real, starts[:, None] + steps, 0), real


def one_hot(tensor: Any, num_classes: int = -1, *, dtype: Any = int) -> Any:
    """A row for each class number, 1 at the class and 0 elsewhere; a plain array of integers.

    Args:
        tensor: integers of any shape, from 0 to num_classes - 1.
        num_classes: the length of a row; by default one more than the largest class number.
        dtype: the dtype of the rows.

    Returns:
        an array of shape tensor.shape + (num_classes,).

    Raises:
        DTypeError: the class numbers are not integers.
        IndexError: one is out of range.

    Example:
        >>> import nn
        >>> nn.functional.one_hot([2, 0], 3).tolist()
        [[0, 0, 1], [1, 0, 0]]
    """
    of_largest = num_classes is None or as_int(num_classes) == -1
    count = None if of_largest else size("one_hot", "num_classes", num_classes, 1)
    return ag.one_hot(tensor, count, dtype)
