"""Adaptive pooling: even bins of one to three axes, one for each entry of the output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import described, message
from nn.arguments import flags, floats, is_listed, size, sizes, with_batch_axis
from nn.functional.interpolation import bins, matmul_along, means_matrix
from nn.functional.padding import AXES
from nn.functional.pooling_nd import indices_of_maxima


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """Means of L' even bins of the last axis; bin i goes from ⌊iL/L'⌋ up to ⌈(i+1)L/L'⌉.

    Args:
        input: shape (N, C, L) or (C, L).
        output_size: L'.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: the size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
        Tensor([[1.5, 4. ]])
    """
    return _adaptive("adaptive_avg_pool1d", 1, input, output_size, _means)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """Means of H' times W' even bins of the last two axes.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        output_size: an int or a pair; None in it keeps a length.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: a size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), (1, None))
        Tensor([[[2., 3.]]])
    """
    return _adaptive("adaptive_avg_pool2d", 2, input, output_size, _means)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """Means of D' times H' times W' even bins of the last three axes.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        output_size: an int or three; None in it keeps a length.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: a size is not a positive int.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))
        >>> nn.functional.adaptive_avg_pool3d(x, (1, 1, None)).tolist()
        [[[[3.0, 4.0]]]]
    """
    return _adaptive("adaptive_avg_pool3d", 3, input, output_size, _means)


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest entry of each of L' even bins, which are those of `adaptive_avg_pool1d`.

    Args:
        input: shape (N, C, L) or (C, L).
        output_size: L'.
        return_indices: as in `max_pool1d`.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: the size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool1d(ag.Tensor([[1.0, 2.0, 6.0]]), 2)
        Tensor([[2., 6.]])
    """
    flags("adaptive_max_pool1d", return_indices=return_indices)
    pool = _maxima_and_indices if return_indices else _maxima
    return _adaptive("adaptive_max_pool1d", 1, input, output_size, pool)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest entry of each of H' times W' even bins of the last two axes.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        output_size: an int or a pair; None in it keeps a length.
        return_indices: as in `max_pool2d`.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: a size is not a positive int.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool2d(ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]]), 1)
        Tensor([[[4.]]])
    """
    flags("adaptive_max_pool2d", return_indices=return_indices)
    pool = _maxima_and_indices if return_indices else _maxima
    return _adaptive("adaptive_max_pool2d", 2, input, output_size, pool)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest entry of each of D' times H' times W' even bins of the last three axes.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        output_size: an int or three; None in it keeps a length.
        return_indices: as in `max_pool3d`.

    Raises:
        ShapeError: the shape does not fit.
        ValueError: a size is not a positive int.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))
        >>> nn.functional.adaptive_max_pool3d(x, (1, 1, None)).tolist()
        [[[[6.0, 7.0]]]]
    """
    flags("adaptive_max_pool3d", return_indices=return_indices)
    pool = _maxima_and_indices if return_indices else _maxima
    return _adaptive("adaptive_max_pool3d", 3, input, output_size, pool)


def check_output_size(what: str, k: int, output_size: Any) -> tuple[int | None, ...]:
    """The lengths of the output of an adaptive pooling; None keeps a length.

    Raises:
        ValueError: there are more or fewer than k, or one is not a positive integer.
    """
    many = isinstance(output_size, Sequence) and is_listed(output_size)
    wanted = tuple(output_size) if many else (output_size,) * k
    if len(wanted) != k or isinstance(output_size, (str, bytes)):
        sizes(what, "output_size", output_size, k)  # raises
    found = tuple(None if n is None else size(what, "output_size", n, 1) for n in wanted)
    if max(n or 0 for n in found) > MOST_BINS:
        got = f"output_size={described(output_size)}"
        raise ValueError(message(what, got, f"at most {MOST_BINS:,} entries along an axis"))
    return found


def _adaptive(what: str, k: int, x: Any, output_size: Any, pool: Any) -> Any:
    wanted = check_output_size(what, k, output_size)
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    out = pool(x, tuple(n if m is None else m for m, n in zip(wanted, x.shape[2:], strict=True)))
    if not unbatched:
        return out
    return tuple(part[0] for part in out) if isinstance(out, tuple) else ag.squeeze(out, 0)


MOST_BINS = 100_000  # each is an object, so that more would take seconds


def _means(x: Any, output: tuple[int, ...]) -> Any:
    """Means over bins, one axis after the other: a matrix for each."""
    for i, m in enumerate(output):
        x = matmul_along(x, 2 + i, means_matrix(x.shape[2 + i], m, x.dtype))
    return x


def _places(n: int, m: int) -> tuple[Any, Any]:
    """The places of the entries of each bin, shape (bins, longest); and which are not padding."""
    parts = bins(n, m)
    longest = max(map(len, parts))
    places = [[part[min(j, len(part) - 1)] for j in range(longest)] for part in parts]
    return np.array(places), np.array([[j < len(part) for j in range(longest)] for part in parts])


def _bins_with_entries(x: Any, output: tuple[int, ...]) -> Any:
    """Bins padded to one length with -∞, as an array of shape (N, C, *(bins, entries))."""
    for i, m in enumerate(output):
        axis = 2 + 2 * i  # each axis before has become two: bins, and entries of a bin
        places, real = _places(x.shape[axis], m)
        x = ag.take(x, places, axis=axis)
        x = ag.where(real.reshape((*real.shape, *(1,) * (x.ndim - axis - 2))), x, -np.inf)
    return x


def _maxima(x: Any, output: tuple[int, ...]) -> Any:
    """The largest entry of each bin."""
    return ag.max(_bins_with_entries(x, output), axis=tuple(3 + 2 * i for i in range(len(output))))


def _maxima_and_indices(x: Any, output: tuple[int, ...]) -> tuple[Any, Any]:
    """The largest entry of each bin, and its index in the input with its axes joined."""
    k, lengths = len(output), x.shape[2:]
    entries = _bins_with_entries(np.asanyarray(ag.stop_gradient(x)), output)
    order = (0, 1, *range(2, 2 + 2 * k, 2), *range(3, 3 + 2 * k, 2))
    starts = [_places(n, m)[0][:, 0] for n, m in zip(lengths, output, strict=True)]
    indices = indices_of_maxima(entries.transpose(order), starts, (1,) * k, lengths)
    return _maxima(x, output), indices
