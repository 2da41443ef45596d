"""Two recordings: alike, or what tells them apart."""

import numpy as np
import pytest

from autograd.compile.passes import key_of, looks_differ, matches
from autograd.compile.program import Check
from tests.autograd.compile.building import Build, matrix


def recorded(scale=2.0, array=1.0, name="exp", looked=True, more=False):
    b = Build()
    x = matrix(b)
    y = b(getattr(np, name), b(np.multiply, x, scale))
    z = b(np.add, y, b.constant(np.full(3, array)))
    if more:
        z = b(np.negative, z)
    program = b.program(z)
    program.checks.append(Check(y, looked, "bool", "a.py:1"))
    return program


def test_what_is_the_same():
    assert matches(recorded(), recorded()) == ""


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (recorded(scale=2), "a value differs from call to call: multiply"),
        (recorded(scale=-2.0), "a value differs from call to call: multiply"),
        (recorded(array=3.0), "an array differs from call to call: add"),
        (recorded(name="tanh"), "two calls do different things: exp, tanh"),
        (recorded(more=True), "one call does more than another"),
        (recorded(looked=False), "bool() of an array gives a value that differs"),
    ],
    ids=["an int", "a sign", "an array", "an operation", "more", "a look"],
)
def test_what_differs(other, says):
    assert says in matches(recorded(), other)


def test_looks():
    assert looks_differ(recorded(), recorded()) == ""
    assert "a.py:1" in looks_differ(recorded(), recorded(looked=False))


def test_keys_tell_zeros_types_and_containers_apart():
    different = [0.0, -0.0, 0, False, (0.0,), [0.0], np.float32(0.0), np.float64(-0.0), "0", None]
    keys = [key_of(x) for x in different]
    kinds = {(repr(key), type(x).__name__) for key, x in zip(keys, different, strict=True)}
    assert len(kinds) == len(different)
    assert key_of(float("nan")) == key_of(float("nan"))
    assert key_of(slice(0, 2)) != key_of(slice(0, 3)) and key_of({"a": 1}) == key_of({"a": 1})
