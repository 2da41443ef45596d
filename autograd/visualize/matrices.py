"""Arrays in boxes: the numbers of a small matrix, a thumbnail of a larger one."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.visualize.labels import number
from autograd.visualize.scene import PLAIN, Grid

NUMBERS = 4  # rows and columns of a matrix that is shown in numbers
ROWS, COLUMNS = 10, 16  # of a thumbnail


def grid_of(data: Any, look: str = PLAIN, thumbnails: bool = True) -> Grid | None:
    """The matrix that is shown for an array, or None for one that is not shown.

    An array of one axis is a row; one of three or more is shown with its last axis as columns and
    all others as rows. A thumbnail shows means of blocks.
    """
    array = np.asarray(data)
    if array.ndim == 0 or not array.size or array.dtype.kind not in "fiub":
        return None
    flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    rows, columns = flat.shape
    if rows <= NUMBERS and columns <= NUMBERS:
        texts = [[number(x, 3) for x in row] for row in flat]
        return Grid(texts, _shades(flat.astype(float)), look)
    if not thumbnails:
        return None
    return Grid([], _shades(_blocks(_blocks(flat.astype(float), ROWS).T, COLUMNS).T), look)


def _blocks(matrix: Any, most: int) -> Any:
    """A matrix with at most so many rows: means of neighbouring ones."""
    if len(matrix) <= most:
        return matrix
    starts = np.arange(most) * len(matrix) // most
    counts = np.diff(np.append(starts, len(matrix)))
    with np.errstate(all="ignore"):
        return np.add.reduceat(matrix, starts, axis=0) / counts[:, None]


def _shades(matrix: Any) -> list[list[float]]:
    """Entries relative to the largest, between -1 and 1; 0 for a nan, ±1 for what is infinite."""
    finite = np.where(np.isfinite(matrix), matrix, 0.0)
    largest = float(np.abs(finite).max())
    shades = finite / largest if largest else finite
    shades = np.where(np.isinf(matrix), np.sign(matrix), shades)
    return np.where(np.isnan(matrix), 0.0, shades).tolist()  # type: ignore[no-any-return]
