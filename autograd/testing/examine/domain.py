"""Random values that mean the same as given ones: labels stay labels, probabilities probabilities.

What an array means is read off its entries. Integers and truth values stay; so do floats that are
all 0 or 1, which are masks or one-hot labels. Rows that add up to 1 are replaced by others that do.
Positive entries stay positive, entries between 0 and 1 stay there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def redrawn(x: Any, rng: np.random.Generator) -> Any:
    """Random values of the same shape and kind as `x`, in float64.

    Example:
        >>> import numpy as np
        >>> from autograd.testing.examine.domain import redrawn
        >>> rng = np.random.default_rng(0)
        >>> redrawn(np.array([[0.2, 0.8], [0.5, 0.5]]), rng).sum(axis=1)
        array([1., 1.])
        >>> redrawn(np.array([0.0, 1.0, 1.0]), rng)
        array([0., 1., 1.])
        >>> bool((redrawn(np.array([0.5, 40.0]), rng) > 0).all())
        True
    """
    array = np.asarray(x)
    if array.dtype.kind != "f" or not array.size or not np.isfinite(array).all():
        return x
    array = array.astype(float)
    if is_choice(array):
        return array
    axis = sums_to_one(array)
    if axis is not None:
        e = np.exp(rng.normal(size=array.shape)) * (array > 0)
        new = e / e.sum(axis=axis, keepdims=True)
    elif (array > 0).all():
        new = _positive(array, rng)
    elif (array < 0).all():
        new = -_positive(-array, rng)
    else:
        spread = float(array.std()) or 1.0
        new = array.mean() + spread * rng.normal(size=array.shape)
    return float(new) if isinstance(x, float) else np.asarray(new)


def _positive(x: Any, rng: np.random.Generator) -> Any:
    """Positive numbers of about the same size; below 1 if those given are, as probabilities are."""
    low, high = float(x.min()), float(x.max())
    if low < high < 1.0:
        return rng.uniform(low, high, x.shape)
    spread = min(float(np.log(x).std()), 1.0) or 0.4
    return np.exp(np.log(x).mean() + spread * rng.normal(size=x.shape))


def is_choice(x: Any) -> bool:
    """Whether both 0 and 1 occur, and nothing else: a mask, or one-hot labels."""
    return bool(np.isin(x, (0.0, 1.0)).all() and (x == 0.0).any() and (x == 1.0).any())


def sums_to_one(x: Any) -> int | None:
    """The axis along which non-negative entries add up to 1; None if there is none."""
    if x.ndim == 0 or (x < 0).any():
        return None
    for axis in (-1, *range(x.ndim - 1)):
        if x.shape[axis] > 1 and np.allclose(x.sum(axis=axis), 1.0, rtol=1e-6, atol=0.0):
            return int(axis)
    return None


def points_like(
    given: dict[str, Any],
    changing: Callable[[str], bool],
    accepted: Callable[[dict[str, Any]], bool],
    rng: np.random.Generator,
    count: int,
) -> Iterator[dict[str, Any]]:
    """Random values of all variables that the program accepts.

    Args:
        given: the values that the caller passed.
        changing: whether a variable may change.
        accepted: whether the program computes finite numbers there. If not, values closer to the
            given ones are tried.
        rng: the source of randomness.
        count: how many points.
    """
    for _ in range(count):
        new = {name: redrawn(x, rng) if changing(name) else x for name, x in given.items()}
        for _ in range(6):
            if accepted(new):
                yield new
                break
            new = {name: _halfway(given[name], x) for name, x in new.items()}


def _halfway(given: Any, new: Any) -> Any:
    if new is given or np.asarray(given).dtype.kind != "f":
        return given
    return 0.5 * (np.asarray(given, float) + new)
