"""Hypotheses that together reproduce the gradients of some variables, and how that is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.testing.examine.hypothesis import UNFIT, Gradients, Hypothesis
from autograd.testing.examine.trial import Trial

Array = Any
# The answer to compare, and what the hypotheses make of it.
Compare = Callable[[Trial, str], tuple[Array, Array]]


@dataclass(frozen=True)
class Finding:
    """Hypotheses that together reproduce the gradients of some variables.

    Attributes:
        names: of the variables.
        hypotheses: one, or two mistakes made at once.
        compare: what has to be equal at each point.
    """

    names: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    compare: Compare

    @property
    def cost(self) -> float:
        """The cost of all hypotheses; a pair is more far-fetched than any single one."""
        return sum(h.cost for h in self.hypotheses) + 2.0 * (len(self.hypotheses) - 1)

    def confirmed(self, trials: Sequence[Trial]) -> bool:
        """Whether the answers are reproduced at every point."""
        for trial in trials:
            for name in self.names:
                try:
                    answer, value = self.compare(trial, name)
                except UNFIT:
                    return False
                if value is None or not trial.same(name, answer, value):
                    return False
        return True


def predicted(hypothesis: Hypothesis, trial: Trial) -> Gradients:
    """The gradients of a hypothesis; none where it does not fit."""
    try:
        with np.errstate(all="ignore"):
            return hypothesis.predict(trial) or {}
    except UNFIT:
        return {}


def single(names: Sequence[str], hypothesis: Hypothesis) -> Finding:
    """One mistake."""

    def compare(trial: Trial, name: str) -> tuple[Array, Array]:
        return trial.answer[name], predicted(hypothesis, trial).get(name)

    return Finding(tuple(names), (hypothesis,), compare)


def composed(
    name: str, first: Hypothesis, second: Hypothesis, back: Callable[[Trial, Array], Array]
) -> Finding:
    """Two mistakes, the second a map of what the first gives.

    Args:
        name: of the variable.
        first: the first mistake.
        second: the map.
        back: undoes the map on the answer, at a point.
    """

    def compare(trial: Trial, name: str) -> tuple[Array, Array]:
        value = predicted(first, trial).get(name)
        return back(trial, np.asarray(trial.answer[name])), value

    return Finding((name,), tuple(sorted((first, second), key=lambda h: h.cost)), compare)


def added(name: str, first: Hypothesis, second: Hypothesis) -> Finding:
    """Two mistakes in different terms, whose effects add up."""

    def compare(trial: Trial, name: str) -> tuple[Array, Array]:
        right = trial.right[name]
        total = right
        for hypothesis in (first, second):
            part = predicted(hypothesis, trial)[name]
            total = total + (part - right)
        return trial.answer[name], total

    return Finding((name,), tuple(sorted((first, second), key=lambda h: h.cost)), compare)


def chained(name: str, first: Hypothesis, second: Hypothesis) -> Finding:
    """Two changes of the pass, of which the second works on what the first hands on."""
    assert first.local is not None and second.local is not None
    change, further = first.local, second.local

    def compare(trial: Trial, name: str) -> tuple[Array, Array]:
        assert trial.flow is not None
        node, _ = change(trial.flow)
        altered = trial.flow.altered({node: [change]})
        part = altered.handed_down(dict([further(altered)])).get(name, 0.0)
        return trial.answer[name], altered.gradients[name] + part

    return Finding((name,), (first, second), compare)


def merged(findings: Sequence[Finding]) -> list[Finding]:
    """Findings, and for those of the same kind and text one that explains all together."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = tuple(f"{h.kind} {h.text}" for h in finding.hypotheses)
        groups.setdefault(key, []).append(finding)
    found = list(findings)
    for group in groups.values():
        names = tuple(dict.fromkeys(name for f in group for name in f.names))
        if len(group) > 1:
            cheapest = min(group, key=lambda f: f.cost)
            found.append(Finding(names, cheapest.hypotheses, cheapest.compare))
    return found


def cover(findings: Sequence[Finding], wrong: Sequence[str]) -> list[Finding]:
    """The cheapest findings, first those that explain most for their cost."""
    left, chosen = set(wrong), []
    while left:
        useful = [f for f in merged(findings) if left & set(f.names)]
        if not useful:
            break
        best = min(useful, key=lambda f: f.cost / len(left & set(f.names)))
        chosen.append(best)
        left -= set(best.names)
    return chosen
