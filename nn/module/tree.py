"""What notebooks show of a module: a tree that opens, with shapes and statistics of parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import data_of
from autograd.errors import counted
from autograd.html import Markup, element, heat_map, opening, shown, statistics

LIMIT = 2000  # modules that are shown
PICTURES = 60  # parameters that have a heat map, so that a page stays small


def module_html(model: Any) -> str:
    """The tree of a module, its first level open."""
    left = {"modules": LIMIT, "pictures": PICTURES}
    facts = [counted(_size(model), "parameter"), *_shape(model)]
    inner = _inside(model, left, set())
    extra = model.extra_repr()
    return shown(f"{type(model).__name__}({extra})", facts, inner)


def _inside(module: Any, left: dict[str, int], above: set[int]) -> Markup:
    """The parameters, the buffers and the children of a module, one below the other."""
    parts = [_array(name, p, left) for name, p in module.named_parameters(recurse=False)]
    parts += [
        _array(f"{name} (buffer)", b, left) for name, b in module.named_buffers(recurse=False)
    ]
    for name, child in module.named_children():
        if left["modules"] == 0 or id(child) in above:
            return Markup("".join([*parts, element("div", "…", look="leaf")]))
        left["modules"] -= 1
        title = Markup(
            element("span", f"{name}: {type(child).__name__}", look="what")
            + element("span", f"({child.extra_repr()})")
            + _facts([*[f"{_size(child):,} parameters"] * (_size(child) > 0), *_shape(child)])
        )
        inner = _inside(child, left, above | {id(child)})
        parts.append(opening(title, inner) if inner else element("div", title, look="leaf"))
    return Markup("".join(parts))


def _array(name: str, array: Any, left: dict[str, int]) -> Markup:
    """A parameter or a buffer: its shape, its statistics, and inside its heat map."""
    data = data_of(array)
    facts = [str(np.shape(data)), str(data.dtype)]
    if getattr(array, "requires_grad", True) is False and "buffer" not in name:
        facts.append("frozen")
    head = Markup(element("span", name) + _facts(facts))
    if not isinstance(data, np.ndarray) or not data.size:
        return element("div", head, look="leaf")
    gradient = getattr(array, "grad", None)
    inner = element("div", _facts(statistics(data)))
    if left["pictures"] > 0:
        left["pictures"] -= 1
        inner = Markup(inner + heat_map(data))
        if gradient is not None:
            inner = Markup(inner + heat_map(gradient, "gradient"))
    return opening(head, inner)


def _facts(facts: list[str]) -> Markup:
    return Markup("".join(element("span", fact, look="fact") for fact in facts))


def _shape(module: Any) -> list[str]:
    """The shape of its last output, if it was called and had one."""
    shape = vars(module).get("_last_shape")
    return [] if shape is None else [f"output {tuple(shape)}"]


def _size(module: Any) -> int:
    return sum(math.prod(p.shape) for p in module.parameters())
