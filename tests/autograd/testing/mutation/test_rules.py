"""Sources of rules are found, changed in a copy, installed and put back."""

import ast

import numpy as np
import pytest

import autograd as ag
from autograd.primitives import PRIMITIVES
from autograd.testing.mutation import rules as r


def test_a_change_is_made_in_a_copy():
    [text] = [t for t in r.texts() if t.name == "square[0]"]
    before = ast.unparse(text.tree)
    places = list(ast.walk(text.tree))
    place = next(i for i, n in enumerate(places) if isinstance(n, ast.Constant))
    tree = r.changed(text.tree, place, ast.Constant(3.0))
    assert ast.unparse(tree) == "lambda g, out, x: g * (3.0 * x)"
    assert ast.unparse(text.tree) == before == "lambda g, out, x: g * (2.0 * x)"


def test_rules_are_restored_after_an_error():
    op = PRIMITIVES["mul"]
    before = op.rules
    with pytest.raises(ZeroDivisionError), r.installed({op: ()}):
        assert op.rules == ()
        raise ZeroDivisionError
    assert op.rules is before


@pytest.mark.parametrize(
    ("axis", "expected"), [(1, 0), ((0, 2), (-1, 1)), ((2, 0, 1), (0, 1, 2)), ((0,), (-1,))]
)
def test_the_wrong_axis(axis, expected):
    assert r.wrong_axis(axis) == expected


def test_the_largest_entry_is_zeroed():
    np.testing.assert_array_equal(r.one_zeroed(np.array([1.0, -3.0, 2.0])), [1.0, 0.0, 2.0])
    assert isinstance(r.one_zeroed(ag.Tensor([1.0])), ag.Tensor)
