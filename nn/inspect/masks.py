"""Rows of scores of which a mask leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nn.inspect.findings import Finding
from nn.inspect.graph import LossGraph, name


def emptied(graph: LossGraph) -> Iterator[Finding]:
    """Softmaxes of rows that are -inf throughout, which are nan."""
    for node in graph.nodes:
        # A softmax subtracts the largest entry of a row before it takes e^x.
        if name(node) not in {"sub", "logsumexp"} or node.inputs[0] is None:
            continue
        scores = np.asarray(node.saved[0])
        if scores.ndim < 2 or scores.dtype.kind != "f" or not np.isneginf(scores).any():
            continue
        rows = np.isneginf(scores).all(axis=-1)
        if rows.any():
            yield Finding(
                "mask leaves nothing",
                graph.place(node),
                {"rows": float(rows.sum()), "of": float(rows.size)},
                f"in {int(rows.sum())} of {rows.size} rows of scores of shape {scores.shape} every "
                "entry is -inf, so their softmax is 0 / 0",
                "keep at least one entry of each row, such as a row's own position, or leave those "
                "rows out of the loss",
            )
            return
