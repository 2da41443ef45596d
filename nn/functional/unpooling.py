"""Unpooling: the entries that a max pooling kept, put back to their places among zeros."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message, span
from nn.arguments import LARGEST, floats, integers, is_listed, sizes, with_batch_axis
from nn.functional.padding import AXES


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """The entries of a `max_pool1d` at the places that they came from, and zeros between them.

    Args:
        input: shape (N, C, L) or (C, L).
        indices: what `max_pool1d` returned with return_indices, of the shape of the input.
        kernel_size: that of the pooling; so are stride and padding.
        stride: by default the kernel size.
        padding: the number of entries that the pooling added on either side.
        output_size: the lengths of the output or its shape; by default the shortest input that the
            pooling maps to this one.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: an index lies outside of the output.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[1.0, 5.0, 7.0, 3.0]])
        >>> out, indices = nn.functional.max_pool1d(x, 2, return_indices=True)
        >>> nn.functional.max_unpool1d(out, indices, 2).tolist()
        [[0.0, 5.0, 7.0, 0.0]]
    """
    options = kernel_size, stride, padding, output_size
    return _unpool("max_unpool1d", 1, input, indices, *options)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """The entries of a `max_pool2d` at the places that they came from, and zeros between them.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        indices: what `max_pool2d` returned with return_indices, of the shape of the input.
        kernel_size: that of the pooling, an int or a pair; so are stride and padding.
        stride: by default the kernel size.
        padding: the number of entries that the pooling added on either side.
        output_size: the lengths of the output or its shape; by default the shortest input that the
            pooling maps to this one.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: an index lies outside of the output.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor([[[1.0, 2.0], [3.0, 4.0]]])
        >>> out, indices = nn.functional.max_pool2d(x, 2, return_indices=True)
        >>> nn.functional.max_unpool2d(out, indices, 2).tolist()
        [[[0.0, 0.0], [0.0, 4.0]]]
    """
    options = kernel_size, stride, padding, output_size
    return _unpool("max_unpool2d", 2, input, indices, *options)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """The entries of a `max_pool3d` at the places that they came from, and zeros between them.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        indices: what `max_pool3d` returned with return_indices, of the shape of the input.
        kernel_size: that of the pooling, an int or three; so are stride and padding.
        stride: by default the kernel size.
        padding: the number of entries that the pooling added on either side.
        output_size: the lengths of the output or its shape; by default the shortest input that the
            pooling maps to this one.

    Raises:
        ShapeError: the shapes do not fit.
        IndexError: an index lies outside of the output.
        ValueError: an argument is out of range.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.arange(8.0).reshape(1, 2, 2, 2))
        >>> out, indices = nn.functional.max_pool3d(x, 2, return_indices=True)
        >>> nn.functional.max_unpool3d(out, indices, 2).tolist()
        [[[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 7.0]]]]
    """
    options = kernel_size, stride, padding, output_size
    return _unpool("max_unpool3d", 3, input, indices, *options)


def _unpool(
    what: str,
    k: int,
    x: Any,
    indices: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Any:
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    places = integers(indices, what, "indices")
    if places.shape != (x.shape[1:] if unbatched else x.shape):
        got = f"indices of shape {places.shape} for an input of shape {x.shape[unbatched:]}"
        raise ShapeError(message(what, got, "equal shapes"))
    kernel = sizes(what, "kernel_size", kernel, k)
    stride = kernel if stride is None else sizes(what, "stride", stride, k)
    padding = sizes(what, "padding", padding, k, 0)
    geometry = zip(x.shape[2:], kernel, stride, padding, strict=True)
    shortest = tuple((n - 1) * s - 2 * p + m for n, m, s, p in geometry)
    lengths = _lengths(what, output_size, shortest, stride)
    (n, channels), entries = x.shape[:2], math.prod(lengths)
    planes = n * channels
    if entries > LARGEST:
        got = f"an output of lengths {lengths}"
        raise ShapeError(message(what, got, f"at most {LARGEST:,} entries"))
    if places.size and not 0 <= places.min() <= places.max() < entries:
        got = span(places.min(), places.max(), "index", "indices")
        expected = f"0 to {entries - 1}, because the output has lengths {lengths}"
        raise IndexError(message(what, got, expected))
    flat = places.reshape(planes, -1) + entries * np.arange(planes)[:, None]
    zeros = ag.Tensor(np.zeros(planes * entries, x.dtype))
    sums = zeros.at[flat.reshape(-1)].add(x.reshape((-1,)))
    # Windows that overlap may have kept the same entry; its place gets it once.
    counts = zeros.at[flat.reshape(-1)].add(np.ones(x.size, x.dtype))
    out = (sums / np.maximum(ag.stop_gradient(counts), 1.0)).reshape((n, channels, *lengths))
    return ag.squeeze(out, 0) if unbatched else out


def _lengths(
    what: str, wanted: Any, shortest: Sequence[int], stride: Sequence[int]
) -> tuple[int, ...]:
    """The lengths of the output, which are less than one stride from the shortest."""
    k = len(shortest)
    if wanted is None:
        if min(shortest) < 1:
            raise ShapeError(message(what, f"an output of lengths {shortest}", "less padding"))
        return tuple(shortest)
    given = tuple(wanted)[-k:] if is_listed(wanted) else wanted
    lengths = sizes(what, "output_size", given, k)
    if any(abs(m - n) >= s for m, n, s in zip(lengths, shortest, stride, strict=True)):
        got = f"output_size={described(wanted)} for lengths {tuple(shortest)}"
        raise ShapeError(message(what, got, f"lengths less than a stride of {stride} away"))
    return lengths
