"""Arrays as Python expressions: by what made them where that shows, else entry by entry."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

LISTED = 64  # entries that are written out


def literal(x: Any) -> str:
    """An expression for an array of constants."""
    dtype = f"np.{x.dtype.name}" if x.dtype != bool else "bool"
    if x.size and _one(x):
        return f"np.full({x.shape}, {_number(x.reshape(-1)[0])}, {dtype})"
    if x.ndim == 1 and np.array_equal(x, np.arange(len(x))):
        return f"np.arange({len(x)}, dtype={dtype})"
    if x.ndim >= 2:
        found = _pattern(x, dtype)
        if found:
            return found
    if x.size <= LISTED and x.dtype.kind in "fiub":
        return f"np.array({_nested(x)}, {dtype}).reshape({x.shape})"
    text = base64.b64encode(np.ascontiguousarray(x).tobytes()).decode()
    read = f"np.frombuffer(__import__('base64').b64decode({text!r}), {dtype})"
    return f"{read}.reshape({x.shape})"


def _one(x: Any) -> bool:
    flat = np.ascontiguousarray(x).reshape(-1)
    return bool(flat.tobytes() == flat[:1].tobytes() * len(flat))


def _number(x: Any) -> str:
    if isinstance(x, np.floating) and not np.isfinite(x):
        return {"nan": "np.nan", "inf": "np.inf"}.get(str(float(x)), "-np.inf")
    return str(x)


def _nested(x: Any) -> str:
    if x.ndim == 0:
        return _number(x[()])
    return f"[{', '.join(map(_nested, x))}]"


def _pattern(x: Any, dtype: str) -> str:
    """A triangle or a diagonal, also with axes of length 1 before it."""
    *outer, rows, columns = x.shape
    if any(n != 1 for n in outer):
        return ""
    matrix = x.reshape(rows, columns)
    tail = f".reshape({x.shape})" if outer else ""
    for text, made in (
        (f"np.eye({rows}, {columns}, dtype={dtype})", np.eye(rows, columns, dtype=x.dtype)),
        (f"np.tri({rows}, {columns}, dtype={dtype})", np.tri(rows, columns, dtype=x.dtype)),
    ):
        if np.array_equal(matrix, made):
            return text + tail
        if x.dtype == bool and np.array_equal(matrix, ~made):
            return f"~{text}{tail}"
    return ""
