"""Whether an input that comes again has the same label, and padding that counts as an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.inspect.findings import Finding
from nn.inspect.graph import LossGraph

ROWS = 64  # samples of a batch that are remembered
ENOUGH = 12  # inputs that came again, before anything is said
DIFFER = 0.3  # the share of them with another label; a few labels may be wrong
PADDED = 0.1  # the share of answers that are padding, from which they weigh


class Pairs:
    """Inputs of some batches, with the labels that they first came with.

    Attributes:
        labels: by the bytes of an input.
        again: how many inputs came again.
        differ: how many of those had another label.
    """

    def __init__(self) -> None:
        self.labels: dict[bytes, Any] = {}
        self.again = self.differ = 0

    def see(self, inputs: Any, classes: Any) -> None:
        """Note the samples of one batch."""
        x, y = np.asarray(inputs), np.ravel(classes)
        if x.dtype.kind != "f" or x.ndim < 2 or len(x) != len(y):
            return
        for row, label in zip(x[:ROWS], y.tolist(), strict=False):
            key = np.ascontiguousarray(row).tobytes()
            if key in self.labels:
                self.again += 1
                self.differ += self.labels[key] != label
            else:
                self.labels[key] = label

    def findings(self) -> Iterator[Finding]:
        """Labels that change from one time to the next."""
        if self.again >= ENOUGH and self.differ > DIFFER * self.again:
            yield Finding(
                "labels change",
                "",
                {"again": self.again, "differ": self.differ},
                f"of {self.again} inputs that came again, {self.differ} had another label than the "
                "first time, so inputs and labels are not shuffled together",
                "shuffle pairs: order = rng.permutation(n); x, y = x[order], y[order]",
            )


def counted_padding(inputs: Any, graph: LossGraph) -> Iterator[Finding]:
    """Ends of sequences that are one token, as padding is, and whose answers the loss counts."""
    x = np.asarray(inputs)
    if x.dtype.kind not in "iu" or x.ndim != 2:
        return
    for pick in graph.picks():
        classes = np.ravel(pick.classes)
        if classes.size != x.size:
            continue
        y = classes.reshape(x.shape)
        token, answer = x[0, -1], y[0, -1]
        padding = _ends(x, token)
        # Rows of several lengths, at whose ends input and answer are padding, and nowhere else.
        lengths = len(np.unique(padding.sum(axis=1)))
        if lengths < 2 or any(not np.array_equal(padding, m) for m in (x == token, y == answer)):
            continue
        share = float(padding.mean())
        slopes = np.ravel(graph.gradient(pick.node))
        counts = slopes.size == x.size and np.all(slopes.reshape(x.shape)[padding] != 0.0)
        if share > PADDED and counts:
            yield Finding(
                "padding in the loss",
                "",
                {"share": share, "token": float(token), "answer": float(answer)},
                f"{share:.0%} of the answers are {answer}, at the ends of sequences of several "
                f"lengths where the input is {token} too: that is padding, which is easy to "
                "predict, and most of what the loss measures",
                f"ignore it: cross_entropy(..., ignore_index={answer})",
            )
            return


def _ends(x: Any, token: Any) -> Any:
    """A mask of the entries of each row from which on all are one token."""
    return np.logical_and.accumulate((x == token)[:, ::-1], axis=1)[:, ::-1]
