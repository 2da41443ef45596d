"""The right entries in other places: reversed, tiled where they have to be repeated, reordered."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.testing.examine.numeric import axes_subsets, listed

Array = Any
Order = tuple[str, Callable[[Array], Array]]
MOST_AXES = 5
MOST_SLICES = 64


def orders(right: Array, answer: Array) -> Iterator[Order]:
    """Maps that may make an answer of a gradient of the same shape, each with words for it.

    Example:
        >>> import numpy as np
        >>> from autograd.testing.examine.rearranged import orders
        >>> right = np.array([1.0, 2.0, 5.0])
        >>> [text for text, change in orders(right, right[::-1])]
        ['is the right gradient reversed along axis 0']
    """
    if right.ndim > MOST_AXES or not _has_same_entries(right, answer):
        return
    for text, change in (*_reversed(right), *_interleaved(right), *_reordered(right, answer)):
        if np.allclose(change(right), answer, rtol=1e-7, atol=0.0):
            yield text, change
            return


def _has_same_entries(a: Array, b: Array) -> bool:
    return np.allclose(np.sort(a, axis=None), np.sort(b, axis=None), rtol=1e-6, atol=1e-14)


def _reversed(right: Array) -> Iterator[Order]:
    for axes in axes_subsets(right.ndim):
        if all(right.shape[i] > 1 for i in axes):
            yield f"is the right gradient reversed along axis {listed(axes)}", _flip(axes)


def _flip(axes: tuple[int, ...]) -> Callable[[Array], Array]:
    return lambda x: np.flip(x, axes)


def _interleaved(right: Array) -> Iterator[Order]:
    """Entries in blocks where they belong one after the other, as np.tile for np.repeat."""
    for axes in axes_subsets(right.ndim):
        splits = [[d for d in range(2, right.shape[i]) if right.shape[i] % d == 0] for i in axes]
        for parts in itertools.product(*splits):
            text = f"has the right entries in another order along axis {listed(axes)}: tiled where "
            text += "they have to be repeated, or the other way round"
            yield text, _split(dict(zip(axes, parts, strict=True)))


def _split(parts: dict[int, int]) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        for axis, d in parts.items():
            n = x.shape[axis]
            split = x.reshape(*x.shape[:axis], n // d, d, *x.shape[axis + 1 :])
            x = split.swapaxes(axis, axis + 1).reshape(x.shape)
        return x

    return change


def _reordered(right: Array, answer: Array) -> Iterator[Order]:
    """The slices along an axis in another order, as the gates of an LSTM."""
    for axis in range(right.ndim):
        n = right.shape[axis]
        if not 1 < n <= MOST_SLICES:
            continue
        rows, others = (np.moveaxis(x, axis, 0).reshape(n, -1) for x in (right, answer))
        is_same = np.array(
            [np.isclose(rows, row, rtol=1e-7, atol=0.0).all(axis=1) for row in others]
        )
        if (is_same.sum(axis=1) == 1).all() and (is_same.sum(axis=0) == 1).all():
            order = [int(i) for i in is_same.argmax(axis=1)]
            yield (
                f"has its entries along axis {axis} in the order {_shown(order)}",
                _take(order, axis),
            )


def _shown(order: list[int]) -> str:
    """ "3 to 5, 0 to 2" for 3, 4, 5, 0, 1, 2."""
    runs: list[list[int]] = []
    for i in order:
        if runs and runs[-1][-1] + 1 == i:
            runs[-1].append(i)
        else:
            runs.append([i])
    return ", ".join(f"{r[0]} to {r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def _take(order: list[int], axis: int) -> Callable[[Array], Array]:
    return lambda x: np.take(x, order, axis)
