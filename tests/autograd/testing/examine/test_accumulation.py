"""= where += belongs, and rules that choose or move entries."""

import numpy as np
import pytest

from autograd.testing.examine.accumulation import of_structure, overwritten
from autograd.testing.examine.repeated import at_every_step
from tests.autograd.testing.examine.graphs import kinds, normal, trial

TABLE, IDS = normal(4, 2), np.array([1, 0, 1, 3])


def test_entries_read_twice():
    forward = lambda table: table[IDS]
    g = trial(forward, TABLE).seeds[0]
    assigned = np.zeros_like(TABLE)
    assigned[IDS] = g
    t = trial(forward, TABLE, answer=lambda _: {"table": assigned})
    assert kinds(overwritten(t.flow), t, "table") == {"overwritten"}
    t = trial(forward, TABLE, answer=lambda _: {"table": g[:3]})
    assert not kinds(overwritten(t.flow), t, "table")


def test_overlapping_windows():
    forward = lambda x: np.stack([x[i : i + 3] for i in range(4)])
    x = normal(6)
    g = trial(forward, x).seeds[0]
    dx = np.zeros(6)
    for i in range(4):
        dx[i : i + 3] = g[i]
    t = trial(forward, x, answer=lambda _: {"x": dx})
    assert "overwritten" in kinds(overwritten(t.flow), t, "x")
    sliding = lambda x: np.lib.stride_tricks.sliding_window_view(x, 3)
    t = trial(sliding, x, answer=lambda _: {"x": dx})
    assert "overwritten" in kinds(overwritten(t.flow), t, "x")


def test_loops_over_samples_and_parts():
    x, w = normal(5, 3), normal(3, 2)
    forward = lambda x, w: x @ w
    g = trial(forward, x, w).seeds[0]
    t = trial(forward, x, w, answer=lambda _: {"w": np.outer(x[-1], g[-1])})
    assert "overwritten" in kinds(overwritten(t.flow), t, "w")
    joined = lambda x: np.concatenate([np.sin(x), np.exp(x)])
    x = normal(4)
    g = trial(joined, x).seeds[0]
    t = trial(joined, x, answer=lambda _: {"x": g[4:] * np.exp(x)})
    assert "overwritten" in kinds(overwritten(t.flow), t, "x")


X = normal(3, 3)
MASK = (normal(3, 3) > 0).astype(float)


@pytest.mark.parametrize(
    ("forward", "change", "kind"),
    [
        (lambda x: np.sin(x.T), lambda g: (g * np.cos(X.T)).reshape(3, 3), "reshaped"),
        (lambda x: x * MASK, lambda g: g * (1 - MASK), "mask"),
        (lambda x: x.max(1), lambda g: np.broadcast_to(g[:, None], (3, 3)), "slope missing"),
        (lambda x: x.max(1), lambda g: g[:, None] * (X.min(1, keepdims=True) == X), "mask"),
        (lambda x: x.max(1), lambda g: g[:, None] * (X.max(1, keepdims=True) != X), "mask"),
        (lambda x: x.max(1), lambda g: g[:, None] * np.array([1.0, 0, 0]), "mask"),
        (lambda x: np.maximum(x, 0), lambda g: g, "slope missing"),
        (lambda x: np.where(x > 0, x, 2 * x), lambda g: np.where(g > 0, g, 2 * g), "mask"),
        (
            lambda x: x - x.mean(1, keepdims=True),
            lambda g: g - g.mean(0),
            "summed over the wrong axis",
        ),
    ],
)
def test_kinds(forward, change, kind):
    g = trial(forward, X).seeds[0]
    t = trial(forward, X, answer=lambda _: {"x": np.array(change(g))})
    groups = {}
    for hypothesis in of_structure(t.flow):
        groups.setdefault(hypothesis.group, []).append(hypothesis)
    assert kind in kinds([*of_structure(t.flow), *at_every_step(t.flow, groups)], t, "x")
