"""Every planted mistake is caught or explained, and the machinery that says so works."""

import ast
import copy
import re
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
from tests.mutation.report import Outcome, by_operator, by_primitive, page, problems


def mutant(where, operator, change) -> Mutant:
    [found] = [m for m in mutants() if m.key == (where, operator, change)]
    return found


@pytest.fixture(scope="module")
def outcomes():
    return [Outcome(m, verdict(m)) for m in mutants()]


# --- the result -----------------------------------------------------------------------------------


def test_every_mutant_is_caught_or_explained(outcomes):
    assert problems(outcomes) == []


def test_the_page_is_up_to_date(outcomes):
    assert PAGE.read_text(encoding="utf-8") == page(outcomes), "run python -m tests.mutation"


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


def test_the_tables_add_up(outcomes):
    for rows in (by_operator(outcomes), by_primitive(outcomes)):
        *parts, total = rows
        assert total.planted == len(mutants()) == sum(row.planted for row in parts)
        assert total.survived == sum(len(e.changes) for e in EXPLAINED)
    assert by_operator(outcomes)[-1].cells()[0] == "all"


def test_no_explanation_is_given_twice():
    keys = [key for e in EXPLAINED for key in e.keys]
    assert len(set(keys)) == len(keys)
