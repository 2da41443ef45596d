"""What each operator offers in place of a node of a rule's source."""

import ast

import pytest

from autograd.testing.mutation import operators as o
from autograd.testing.mutation import rules as r


def offered(operator, source, parameters=("g", "out", "x", "y")):
    tree = ast.parse(f"lambda {', '.join(parameters)}: {source}", mode="eval").body
    [text] = [t for t in r.texts() if t.name == "mul[0]"]
    text = r.Text(text.module, "rule", tree, text.users, True)
    new = [
        ast.unparse(r.changed(tree, place, node).body)
        for place, old in enumerate(ast.walk(tree))
        for node in operator(old, text)
    ]
    return sorted(new)


@pytest.mark.parametrize(
    ("operator", "source", "expected"),
    [
        (o.sign_flipped, "-g", ["g"]),
        (o.sign_flipped, "g - x", ["g + x"]),
        (o.factor_dropped, "g * y", ["g", "y"]),
        (o.factor_dropped, "g / y", ["g"]),
        (o.term_dropped, "x + y", ["x", "y"]),
        (o.operands_exchanged, "x @ g", ["g @ x"]),
        (o.transpose_skipped, "x.mT @ g", ["x @ g"]),
        (o.condition_inverted, "g * (x > 0)", ["g * (x <= 0)"]),
        (o.equality_moved, "g * (x > 0)", ["g * (x >= 0)"]),
        (o.branches_exchanged, "where(x, g, 0.0)", ["where(x, 0.0, g)"]),
        (o.unbroadcast_skipped, "unbroadcast(g, x.shape)", ["g"]),
        (o.off_by_one, "2 * g", ["3 * g"]),
        (o.constant_changed, "g * 2.0", ["g * 2.02"]),
        (o.wrong_axis, "sum_(g, axis=axis)", ["sum_(g, axis=wrong_axis(axis))"]),
    ],
)
def test_what_is_offered(operator, source, expected):
    assert offered(operator, source) == expected


def test_a_value_is_swapped_for_every_other_parameter():
    assert offered(o.value_swapped, "g * y") == [
        "g * g",
        "g * out",
        "g * x",
        "out * y",
        "x * y",
        "y * y",
    ]
