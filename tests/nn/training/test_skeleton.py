"""Trees as JSON: round trips, and what is not such a tree. Whole files are in test_checkpoint.py."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from nn.training.skeleton import DEEPEST, as_stored, decoded, encoded
from nn.training.tensor_file import METADATA, Damaged

NUMBERS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
TREES = st.recursive(
    NUMBERS,
    lambda t: (
        st.lists(t, max_size=4)
        | st.lists(t, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(), t, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=50, deadline=None)
@given(TREES)
def test_a_tree_comes_back_with_its_types(tree):
    arrays = {}
    text = json.dumps(encoded(tree, "tree", arrays))
    found = decoded(json.loads(text), arrays, "tree")
    assert found == tree and repr(found) == repr(tree) and not arrays


def test_arrays_and_their_scalars_stand_beside_it():
    tree = [np.arange(3), np.float32(2.5), ag.Tensor([1.0]), np.bool_(True), np.array(7)]
    arrays = {}
    text = json.dumps(encoded(tree, "t", arrays))
    assert text == (
        '{"list": [{"array": "t/0"}, {"scalar": "t/1"}, {"array": "t/2"}, {"scalar": "t/3"}, '
        '{"array": "t/4"}]}'
    )
    found = decoded(json.loads(text), arrays, "t")
    assert [type(x) for x in found] == [np.ndarray, np.float32, np.ndarray, np.bool_, np.ndarray]
    assert [np.asarray(x).tolist() for x in found] == [[0, 1, 2], 2.5, [1.0], True, 7]


def test_what_is_stored_is_a_copy_in_the_order_of_the_machine():
    x = np.arange(6.0).reshape(2, 3).T
    stored = as_stored("x", x)
    assert stored.flags.c_contiguous and not np.shares_memory(stored, x)
    assert as_stored("x", np.arange(2).astype(">i4")).dtype.isnative
    for wrong in (["a"], [1j], [object()], [[1], [1, 2]], np.datetime64("2000", "D")):
        with pytest.raises(TypeError, match="as 'x'; expected an array of floats, ints or bools"):
            as_stored("x", wrong)


@pytest.mark.parametrize("key", [2.5, None, True, (1,), b"a"])
def test_keys_are_strings_or_ints(key):
    with pytest.raises(TypeError, match=r"got the key .* in t/a; expected a str or an int"):
        encoded({"a": {key: 1}}, "t", {})


@pytest.mark.parametrize(
    ("around", "stored"),
    [
        (lambda x: [x], lambda x: {"list": [x]}),
        (lambda x: (x,), lambda x: {"tuple": [x]}),
        (lambda x: {"a": x}, lambda x: {"dict": [["a", x]]}),
    ],
    ids=["lists", "tuples", "dictionaries"],
)
def test_depths_are_counted_alike_in_both_directions(around, stored):
    tree, json_ = 1, 1
    for _ in range(DEEPEST + 1):
        tree, json_ = around(tree), stored(json_)
    assert encoded(tree, "t", {}) == json_ and decoded(json_, {}, "t") == tree
    with pytest.raises(ValueError, match="more than 100 levels in t"):
        encoded(around(tree), "t/a", {})
    with pytest.raises(Damaged, match="is nested too deeply"):
        decoded(stored(json_), {}, "t")


@pytest.mark.parametrize("mask", [[False, True], np.ma.nomask])
def test_a_mask_is_not_dropped_in_silence(mask):
    masked = np.ma.array([1.0, 2.0], mask=mask)
    with pytest.raises(TypeError, match=r"got a masked array as 'x'; .*; save x\.filled"):
        as_stored("x", masked)
    with pytest.raises(TypeError, match="a masked array as 't/a'"):
        encoded({"a": masked}, "t", {})


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([], "t holds a list, and not one kind of value"), (["array"], "t holds a list"), ({}, "t holds a dict"), ({"list": [], "tuple": []}, "t holds a dict"),
        ({"array": "no"}, "t is the array 'no', which is missing"), ({"array": 3}, "t is the array 3, which is missing"),
        ({"scalar": "x"}, r"t is a number of shape \(2,\)"), ({"set": []}, "t is of the unknown kind 'set'"), ({"list": 3}, "t is of the unknown kind 'list'"),
        ({"dict": [3]}, "t has 3 in place of a name and a value"), ({"dict": [[1]]}, r"t has \[1\] in place of"), ({"dict": [[1, 2, 3]]}, r"t has \[1, 2, 3\] in place of a name"),
        ({"dict": [[None, 1]]}, r"t has \[None, 1\] in place"), ({"dict": [["a", 1], ["a", 2]]}, "t has the name 'a' twice"),
        ({"dict": [["a", {"tuple": [1, {"array": "no"}]}]]}, "t/a/1 is the array 'no', which is missing"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_place(tree, message):
    with pytest.raises(Damaged, match=f"^{message}"):
        decoded(tree, {"x": np.ones(2), "n": np.array(1.0)}, "t")
    assert decoded({"scalar": "n"}, {"n": np.array(1.0)}, "t") == 1.0


def test_arrays_at_equal_paths_have_names_of_their_own():
    tree = {1: np.array(1), "1": np.array(2), "a/b": np.array(3), "a": {"b": np.array(4)}, "a/b (2)": np.array(5)}  # fmt: skip
    arrays = {}
    found = decoded(json.loads(json.dumps(encoded(tree, "t", arrays))), arrays, "t")
    assert list(arrays) == ["t/1", "t/1 (2)", "t/a/b", "t/a/b (2)", "t/a/b (2) (2)"]
    assert found == tree
    arrays = {}
    encoded([np.array(1)], "__metadata__", arrays), encoded(np.array(1), METADATA, arrays)
    assert METADATA not in arrays and len(arrays) == 2
    encoded({"\ud800": np.array(1)}, "t", arrays)
    assert "t/\\ud800" in arrays
