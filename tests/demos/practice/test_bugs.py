"""Bugs are drawn by a seed, are mistakes, and are named right."""

import numpy as np
import pytest

from demos.practice.bugs import OPERATORS, changes_of, draw, is_likely, planted
from demos.practice.catalogue import BY_NAME
from demos.practice.exercises import EXERCISES

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bug_is_named_by_the_examiner_as_its_operator_says(seed):
    bug = draw(seed)
    assert bug.kind in set().union(*OPERATORS.values())
    assert bug.judge(bug.kind, bug.line).startswith("Yes. d")
    namespace = dict(vars(__import__("demos.practice.passes", fromlist=["passes"])))
    exec(bug.source, namespace)
    report = bug.exercise.grade(namespace[f"{bug.exercise.key}_backward"])
    assert not report.passed and [m.kind for m in report.mistakes] == [bug.kind]


def test_seeds_differ_and_repeat():
    sources = [draw(seed).source for seed in SEEDS]
    assert len(set(sources)) >= 8 and draw(3).source == sources[3]


def test_answers():
    bug = draw(2)
    other = next(kind for kind in sorted(set().union(*OPERATORS.values())) if kind != bug.kind)
    assert "line is right" in bug.judge(other, bug.line)
    assert "kind is right" in bug.judge(bug.kind, bug.line + 1)
    assert "Not yet" in bug.judge(other, bug.line + 1)
    assert bug.numbered.splitlines()[bug.line - 1].startswith(f"{bug.line:3}  ")


def test_every_exercise_has_bugs():
    """Of each, at least one of its likely changes is a mistake that is named as it should."""
    rng = np.random.default_rng(0)
    without = []
    for exercise in EXERCISES:
        changes = list(changes_of(exercise))
        order = rng.permutation(len(changes))
        if not any(planted(exercise, *changes[i]) is not None for i in order):
            without.append(exercise.name)
    assert without == []


def test_what_nobody_writes_is_left_out():
    changes = list(changes_of(BY_NAME["average-pool"]))
    assert not any(name == "operands exchanged" for name, _, _ in changes)
    assert is_likely("sign flipped", None)
