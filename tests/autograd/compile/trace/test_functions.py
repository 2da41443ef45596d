"""`float`, `int` and `math` of what differs from call to call: part of the program."""

import math
import sys
import threading
from math import exp

import numpy as np
import pytest

import autograd as ag
from autograd.compile.api import compile as compiled
from autograd.compile.trace import functions
from tests.autograd.compile.building import the_same

X = np.linspace(0.5, 2.0, 6).reshape(2, 3)
STATE = {"count": 0}


def counted(f):
    def step(x):
        STATE["count"] += 1
        return f(STATE["count"]) * x

    return step


NUMBERS = {
    "sqrt": lambda n: math.sqrt(n),
    "exp of a share": lambda n: math.exp(-n / 7),
    "an imported function": lambda n: exp(-n),
    "cos": lambda n: 0.5 * (1 + math.cos(math.pi * n / 10)),
    "two arguments": lambda n: math.pow(0.9, n) + math.atan2(n, 2) + math.hypot(n, 3),
    "log with a base": lambda n: math.log(n, 2) + math.log2(n) + math.log1p(n),
    "whole numbers": lambda n: math.floor(n / 2) + math.ceil(n / 3) + math.trunc(n / 4),
    "a question": lambda n: 2.0 if math.isfinite(n) and not math.isnan(n) else 1.0,
    "float of an int": lambda n: float(n) / 3,
    "int of a float": lambda n: int(n / 2) + float(int(n * 1.5)),
    "rounding": lambda n: round(n / 7, 2) + round(n / 3),
    "warm-up and decay": lambda n: min(n**-0.5, n * 4**-1.5),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name):
    f = counted(NUMBERS[name])
    step = compiled(f)
    for k in range(12):
        STATE["count"] = k
        expected = f(X + k)
        STATE["count"] = k
        made = step(X + k)
        assert the_same(made, expected) and type(made) is type(expected), (k, step.report())
        assert STATE["count"] == k + 1
    few = 4 if name == "warm-up and decay" else 2  # where the smaller of two is the other one
    assert len(step.programs) and step._eager <= few, step.report()


ARRAYS = {
    "float": lambda x: x * float(x.sum()),
    "float of an entry": lambda x: x * float(x[0, 0]) + float(x[1].max()),
    "int": lambda x: x * int(x.sum()),
    "math": lambda x: x + math.exp(-x[0, 0]) * math.sqrt(x.sum()),
    "a number returned": lambda x: float(x.mean()),
    "numbers in a dictionary": lambda x: {"a": float(x.mean()), "n": int((x > 1).sum())},
    "float32": lambda x: float(x.astype(np.float32).sum()) * x,
    "a Tensor": lambda x: float(ag.Tensor(x).sum()) + ag.sum(ag.exp(x)).item(),
    "inside a function": lambda x: sum(float(v) for v in x[0]) * x,
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name):
    f = ARRAYS[name]
    step = compiled(f)
    for k in range(8):
        ours, plain = step(X + k / 3), f(X + k / 3)
        assert type(ours) is type(plain) and repr(ours) == repr(plain), (k, step.report())
    assert "8 calls, 2 of them eager" in step.report(), step.report()


def test_errors_are_those_of_python():
    step = compiled(lambda x: x * math.sqrt(x[0]) + math.log(x[0]))
    for k in (1.0, 2.0, 3.0, 4.0):
        step(np.array([k]))
    assert step.programs
    for bad in (-1.0, 0.0):
        with pytest.raises(ValueError, match="domain"):
            step(np.array([bad]))
    w = ag.Tensor([1.0], requires_grad=True)
    step = compiled(lambda x: float((w * x).sum()))
    for _ in range(3):
        with pytest.raises(ag.GraphError, match="item"):
            step(np.ones(1))


def test_float_as_a_dtype_stays_what_it_is():
    step = compiled(lambda x: np.zeros(3, float) + float(x.sum()))
    for k in range(6):
        assert the_same(step(X + k), np.zeros(3) + (X + k).sum())
    assert "float() of an array gives a value that differs" in step.report()
    assert functions.only_calls((lambda x: float(x)).__code__, "float")
    assert not functions.only_calls((lambda x: isinstance(x, float)).__code__, "float")
    assert not functions.only_calls((lambda x: [lambda y: y.astype(float)]).__code__, "float")


def test_the_classes_that_stand_in_are_as_good_as_the_real_ones():
    """Another thread may see them while a step is traced."""
    ours = functions.CONVERSIONS["float"]
    assert ours("2.5") == 2.5 and type(ours(3)) is float and isinstance(2.0, ours)
    assert {float: 1}[ours] == {ours: 1}[float] == 1 and ours not in {int: 1}
    assert np.zeros(2, ours).dtype == np.float64 and ours.fromhex("0x1p1") == 2.0
    assert functions.MODULE.sqrt(4) == 2.0 and functions.MODULE.pi == math.pi


def test_nothing_is_left_behind():
    step = compiled(lambda x: x * math.exp(float(x[0, 0])) + exp(0.5))
    seen, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            seen.append(math.sqrt(4.0) == exp(0.0) + 1.0 == float("2"))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for k in range(12):
            step(X + k / 20)
    finally:
        stop.set()
        thread.join()
    assert all(seen) and step.programs
    space = globals()
    assert space["math"] is sys.modules["math"] and space["exp"] is math.exp
    assert "float" not in space and "int" not in space


def test_the_source_imports_math():
    step = compiled(lambda x: x * math.exp(x[0, 0]))
    for k in range(4):
        step(X + k / 9)
    assert step.source.startswith("import math\nimport numpy as np\n"), step.source
    space = {}
    exec(step.source, space)
    assert np.allclose(space["step"](X), X * math.exp(X[0, 0]))
