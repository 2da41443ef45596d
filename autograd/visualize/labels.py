"""The words in a drawing: titles, numbers, shapes, tooltips."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.engine.note import Scope

LONGEST = 28  # characters of a label
LONGEST_TEXT = 2000  # of any other text: Graphviz refuses those of more than 16,384 bytes


def scope_title(scope: Scope) -> str:
    """The title of a frame: the name of a call in its module, and its class."""
    return f"{scope.name}: {scope.kind}" if scope.name else scope.kind


def title(node: Node, path: str) -> str:
    """The first line of a box: the symbol, the name, or the number of a constant."""
    if node.op is not None:
        return node.op.symbol  # type: ignore[no-any-return]
    if node.name:
        # The path of a parameter, as in a state dictionary.
        is_attribute = getattr(node, "_is_parameter", False) and "." not in node.name
        return shortened(f"{path}.{node.name}" if path and is_attribute else node.name)
    return number(node._data) if np.ndim(node._data) == 0 else ""


def shape(data: Any) -> str:
    """The shape and dtype of an array."""
    return f"{np.shape(data)} {np.asarray(data).dtype}"


def gradient(grad: Any) -> str:
    """A scalar's gradient, or the norm of an array's."""
    if np.ndim(grad) == 0:
        return f"grad {number(grad)}"
    return f"‖grad‖ {number(np.linalg.norm(grad))}"


def number(x: Any) -> str:
    """A number in four digits, with a minus sign instead of a hyphen."""
    text = f"{float(x):.4g}" if np.asarray(x).dtype.kind == "f" else str(x)
    return text.replace("-", "−")


def static(value: Any) -> str:
    """A static argument, such as an axis or an index."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{list(value.shape)}"
    if isinstance(value, tuple):
        return f"({', '.join(map(static, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, slice):
        parts = (
            "" if part is None else str(part) for part in (value.start, value.stop, value.step)
        )
        return ":".join(parts).removesuffix(":") or ":"
    return "…" if value is Ellipsis else str(value)


def tooltip(node: Node, number: int) -> str:
    """The text that appears over a box: number, name, formula, value."""
    formula = f" {node.op.name}: {node.op.formula}" if node.op is not None else ""
    name = f" {node.name}" if node.name else ""
    value = f" = {node._data!r}" if np.ndim(node._data) == 0 else f" {np.shape(node._data)}"
    return f"{number}.{name}{formula}{value}"


def clean(text: str) -> str:
    """`text` with a space for each line break and for what XML or UTF-8 does not allow.

    That is control characters, lone surrogates, and code points that are no characters.
    """
    return "".join(c if c.isprintable() else " " for c in text)


def shortened(text: str) -> str:
    """`text` without line breaks, cut to `LONGEST` characters."""
    text = clean(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def escaped(text: str) -> str:
    """`text` cleaned for Graphviz, which would interpret backslashes and entities such as &amp;.

    It is cut to `LONGEST_TEXT` characters.
    """
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return clean(text).replace("&", "&amp;").replace("\\", "\\\\")
