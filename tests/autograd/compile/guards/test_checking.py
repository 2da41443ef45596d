"""Guards as lines: each container is asked once, and every guard still decides."""

import itertools

import pytest

from autograd.compile.guards.checking import Checking

O1, O2, O3 = {"a": None, "b": 3, "c": "w"}, [1, 2], {}
NAMES = {"o1": O1, "o2": O2, "o3": O3, "o4": O2, "k5": ["a", "b", "c"], "k6": "b"}
SOURCES = [
    "len(o1) == 3", "[*o1] == k5", "o1['a'] is None", "(o1['b'] is k7 or o1['b'] == 3)",
    "len(o2) == 2", "o2[0] == 1", "o2[1] == 2", "len(o3) == 0", "len(args) == 2",
    "args[0] is not args[1]", "type(args[1]) is int", "o1['c'] == 'w'",
]  # fmt: skip


def holds(sources, args, names):
    made = dict(names)
    checking = Checking(sources, names, made.__setitem__)
    lines = [*checking.lines, f"return {' and '.join(checking.tests)}"]
    exec("def check(args):\n    " + "\n    ".join(lines), made)
    try:
        return bool(made["check"](args))
    except Exception:
        return False


def plainly(sources, args, names):
    try:
        return all(eval(source, {**names, "args": args}) for source in sources)
    except Exception:
        return False


def without(d, key):
    return {k: v for k, v in d.items() if k != key}


CHANGES = {
    "nothing": {}, "a value": {"o1": {**O1, "a": 1}}, "an equal value": {"o1": {**O1, "b": 3.0}},
    "a key less": {"o1": without(O1, "c")}, "a key more": {"o1": {**O1, "d": 1}},
    "another key": {"o1": {**without(O1, "c"), "d": "w"}},
    "another order": {"o1": {"b": 3, "a": None, "c": "w"}}, "a longer list": {"o2": [1, 2, 3]},
    "a shorter list": {"o2": [1]}, "an entry of a list": {"o2": [1, 3]}, "not empty": {"o3": {1: 2}},
}  # fmt: skip
ARGS = {"two": ([1], 2), "one": ([1],), "three": ([1], 2, 3), "not an int": ([1], 2.0)}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("args", ARGS)
def test_it_decides_as_the_guards_themselves(change, args):
    made = Checking(SOURCES, NAMES, (given := dict(NAMES)).__setitem__)
    lines = [*made.lines, f"return {' and '.join(made.tests)}"]
    for name, value in CHANGES[change].items():
        given[name] = value  # as if the container itself had changed
    given["k7"] = 3
    exec("def check(args):\n    " + "\n    ".join(lines), given)
    try:
        found = bool(given["check"](ARGS[args]))
    except Exception:
        found = False
    expected = plainly(SOURCES, ARGS[args], {**NAMES, "k7": 3, **CHANGES[change]})
    assert found is expected is (change in ("nothing", "an equal value") and args == "two")


def test_containers_are_asked_once():
    made = Checking(SOURCES, NAMES, {}.__setitem__)
    assert sum("o1" in line for line in made.lines) == 1
    assert "len(o2) == 2" not in made.tests  # unpacking tells
    assert "len(o1) == 3" not in made.tests  # the keys in their order tell
    assert "not o3" in made.tests


def test_any_part_of_the_guards_will_do():
    for some in itertools.combinations(SOURCES, 4):
        assert holds(some, ([1], 2), {**NAMES, "k7": 3})
        assert not holds([*some, "o1['a'] is o2"], ([1], 2), {**NAMES, "k7": 3})


def test_an_attribute_called_args_is_not_the_arguments():
    made = Checking(["o1.args[0] is o2", "args[0] is o2"], {}, {}.__setitem__)
    assert made.lines == ["e0 = args[0]"] and made.tests == ["o1.args[0] is o2", "e0 is o2"]
