"""At a kink every slope between the left and the right one is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.testing.examine.subject import is_result
from autograd.testing.examine.trial import Trial, recorded

Gradients = dict[str, Any]
MOVES = (1e-7, 1e-9)  # how far the points lie that are looked at, as parts of an entry
DIRECTIONS = 8
MOST = 64  # entries that are looked at one by one


def within_kinks(trial: Trial, name: str) -> bool:
    """Whether an answer that differs is made of slopes on the sides of a kink.

    Each entry has to lie between the slopes near the point. Together they have to change in a way
    in which those slopes change: where two entries tie for a maximum, one may get all of the
    gradient or each a part, but both may not get all of it. And slopes that only differ because
    the points are apart are those of a curve: at a kink they differ at any distance.
    """
    answer, right = np.asarray(trial.answer[name], float), trial.right[name]
    if answer.shape != right.shape or not np.isfinite(answer).all():
        return False
    differs = trial.differing(name, answer, right)
    if not differs.any() or not np.isfinite(right).all():
        return False
    scale = max(trial.sizes[name], 1e-300)
    if not _jumps(trial, name, differs, scale):
        return False
    near, nearer = (
        np.array([right, *_nearby(trial, name, differs, move)], float) for move in MOVES
    )
    low, high = nearer.min(axis=0), nearer.max(axis=0)
    wide = (high - low > 1e-4 * scale) & (high - low > 0.5 * (near.max(axis=0) - near.min(axis=0)))
    inside = (answer >= low - 1e-5 * scale) & (answer <= high + 1e-5 * scale)
    return bool((wide & inside)[differs].all()) and _is_spanned(answer - right, nearer - right)


def jointly_within_kinks(trial: Trial, names: Sequence[str]) -> bool:
    """Whether several gradients that lie within kinks change together as those nearby do.

    Where maximum(x, y) is at a tie, dx or dy may be 1, and not both.
    """
    differences = [np.asarray(trial.answer[n], float) - trial.right[n] for n in names]
    count = DIRECTIONS + 2 * sum(int(np.count_nonzero(d)) for d in differences)
    near = _random_moves(trial, MOVES[-1], count)
    rows = np.array([_joined([g[n] - trial.right[n] for n in names]) for g in near])
    return _is_spanned(_joined(differences), rows)


def _joined(parts: Sequence[Any]) -> Any:
    return np.concatenate([np.reshape(part, -1) for part in parts])


def _jumps(trial: Trial, name: str, differs: Any, scale: float) -> bool:
    """Whether any entry changes at all where everything is moved a little, which costs little."""
    found = [trial.right[name], *(g[name] for g in _random_moves(trial, MOVES[-1], DIRECTIONS))]
    return bool((np.ptp(np.array(found), axis=0)[differs] > 1e-4 * scale).any())


def _is_spanned(difference: Any, others: Any) -> bool:
    """Whether a difference is a sum of multiples of others."""
    rows = others.reshape(len(others), -1)
    _, sizes, basis = np.linalg.svd(rows, full_matrices=False)
    basis = basis[sizes > 1e-4 * sizes[0]]
    flat = difference.reshape(-1)
    rest = flat - basis.T @ (basis @ flat)
    return bool(np.linalg.norm(rest) <= 1e-3 * np.linalg.norm(flat))


def _nearby(trial: Trial, name: str, differs: Any, move: float) -> Iterator[Any]:
    """The engine's gradients at points moved a little."""
    x = np.asarray(trial.values[name], float)
    places = np.argwhere(differs)
    size = float(np.abs(x).max(initial=0.0)) or 1.0
    for place in places[:MOST]:
        for side in (-1.0, 1.0):
            moved = x.copy()
            i = tuple(place)
            moved[i] += side * move * (abs(x[i]) or size)
            gradient = _gradients(trial, {name: moved})[name]
            if np.isfinite(gradient).all():
                yield gradient
    count = DIRECTIONS + 2 * max(len(places) - MOST, 0)
    yield from (found[name] for found in _random_moves(trial, move, count))


def _random_moves(trial: Trial, move: float, count: int) -> list[Gradients]:
    """The engine's gradients at points where all inputs are moved a little."""
    found = trial.nearby.setdefault(move, [])
    rng = np.random.default_rng(len(found))
    for _ in range(count - len(found)):
        moved = {
            n: _moved(np.asarray(v, float), move, rng)
            for n, v in trial.values.items()
            if isinstance(v, np.ndarray) and is_result(v)
        }
        found.append(_gradients(trial, moved))
    return [g for g in found if all(np.isfinite(x).all() for x in g.values())]


def _moved(x: Any, move: float, rng: np.random.Generator) -> Any:
    size = np.abs(x)
    size = np.where(size > 0.0, size, size.max(initial=0.0) or 1.0)
    return x + move * size * rng.normal(size=x.shape)


def _gradients(trial: Trial, moved: dict[str, Any]) -> Gradients:
    flow = recorded(trial.subject, trial.values | moved, trial.answer, trial.seeds, trial.after)
    return {name: np.asarray(g, float) for name, g in flow.gradients.items()}
