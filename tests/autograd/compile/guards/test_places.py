"""Places: found again, put back, and compared."""

import types
from collections import deque
from contextvars import ContextVar
from functools import partial

import numpy as np
import pytest

from autograd.compile.guards.places import (
    MISSING,
    Contents,
    Growth,
    Place,
    apart,
    equal,
    lacks,
    mangled,
    words_in,
)


class Slotted:
    __slots__ = ("x",)


class Owner:
    x = 1


def cell():
    value = 1
    return (lambda: value).__closure__[0]


def slotted():
    made = Slotted()
    made.x = 1
    return made


@pytest.mark.parametrize(
    ("container", "key"),
    [({"x": 1}, "x"), ([0, 1], 1), (deque([1]), 0), (cell(), None), (slotted(), "x"), (Owner, "x")],
    ids=["dict", "list", "deque", "cell", "slot", "class"],
)
def test_a_place(container, key):
    place = Place(container, key, "", "")
    assert place.get() == 1
    place.set(5)
    assert place.get() == 5
    place.set(1)


def test_arguments_that_others_keep():
    def f(x, y=1):
        return x, y

    bound, variable = partial(f, 1, y=2), ContextVar("variable")
    Place(f, "__defaults__", "", "").set((3,))
    Place(bound, "args", "", "").set((4,))
    Place(variable, None, "", "").set(5)
    assert f(0) == (0, 3) and bound() == (4, 2) and variable.get() == 5
    assert Place(variable, None, "", "").get() == 5 and Place(bound, "args", "", "").get() == (4,)


def test_what_is_one_object():
    x, y = [1], [1]
    assert apart([x, y], ()) and not apart([x, x], ()) and not apart([x, y], (id(y),))


def test_what_is_not_there():
    assert lacks(Slotted(), "x") and not lacks(slotted(), "x") and lacks(types.CellType(), None)
    assert mangled(Slotted, "__x") == "_Slotted__x" and mangled(Slotted, "__x__") == "__x__"
    space = {}
    assert Place(space, "x", "", "").get() is Place([], 3, "", "").get() is MISSING
    Place(space, "x", "", "").set(2)
    Place(space, "x", "", "").set(MISSING)
    assert space == {}
    history = [1]
    growth = Growth(history, ("append", 0), "o1", "history")
    growth.set(2)
    assert history == [1, 2] and growth.get() is MISSING and growth.assignment == "o1.append(v)"


@pytest.mark.parametrize(
    "make", [lambda: {"a": 1, "b": 2}, lambda: [1, 2], lambda: {1, 2}, lambda: deque([1, 2])]
)
def test_contents_are_restored(make):
    x = make()
    contents = Contents(x, "x")
    assert contents.difference() == ""
    x.clear()
    assert "adds to or removes from x" in contents.difference()
    contents.restore()
    assert x == make() and type(x) is type(make())


def test_order_counts_but_for_objects():
    for ordered in (True, False):
        x = {"a": 1, "b": 2}
        contents = Contents(x, "x", ordered)
        x["a"] = x.pop("a")
        assert bool(contents.difference()) is ordered
        contents.restore()
        assert list(x) == ["a", "b"]


def test_growing():
    x = [1, 2]
    contents = Contents(x, "x")
    x.append(3)
    assert contents.grew() and contents.new() == [(2, 3)]
    x[0] = 7
    assert not contents.grew()


def test_equal():
    assert (
        equal(np.nan, np.nan) and equal(np.array([np.nan]), np.array([np.nan])) and equal("a", "a")
    )
    assert not equal(0.0, -0.0) and not equal(1, 1.0) and not equal(True, 1)


def test_words():
    code = (lambda o: [o.rate, {"key": getattr(o, "word")}, (lambda: o.inner)]).__code__  # noqa: B009
    assert {"rate", "word", "inner", "getattr"} <= words_in(code)
    assert isinstance(code, types.CodeType)
