"""The losses of answers that ignore the input, for the losses that are recognized."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.inspect.binary import weighted_terms
from nn.inspect.graph import LossGraph


def chance(graph: LossGraph) -> tuple[float, str] | None:
    """The loss of an untrained network, whose outputs are about 0, and what it is called."""
    if graph.root.op.name != "mean":  # a sum, or a loss of several terms
        return None
    classes = _classes(graph)
    if classes is not None:
        return math.log(classes), f"ln {classes}"
    target = _squared(graph)
    return None if target is None else (float(np.mean(np.square(target))), "an output of 0")


def constant_answer(graph: LossGraph) -> float | None:
    """The loss of the best constant answer, or about that; a network below it has learned."""
    if graph.root.op is None or graph.root.op.name != "mean":
        return None
    classes = _classes(graph)
    if classes is not None:
        return math.log(classes)
    target = _squared(graph)
    if target is not None:
        return float(np.square(target - target.mean(axis=0)).mean())
    return math.log(2.0) if any(True for _ in weighted_terms(graph)) else None


def _classes(graph: LossGraph) -> int | None:
    pick = next(iter(graph.picks()), None)
    if pick is None or next(iter(graph.normalizers()), None) is None:
        return None
    return int(pick.of.shape[pick.axis])


def _squared(graph: LossGraph) -> Any:
    """The targets of a mean of squared differences."""
    error = next(iter(graph.errors()), None)
    if error is None or error.node.shape != np.shape(error.target) or np.size(error.target) < 2:
        return None
    measure = graph.root.inputs[0]
    if measure.op.name not in {"square", "pow"} or measure.inputs[0] is not error.node:
        return None
    return np.asarray(error.target)
