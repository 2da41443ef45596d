"""Where plain data in a graph came from: a comparison, a maximum, 1 - y.

A graph does not know how the condition of a `where` was computed, because no gradient flows there.
If exactly such data comes out of a comparison of what was computed just before, the derivation
writes the comparison; else the data is an argument of the function that it prints.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.trace.tape import same

LATEST = 16  # how many to look at
ENOUGH = 12  # entries: among fewer, some two arrays compare like that by chance
COMPARED: tuple[Callable[..., Any], ...] = (
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal,
)  # fmt: skip


def explained(x: Any, near: list[Any], known: list[tuple[Any, Any]], numbers: list[float]) -> Any:
    """What stands for the computation that gives exactly these data, or None.

    Args:
        x: the data.
        near: traced data of the graph so far, the latest first.
        known: data from outside, and what stands for them.
        numbers: what entries may have been compared with, the likeliest first.
    """
    near = [t for t in near if np.size(t._value) > 1][:LATEST][::-1]  # x before 0.1 · x
    if x.dtype == bool:
        return _comparison(x, [*near, *(stand for _, stand in known)], numbers)
    if x.dtype.kind != "f":
        return None
    found = _largest(x, near)
    return _rest(x, known) if found is None else found


def _comparison(x: Any, near: list[Any], numbers: list[float]) -> Any:
    near = [t for t in near if t.shape == x.shape and t.dtype.kind in "fiu"]
    for c, t, by in itertools.product(numbers, near, COMPARED):
        if np.array_equal(by(t._value, c), x):
            return by(t, c)
    if x.size < ENOUGH:
        return None
    for s, t in itertools.permutations(near, 2):
        for by in COMPARED[:4]:
            if np.array_equal(by(s._value, t._value), x):
                return by(s, t)
    return None


def _largest(x: Any, near: list[Any]) -> Any:
    """The largest entries along an axis."""
    for t in near:
        if len(t.shape) != x.ndim or t.shape == x.shape:
            continue
        axis = tuple(i for i, n in enumerate(x.shape) if n == 1 and t.shape[i] != 1)
        fits = all(m in (1, n) for m, n in zip(x.shape, t.shape, strict=True))
        if fits and same(np.maximum.reduce(t._value, axis=axis, keepdims=True), x):
            return np.maximum.reduce(t, axis=axis, keepdims=True)
    return None


def _rest(x: Any, known: list[tuple[Any, Any]]) -> Any:
    """1 - y."""
    for y, stand in known:
        if y.shape == x.shape and y.dtype == x.dtype and same(1.0 - y, x):
            return 1.0 - stand
    return None
