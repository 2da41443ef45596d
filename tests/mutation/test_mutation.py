"""Every planted mistake is caught or explained, and the machinery that says so works."""

import ast
import copy
import re
import zlib
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest

from autograd.backends.numpy import NumPyArrays
from autograd.engine import backward
from autograd.primitives import PRIMITIVES
from autograd.testing.mutation import rules as r
from tests.mutation.__main__ import PAGE
from tests.mutation.explained import EXPLAINED, Explanation
from tests.mutation.mutants import (
    BY_ERROR,
    BY_NUMBER,
    SURVIVED,
    Mutant,
    checks_of,
    engine_checks,
    mutants,
    verdict,
)
from tests.mutation.report import INTRODUCTION, Outcome, by_operator, by_primitive, page, problems


def mutant(where, operator, change) -> Mutant:
    [found] = [m for m in mutants() if m.key == (where, operator, change)]
    return found


PARTS = 4
KEYS = {key for e in EXPLAINED for key in e.keys}
SHARE = 5  # one of so many is run here; all by `python -m tests.mutation --check`


def drawn(m):
    """A number that depends on a mutant alone."""
    return zlib.crc32("|".join(m.key).encode())


@pytest.fixture(scope="module")
def expected():
    """All mutants with a verdict that they should have; how they are caught, only a run tells."""
    return [Outcome(m, SURVIVED if m.key in KEYS else BY_NUMBER) for m in mutants()]


# --- the result -----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_a_sample_of_the_mutants_is_caught_or_explained(part):
    sample = [m for m in mutants() if drawn(m) % (PARTS * SHARE) == part * SHARE]
    assert len(sample) > 80
    outcomes = [Outcome(m, verdict(m)) for m in sample]
    assert problems(outcomes, complete=False) == []
    survivors = {o.mutant.key for o in outcomes if o.verdict == SURVIVED}
    assert {m.key for m in sample} & KEYS == survivors


def test_the_page_tells_of_these_mutants(expected):
    """As many by kind and by primitive, and the same explanations: else run
    `python -m tests.mutation`, which runs all and writes the page."""
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| .*%", text, re.M)
    tables = by_operator(expected) + by_primitive(expected)
    assert rows == [row.cells()[:2] for row in tables]
    assert f"The other {len(KEYS)} are explained." in text
    same = page(expected)
    assert text.startswith(INTRODUCTION) and text.endswith(same[same.index("## Explained") :])
    assert {m.key for m in mutants()} >= KEYS


def test_every_primitive_and_the_engine_have_mutants():
    planted_in = {op.name for text in r.texts() for op in text.users}
    assert planted_in == PRIMITIVES.keys() - {"zeros_like"}  # which has no rule
    assert {m.counts_for for m in mutants()} - PRIMITIVES.keys() == {"the engine"}
    assert len(mutants()) > 1500


def test_every_mutant_has_a_key_of_its_own_and_is_a_change():
    assert len({m.key for m in mutants()}) == len(mutants())
    for m in mutants():
        before, arrow, after = re.sub(r" #\d+$", "", m.change).partition(" → ")
        assert not arrow or before != after


# --- a wrong rule is caught, a right one passes ---------------------------------------------------


@pytest.mark.parametrize(
    ("where", "operator", "change", "expected"),
    [
        ("arithmetic.mul[0]", "saved value swapped", "y → x", BY_NUMBER),
        ("arithmetic.sub[1]", "sign flipped", "-c", BY_NUMBER),
        ("elementary.tanh[0]", "factor 1.01", "1.01 * c", BY_NUMBER),
        ("elementary.exp2[0]", "constant changed", "_LN2 → 1.01 * _LN2", BY_NUMBER),
        ("arithmetic._larger", "constant changed", "0.5 → 0.505", BY_NUMBER),
        ("contraction.matmul[0]", "transpose skipped", "y.mT → y", BY_ERROR),
        ("cotangents.add", "`=` for `+=`", "total + contribution → contribution", BY_NUMBER),
        ("unrolled._walk_alone", "`=` for `+=`", "total + c → c", BY_NUMBER),
    ],
)
def test_known_mistakes(where, operator, change, expected):
    assert verdict(mutant(where, operator, change)) == expected


@pytest.mark.parametrize("text", r.texts(), ids=lambda text: text.name)
def test_an_unchanged_rule_passes(text):
    """Through the same machinery: taken from its source, compiled, installed."""
    rules = r.rules_with(text, copy.deepcopy(text.tree))
    with r.installed(rules), np.errstate(all="ignore"):
        for op in text.users:
            assert op.rules is rules[op]
        for order in (1, 2):
            for check in checks_of(text.users)(order):
                check()


@pytest.mark.parametrize("part", r.engine(), ids=lambda part: part.name)
def test_the_unchanged_engine_passes(part):
    with part.replaced(part.compiled(copy.deepcopy(part.tree))):
        for order in (1, 2):
            for check in engine_checks(order):
                check()


def test_without_the_mistake_everything_passes():
    for m in {m.counts_for: m for m in mutants()}.values():
        assert verdict(replace(m, planted=nullcontext)) == SURVIVED


# --- everything is put back -----------------------------------------------------------------------


def test_rules_are_restored():
    before = {op: op.rules for op in PRIMITIVES.values()}
    pull, fit = backward.pull_nodes, vars(NumPyArrays)["fit"]
    for m in mutants()[::97]:
        verdict(m)
    for m in mutants()[-10:]:
        verdict(m)
    assert all(op.rules is rules for op, rules in before.items())
    assert backward.pull_nodes is pull
    assert vars(NumPyArrays)["fit"] is fit


def test_a_name_that_does_not_exist_is_an_error_of_the_machinery():
    [text] = [t for t in r.texts() if t.name == "square[0]"]
    body = list(ast.walk(text.tree)).index(text.tree.body)
    tree = r.changed(text.tree, body, ast.Name("nowhere", ast.Load()))
    planted = lambda: r.installed(r.rules_with(text, tree))
    broken = replace(mutant("arithmetic.square[0]", "sign flipped", "-c"), planted=planted)
    with pytest.raises(NameError):
        verdict(broken)


# --- the report -----------------------------------------------------------------------------------


def test_an_unexplained_survivor_and_a_stale_explanation_are_problems():
    m = mutant("arithmetic.mul[0]", "saved value swapped", "y → x")
    [problem] = problems([Outcome(m, SURVIVED)], complete=False)
    assert problem == "not caught: arithmetic.mul[0], saved value swapped: y → x    in: g * y"
    explained = (Explanation(m.where, ((m.operator, m.change),), "a reason"),)
    assert problems([Outcome(m, SURVIVED)], explained) == []
    assert problems([Outcome(m, BY_NUMBER)], explained) == [f"stale explanation: {m.key}"]
    assert problems([Outcome(m, BY_NUMBER)], explained, complete=False) == []


def test_the_tables_add_up(expected):
    for rows in (by_operator(expected), by_primitive(expected)):
        *parts, total = rows
        assert total.planted == len(mutants()) == sum(row.planted for row in parts)
        assert total.survived == sum(len(e.changes) for e in EXPLAINED)
    assert by_operator(expected)[-1].cells()[0] == "all"


def test_no_explanation_is_given_twice():
    keys = [key for e in EXPLAINED for key in e.keys]
    assert len(set(keys)) == len(keys)
