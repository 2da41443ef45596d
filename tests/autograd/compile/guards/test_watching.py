"""Guards as words: each expression that guards are made of, true, then made false."""

import types
import weakref

import numpy as np
import pytest

from autograd.compile.guards import memory
from autograd.compile.guards.memory import Unwatched
from autograd.compile.guards.watching import Watching
from tests.autograd.compile.guards.test_memory import Plain, unchanged

pytestmark = pytest.mark.skipif(not memory.readable(), reason="this Python is not read")


def scene():
    """Objects by the names that guards give them."""
    x, cell, array = Plain(), types.CellType(0.5), np.zeros((2, 3))
    group = {"lr": 0.1, "x": array, "none": None, "t": (1, 2)}
    return {
        "o1": x, "o2": vars(x), "o3": group, "o4": [1.0, x], "o5": {}, "o6": cell, "o7": array,
        "o8": (x, 2.0), "o9": weakref.ref(x), "o10": set(), "o11": [], "k1": 0.1,
        "k2": ["lr", "x", "none", "t"], "k3": np.dtype(float), "k4": frozenset({"other"}),
        "o12": float, "ndarray": np.ndarray, "last": [array],
    }  # fmt: skip


TRUE = {
    "o3['lr'] is k1": lambda s: s["o3"].update(lr=0.2),
    "(o3['lr'] is k1 or type(o3['lr']) is o12 and o3['lr'] == k1)": lambda s: s["o3"].update(lr=1),
    "o3['none'] is None": lambda s: s["o3"].update(none=1),
    "o1.__dict__ is o2": lambda s: setattr(s["o1"], "__dict__", {}),
    "o2['truth'] is True": lambda s: setattr(s["o1"], "truth", False),
    "len(o3) == 4": lambda s: s["o3"].update(more=1),
    "[*o3] == k2": lambda s: s["o3"].update(lr=s["o3"].pop("lr")),
    "k4.isdisjoint(o3)": lambda s: s["o3"].update(other=1),
    "not o5": lambda s: s["o5"].update(a=1),
    "not o10": lambda s: s["o10"].add(1),
    "not o11": lambda s: s["o11"].append(1),
    "o4[1] is o1": lambda s: s["o4"].__setitem__(1, None),
    "len(o4) == 2": lambda s: s["o4"].append(1),
    "o6.cell_contents == 0.5": lambda s: setattr(s["o6"], "cell_contents", 1.5),
    "o7.shape == (2, 3) and o7.strides == (24, 8)": lambda s: s["o7"].setflags(write=False),
    "o7.dtype == k3 and o7.flags.writeable is True": lambda s: s["o7"].setflags(write=False),
    "type(o3['x']) is ndarray and o3['x'].shape == (2, 3)": lambda s: s["o3"].update(x=1),
    "type(o3['t']) is type(o8) and len(o3['t']) == 2": lambda s: s["o3"].update(t=(1, 2, 3)),
    "o3['t'][0] == 1": lambda s: s["o3"].update(t=(2, 2)),
    "o3['x'] is last[0]": lambda s: s["o3"].update(x=1),
    "(o3['lr'] is None) is False": lambda s: s["o3"].update(lr=None),
    "o3['lr'] == k1 and str(o3['lr']) == '0.1'": lambda s: s["o3"].update(lr=0.3),
    "o3['lr'] is not None": lambda s: s["o3"].update(lr=None),
    "o3['lr'] != -0.1": lambda s: s["o3"].update(lr=-0.1),
}


@pytest.mark.parametrize("source", list(TRUE))
def test_a_guard_that_stops_to_hold(source):
    s = scene()
    assert eval(source, dict(s))
    words = Watching(s, (s["last"],)).words(source)
    assert words
    assert unchanged(words)
    TRUE[source](s)
    assert not unchanged(words)


@pytest.mark.parametrize(
    "source", ["o8[0] is o1", "o9() is o1", "type(o7) is ndarray", "len(o8) == 2"]
)
def test_what_cannot_change_needs_no_word(source):
    s = scene()
    assert Watching(s).words(source) == []


@pytest.mark.parametrize("source", [
    "o3['lr'] is o1",  # not true
    "o3['missing'] is None",
    "len(args) == 0",
    "o3 == k1",
    "o4 == k2",
    "o10 == k4",
    "o1.first is None",
    "o3.keys() == k2",
    "sorted(o4) == k2",
    "o4[0] < 2.0",
    "[x for x in o4] == k2",
    "o7.size == 6",
    "[*o2] == k2",
    "weakref.ref(o1)() is o1",
])  # fmt: skip
def test_what_python_must_ask(source):
    with pytest.raises(Unwatched):
        Watching(scene()).words(source)


def test_a_dead_reference_is_not_watched():
    s = scene()
    s["o9"] = weakref.ref(Plain())
    with pytest.raises(Unwatched):
        Watching(s).words("o9() is o1")


def test_only_the_terms_that_decide_are_read():
    s = scene()
    words = Watching(s).words("(o3['lr'] is k1 or o3['none'] is o1)")
    s["o3"]["none"] = 5
    assert unchanged(words)


def test_values_are_kept():
    s = scene()
    watching = Watching(s)
    watching.words("o3['lr'] == k1")
    assert any(x is s["o3"]["lr"] for x in watching.values)
