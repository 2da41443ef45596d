"""Nested tuples, lists and dictionaries as flat lists of leaves, and back."""

from collections import OrderedDict, namedtuple

import pytest

import autograd as ag
from autograd.tree import leaves, leaves_like, tree_map, unflatten

Pair = namedtuple("Pair", "left right")
TREE = {"b": [1, (2, 3)], "a": Pair(4, []), "c": OrderedDict(z=5)}


def test_leaves_come_from_left_to_right():
    assert leaves(TREE) == [1, 2, 3, 4, 5]
    assert leaves(7) == [7] and leaves([]) == []


def test_unflatten_builds_the_same_kinds_of_nodes():
    built = unflatten(TREE, iter("vwxyz"))
    assert built == {"b": ["v", ("w", "x")], "a": Pair("y", []), "c": OrderedDict(z="z")}
    assert (
        type(built["a"]) is Pair
        and type(built["c"]) is OrderedDict
        and list(built) == ["b", "a", "c"]
    )


def test_tree_map_changes_leaves_only():
    assert tree_map(lambda x: x * 10, (1, [2, {"k": 3}])) == (10, [20, {"k": 30}])


def test_leaves_like_goes_by_key_not_by_order():
    assert leaves_like({"b": 2, "a": 1}, {"a": 0, "b": 0}) == [1, 2]


@pytest.mark.parametrize(
    ("tree", "model"), [((1,), (1, 2)), ({"a": 1}, {"b": 1}), (1, [1]), ([1], 1)]
)
def test_trees_of_another_form_are_refused(tree, model):
    with pytest.raises(ag.ShapeError):
        leaves_like(tree, model)
