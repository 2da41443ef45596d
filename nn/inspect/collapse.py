"""Outputs that become the same for every sample while a model trains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.inspect.findings import Finding

FEWEST = 4  # samples of a batch
GONE = 0.1  # of the first difference between samples


class Spread:
    """How much a model's outputs differ between samples, in the first measured pass and the last.

    Attributes:
        first: the root mean square of the deviations over the batch, at first.
        last: the same of the last pass.
    """

    def __init__(self) -> None:
        self.first: float | None = None
        self.last = 0.0

    def see(self, out: Any) -> None:
        """Note the outputs of one call."""
        array = np.asarray(out)
        if array.dtype.kind != "f" or array.ndim < 1 or len(array) < FEWEST:
            return
        self.last = float(np.sqrt(np.square(array - array.mean(axis=0)).mean()))
        if self.first is None:
            self.first = self.last

    def findings(self, name: str) -> Iterator[Finding]:
        """Outputs that no longer tell samples apart."""
        if self.first and self.last < GONE * self.first:
            yield Finding(
                "outputs collapse",
                name,
                {"first": self.first, "last": self.last},
                f"the outputs of different samples differed by {self.first:.2g} at first and "
                f"differ by {self.last:.2g} now, so the model gives every input the same answer",
                "give the loss a term that keeps outputs apart, such as negative pairs, or stop "
                "the gradient of one of two branches",
            )
