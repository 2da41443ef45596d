"""Looking at a graph: what computed an input of a node, and which numbers a node was given."""

from __future__ import annotations

from typing import Any

import numpy as np


def came(node: Any, argument: int, *ops: Any) -> Any:
    """The input of a node if one of these primitives computed it, else None."""
    inputs = node.inputs if node is not None else ()
    x = inputs[argument] if argument < len(inputs) else None
    return x if x is not None and x.op in ops else None


def number(node: Any, argument: int) -> float | None:
    """The one number that a node was given as plain data, else None."""
    if node.inputs[argument] is not None or np.size(node.saved[argument]) != 1:
        return None
    return float(np.asarray(node.saved[argument]).reshape(()))


def is_number(node: Any, argument: int, value: float) -> bool:
    """Whether a node was given this number."""
    return number(node, argument) == value
