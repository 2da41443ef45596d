"""What a program would write for a value that it gives no name: `sqrt(var + 1e-05)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.graph import Node

BINARY = {"add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@", "pow": "**"}
SILENT = frozenset({"reshape", "broadcast_to", "cast", "positive"})
DEPTH = 3
LONGEST = 36


def expression_of(node: Node, named: Callable[[Node], str]) -> str:
    """A short expression for a node, "" if there is none.

    Args:
        node: the node.
        named: what the program calls a node, "" if it gives it no name.

    Example:
        >>> import autograd as ag
        >>> from autograd.testing.examine.expressions import expression_of
        >>> x, mu = ag.Tensor([1.0], requires_grad=True), ag.Tensor([2.0], requires_grad=True)
        >>> names = {x: "x", mu: "mu"}
        >>> expression_of((x - mu) / ag.sqrt(mu + 1.0), lambda node: names.get(node, ""))
        '(x - mu) / sqrt(mu + 1)'
    """
    found = _written(node, named, DEPTH)
    return found if found is not None and len(found) <= LONGEST else ""


def _written(node: Node, named: Callable[[Node], str], depth: int) -> str | None:
    if node.op is None or not depth:
        return None
    name = node.op.name
    if name in SILENT:
        return _operand(node, 0, named, depth)
    if name == "transpose":
        inner = _operand(node, 0, named, depth)
        return None if inner is None else f"{_in_brackets(inner)}.T"
    parts = [_operand(node, i, named, depth - 1) for i in range(len(node.inputs))]
    if any(part is None for part in parts):
        return None
    words = [part for part in parts if part is not None]
    if name in BINARY and len(words) == 2:
        left, right = (_in_brackets(word, name in ("add", "sub")) for word in words)
        return f"{left} {BINARY[name]} {right}"
    if name == "neg":
        return f"-{_in_brackets(words[0])}"
    if name == "getitem":
        return f"{_in_brackets(words[0])}[...]"
    return f"{name}({', '.join(words)})"


def _operand(node: Any, i: int, named: Callable[[Node], str], depth: int) -> str | None:
    x, datum = node.inputs[i], node.saved[i]
    if x is None:
        is_number = np.ndim(datum) == 0 and np.asarray(datum).dtype.kind in "fiu"
        return f"{float(datum):g}" if is_number else None
    return named(x) or _written(x, named, depth)


def _in_brackets(text: str, in_a_sum: bool = False) -> str:
    """An operand; in a sum, a product needs no brackets."""
    is_simple = " " not in text or (text.endswith(")") and text.index("(") < text.index(" "))
    is_product = " + " not in text and " - " not in text
    return text if is_simple or (in_a_sum and is_product) else f"({text})"
