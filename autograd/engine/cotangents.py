"""The state of a backward pass: the cotangents found so far."""

from __future__ import annotations

from typing import Any

from autograd.engine.graph import Node

# The nodes that have a turn in a pass, each with its cotangent so far; None for none yet.
Cotangents = dict[Node, Any]


def add(cotangents: Cotangents, owned: set[Node], node: Node, contribution: Any) -> None:
    """Add what a consumer handed to the node.

    It adds in place only to a sum that was made here: the rule of `add` hands `g` itself to both
    inputs, and what is added to one must not show in the other.
    """
    total = cotangents[node]
    if total is None:
        cotangents[node] = contribution
    elif node in owned:
        total += contribution
        cotangents[node] = total  # a number cannot be added to in place
    else:
        cotangents[node] = total + contribution
        owned.add(node)
