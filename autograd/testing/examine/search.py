"""Find the simplest hypothesis that reproduces wrong gradients at every point."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd.testing.examine.accumulation import of_structure, overwritten
from autograd.testing.examine.exchanges import exchanged_gradients
from autograd.testing.examine.findings import (
    Finding,
    added,
    chained,
    composed,
    cover,
    predicted,
    single,
)
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.hypothesis import (
    UNFIT,
    Gradients,
    Hypothesis,
    flow_of,
    step_of,
)
from autograd.testing.examine.losses import changes_of_cross_entropy
from autograd.testing.examine.maps import maps_of
from autograd.testing.examine.moves import factor_of, moves, shown, told
from autograd.testing.examine.numeric import multiple
from autograd.testing.examine.operands import (
    exchanged,
    extra_factors,
    flipped,
    on_one_branch,
    turned,
)
from autograd.testing.examine.paths import (
    epsilons_left_out,
    extra_terms,
    misplaced_masks,
    other_programs,
    scaled_paths,
    stale_inputs,
)
from autograd.testing.examine.problem_numbers import Number, name_of
from autograd.testing.examine.products import other_products
from autograd.testing.examine.recognize import changes_of_known_steps, known_steps
from autograd.testing.examine.repeated import at_every_step, swaps_at_every_step
from autograd.testing.examine.rule_changes import changes_of_rules, of_squares, swaps
from autograd.testing.examine.segments import changes_of_segments
from autograd.testing.examine.tangents import Tangents
from autograd.testing.examine.trial import Trial

Array = Any
# How much is tried, for single mistakes and for pairs. It is counted in hypotheses and not in
# seconds, so that an outcome does not depend on the machine. A thousand take about 0.1 s.
MOST_SINGLE, MOST_IN_PAIRS = 12000.0, 4000.0
OF_A_PASS, OF_A_CHAIN = 0.1, 0.2  # what a rule run again costs, and a step of a chain
ENTRIES = 4000.0  # arrays of this size double what a hypothesis costs
MOST_IN_CHAINS = 150


@dataclass
class Search:
    """The search for what explains the wrong gradients of some variables.

    Args:
        trials: the points; hypotheses are tried at the last one and confirmed at all.
        wrong: the variables with wrong gradients.
        numbers: those of the problem.
        deaf: those of the wrong whose gradient does not depend on the cotangent.
    """

    trials: Sequence[Trial]
    wrong: Sequence[str]
    numbers: Sequence[Number]
    deaf: Collection[str] = ()
    findings: list[Finding] = field(default_factory=list)
    pairs: list[Finding] = field(default_factory=list)
    sketches: list[tuple[Hypothesis, dict[str, Array]]] = field(default_factory=list)
    unmasked: list[Hypothesis] = field(default_factory=list)
    groups: dict[Any, list[Hypothesis]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.screen = self.trials[-1]
        self.left = MOST_SINGLE
        rng = np.random.default_rng(7)
        self.moved = {name: list(moves(self.screen, name)) for name in self.wrong}
        self.tangents: dict[str, Tangents] = {}
        self.right: dict[str, Array] = {}
        self.reach: dict[str, float] = {}
        self.answers: dict[str, list[tuple[float, ...]]] = {}
        flow = self.screen.flow
        nodes = flow.nodes if flow is not None else []
        self.rules = len(nodes)
        entries = sum(np.size(node._data) for node in nodes) / max(len(nodes), 1)
        self.weight = 1.0 + entries / ENTRIES
        for name in self.wrong if flow is not None else ():
            assert flow is not None
            with np.errstate(all="ignore"):
                tangents = self.tangents[name] = Tangents(flow, name, rng)
            self.right[name] = tangents.along(self.screen.right[name])
            self.reach[name] = float(np.abs(self.right[name]).max())
            self.answers[name] = [tuple(map(float, tangents.along(a))) for a in self._answers(name)]

    def _answers(self, name: str) -> Iterator[Array]:
        """The answer, if its shape is right, and what undoing a move makes of it."""
        answer, shape = np.asarray(self.screen.answer[name], float), self.screen.right[name].shape
        candidates = [answer, *(move.back(self.screen, answer) for move in self.moved[name])]
        return (a for a in candidates if a.shape == shape)

    def run(self) -> list[Finding]:
        """The cheapest findings that explain as many of the wrong gradients as possible."""
        with np.errstate(all="ignore"):
            self._find_single()
            if self._unexplained():
                self._find_pairs()
            return cover(self.findings, self.wrong)

    # --- one mistake ---

    def _find_single(self) -> None:
        for name in self.wrong:
            self._run(maps_of(self.screen, name))
            self._run(self._factors(name))
        flow = self.screen.flow
        if flow is None or self._simply_explained():
            return
        flow.notes["steps"] = {known.segment: known.op.name for known in known_steps(flow)}
        for family in self._families():
            self._run(family)
        if self._unexplained():
            self._run(at_every_step(flow, self.groups))
            self._run(swaps_at_every_step(flow))
        for name in self.wrong:
            self._run(extra_terms(self.screen, name, self.numbers))
            self._run(other_products(self.screen, name))
        self._run(stale_inputs(self.screen))
        if self._unexplained():
            self._run(misplaced_masks(flow, self.unmasked))

    def _families(self) -> Iterator[Iterable[Hypothesis]]:
        flow = flow_of(self.screen)
        yield scaled_paths(self.screen, self.wrong, self.numbers)
        yield changes_of_segments(flow)
        yield of_structure(flow)
        yield overwritten(flow)
        yield changes_of_rules(flow)
        yield changes_of_known_steps(flow)
        yield changes_of_cross_entropy(flow)
        yield turned(flow)
        yield exchanged(flow)
        yield exchanged_gradients(flow)
        yield epsilons_left_out(flow)
        yield other_programs(self.screen, self.wrong)
        yield of_squares(flow)
        yield flipped(flow)
        yield swaps(flow)
        yield on_one_branch(flow, [*of_structure(flow), *changes_of_rules(flow)])
        yield extra_factors(flow)

    def _simply_explained(self) -> bool:
        """Whether one kind of simple map explains everything."""
        kinds = [
            {f.hypotheses[0].kind for f in self.findings if name in f.names} for name in self.wrong
        ]
        return bool(kinds) and bool(set.intersection(*kinds))

    def _factors(self, name: str) -> Iterator[Hypothesis]:
        c = multiple(self.screen.answer[name], self.screen.right[name])
        if c is None:
            return
        if c > 0:
            yield factor_of(name, c, self.numbers)
        elif abs(c + 1.0) > 1e-9:
            pair = factor_of(name, -1.0, self.numbers), factor_of(name, -c, self.numbers)
            self._add_pair(composed(name, *pair, lambda t, a: a / c))

    def _unexplained(self) -> list[str]:
        explained = {name for finding in self.findings for name in finding.names}
        return [name for name in self.wrong if name not in explained]

    def _run(self, hypotheses: Iterable[Hypothesis]) -> None:
        with contextlib.suppress(*UNFIT):  # a family that does not fit this graph
            for hypothesis in hypotheses:
                if self._is_spent(1.0):
                    return
                self._try(hypothesis)

    def _is_spent(self, cost: float) -> bool:
        """Count what is tried, and tell whether that was enough."""
        self.left -= cost * self.weight
        return self.left < 0.0

    def _try(self, hypothesis: Hypothesis) -> None:
        hypothesis = self._named_factor(hypothesis)
        if hypothesis.kind == "slope missing":
            self.unmasked.append(hypothesis)
        if hypothesis.group is not None:
            self.groups.setdefault(hypothesis.group, []).append(hypothesis)
        if hypothesis.local is not None and not self._may_explain(hypothesis):
            return
        self._is_spent(OF_A_PASS * self.rules)
        found = predicted(hypothesis, self.screen)
        names = [n for n in self.wrong if n in found and self.screen.agrees(n, found[n])]
        if names:
            self._accept(hypothesis, names, found)
        elif found and hypothesis.local is None:
            self._sketch(hypothesis, found)
        for name in self.wrong:
            if name in found and name not in names:
                self._try_maps(hypothesis, name, found[name])

    def _may_explain(self, hypothesis: Hypothesis) -> bool:
        """Whether a change of the pass may lead to an answer: by its effect along directions."""
        flow = flow_of(self.screen)
        assert hypothesis.local is not None
        try:
            node, difference = hypothesis.local(flow)
        except UNFIT:
            return hypothesis.edge is not None  # of another shape: it may be a whole gradient
        if not np.isfinite(difference).all():
            return False
        sketch, may = {}, False
        for name, tangents in self.tangents.items():
            effect = tangents.effect(node, difference)
            if not effect[0]:
                continue
            sketch[name] = effect
            if not may:
                slack = 1e-6 * (tangents.size(node, difference) + self.reach[name])
                may = self._is_near(name, self.right[name] + effect, slack)
        if sketch:
            self.sketches.append((hypothesis, sketch))
        return may

    def _is_near(self, name: str, value: Array, slack: float) -> bool:
        """Whether a gradient with these components is an answer, or a multiple of one."""
        v0, v1 = map(float, value)
        for a0, a1 in self.answers[name]:
            if max(abs(a0 - v0), abs(a1 - v1)) <= slack:
                return True
            size = max(abs(v0), abs(v1)) + max(abs(a0), abs(a1))
            if abs(a0 * v1 - a1 * v0) <= slack * size:
                return True
        return False

    def _accept(self, hypothesis: Hypothesis, names: Sequence[str], found: Gradients) -> None:
        disturbed = any(
            name in found and not self.screen.agrees(name, found[name])
            for name in self.screen.answer
        )
        if disturbed:  # the mistake was made in one of the gradients, not on the way to all
            hypothesis = replace(hypothesis, cost=hypothesis.cost + 0.04)
        finding = single(names, hypothesis)
        if finding.confirmed(self.trials):
            self.findings.append(finding)
        elif len(names) > 1:
            parts = [single([name], hypothesis) for name in names]
            self.findings += [part for part in parts if part.confirmed(self.trials)]

    def _named_factor(self, hypothesis: Hypothesis) -> Hypothesis:
        """A slope left out that is one number, as that of a mean, is a mistake in a factor."""
        flow, modify = self.screen.flow, hypothesis.modify
        if hypothesis.kind != "slope missing" or hypothesis.edge is None or flow is None:
            return hypothesis
        spot = flow.spot(hypothesis.edge)
        if modify is None or np.size(spot.right) < 2:
            return hypothesis
        try:
            c = multiple(modify(spot), spot.right)
        except UNFIT:
            return hypothesis
        if c is None or c < 0.0:
            return hypothesis
        called = name_of(c, self.numbers)
        step = step_of(flow, spot.node)
        text = f"has the gradient that {step} hands on {shown(c)} times{told(called)}"
        return replace(hypothesis, kind="factor", cost=hypothesis.cost + 0.1, text=text)

    def _sketch(self, hypothesis: Hypothesis, found: Gradients) -> None:
        """Keep the components of each gradient, by which pairs are found that add up."""
        sketch = {}
        for name, tangents in self.tangents.items():
            right, value = self.screen.right[name], found.get(name)
            if value is not None and np.shape(value) == right.shape:
                effect = tangents.along(value - right)
                if np.isfinite(effect).all() and effect[0]:
                    sketch[name] = effect
        self.sketches.append((hypothesis, sketch))

    # --- two mistakes ---

    def _add_pair(self, pair: Finding) -> None:
        if pair.confirmed(self.trials):
            self.pairs.append(pair)

    def _try_maps(self, hypothesis: Hypothesis, name: str, value: Array) -> None:
        """The hypothesis, and then a factor or a move of entries."""
        answer = np.asarray(self.screen.answer[name], float)
        if answer.size < 2 or not np.any(value):
            return
        c = multiple(answer, value)
        if c is not None:
            outer = factor_of(name, c, self.numbers)
            if outer.cost < 2.0:
                self._add_pair(composed(name, hypothesis, outer, lambda t, a: a / c))
        for move in self.moved[name]:
            try:
                back = move.back(self.screen, answer)
            except UNFIT:
                continue
            if self.screen.same(name, back, value):
                self._add_pair(composed(name, hypothesis, move.hypothesis, move.back))

    def _find_pairs(self) -> None:
        """Pairs that were met on the way, pairs that add up, and changes one after the other."""
        self.findings += self.pairs
        self.left = MOST_IN_PAIRS
        for name in self._unexplained():
            if np.shape(self.screen.answer[name]) == self.screen.right[name].shape:
                self._find_sums(name)
        for name in self._unexplained():
            self._find_chains(name)
        self.findings = [f for f in self.findings if self._hears(f)]

    def _hears(self, finding: Finding) -> bool:
        """Whether a pair says that the cotangent is not used, where it is not."""
        kinds = {h.kind for h in finding.hypotheses}
        is_pair = len(finding.hypotheses) > 1
        return not (
            is_pair and "upstream ignored" not in kinds and set(finding.names) & set(self.deaf)
        )

    def _find_sums(self, name: str) -> None:
        if name not in self.tangents:
            return
        difference = np.asarray(self.screen.answer[name], float) - self.screen.right[name]
        wanted = self.tangents[name].along(difference)
        known = [(h, sketch[name]) for h, sketch in self.sketches if name in sketch]
        known.sort(key=lambda pair: float(pair[1][0]))
        if not known:
            return
        numbers = np.array([effect for _, effect in known])
        tolerance = 1e-6 * (np.abs(wanted).max() + float(np.median(np.abs(numbers))))
        low = np.searchsorted(numbers[:, 0], wanted[0] - numbers[:, 0] - tolerance)
        high = np.searchsorted(numbers[:, 0], wanted[0] - numbers[:, 0] + tolerance)
        best = float("inf")
        for i in np.flatnonzero(high > low):
            for j in range(max(low[i], i + 1), high[i]):
                if abs(numbers[i, 1] + numbers[j, 1] - wanted[1]) > tolerance:
                    continue
                if self._is_spent(OF_A_PASS * self.rules * len(self.trials)):
                    return
                pair = added(name, known[i][0], known[j][0])
                if pair.cost < best and pair.confirmed(self.trials):
                    best = pair.cost
                    self.findings.append(pair)

    def _find_chains(self, name: str) -> None:
        """Two changes of the pass, of which the second works on what the first hands on."""
        if name not in self.tangents or not self.answers[name]:
            return
        common = ("slope missing", "sign", "transposed", "mask", "wrong point", "term missing")
        accepted = [f.hypotheses[0] for f in self.findings if f.hypotheses[0].local is not None]
        known = [h for h, _ in self.sketches if h.local is not None and h.kind in common]
        known = [*accepted, *sorted(known, key=lambda h: h.cost)]
        known = list(dict.fromkeys(known))[:MOST_IN_CHAINS]
        flow, tangents = flow_of(self.screen), self.tangents[name]
        for first in known:
            assert first.local is not None
            try:
                altered = flow.altered({first.local(flow)[0]: [first.local]})
            except UNFIT:
                continue
            base = tangents.along(altered.gradients[name])
            for second in known:
                if self._is_spent(OF_A_CHAIN):
                    return
                if second is not first and self._leads_to(name, base, altered, second):
                    pair = chained(name, first, second)
                    if pair.confirmed(self.trials):
                        self.findings.append(pair)
                        return

    def _leads_to(self, name: str, base: Array, altered: Flow, second: Hypothesis) -> bool:
        """Whether a change of an altered pass may lead to the answer."""
        assert second.local is not None
        try:
            node, difference = second.local(altered)
        except UNFIT:
            return False
        tangents = self.tangents[name]
        value = base + tangents.effect(node, difference)
        slack = 1e-6 * (tangents.size(node, difference) + float(np.abs(base).max()))
        return bool(np.abs(self.answers[name][0] - value).max() <= slack)
