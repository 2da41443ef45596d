"""How every node moves with a variable: with it, one product tells what a change would do.

A change of what is handed to a node adds, along a random direction in the space of the gradient,
the product of the change with the derivative of the node in that direction. So thousands of
hypotheses can be tried without a backward pass for each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.testing.examine.flow import Flow

Array = Any
DIRECTIONS = 2
STEP = 1e-6


class Tangents:
    """The derivatives of the nodes of a pass along random directions of one variable.

    Args:
        flow: the pass.
        name: of the variable.
        rng: the source of the directions.

    Attributes:
        directions: in the space of the variable.
    """

    def __init__(self, flow: Flow, name: str, rng: np.random.Generator) -> None:
        leaf = flow.leaves[name]
        shape = np.shape(leaf._data)
        self.directions = [rng.normal(size=shape) for _ in range(DIRECTIONS)]
        self._of = [_moves(flow, flow.number.get(leaf, -1), v) for v in self.directions]
        self._norms = {node: _norm(moving) for node, moving in self._of[0].items()}

    def along(self, gradient: Array) -> Array:
        """A gradient of the variable along the directions."""
        return np.array([np.vdot(v, gradient) for v in self.directions])

    def effect(self, node: int, difference: Array) -> Array:
        """What a difference in the gradient of a node adds along the directions."""
        if node not in self._norms:
            return np.zeros(DIRECTIONS)
        return np.array([np.vdot(of[node], difference) for of in self._of])

    def size(self, node: int, difference: Array) -> float:
        """How large that could be, for the size of its rounding."""
        return self._norms.get(node, 0.0) * _norm(difference)


def _norm(x: Array) -> float:
    return math.sqrt(float(np.vdot(x, x)))


def _moves(flow: Flow, leaf: int, direction: Array) -> dict[int, Array]:
    """The derivative of every node that depends on the leaf, by differences of its kernel."""
    found: dict[int, Array] = {leaf: direction}
    with np.errstate(all="ignore"):
        for i, node in enumerate(flow.nodes):
            if node.op is None or i in flow.silent:
                continue
            moving = [
                found.get(flow.number[x]) if x is not None and x in flow.number else None
                for x in node.inputs
            ]
            if any(t is not None for t in moving):
                up, down = (_at(node, moving, side * STEP) for side in (1.0, -1.0))
                found[i] = (up - down) / (2.0 * STEP)
    return found


def _at(node: Any, moving: list[Any], step: float) -> Array:
    saved = [
        datum if t is None else datum + step * t
        for datum, t in zip(node.saved, moving, strict=True)
    ]
    return node.op.kernel(*saved, **(node.static or {}))
