"""A graph in which nothing is computed twice: exp(z) / Σ exp(z) has one exp(z)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.graph import Node, ancestors, make_node


def merged(roots: list[Node], kept: list[Node]) -> dict[Node, Node]:
    """For each node of a graph the one that stands for it: the first that computes the same.

    Args:
        roots: the results; what is read by a node that stays is rebuilt on the nodes that stay.
        kept: nodes that are never taken for another.
    """
    stands: dict[Node, Node] = {}
    unmoved = set(kept)
    first: dict[Any, Node] = {}
    for node in ancestors(roots):
        if node.op is None:
            stands[node] = node
            continue
        inputs = tuple(None if x is None else stands[x] for x in node.inputs)
        key = _key_of(node, inputs)
        if node in unmoved or key not in first:
            stands[node] = _rebuilt(node, inputs)
            first.setdefault(key, stands[node])
        else:
            stands[node] = first[key]
    return stands


def _rebuilt(node: Node, inputs: tuple[Any, ...]) -> Node:
    """A node on other inputs with the same data."""
    if all(x is y for x, y in zip(inputs, node.inputs, strict=True)):
        return node
    new: Node = make_node(node._backend, node._data, node.op, inputs, node.saved, node.static)
    new.note = node.note
    return new


def _key_of(node: Node, inputs: tuple[Any, ...]) -> Any:
    """What is the same for two nodes that compute the same."""
    data = [d for x, d in zip(inputs, node.saved, strict=True) if x is None]
    return node.op, tuple(map(id, inputs)), _hashed(data), _hashed(node.static)


def _hashed(x: Any) -> Any:
    if isinstance(x, dict):
        return tuple((k, _hashed(v)) for k, v in sorted(x.items()))
    if isinstance(x, (list, tuple)):
        return tuple(map(_hashed, x))
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype.str, x.tobytes() if x.dtype != object else id(x)
    return type(x), repr(x)
