"""Small data sets that can be learned: each is made with its own generator."""

from __future__ import annotations

from typing import Any

import numpy as np


def batched(x: Any, y: Any, size: int = 32) -> list[tuple[Any, Any]]:
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x) - size + 1, size)]


def blobs(n: int = 256, features: int = 8, classes: int = 4, spread: float = 0.6, seed: int = 0):
    """Classes around centres; standardized features."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(classes, features))
    y = rng.integers(0, classes, n)
    x = centres[y] + spread * rng.normal(size=(n, features))
    return (x - x.mean(0)) / x.std(0), y


def circles(n: int = 256, seed: int = 0):
    """Two classes that no line separates."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    return x, (np.hypot(*x.T) > 1.18).astype(int)


def curve(n: int = 256, features: int = 3, seed: int = 0):
    """A nonlinear function of some features, with values of both signs; targets have shape (n,)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, features))
    y = np.sin(1.5 * x[:, 0]) + 0.5 * x[:, 1] * x[:, 2 % features]
    return x, (y - y.mean()) / y.std()


def images(n: int = 128, size: int = 8, classes: int = 3, seed: int = 0):
    """Stripes: horizontal, vertical, diagonal; with noise, standardized. Shape (n, 1, size, size)."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    rows, columns = np.mgrid[:size, :size]
    phase = rng.integers(0, 4, n)[:, None, None]
    along = np.stack([rows, columns, rows + columns])[y]
    x = ((along + phase) % 4 < 2).astype(float) + 0.3 * rng.normal(size=(n, size, size))
    return ((x - x.mean()) / x.std())[:, None], y


def sequences(n: int = 128, length: int = 10, features: int = 3, seed: int = 0):
    """Whether the sum of the first feature over time is positive. Shape (n, length, features)."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, length, features))
    return x, (x[:, :, 0].sum(1) > 0).astype(int)


def remembered(n: int = 128, length: int = 30, classes: int = 3, seed: int = 0):
    """Which symbol came first, as one-hot vectors. Shape (n, length, classes)."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, classes, (n, length))
    return np.eye(classes)[tokens], tokens[:, 0]


def text(n: int = 128, length: int = 9, vocabulary: int = 7, seed: int = 0):
    """Tokens that count up from a random start by a random stride, with the next ones as targets."""
    rng = np.random.default_rng(seed)
    start, stride = rng.integers(0, vocabulary, (2, n, 1))
    tokens = (start + (1 + stride % 2) * np.arange(length + 1)) % vocabulary
    return tokens[:, :-1], tokens[:, 1:]


def curves(n: int = 192, size: int = 12, seed: int = 0):
    """Points of a two-dimensional family of curves, standardized. Shape (n, size)."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0, np.pi, size)
    a, b = rng.normal(size=(2, n, 1))
    x = a * np.sin(t) + b * np.cos(t) + 0.05 * rng.normal(size=(n, size))
    return (x - x.mean()) / x.std()
