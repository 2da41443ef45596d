"""Boxes that are only a name for a part of a graph; what they compute is the engine's alone.

A convolution is windows, permutations and a product of matrices. The name stands for all of these:
its value is that of the part, computed once more, and its gradients are those that the engine's
rules give for the part. Nothing here knows a derivative; `formulas` says how each is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Operation
from autograd.compile.trace.tape import active
from autograd.compile.trace.traced import recorded
from autograd.derivation.boxes import Box
from autograd.derivation.looking import came
from autograd.engine.backward import gradients
from autograd.engine.graph import Node, ancestors
from autograd.engine.primitive import Primitive
from autograd.nodes.tensor import Tensor
from autograd.primitives import contraction, indexing, shaping, window

AXES = {3: 1, 4: 2}  # of an array of images or signals, and of these the ones along which it slides


class Part:
    """A part of a graph: what computes a node from two others."""

    def __init__(self, node: Node, inputs: tuple[Node, Node]) -> None:
        self.node, self.inputs = node, inputs
        below = set(ancestors(inputs))
        self.steps = [n for n in ancestors([node]) if n not in below]

    def run(self, *given: Any) -> tuple[Node, list[Node]]:
        """The part on other data: its result, and the nodes of its inputs."""
        outer, active.tape = active.tape, None
        try:
            nodes: list[Node] = [Tensor(np.array(x), requires_grad=True) for x in given]
            made: dict[Node, Any] = dict(zip(self.inputs, nodes, strict=True))
            for step in self.steps:
                pairs = zip(step.inputs, step.saved, strict=True)
                args = [d if x is None else made.get(x, x) for x, d in pairs]
                made[step] = step.op(*args, **(step.static or {}))
            result: Node = made[self.node]
            return result, nodes
        finally:
            active.tape = outer

    def value(self, *given: Any, **facts: Any) -> Any:
        """What the part computes."""
        return self.run(*given)[0].data

    def gradient(self, place: int) -> Callable[..., Any]:
        """The function of the gradient above and of the inputs that gives the gradient below."""

        def compute(g: Any, *given: Any, **facts: Any) -> Any:
            out, nodes = self.run(*given)
            return gradients(out, [nodes[place]], seed=np.asarray(g))[0]

        return compute


def convolution(node: Any) -> Box | None:
    """A convolution of all channels: windows of x, moved and multiplied by the kernels."""
    product = came(came(node, 0, shaping.reshape), 0, contraction.matmul)
    kernels, columns = came(product, 0, shaping.reshape), came(product, 1, shaping.reshape)
    seen = came(came(columns, 0, shaping.transpose), 0, shaping.reshape)
    slid = came(seen, 0, window.windows)
    if slid is None or kernels is None or product.shape[0] != 1:
        return None
    padded, weight = slid.inputs[0], kernels.inputs[0]
    axes = AXES.get(len(node.shape))
    if padded is None or weight is None or axes is None or len(weight.shape) != len(node.shape):
        return None
    x, padding = _unpadded(padded, axes)
    facts = {k: slid.static[k] for k in ("stride", "dilation")} | {"padding": padding}
    if len(slid.static["size"]) != axes or x is weight or x.shape[1] != weight.shape[1]:
        return None
    part = Part(node, (x, weight))
    forward = Operation("box.convolution", part.value, "box")
    by_x = Operation("box.convolution by x", part.gradient(0), "box")
    by_weight = Operation("box.convolution by weight", part.gradient(1), "box")
    primitive = Primitive(
        "convolution",
        lambda x, weight: recorded(forward, x, weight, **facts),
        lambda g, out, x, weight: recorded(by_x, g, x, weight, **facts),
        lambda g, out, x, weight: recorded(by_weight, g, x, weight, **facts),
    )
    return Box((x, weight), lambda t, x, weight: primitive(x, weight))


def _unpadded(x: Any, axes: int) -> tuple[Any, tuple[int, ...]]:
    """What zeros were put around, and how many before the first entry of each axis."""
    inner = x.inputs[0] if x.op is indexing.scatter_add else None
    if inner is None:
        return x, (0,) * axes
    places = x.static["index"]
    if type(places) is not tuple or not all(type(p) is slice for p in places):
        return x, (0,) * axes
    if any(p.step not in (None, 1) for p in places) or inner.shape[:2] != x.shape[:2]:
        return x, (0,) * axes
    return inner, tuple(p.start or 0 for p in places[-axes:])
