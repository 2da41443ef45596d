"""Time drawings in a separate process, and print the rows as JSON."""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).parents[1])

import numpy as np  # noqa: E402

import autograd as ag  # noqa: E402
import nn  # noqa: E402


def row(layers: int) -> dict[str, Any]:
    """Time the pass that creates a perceptron's graph, its DOT and its SVG.

    DOT and SVG are timed fully opened, then with one box per layer.
    """
    ag.random.seed(0)
    x = np.random.default_rng(0).normal(size=(8, 64))
    model = nn.MLP([64] * (layers + 1))
    marks = [time.perf_counter()]
    loss = ag.mean(model(x) ** 2)
    loss.backward()
    marks.append(time.perf_counter())
    for depth in (None, 1):
        drawing = ag.draw(loss, depth=depth, max_nodes=10_000, fold=False)
        marks.append(time.perf_counter())
        assert drawing.svg.startswith("<?xml")
        marks.append(time.perf_counter())
    seconds = [after - before for before, after in itertools.pairwise(marks)]
    return {"layers": layers, "nodes": len(ag.ancestors([loss])), "seconds": seconds}


if __name__ == "__main__":
    row(2)  # import what drawings need
    print(json.dumps([row(layers) for layers in (2, 8, 32)]))
