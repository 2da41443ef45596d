"""Gradients on their way through the steps of a recurrent layer, read from the graph of a loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import gradients
from nn.inspect.findings import Finding
from nn.inspect.graph import LossGraph
from nn.inspect.layer_findings import through_time
from nn.module.parameter import Parameter

FEWEST = 8  # uses of one weight, before they are taken for the steps of a sequence


def over_time(graph: LossGraph) -> Iterator[Finding]:
    """Gradients that vanish or explode from one use of a weight to the one before it.

    A weight whose uses depend on each other is that of a recurrent layer, whether its steps are
    calls of a module or a loop inside one.
    """
    for weight in graph.leaves():
        if not isinstance(weight, Parameter) or weight.ndim != 2:
            continue
        steps = [x for x in graph.users[weight] if _state(x, weight) is not None]
        if len(steps) < FEWEST or not _in_a_row(steps, weight):
            continue
        slopes = [_size(g) for g in gradients(graph.root, steps)]
        # What comes after the last step that matters has no gradient: it was padding.
        while slopes and slopes[-1] == 0.0:
            slopes.pop()
        if len(slopes) >= FEWEST:
            yield from through_time(slopes[0], slopes[-1], len(slopes), graph.place(steps[0]))


def _state(node: Any, weight: Any) -> Any:
    """What a node multiplies a weight with, if gradients flow to it."""
    others = [x for x in node.inputs if x is not weight and x is not None and x.requires_grad]
    return others[0] if len(others) == 1 else None


def _in_a_row(steps: list[Any], weight: Any) -> bool:
    """Whether the last step was computed from the first one."""
    first, seen, waiting = steps[0], set(), [_state(steps[-1], weight)]
    while waiting:
        node = waiting.pop()
        if node is first:
            return True
        if node is not None and node not in seen and node.number > first.number:
            seen.add(node)
            waiting += node.inputs
    return False


def _size(gradient: Any) -> float:
    """The root mean square; inf where squares overflow, nan counts as inf."""
    if gradient is None:
        return 0.0
    with np.errstate(all="ignore"):
        found = math.sqrt(float(np.square(np.asarray(gradient, float)).mean()))
    return found if found == found else math.inf
