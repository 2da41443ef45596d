"""The paths of a sample as the page of a training shows them: entries, and a plane to walk in."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.inspect.timeline import UNITS, Timeline

CELLS = 200_000  # entries of each run: 270 kB of its page
FULL = 127  # the code of the largest entry


def packed_paths(timelines: Sequence[Timeline]) -> list[dict[str, Any] | None]:
    """For each run, its moments and what its layers made of the sample; None without a sample.

    The entries of a layer are coded in a byte, of which the largest is 127; -128 is no number. The
    plane of a layer is that in which the moments of all runs differ most: the first two principal
    components.
    """
    runs = [_thinned(timeline) for timeline in timelines]
    planes: dict[str, Any] = {}
    for layer in dict.fromkeys(name for t in timelines for name in t.sample_layers):
        rows = [
            None if layer not in t.sample_layers else run[1][:, t.sample_layers.index(layer)]
            for t, run in zip(timelines, runs, strict=True)
        ]
        planes[layer] = plane([row for row in rows if row is not None])
    found: list[dict[str, Any] | None] = []
    for timeline, (steps, values) in zip(timelines, runs, strict=True):
        if not len(steps):
            found.append(None)
            continue
        points = [planes[layer].pop(0) for layer in timeline.sample_layers]
        most = [_largest(values[:, i]) for i in range(values.shape[1])]
        sizes = [int(np.isfinite(values[:, i]).any(axis=0).sum()) for i in range(values.shape[1])]
        with np.errstate(all="ignore"):
            codes = np.rint(values / np.array(most)[:, None] * FULL)
            codes = np.where(np.isfinite(codes), codes, -FULL - 1).astype(np.int8)
        found.append(
            {
                "steps": steps.tolist(),
                "layers": timeline.sample_layers,
                "sizes": sizes,
                "most": most,
                "entries": _text(codes),
                "points": _text(np.asarray(points, "<f4")),
            }
        )
    return found


def plane(runs: Sequence[Any]) -> list[Any]:
    """Where each row of several arrays [moments, units] lies in the plane of most variance.

    What is not finite counts as 0. The largest coordinate is 1.

    Example:
        >>> from nn.inspect.paths import plane
        >>> [points] = plane([np.array([[0.0, 1.0], [1.0, 1.0], [3.0, 1.0]])])
        >>> abs(points[:, 0]).round(2).tolist(), bool(abs(points[:, 1]).max() < 1e-9)
        ([0.8, 0.2, 1.0], True)
    """
    rows = np.concatenate([np.nan_to_num(run, nan=0.0, posinf=0.0, neginf=0.0) for run in runs])
    most = np.abs(rows).max(initial=0.0) or 1.0
    gaps = rows.astype(float) / most
    gaps -= gaps.mean(axis=0)
    _, _, axes = np.linalg.svd(gaps, full_matrices=False)
    points = np.zeros((len(gaps), 2))
    points[:, : len(axes[:2])] = gaps @ axes[:2].T
    far = np.abs(points).max(initial=0.0)
    points /= far if far > 1e-12 else 1.0
    return np.split(points, np.cumsum([len(run) for run in runs])[:-1])


def _thinned(timeline: Timeline) -> tuple[Any, Any]:
    """The moments of a run, fewer where its layers are many; the last one stays."""
    count = len(timeline.sample_steps)
    most = max(2, CELLS // max(1, UNITS * len(timeline.sample_layers)))
    kept = np.unique(np.linspace(0, max(0, count - 1), min(count, most)).astype(int))
    return timeline.sample_steps[kept], timeline.sample[kept]


def _largest(values: Any) -> float:
    return float(np.abs(np.where(np.isfinite(values), values, 0.0)).max(initial=0.0)) or 1.0


def _text(array: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
