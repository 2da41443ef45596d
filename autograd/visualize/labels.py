"""The words in a drawing: titles, numbers, shapes, facts, tooltips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.engine.note import Scope
from autograd.visualize.clusters import is_parameter

LONGEST = 28  # characters of a label
LONGEST_TEXT = 2000  # of any other text: Graphviz refuses those of more than 16,384 bytes


def scope_title(scope: Scope) -> str:
    """The title of a frame: the name of a call in its module, and its class."""
    if scope.is_part:
        return scope.name
    return f"{scope.name}: {scope.kind}" if scope.name else scope.kind


def title(node: Node, path: str, data: Any) -> str:
    """The first line of a box: the symbol, the name, or the number of a constant."""
    if node.op is not None:
        return node.op.symbol  # type: ignore[no-any-return]
    if node.name:
        return ending(full_name(node, path))
    return number(data) if np.ndim(data) == 0 else ""


def full_name(leaf: Node, path: str) -> str:
    """The name of a leaf; of a parameter with the path of its module, as in a state dictionary."""
    name = leaf.name or ""
    is_attribute = is_parameter(leaf) and "." not in name and "[" not in name
    return f"{path}.{name}" if path and is_attribute else name


def shape(data: Any) -> str:
    """The shape of an array, and its dtype if that is not the usual float64."""
    dtype = np.asarray(data).dtype
    return f"{np.shape(data)}" if dtype == np.float64 else f"{np.shape(data)} {dtype}"


def gradient(grad: Any) -> str:
    """A scalar's gradient, or the norm of an array's."""
    if np.ndim(grad) == 0:
        return f"grad {number(grad)}"
    return f"‖grad‖ {number(np.linalg.norm(grad))}"


def number(x: Any, digits: int = 4) -> str:
    """A number in four digits, with a minus sign instead of a hyphen; zero has none."""
    if np.asarray(x).dtype.kind != "f":
        return str(x).replace("-", "−")
    text = f"{float(x):.{digits}g}"
    text = text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return "0" if text == "-0" else text.replace("-", "−")


def facts(node: Node) -> list[str]:
    """What a call was told, without what the shapes say anyway."""
    found = []
    for key, value in (node.static or {}).items():
        if key in ("keepdims", "shape") or (key == "dilation" and _all_one(value)):
            continue
        if key in ("axis", "axes"):
            found += _axes(node, key, value)
        elif key == "index":
            inside = value if isinstance(value, tuple) else (value,)
            found.append(f"[{', '.join(map(static, inside))}]")
        else:
            found.append(f"{key}={static(value)}")
    return [shortened(text) for text in found]


def _all_one(value: Any) -> bool:
    return isinstance(value, tuple) and all(x == 1 for x in value)


def _axes(node: Node, key: str, value: Any) -> list[str]:
    ndim = np.ndim(node.saved[0])
    if value is None:
        return []
    axes = value if isinstance(value, tuple) else (value,)
    if key == "axis" and len(axes) == ndim and np.ndim(node._data) == 0:
        return []  # the sum of all entries
    if key == "axes" and axes == tuple(range(ndim))[::-1] and ndim == 2:
        return []  # the transpose of a matrix
    return [f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"]


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


def span(names: Sequence[str]) -> str:
    """The first and the last of several names: "0.weight … 8.weight"."""
    different = list(dict.fromkeys(name for name in names if name))
    if len(different) < 2:
        return different[0] if different else ""
    return f"{different[0]} … {different[-1]}"


def tooltip(node: Node, number: int, path: str = "", data: Any = None) -> str:
    """The text that appears over a box: number, name, formula, value."""
    formula = f" {node.op.name}: {node.op.formula}" if node.op is not None else ""
    name = f" {path}.{node.name}" if path and node.name else f" {node.name}" if node.name else ""
    data = node._data if data is None else data
    value = f" = {data!r}" if np.ndim(data) == 0 else f" {np.shape(data)}"
    return f"{number}.{name}{formula}{value}"


def clean(text: str) -> str:
    """`text` with a space for each line break and for what XML or UTF-8 does not allow.

    That is control characters, lone surrogates, and code points that are no characters.
    """
    return "".join(c if c.isprintable() else " " for c in text)


def in_xml(text: str) -> str:
    """`text` as it is written in SVG and HTML."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, longest: int = LONGEST) -> str:
    """`text` without line breaks, cut to so many characters."""
    text = clean(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def ending(path: str) -> str:
    """A path without its first names, if it is long; the frames around it show those."""
    names = path.split(".")
    while len(names) > 1 and len(".".join(names)) > LONGEST:
        del names[0]
    short = ".".join(names)
    return shortened(path if short == path else f"…{short}")


def escaped(text: str) -> str:
    """`text` cleaned for Graphviz, which would interpret backslashes, quotes and entities.

    It is cut to `LONGEST_TEXT` characters.
    """
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return clean(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
