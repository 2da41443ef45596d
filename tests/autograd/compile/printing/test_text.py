"""Names and texts: no two things share a name, and a text evaluates to what it stands for."""

import numpy as np
import pytest

from autograd.compile.printing.text import Names
from autograd.compile.program import Variable

FACTS = [
    1, -1, 2.5, -0.0, float("inf"), True, None, "word", (1, (2.0,)), [1, 2], {"a": 1}, ..., np.float32,
    np.dtype("f4"), np.float32(1.5), slice(1, None, 2), float,
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=[str(n) for n in range(len(FACTS))])
def test_facts(fact):
    names = Names()
    made = eval(names.static(fact), names.space)
    assert repr(made) == repr(fact)


def test_names_are_not_shared():
    names = Names()
    made = [names.fresh(word) for word in ("x", "x", "x", "lambda", "0.weight", "", "np", "a b")]
    assert len(set(made)) == len(made) and all(name.isidentifier() for name in made)
    assert "np" not in made and "lambda" not in made
    assert names.numbered("z") == "z1" and names.numbered("z") == "z2"


def test_one_thing_has_one_name():
    names, thing = Names(), object()
    assert names.bind(thing, "k") == names.bind(thing, "k") != names.bind(object(), "k")


def test_indices_and_calls():
    names = Names()
    x = Variable((3,), np.dtype(float), "input", "x")
    names.names[x] = "x"
    assert names.index((slice(None), 0, None)) == ":, 0, None"
    assert names.index((slice(1, 3),)) == "1:3,"
    assert names.call((x, -1.0), {"axis": (0,)}) == "(x, -1.0, axis=(0,))"
