"""Max pooling over windows at random places, which shrinks axes by any ratio."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd import ShapeError
from autograd.errors import described, message
from nn.arguments import (
    flags,
    floats,
    generator_or_default,
    is_listed,
    number,
    sizes,
    with_batch_axis,
)
from nn.functional.padding import AXES


def fractional_max_pool2d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """The largest entry of windows whose steps along each axis are two integers in random order.

    With L entries of the input, L' of the output and a kernel of K, α = (L - K) / (L' - 1), and the
    window i begins at ⌊α (i + u)⌋ - ⌊α u⌋, with u uniform in [0, 1) for each channel and axis; the
    last one ends with the input.

    Args:
        input: shape (N, C, H, W) or (C, H, W).
        kernel_size: K, an int or a pair.
        output_size: L', an int or a pair; or give output_ratio.
        output_ratio: L' / L, a number between 0 and 1 or a pair.
        return_indices: as in `max_pool2d`.
        _random_samples: u, shape (N, C, 2), for the axes from the last to the first, as in PyTorch.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: the windows do not fit into the input.
        ValueError: a size is not a positive int, or there is not exactly one of size and ratio.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.arange(16.0).reshape(1, 4, 4))
        >>> nn.functional.fractional_max_pool2d(x, 2, output_size=3).tolist()
        [[[5.0, 6.0, 7.0], [9.0, 10.0, 11.0], [13.0, 14.0, 15.0]]]

    Source: Graham, Fractional max-pooling (2014).
    """
    options = kernel_size, output_size, output_ratio, return_indices, _random_samples, generator
    return _fractional("fractional_max_pool2d", 2, input, *options)


def fractional_max_pool3d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """The same over three axes; see `fractional_max_pool2d`.

    Args:
        input: shape (N, C, D, H, W) or (C, D, H, W).
        kernel_size: an int or three.
        output_size: an int or three; or give output_ratio.
        output_ratio: a number between 0 and 1 or three.
        return_indices: as in `max_pool3d`.
        _random_samples: shape (N, C, 3), for the axes from the first to the last, as in PyTorch.
        generator: the source of randomness; by default that of `autograd.random`.

    Raises:
        ShapeError: the windows do not fit into the input.
        ValueError: a size is not a positive int, or there is not exactly one of size and ratio.

    Example:
        >>> import nn
        >>> x = ag.Tensor(np.arange(27.0).reshape(1, 3, 3, 3))
        >>> nn.functional.fractional_max_pool3d(x, 2, output_ratio=0.4).tolist()
        [[[[26.0]]]]
    """
    options = kernel_size, output_size, output_ratio, return_indices, _random_samples, generator
    return _fractional("fractional_max_pool3d", 3, input, *options)


def check_sizes(
    what: str, k: int, kernel_size: Any, output_size: Any, output_ratio: Any
) -> tuple[tuple[int, ...], tuple[int, ...] | None, tuple[float, ...] | None]:
    """The lengths of the kernel, and those of the output or their shares of the input.

    Raises:
        ValueError: one is out of range, or there is not exactly one of size and ratio.
    """
    kernel = sizes(what, "kernel_size", kernel_size, k)
    if (output_size is None) == (output_ratio is None):
        got = f"output_size={described(output_size)} and output_ratio={described(output_ratio)}"
        raise ValueError(message(what, got, "one of them"))
    if output_size is not None:
        return kernel, sizes(what, "output_size", output_size, k), None
    given = tuple(output_ratio) if is_listed(output_ratio) else (output_ratio,) * k
    if len(given) != k:
        got = f"output_ratio={described(output_ratio)}"
        raise ValueError(message(what, got, f"a number between 0 and 1, or {k} of them"))
    ratios = tuple(number(what, "output_ratio", r, 0.0, 1.0, open_low=True) for r in given)
    return kernel, None, ratios


def check_samples(what: str, k: int, samples: Any) -> Any:
    """Random numbers that were passed, as an array of shape (N, C, k).

    Raises:
        ShapeError: it has another shape.
        ValueError: one is not between 0 and 1.
    """
    samples = np.asanyarray(ag.stop_gradient(floats(samples)))
    if samples.ndim != 3 or samples.shape[-1] != k:
        got = f"_random_samples of shape {samples.shape}"
        raise ShapeError(message(what, got, f"(N, C, {k})"))
    if not np.all((samples >= 0) & (samples <= 1)):
        raise ValueError(message(what, "_random_samples beyond 0 and 1", "numbers between them"))
    return samples


def _fractional(
    what: str,
    k: int,
    x: Any,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    samples: Any,
    generator: np.random.Generator | None,
) -> Any:
    kernel, output, ratios = check_sizes(what, k, kernel_size, output_size, output_ratio)
    flags(what, return_indices=return_indices)
    x, unbatched = with_batch_axis(what, floats(x), k + 2, AXES[k])
    lengths = x.shape[2:]
    if output is None:
        output = tuple(int(n * r) for n, r in zip(lengths, ratios or (), strict=True))
    if any(not 0 < m <= n - w + 1 for n, m, w in zip(lengths, output, kernel, strict=True)):
        got = f"an output of {output} from an input of {lengths} by windows of {kernel}"
        raise ShapeError(message(what, got, "1 to L - K + 1 windows along each axis"))
    shape = (*x.shape[:2], k)
    if samples is None:
        samples = generator_or_default(what, generator).random(shape)
    else:
        samples = check_samples(what, k, samples)
        if samples.shape != shape:
            got = f"_random_samples of shape {samples.shape}"
            raise ShapeError(message(what, got, f"{shape}"))
    samples = samples.astype(x.dtype)  # as in PyTorch, which computes places in this precision
    index = _places(samples[..., ::-1] if k == 2 else samples, lengths, output, kernel)
    batch = (*x.shape[:2], -1)
    flat = index.reshape(batch)
    entries = ag.take_along_axis(x.reshape(batch), flat, axis=-1).reshape(index.shape)
    out = ag.max(entries, axis=-1)
    if not return_indices:
        return out[0] if unbatched else out
    at = np.argmax(np.asanyarray(ag.stop_gradient(entries)), axis=-1)
    indices = np.take_along_axis(index, at[..., None], axis=-1)[..., 0]
    return (out[0], indices[0]) if unbatched else (out, indices)


def _places(
    samples: Any, lengths: tuple[int, ...], output: tuple[int, ...], kernel: tuple[int, ...]
) -> Any:
    """The index of each entry of each window in the axes joined: (N, C, *output, entries)."""
    k = len(lengths)
    index: Any = 0
    for i, (n, m, w) in enumerate(zip(lengths, output, kernel, strict=True)):
        u = samples[..., i, None]
        alpha = samples.dtype.type((n - w) / max(m - 1, 1))
        starts = np.floor((np.arange(m) + u) * alpha) - np.floor(u * alpha)
        starts = np.where(np.arange(m) == m - 1, n - w, starts).astype(int)
        places = starts[..., None] + np.arange(w)  # (N, C, m, w)
        axes = [1] * (2 * k)
        axes[i], axes[k + i] = m, w
        index = index * n + places.reshape((*samples.shape[:-1], *axes))
    return index.reshape((*samples.shape[:-1], *output, math.prod(kernel)))
