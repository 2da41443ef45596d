"""Mistakes in the engine's code are noticed: a sample of them, and the machinery that plants them."""

import ast
import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.mutation.code import mutants as m
from tests.mutation.code.explained import EXPLAINED
from tests.mutation.code.report import PAGE, explains, load, page

SAMPLE = 30
POSIX_ONLY = pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants run in forks")


def run(*arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=m.REPOSITORY,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )


@POSIX_ONLY
def test_killed_mutants_are_still_killed():
    done = run("-m", "tests.mutation.code", "--sample", str(SAMPLE))
    assert done.stdout, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


@POSIX_ONLY
def test_a_mutant_that_changes_nothing_that_a_test_sees_survives():
    """Or the machinery would call everything killed: here the test has nothing to do with the change."""
    program = """
import sys
from tests.mutation.code.mutants import mutants
from tests.mutation.code.run import killers_of
file, *tests = sys.argv[1:]
mutant = next(m for m in mutants() if m.home == "autograd/engine/graph.py:label")
found = killers_of([mutant], [file], {mutant.home: [f"{file}::{test}" for test in tests]})
print(list(found.values()))
"""
    file = "tests/autograd/engine/test_note.py"
    source = (m.REPOSITORY / file).read_text(encoding="utf-8")
    tests = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    done = run("-c", program, file, *tests)
    assert done.stdout.splitlines()[-1:] == ["['']"], done.stderr


def test_every_mutant_has_a_key_of_its_own_and_is_a_change_that_compiles():
    found = m.mutants()
    assert len({x.key for x in found}) == len(found) > 4000
    for mutant in found[::97]:
        tree = mutant.tree()
        assert ast.dump(tree) != ast.dump(m.tree_of(mutant.file))
        compile(tree, mutant.file, "exec")
        assert ast.dump(m.tree_of(mutant.file)) == ast.dump(ast.parse(m.source_of(mutant.file)))


def test_wording_annotations_and_assertions_are_left_alone():
    text = """
def f(x: 1, y=2) -> 3:
    \"\"\"4\"\"\"
    assert x == 5
    got = f"{6}" if x else 7
    if x > 8:
        raise ValueError(message("f", 9))
    return zip(x, y, strict=True)
"""
    nodes = [node for node, _ in m._code(ast.parse(text), "", "")]
    offers = [f"{name}: {ast.unparse(n)}" for n in nodes for name, _ in m._offers(n)]
    assert Counter(offers) == Counter(
        [
            "constant changed: 2",
            "comparison inverted: x > 8",
            "boundary moved: x > 8",
            "constant changed: 8",
            "raise dropped: raise ValueError(message('f', 9))",
            "returns None: return zip(x, y, strict=True)",
        ]
    )


def test_what_is_planted_runs_in_functions_and_in_closures_that_exist():
    """In a child, because the change stays."""
    program = """
import autograd as ag
from tests.mutation.code.mutants import mutants
from tests.mutation.code.planting import plant
x = ag.Tensor(2.0, requires_grad=True)
def take(home, change):
    plant(next(m for m in mutants() if m.home == home and change in m.key))
before = (-x).number, x.detach().requires_grad
take('autograd/engine/graph.py:label', 'returns None')
take('autograd/engine/unrolled.py:unary', 'returns None: return node')
take('autograd/transforms/gradient.py:grad', 'constant changed: 0 → 1')
from autograd.engine.graph import label
print(label(x), -x, ag.grad.__defaults__)
"""
    done = run("-c", program)
    assert done.stdout.split() == ["None", "None", "(1,)"], done.stderr


def test_the_page_tells_the_results():
    assert PAGE.read_text(encoding="utf-8") == page(load()), "run python -m tests.mutation.code"


def test_explanations_are_of_survivors_and_given_once():
    keys = [key for keys in EXPLAINED.values() for key in keys]
    assert len(keys) == len(set(keys))
    survived = load()["survived"]
    assert [key for key in keys if not any(explains(key, one) for one in survived)] == []


def test_defaults_change_in_the_function_that_is_meant():
    """Others of its name may begin at the same line of other files."""
    program = """
import inspect, nn
from tests.mutation.code.mutants import mutants
from tests.mutation.code.planting import plant
for mutant in mutants():
    kind, _, method = mutant.function.partition(".")
    if mutant.file.startswith("nn/optim/ad") and "constant changed: 0.9 →" in mutant.key:
        if method == "__init__":
            before = inspect.signature(getattr(nn.optim, kind))
            plant(mutant)
            print(before != inspect.signature(getattr(nn.optim, kind)))
"""
    assert set(run("-c", program).stdout.split()) == {"True"}
