"""Two models that play against each other, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Node, ancestors, data_of, gradients
from nn.inspect.findings import Finding

PASSES = 16  # that are read; a critic may be trained five times a round
CLEAR = 0.5  # the sum of a gradient over the sum of its sizes, from which it has a direction


class Game:
    """What one model makes, what another says about it, and which way each pass pushes that.

    A discriminator is trained on what a generator made, without a path to it, and the generator
    through the discriminator. If both passes push the discriminator's output the same way, the two
    do not play against each other.
    """

    def __init__(self) -> None:
        self.made: list[tuple[Any, str]] = []  # outputs of models, since the last round
        self.moves: list[tuple[str, Any, Any]] = []  # calls since the last pass
        self.pushes: dict[tuple[str, str, bool], float] = {}
        self.passes = 0

    def moved(self, model: str, given: Any, out: Any) -> None:
        """Note a call of a model."""
        if self.passes >= PASSES:
            return
        if isinstance(out, Node):
            self.moves.append((model, given, out))
            del self.moves[:-PASSES]
        self.made.append((data_of(out), model))
        del self.made[:-PASSES]

    def differentiate(self, root: Any) -> None:
        """Read a pass that begins."""
        moves, self.moves = self.moves, []
        if self.passes >= PASSES:
            return
        self.passes += 1
        inside = set(ancestors([root]))
        judged = [
            (m, self._maker(m, given), given, out) for m, given, out in moves if out in inside
        ]
        own = {model for model, maker, *_ in judged if maker is None}  # was given other data too
        for model, maker, given, out in judged:
            through = isinstance(given, Node) and given in inside and given.requires_grad
            if maker is None or not (through or model in own):
                continue
            slope = gradients(root, [out])[0]
            if slope is not None and np.any(slope):
                push = float(np.sum(slope) / np.sum(np.abs(slope)))
                self.pushes.setdefault((model, maker, through), push)

    def _maker(self, model: str, given: Any) -> str | None:
        """The other model that made what a model was given."""
        array = data_of(given)
        return next((m for x, m in reversed(self.made) if x is array and m != model), None)

    def findings(self) -> Iterator[Finding]:
        """Players that push one way."""
        for (judge, maker, through), push in self.pushes.items():
            other = self.pushes.get((judge, maker, not through))
            if not through or other is None or push * other <= 0.0:
                continue
            if min(abs(push), abs(other)) > CLEAR:
                way = "down" if push > 0.0 else "up"
                yield Finding(
                    "players on one side",
                    maker,
                    {"push": push, "other": other},
                    f"the pass that trains {maker} moves what {judge} says of its outputs {way}, "
                    f"and so does the pass that trains {judge}: they do not play against each "
                    "other, because one of them has the other's labels",
                    f"train {judge} to tell made from real, and {maker} towards the label that "
                    f"{judge} gives to real data",
                )
