"""Random values that mean the same as given ones: labels stay labels, probabilities probabilities.

What an array means is read off its entries and, for labels, off its name. Indices are drawn from
those given, masks at random, one-hot rows with the 1 elsewhere; rows that add up to 1 are replaced
by others that do. Other floats are drawn twice: like those given, positive ones positive, and in
`wide` points with both signs and many magnitudes, wherever the program accepts that. A mistake in
the mask of a ReLU does not show while every input is positive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

LABEL = re.compile(
    r"(y|t)s?\d?|(y|t)_?(true|train|batch|onehot|one_hot)|targets?|labels?|tgt|gold|truth|classes"
    r"|one_?hot|.*_?(labels?|targets?|masks?)|masks?|m|keep"
)
Accepts = Callable[[dict[str, Any]], bool]
Draw = Callable[[str, Any, np.random.Generator], Sequence[Any]]
STEPS = 6


def redrawn(x: Any, rng: np.random.Generator, name: str = "") -> Any:
    """Random values of the same shape and meaning as `x`, floats in float64.

    Example:
        >>> import numpy as np
        >>> from autograd.testing.examine.domain import redrawn
        >>> rng = np.random.default_rng(0)
        >>> redrawn(np.array([[0.2, 0.8], [0.5, 0.5]]), rng).sum(axis=1)
        array([1., 1.])
        >>> redrawn(np.eye(3), rng).sum(axis=1)
        array([1., 1., 1.])
        >>> bool((redrawn(np.array([0.5, 40.0]), rng) > 0).all())
        True
    """
    return (*alternatives(name, x, rng), x)[0]


def alternatives(name: str, x: Any, rng: np.random.Generator) -> list[Any]:
    """Values that may stand for a given one, the boldest first; none if it has to stay."""
    if isinstance(x, (bool, np.bool_)) or not _is_number(x):
        return []
    if not isinstance(x, np.ndarray):
        return _numbers(name, x, rng)
    if x.dtype.kind in "biu":
        return _choices(x, rng) if x.ndim and x.size > 1 else []
    if not x.size or not np.isfinite(x).all():
        return []
    array = x.astype(float)
    return _labels(array, rng) if is_choice(array) else _between(array, _like(array, rng))


def wide(name: str, x: Any, rng: np.random.Generator, spread: float = 0.0) -> list[Any]:
    """Alternatives of both signs, of size 1 or, with a spread, of many magnitudes.

    Labels and probabilities are drawn as in `alternatives`, and single numbers keep their sign.
    """
    if not isinstance(x, np.ndarray) or not _is_number(x) or x.dtype.kind != "f":
        return alternatives(name, x, rng)
    if not x.size or not np.isfinite(x).all() or sums_to_one(x) is not None or _is_label(name, x):
        return alternatives(name, x, rng)
    sizes = 10.0 ** rng.uniform(-spread, 1.3 * spread, x.shape)
    return [np.asarray(sizes * rng.normal(size=x.shape)), *alternatives(name, x, rng)]


def _is_label_name(name: str) -> bool:
    return name != "T" and LABEL.fullmatch(name.lower()) is not None  # T is a temperature


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float, np.ndarray)) and np.asarray(x).dtype.kind in "biuf"


def _is_label(name: str, x: Any) -> bool:
    """Whether an array holds labels or a mask; 0 and 1 in several columns may be data (XOR)."""
    if not is_choice(x):
        return False
    is_data = x.ndim > 1 and x.shape[-1] > 1 and not is_one_hot(x)
    return not is_data or _is_label_name(name)


def _numbers(name: str, x: Any, rng: np.random.Generator) -> list[Any]:
    """A float and, where the program takes fractions, an int: a temperature, a penalty, a power."""
    if not np.isfinite(x) or (x in (-1, 0, 1) and _is_label_name(name)):
        return []
    if not x:
        return [float(abs(rng.normal()))] if isinstance(x, float) else []
    return [float(_like(np.asarray(float(x)), rng))]


def _choices(x: Any, rng: np.random.Generator) -> list[Any]:
    """Masks and indices: others of those that occur; a permutation stays one."""
    shuffled = rng.permutation(x.reshape(-1)).reshape(x.shape)
    if x.dtype.kind == "b":
        return [rng.random(x.shape) < 0.5, shuffled]
    if is_permutation(x):
        return [shuffled]
    values = np.unique(x)
    if len(values) == 1:  # a label of another class: one that is sure to be there
        values = np.array([values[0], values[0] - 1 if values[0] > 0 else values[0] + 1], x.dtype)
    drawn = rng.choice(values, x.shape)
    drawn.flat[-1] = drawn.flat[0]  # an index that occurs twice is what a sum is needed for
    return [drawn, shuffled]


def _labels(x: Any, rng: np.random.Generator) -> list[Any]:
    """Arrays of two values: one-hot rows stay one-hot."""
    if is_one_hot(x):
        rows, classes = x.reshape(-1, x.shape[-1]), x.shape[-1]
        drawn = np.eye(classes)[rng.integers(0, classes, len(rows))].reshape(x.shape)
        return [drawn, rng.permutation(x)]
    return [rng.choice(np.unique(x), x.shape), rng.permutation(x.reshape(-1)).reshape(x.shape)]


def _like(x: Any, rng: np.random.Generator) -> Any:
    """Floats of about the same size, and of the same sign if all have one."""
    axis = sums_to_one(x)
    if axis is not None:
        e = np.exp(rng.normal(size=x.shape)) * (x > 0)
        return e / e.sum(axis=axis, keepdims=True)
    if (x > 0).all():
        return _positive(x, rng)
    if (x < 0).all():
        return -_positive(-x, rng)
    spread = float(x.std()) or 1.0
    return np.asarray(x.mean() + spread * rng.normal(size=x.shape))


def _positive(x: Any, rng: np.random.Generator) -> Any:
    """Positive numbers of about the same size; below 1 if those given are, as probabilities are."""
    low, high = float(x.min()), float(x.max())
    if low < high < 1.0:
        return rng.uniform(low, high, x.shape)
    logs = np.log(x)
    if high < 1.0 and not x.ndim:  # a probability, or an ε
        return np.exp(logs * rng.uniform(0.6, 1.4))
    spread = min(float(logs.std()), 1.0) or 0.4
    return np.exp(logs.mean() + spread * rng.normal(size=x.shape))


def _between(given: Any, new: Any) -> list[Any]:
    """New values, and values closer and closer to the given ones."""
    return [given + 0.5**i * (new - given) if i else np.asarray(new) for i in range(STEPS)]


def is_choice(x: Any) -> bool:
    """Whether both 0 and 1 occur, or both -1 and 1, and nothing else: a mask, or labels."""
    values = np.unique(x)
    return len(values) == 2 and values[1] == 1.0 and values[0] in (0.0, -1.0)


def is_one_hot(x: Any) -> bool:
    """Whether every row holds one 1 among zeros."""
    return bool(x.ndim and x.min() == 0.0 and x.max() == 1.0 and (x.sum(axis=-1) == 1.0).all())


def is_permutation(x: Any) -> bool:
    """Whether the integers from 0 on occur once each, and not in order, as indices often do."""
    own = np.arange(x.size)
    return x.ndim == 1 and bool((np.sort(x) == own).all()) and not np.array_equal(x, own)


def sums_to_one(x: Any) -> int | None:
    """The axis along which non-negative entries add up to 1; None if there is none."""
    if x.ndim == 0 or (x < 0).any():
        return None
    for axis in (-1, *range(x.ndim - 1)):
        if x.shape[axis] > 1 and np.allclose(x.sum(axis=axis), 1.0, rtol=1e-6, atol=0.0):
            return int(axis)
    return None


def points_like(
    given: Mapping[str, Any],
    draw: Draw,
    accepted: Accepts,
    rng: np.random.Generator,
    count: int,
) -> Iterator[dict[str, Any]]:
    """Random values of all variables that the program accepts.

    Args:
        given: the values that the caller passed.
        draw: what may stand for a variable, as `alternatives`; nothing if it has to stay.
        accepted: whether the program computes finite numbers there. Where it refuses new values of
            all variables, they are changed one after the other, each as boldly as it accepts.
        rng: the source of randomness.
        count: how many points.
    """
    for _ in range(count):
        found = point_like(given, draw, accepted, rng)
        if found is not None:
            yield found


def point_like(
    given: Mapping[str, Any], draw: Draw, accepted: Accepts, rng: np.random.Generator
) -> dict[str, Any] | None:
    """One such point; None if nothing may change."""
    options = {name: draw(name, x, rng) for name, x in given.items()}
    options = {name: found for name, found in options.items() if found}
    if not options:
        return None
    bold = {**given, **{name: found[0] for name, found in options.items()}}
    if accepted(bold):
        return bold
    point, changed = dict(given), False
    for name, found in options.items():
        for value in found:
            if accepted({**point, name: value}):
                point[name], changed = value, True
                break
    return point if changed else None
