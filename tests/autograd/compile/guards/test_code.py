"""What code can reach: each of these, changed, is seen."""

import functools

import numpy as np
import pytest

from tests.autograd.compile.building import compiled, the_same

X = np.arange(3.0)
SCALE = 2.0


class Base:
    factor = 2.0

    def scaled(self, x):
        return x * self.factor

    @classmethod
    def made(cls, x):
        return x * cls.factor


class Child(Base):
    pass


def decorated(f):
    @functools.wraps(f)
    def call(*args):
        return f(*args) + 1.0

    return call


@decorated
def wrapped(x, *, by=3.0):
    return x * by


def closed():
    inner = {"rate": 2.0}

    def f(x):
        return (lambda y: y * inner["rate"])(x)

    return f, inner


def setting(owner, name, value):
    return lambda: setattr(owner, name, value)


def cases():
    f, inner = closed()
    child = Child()
    yield (
        "a class attribute of a base",
        child.scaled,
        setting(Base, "factor", 5.0),
        setting(Base, "factor", 2.0),
    )
    yield "a class method", Child.made, setting(Base, "factor", 5.0), setting(Base, "factor", 2.0)
    yield (
        "a method of a base", lambda x: child.scaled(x), setting(Base, "scaled", lambda self, x: x * 9.0),
        setting(Base, "scaled", Base.scaled),
    )  # fmt: skip
    yield "an inner closure", f, lambda: inner.update(rate=7.0), lambda: inner.update(rate=2.0)
    yield (
        "a keyword default", wrapped, lambda: wrapped.__wrapped__.__kwdefaults__.update(by=5.0),
        lambda: wrapped.__wrapped__.__kwdefaults__.update(by=3.0),
    )  # fmt: skip
    yield (
        "a global", lambda x: x * SCALE, lambda: globals().update(SCALE=4.0), lambda: globals().update(SCALE=2.0)
    )  # fmt: skip
    yield (
        "a partial", functools.partial(lambda a, x: x * a["k"], table := {"k": 2.0}),
        lambda: table.update(k=3.0), lambda: table.update(k=2.0),
    )  # fmt: skip


@pytest.mark.parametrize("n", range(7))
def test_a_change_is_seen(n):
    _, f, change, back = list(cases())[n]
    step = compiled(f)
    try:
        for k in range(5):
            assert the_same(step(X + k), f(X + k))
        assert step.programs, step.report()
        change()
        for k in range(5):
            assert the_same(step(X + k), f(X + k)), step.report()
    finally:
        back()
