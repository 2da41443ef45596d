"""At a kink every slope between the left and the right one is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.testing.examine.subject import is_result
from autograd.testing.examine.trial import Trial, recorded

MOVE = 1e-7
DIRECTIONS = 6
MOST = 64  # entries that are looked at one by one


def within_kinks(trial: Trial, name: str) -> bool:
    """Whether an answer that differs lies, at each entry, between slopes on the sides of a kink."""
    answer, right = np.asarray(trial.answer[name], float), trial.right[name]
    if answer.shape != right.shape or not np.isfinite(answer).all():
        return False
    scale = trial.sizes[name]
    differs = np.abs(answer - right) > trial.tolerance * scale
    if not differs.any() or np.count_nonzero(differs) > MOST or not np.isfinite(right).all():
        return False
    low, high = right.copy(), right.copy()
    for gradient in _nearby(trial, name, differs):
        low, high = np.fmin(low, gradient), np.fmax(high, gradient)
    wide = high - low > 1e-4 * scale
    inside = (answer >= low - 1e-5 * scale) & (answer <= high + 1e-5 * scale)
    return bool((wide & inside)[differs].all())


def _nearby(trial: Trial, name: str, differs: Any) -> Iterator[Any]:
    """The engine's gradients at points moved a little."""
    x = np.asarray(trial.values[name], float)
    for place in np.argwhere(differs):
        for side in (-1.0, 1.0):
            moved = x.copy()
            i = tuple(place)
            moved[i] += side * MOVE * max(1.0, abs(x[i]))
            yield from _gradient(trial, name, {name: moved})
    rng = np.random.default_rng(0)
    for _ in range(DIRECTIONS):
        moved_all = {
            n: np.asarray(v, float) + MOVE * rng.normal(size=np.shape(v))
            for n, v in trial.values.items()
            if isinstance(v, np.ndarray) and is_result(v)
        }
        yield from _gradient(trial, name, moved_all)


def _gradient(trial: Trial, name: str, moved: dict[str, Any]) -> Iterator[Any]:
    flow = recorded(trial.subject, trial.values | moved, trial.answer, trial.seeds, trial.after)
    gradient = np.asarray(flow.gradients[name], float)
    if np.isfinite(gradient).all():
        yield gradient
