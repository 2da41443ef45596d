"""Figures of matplotlib that a notebook shows."""

from __future__ import annotations

import io
from typing import Any

from autograd.errors import message


def new_figure(what: str, width: float, height: float) -> Any:
    """A matplotlib Figure, which displays itself in a notebook.

    A plain Figure that no `pyplot` made shows only its text there.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        hint = "run pip install matplotlib"
        raise ImportError(message(what, "no package matplotlib", hint=hint)) from None

    class Shown(Figure):
        def _repr_png_(self) -> bytes:
            content = io.BytesIO()
            self.savefig(content, format="png", dpi=110)
            return content.getvalue()

    return Shown(figsize=(width, height), layout="constrained")
