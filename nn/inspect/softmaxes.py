"""Softmaxes inside a model, as in attention, that are decided before anything was learned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nn.inspect.findings import Finding
from nn.inspect.graph import LossGraph, name

DECIDED = 0.95  # the mean of the largest weights; at 0.95 the slope is a twentieth of the value


def decided(graph: LossGraph) -> Iterator[Finding]:
    """Attention whose weights are almost 0 and 1, where a softmax has no slope."""
    inside = set(graph.model)
    for softmax in graph.softmaxes():
        node = softmax.node
        if node not in inside or not any(name(u) == "matmul" for u in graph.users.get(node, ())):
            continue
        if len(softmax.axes) != 1 or node.shape[softmax.axes[0]] < 3:
            continue
        largest = float(np.max(node.data, axis=softmax.axes).mean())
        if largest > DECIDED:
            yield Finding(
                "saturated units",
                str(node.module),
                {"largest": largest},
                f"the largest weight of attention is {largest:.3f} on average, over "
                f"{node.shape[softmax.axes[0]]} entries: scores so large leave the softmax without "
                "a slope",
                "divide the scores by the square root of the width, and normalize what goes in",
            )
