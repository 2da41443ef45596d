"""Two models that play against each other, and whether they do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Node, ancestors, data_of, gradients
from nn.inspect.findings import Finding
from nn.inspect.graph import VIEWS, behind, name
from nn.inspect.loss_findings import BEYOND, RANGES

PASSES = 16  # that are read; a critic may be trained five times a round
EDGE = 1e-6  # beyond the ends of a range, by which rounding may put an entry
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
        self.ends: dict[str, tuple[str, str]] = {}  # models whose last operation is bounded
        self.beyond: dict[str, tuple[float, float, float]] = {}  # of data beside what a model made
        self.passes = 0

    def moved(self, model: str, given: Any, out: Any) -> None:
        """Note a call of a model."""
        if self.passes >= PASSES:
            return
        if isinstance(out, Node):
            self.moves.append((model, given, out))
            del self.moves[:-PASSES]
        last: Any = behind(out, VIEWS) if isinstance(out, Node) else None
        if name(last) in RANGES:
            self.ends[model] = name(last), f"{model}.{last.module}".rstrip(".")
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
        for model, maker, given, _ in judged:
            if maker is None:
                self._compare(model, data_of(given), judged)
        own = {model for model, maker, *_ in judged if maker is None}  # was given other data too
        for model, maker, given, out in judged:
            through = isinstance(given, Node) and given in inside and given.requires_grad
            if maker is None or not (through or model in own):
                continue
            slope = gradients(root, [out])[0]
            if slope is not None and np.any(slope):
                push = float(np.sum(slope) / np.sum(np.abs(slope)))
                self.pushes.setdefault((model, maker, through), push)

    def _compare(self, model: str, real: Any, judged: list[Any]) -> None:
        """See whether real data are where what a model made can be."""
        makers = {m for judge, m, *_ in judged if judge == model and m in self.ends}
        array = np.asarray(real)
        for maker in makers if array.dtype.kind == "f" and array.size else ():
            low, high = RANGES[self.ends[maker][0]]
            outside = float(np.mean((array < low - EDGE) | (array > high + EDGE)))
            self.beyond[maker] = outside, float(array.min()), float(array.max())

    def _maker(self, model: str, given: Any) -> str | None:
        """The other model that made what a model was given."""
        array = data_of(given)
        return next((m for x, m in reversed(self.made) if x is array and m != model), None)

    def findings(self) -> Iterator[Finding]:
        """Players that push one way, and one that cannot make what it should."""
        for maker, (outside, low, high) in self.beyond.items():
            if outside > BEYOND:
                operation, place = self.ends[maker]
                ends = RANGES[operation]
                told = f"[{ends[0]:g}, {ends[1]:g}]" if ends[1] < math.inf else "0 and above"
                yield Finding(
                    "output activation does not fit",
                    place,
                    {"outside": outside},
                    f"{outside:.0%} of the real data, which go from {low:.3g} to {high:.3g}, lie "
                    f"outside of {told}, the range of {operation} at the end of {maker}, so made "
                    "data are easy to tell",
                    "remove the last activation, or scale the data into its range",
                )
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
