"""Words are found where Python keeps what it reads, change when that changes, and are given up
otherwise."""

import collections
import types

import numpy as np
import pytest

import autograd as ag
from autograd.compile.guards import memory
from autograd.compile.guards.memory import Unwatched

pytestmark = pytest.mark.skipif(not memory.readable(), reason="this Python is not read")


def unchanged(words):
    """As native code compares: none after one that changed, which may lie in freed memory."""
    return all(memory.word(address) == value for address, value in words)


class Plain:
    def __init__(self):
        self.first, self.second, self.truth = object(), 2.5, True


class Slotted:
    __slots__ = ("here", "there")

    def __init__(self):
        self.here, self.there = object(), None


def function(x=1.5):
    return x


def entries():
    """Each a container, its words, and a change that they must show."""
    d, large = {"a": object(), "b": 1}, {k: str(k) for k in range(1000)}
    numbers, mixed = [1.0, 2.0], {1: "x", (2, 3): "y", "z": "w"}
    x, y = Plain(), Plain()
    shared, other = vars(x), vars(y)
    return {
        "an entry replaced": (memory.entry(d, "a"), lambda: d.update(a=object())),
        "an entry deleted": (memory.entry(d, "b"), lambda: d.pop("b")),
        "a large dictionary": (memory.entry(large, 777), lambda: large.update({777: "new"})),
        "a dictionary that grows": (memory.entry(large, 5), lambda: large.update(a=1, b=2) or large.update({f"k{k}": k for k in range(2000)})),
        "a key of another kind": (memory.entry(mixed, (2, 3)), lambda: mixed.update({(2, 3): "n"})),
        "a dictionary emptied": (memory.entry(mixed, "z"), mixed.clear),
        "an object's attribute": (memory.entry(shared, "second"), lambda: setattr(x, "second", 3.5)),
        "an attribute deleted": (memory.entry(other, "first"), lambda: delattr(y, "first")),
        "a list's entry": (memory.item(numbers, 1), lambda: numbers.__setitem__(1, 3.0)),
        "a longer list": (memory.item(numbers, 0), lambda: numbers.append(1)),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(entries()))
def test_an_entry_that_changes(name):
    words, change = entries()[name]
    assert unchanged(words)
    change()
    assert not unchanged(words)


def test_the_same_entry_put_again():
    d = {"a": [1]}
    words = memory.entry(d, "a")
    d["a"] = d["a"]
    assert unchanged(words)


def test_other_entries_do_not_matter():
    d = dict.fromkeys(range(100), 0.5)
    words = memory.entry(d, 7)
    d[8] = 1.5
    assert unchanged(words)


@pytest.mark.parametrize("x", [[], {}, set(), [1], {"a": 1}, {1, 2}, collections.OrderedDict(a=1)])
def test_length(x):
    words = [memory.length(x)]
    assert unchanged(words)
    add = {list: "append", set: "add"}.get(type(x))
    if add:
        getattr(x, add)(object())
    else:
        x["new"] = 1
    assert not unchanged(words)


def test_the_order_of_keys():
    d = {"a": 1, "b": 2, "c": 3}
    words = memory.order(d)
    d["a"] = 5
    assert unchanged(words)  # values do not matter
    d["b"] = d.pop("b")
    assert list(d) == ["a", "c", "b"]
    assert not unchanged(words)


def test_a_key_replaced_by_another():
    d = {"a": 1, "b": 2}
    words = memory.order(d)
    del d["b"]
    d["x"] = 2
    assert not unchanged(words)


@pytest.mark.parametrize(
    "x", [collections.OrderedDict(a=1), collections.defaultdict(list), vars(Plain())]
)
def test_an_order_that_stands_elsewhere(x):
    with pytest.raises(Unwatched):
        memory.order(x)


def test_slots():
    x = Slotted()
    for name in ("here", "there"):
        words = memory.attribute(x, name)
        assert unchanged(words)
        setattr(x, name, object())
        assert not unchanged(words)


def test_the_slots_of_a_tensor():
    t = ag.Tensor([1.0, 2.0], requires_grad=True)
    words = {n: memory.attribute(t, n) for n in ("op", "note", "requires_grad", "_data", "_grad")}
    assert all(map(unchanged, words.values()))
    (t * t).sum().backward()
    t.requires_grad = False
    t.data = np.zeros(2)
    found = {n for n, w in words.items() if not unchanged(w)}
    assert found == {"requires_grad", "_data", "_grad"}


def test_the_dictionary_of_an_object():
    x = Plain()
    vars(x)
    words = memory.attribute(x, "__dict__")
    x.first = 1
    assert unchanged(words)
    x.__dict__ = {"first": 2}
    assert not unchanged(words)


def test_a_cell_and_a_function():
    cell = types.CellType(1.5)
    words = memory.attribute(cell, "cell_contents")
    cell.cell_contents = 2.5
    assert not unchanged(words)
    own = types.FunctionType(function.__code__, {}, "own", (1.5,))
    for name, value in (
        ("__defaults__", None),
        ("__code__", (lambda: 0).__code__),
        ("__kwdefaults__", {"x": 1}),
    ):
        words = memory.attribute(own, name)
        assert unchanged(words)
        setattr(own, name, value)
        assert not unchanged(words), name


def setflags(x):
    x.setflags(write=False)


def other_dtype(x):
    x.dtype = np.int64


CHANGES = [setflags, other_dtype]


@pytest.mark.parametrize("change", CHANGES)
def test_the_form_of_an_array(change):
    x = np.zeros((3, 4))
    words = list(memory.array(x))
    x[1, 2] = 5.0
    assert unchanged(words)
    change(x)
    assert not unchanged(words)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("shape", [(4, 3), (12,), (2, 6), (3, 4, 1)])
def test_a_shape_set_in_place(shape):
    x = np.zeros((3, 4))
    words = list(memory.array(x))
    x.shape = shape
    assert not unchanged(words)


@pytest.mark.parametrize("of", [
    lambda: memory.attribute(Plain(), "first"),
    lambda: memory.attribute(Plain, "__dict__"),
    lambda: memory.attribute(function, "__name__"),
    lambda: memory.attribute(np.zeros(2), "shape"),
    lambda: memory.length((1, 2)),
    lambda: memory.length("word"),
    lambda: memory.expected(id(Plain()), -1),
])  # fmt: skip
def test_what_is_not_a_word(of):
    with pytest.raises(Unwatched):
        of()


def test_counting():
    x = object()
    held = [x, x, x]
    import sys

    assert sys.getrefcount(x) - memory.word(id(x)) in (0, 1)
    assert len(held) == 3
