"""One examination: run the program at several points, compare, and explain what differs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.debug.conventions import choices_met
from autograd.errors import GraphError, message
from autograd.testing.examine.domain import Draw, alternatives, is_permutation, point_like, wide
from autograd.testing.examine.kinks import jointly_within_kinks, within_kinks
from autograd.testing.examine.paths import without_epsilons
from autograd.testing.examine.problem_numbers import Number, base_numbers
from autograd.testing.examine.program_names import name_nodes
from autograd.testing.examine.search import Search
from autograd.testing.examine.subject import BackwardRaised, Subject
from autograd.testing.examine.trial import Trial, recorded
from autograd.testing.examine.unchecked import not_found, not_read, unchecked
from autograd.testing.examine.verdict import Verdict, ignores_upstream, kink_only, of_error
from autograd.testing.examine.wording import (
    described_finding,
    first_wrong_entry,
    gradient_name,
    unexplained,
)

POINTS = 3
SPREAD = 1.0  # of the magnitudes of inputs, in powers of ten, at the last point
NEGLIGIBLE = 1e-6  # an ε that a backward pass may leave out
Values = Mapping[str, Any]


class Examination:
    """Runs a program and judges what it answers.

    Args:
        subject: the program.
        seed: of the random points and cotangents.
    """

    def __init__(self, subject: Subject, seed: int) -> None:
        self.subject = subject
        self.rng = np.random.default_rng(seed)
        self.given = {name: _in_float64(x) for name, x in subject.given.items()}
        self.by_differences = False
        self.raised: Exception | None = None
        self.epsilons: dict[str, float] = {}
        self.trials: list[Trial] = []
        self.others: list[Trial] = []
        self.usual: dict[str, float] = {}
        try:
            self.trials += self._trials()
        except BackwardRaised as error:
            cause = error.__cause__
            assert isinstance(cause, Exception)
            self.raised = cause
        for trial in (*self.trials, *self.others):
            trial.usual = self.usual

    # --- points ---

    def _seeds(self, outputs: Sequence[Any]) -> list[Any]:
        """Random cotangents; ones where the backward pass takes none."""
        if not self.subject.has_cotangent:
            return [np.ones(np.shape(y)) for y in outputs]
        return [self.rng.normal(size=np.shape(y)) for y in outputs]

    def _answer(self, values: Values) -> tuple[Any, list[Any]]:
        seeds: list[Any] = []

        def draw(outputs: Sequence[Any]) -> list[Any]:
            seeds.extend(self._seeds(outputs))
            return seeds

        with np.errstate(all="ignore"):
            return self.subject.answers([(values, draw)])[0], seeds

    def _trials(self) -> Iterator[Trial]:
        answer, seeds = self._answer(self.given)
        self.unread = answer.unread
        if not answer.gradients and not answer.unread:
            raise GraphError(
                message(
                    "check_backward",
                    f"no gradient from {self.subject.name}",
                    "an array, a tuple, a list or a dict of gradients by argument",
                )
            )
        self.answered = set(answer.gradients)
        self.shapes = [np.shape(y) for y in answer.outputs]
        try:
            flow = recorded(self.subject, self.given, answer.gradients, seeds)
            self.by_differences = not self.subject.trusts(flow)
        except Exception:  # whatever the program raises on Tensors
            self.by_differences = True
        yield self._trial(self.given, answer, seeds)
        yield from self._wide_trials(self.given, 0.0)
        for _ in range(POINTS):
            values = self._point(self.given, alternatives)
            if values is not None:
                yield self._trial(values, *self._answer_at(values))
        self._add_others()

    def _add_others(self) -> None:
        """Points with other single numbers, such as a temperature, and of many magnitudes.

        The numbers are the same at these points, as they are at all the points before: a factor is
        one of them or made of one.
        """
        numbers = {name: x for name, x in self.given.items() if not np.ndim(x)}
        others = point_like(
            self.given, self._draw_of(alternatives, numbers), self._accepts, self.rng
        )
        start = others or self.given
        if others is not None:
            self.others += self._wide_trials(start, 0.0)
        if not self.by_differences:
            self.others += self._wide_trials(start, SPREAD)

    def _draw_of(self, draw: Draw, among: Collection[str]) -> Draw:
        def drawn(name: str, x: Any, rng: np.random.Generator) -> Sequence[Any]:
            return draw(name, x, rng) if name in among and self._changes(name) else []

        return drawn

    def _point(self, start: Values, draw: Draw) -> dict[str, Any] | None:
        arrays = [name for name, x in start.items() if np.ndim(x)]
        varied = arrays or list(start)
        return point_like(start, self._draw_of(draw, varied), self._accepts, self.rng)

    def _answer_at(self, values: dict[str, Any]) -> tuple[Any, list[Any]]:
        """The answer at a random point, with the given indices and masks if others are refused."""
        try:
            return self._answer(values)
        except BackwardRaised:
            for name, x in self.given.items():
                if np.asarray(x).dtype.kind != "f":
                    values[name] = x
            return self._answer(values)

    def _wide_trials(self, start: Values, spread: float) -> Iterator[Trial]:
        """A point with inputs of both signs, which those given need not have.

        A program may be meant for inputs like those given, so one that raises there or overflows is
        not judged by that.
        """
        values = self._point(start, lambda name, x, rng: self._wide(name, x, spread))
        if values is None:
            return
        try:
            answer, seeds = self._answer_at(values)
        except BackwardRaised:
            return
        trial = self._trial(values, answer, seeds)
        if all(np.isfinite(g).all() for g in (*trial.answer.values(), *trial.right.values())):
            if not spread and not self.usual:
                self.usual = trial.sizes
            yield trial

    def _wide(self, name: str, x: Any, spread: float) -> Sequence[Any]:
        if name in self.answered and isinstance(x, float):
            return [float(v) for v in wide(name, np.asarray(x), self.rng, spread)]
        return wide(name, x, self.rng, spread)

    def _trial(self, values: Values, answer: Any, seeds: Sequence[Any]) -> Trial:
        gradients = {n: g for n, g in answer.gradients.items() if n in self.answered}
        return Trial(self.subject, values, gradients, seeds, self.by_differences)

    def _changes(self, name: str) -> bool:
        """Inputs change, and the parameters of an object that have a gradient.

        A number that is the length of an array is a count, such as that of a batch.
        """
        x = self.given[name]
        if isinstance(x, (int, float)) and x >= 3 and x in self._lengths():
            return False
        return name in self.answered or name in self.subject.names

    def _lengths(self) -> set[int]:
        arrays = [x for x in self.given.values() if np.ndim(x)]
        return {n for x in arrays for n in (*np.shape(x), np.size(x))}

    def _accepts(self, values: Values) -> bool:
        """Whether the program computes finite numbers there, in the shapes of before."""
        try:
            with np.errstate(all="ignore"):
                outputs = self.subject.compute({n: _plain(x) for n, x in values.items()})
            finite = all(np.isfinite(np.asarray(y)).all() for y in outputs)
        except Exception:  # whatever the program raises outside of its domain
            return False
        return finite and [np.shape(y) for y in outputs] == self.shapes

    # --- judging ---

    def verdict(self) -> Verdict:
        """Compare all gradients, and explain those that differ."""
        trials = [*self.trials, *self.others]
        verdict = Verdict(points=len(trials))
        if self.raised is not None:
            return of_error(self.subject, self.raised, verdict)
        kinks: dict[str, Trial] = {}
        for name in self.trials[0].answer:
            verdict.right[name] = all(self._right_at(t, name, kinks) for t in trials)
        for trial in trials:
            names = [name for name, at in kinks.items() if at is trial and verdict.right[name]]
            if len(names) > 1 and not jointly_within_kinks(trial, names):
                verdict.right |= dict.fromkeys(names, False)
        wrong = [name for name, right in verdict.right.items() if not right]
        self._add_stale(verdict)
        self._add_remarks(verdict)
        verdict.passed = not wrong and verdict.passed
        for name in kinks:
            if verdict.right[name]:
                verdict.mistakes.append(kink_only(name, kinks[name]))
        if wrong:
            self._explain(verdict, wrong)
        self._add_unchecked(verdict)
        return verdict

    def _add_unchecked(self, verdict: Verdict) -> None:
        """Say which gradients did not come, and which of those that came belong to nothing."""
        verdict.unchecked = dict(unchecked(self.subject, self.trials[0], self.answered))
        missing = [name for name, excuse in verdict.unchecked.items() if not excuse]
        verdict.passed = verdict.passed and not missing and not self.unread
        verdict.mistakes += [not_read(key, list(self.given)) for key in self.unread]
        verdict.mistakes += [not_found(name, self.subject) for name in missing]

    def _add_remarks(self, verdict: Verdict) -> None:
        subject, plan = self.subject, self.subject.plan
        if plan is not None and plan.by_output:
            verdict.remarks.append(f"{subject.name} was given the result of the forward pass")
        for name, x in self.given.items():
            if isinstance(x, np.ndarray) and x.dtype.kind in "iu" and is_permutation(x):
                verdict.remarks.append(
                    f"{name} stayed a permutation: what repeated indices do was not tried"
                )
        for name, eps in self.epsilons.items():
            verdict.remarks.append(
                f"{gradient_name(name)} leaves out the {eps:g} that the forward pass adds"
            )
        if self.by_differences:
            verdict.remarks.append(
                "the engine cannot run the forward pass, so the gradients were compared with "
                "numeric differences, and only simple mistakes can be named"
            )

    def _right_at(self, trial: Trial, name: str, kinks: dict[str, Trial]) -> bool:
        if name not in trial.answer:
            return False
        if trial.is_right(name):
            return True
        if trial.flow is not None and within_kinks(trial, name):
            kinks.setdefault(name, trial)
            return True
        return self._right_but_for_epsilon(trial, name)

    def _right_but_for_epsilon(self, trial: Trial, name: str) -> bool:
        """Whether only an ε is left out, so small that it only keeps a logarithm finite."""
        found = without_epsilons(trial.flow) if trial.flow is not None else None
        if found is None or found[0] > NEGLIGIBLE or not trial.agrees(name, found[1][name]):
            return False
        self.epsilons.setdefault(name, found[0])
        return True

    def _add_stale(self, verdict: Verdict) -> None:
        """Call one object twice: does the second answer depend on the first call?"""
        if len(self.trials) < 2 or not all(verdict.right.values()):
            return
        first, second = self.trials[-2:]
        before = [(first.values, first.seeds)]
        try:
            answer = self.subject.answers([*before, (second.values, second.seeds)])[1]
        except Exception as error:  # whatever the program raises
            verdict.remarks.append(f"a second call raises {type(error).__name__}: {error}")
            return
        gradients = {n: g for n, g in answer.gradients.items() if n in second.answer}
        again = Trial(
            self.subject, second.values, gradients, second.seeds, self.by_differences, before
        )
        again.usual = self.usual
        for name in gradients:
            if not self._right_at(again, name, {}):
                verdict.passed = verdict.right[name] = False
                text = (
                    f"{gradient_name(name)} is right in the first call and wrong in the second: it "
                    "uses state that an earlier call left"
                )
                evidence = first_wrong_entry(name, again.answer[name], again.right[name])
                verdict.mistakes.append((name, "stale", "", text, evidence))

    def _explain(self, verdict: Verdict, wrong: list[str]) -> None:
        infinite = [name for name in wrong if self._infinite(name)]
        for name in infinite:
            trial = next(t for t in self.trials if not np.isfinite(t.answer[name]).all())
            text = f"{gradient_name(name)} is nan or infinite where the right gradient is finite"
            evidence = first_wrong_entry(name, trial.answer[name], trial.right[name])
            verdict.mistakes.append((name, "not finite", "", text, evidence))
        left = [name for name in wrong if name not in infinite]
        if left:
            self._search(verdict, left, self._telling(left))

    def _search(self, verdict: Verdict, wrong: list[str], trials: list[Trial]) -> None:
        """Look for what explains gradients at some points, and say what was found."""
        deaf = [name for name in wrong if self._is_deaf(name, trials[-1])]
        self._name_nodes(trials)
        findings = Search(trials, wrong, self._numbers(trials[0]), deaf).run()
        for finding in findings:
            verdict.mistakes += described_finding(finding, trials)
        explained = {name for finding in findings for name in finding.names}
        for name in wrong:
            if name not in explained:
                found = ignores_upstream(name, trials[-1]) if name in deaf else None
                verdict.mistakes.append(found or unexplained(name, trials[-1], verdict.right))

    def _name_nodes(self, trials: Sequence[Trial]) -> None:
        if trials[-1].flow is not None:
            called = name_nodes(trials[-1])
            for trial in trials:
                assert trial.flow is not None
                trial.flow.called = called

    def _numbers(self, trial: Trial) -> list[Number]:
        """The numbers by which a factor may be named."""
        flow, counts = trial.flow, self.subject.counts
        outputs = [y._data for y in flow.outputs] if flow is not None else trial.seeds
        values = trial.values if counts else {}
        return base_numbers(values, outputs if counts else (), flow, self._facts(), counts)

    def _telling(self, wrong: Sequence[str]) -> list[Trial]:
        """The points to explain: random ones, and the given one unless it is at a kink."""
        shown = all(any(not t.is_right(name) for t in self.trials) for name in wrong)
        pool = self.trials if shown or not self.others else self.others
        trials = _of_one_course([t for t in pool if all(name in t.answer for name in wrong)])
        if len(trials) > 2 and not any(trials[-1].is_right(name) for name in wrong):
            return trials[1:] if _at_a_kink(trials[0]) else trials
        differing = [t for t in trials if not all(map(t.is_right, wrong))]
        return [*(t for t in trials if t not in differing), *differing]

    def _infinite(self, name: str) -> bool:
        return any(
            not np.isfinite(t.answer[name]).all() and np.isfinite(t.right[name]).all()
            for t in self.trials
            if name in t.answer and t.answer[name].dtype.kind == "f"
        )

    def _facts(self) -> dict[str, float]:
        """The numbers that an object has as attributes, and a function as defaults."""
        layer = getattr(self.subject, "layer", None)
        found = dict(vars(layer)) if hasattr(layer, "__dict__") else {}
        function = getattr(self.subject, "forward", None)
        code, defaults = getattr(function, "__code__", None), getattr(function, "__defaults__", ())
        if code is not None and defaults:
            named = code.co_varnames[: code.co_argcount][-len(defaults) :]
            found |= dict(zip(named, defaults, strict=True))
        return {name: value for name, value in found.items() if type(value) in (int, float)}

    def _is_deaf(self, name: str, trial: Trial) -> bool:
        """Whether another cotangent gives the same answer."""
        if not self.subject.has_cotangent or not np.any(trial.answer[name]):
            return False
        seeds = self._seeds(trial.seeds)
        other = self.subject.answers([(trial.values, seeds)])[0].gradients.get(name)
        return other is not None and np.array_equal(other, trial.answer[name])


def _of_one_course(trials: list[Trial]) -> list[Trial]:
    """The trials that ran through the same operations as the last; all of them if none is known."""
    if not trials or trials[0].flow is None:
        return trials
    last = trials[-1].flow
    assert last is not None
    return [t for t in trials if t.flow and t.flow.operations == last.operations]


def _at_a_kink(trial: Trial) -> bool:
    return trial.flow is not None and any(True for y in trial.flow.outputs for _ in choices_met(y))


def _in_float64(x: Any) -> Any:
    return np.asarray(x, float) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def _plain(x: Any) -> Any:
    return np.array(x) if isinstance(x, np.ndarray) else x
