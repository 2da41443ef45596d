"""Comparisons of arrays, and choices of their axes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Array = Any


def multiple(a: Array, b: Array, tolerance: float = 1e-8) -> float | None:
    """The number c for which a = c b; None if there is none."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or not a.size:
        return None
    square = float(np.vdot(b, b))
    if not square or not np.isfinite(square):
        return None
    c = float(np.vdot(b, a)) / square
    error = np.abs(a - c * b).max()
    scale = max(float(np.abs(a).max()), abs(c) * float(np.abs(b).max()))
    return c if c and np.isfinite(error) and error <= tolerance * scale else None


def same(a: Array, b: Array) -> bool:
    """Whether two arrays have one shape and agree to rounding."""
    with np.errstate(all="ignore"):
        return np.shape(a) == np.shape(b) and bool(np.allclose(a, b, rtol=1e-9, atol=1e-12))


def axes_subsets(ndim: int) -> Iterator[tuple[int, ...]]:
    """All choices of axes, small ones first, without the empty one."""
    for count in range(1, ndim + 1):
        yield from itertools.combinations(range(ndim), count)


def listed(axes: Sequence[int]) -> str:
    """Axes in words: "0 and 2"."""
    return " and ".join(map(str, sorted(axes)))
