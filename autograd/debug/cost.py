"""What a node cost to compute, in multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import DTypeError, kind, message
from autograd.primitives.contraction import einsum, inner, matmul


def multiply_adds(node: Node) -> int:
    """The multiply-adds of the contraction that computed a node; 0 for any other node.

    Args:
        node: any node.

    Example:
        >>> import autograd as ag
        >>> x = ag.Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
        >>> ag.multiply_adds(x @ x.T), ag.multiply_adds(x * x)
        (3, 0)
    """
    if not isinstance(node, Node):
        raise DTypeError(message("multiply_adds", kind(node), "a Value or a Tensor"))
    count = MULTIPLY_ADDS.get(node.op)
    return 0 if count is None else count(node)


def _matrix_product(node: Node) -> int:
    return math.prod((*np.shape(node._data), np.shape(node.saved[0])[-1]))


def _einsum(node: Node) -> int:
    if len(node.saved) < 2:
        return 0  # a transpose or a sum
    terms = (node.static or {})["subscripts"].split("->")[0].split(",")
    lengths: dict[str, int] = {}
    for term, operand in zip(terms, node.saved, strict=True):
        lengths |= zip(term, np.shape(operand), strict=True)
    return math.prod(lengths.values())


# How many multiply-adds a node of a primitive stands for; all others count none.
MULTIPLY_ADDS: dict[Any, Callable[[Any], int]] = {
    matmul: _matrix_product,
    inner: _matrix_product,
    einsum: _einsum,
}
