"""What objects hold in odd ways, changed between calls: the program sees it, or does not run."""

import ctypes
import functools
import types

import numpy as np
import pytest

from tests.autograd.compile.building import compiled, the_same

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)


class Slotted:
    __slots__ = ("__hidden", "scale")

    def __init__(self):
        self.__hidden = 2.0

    def hidden(self):
        return self.__hidden

    def hide(self, value):
        self.__hidden = value


class Setting:
    table = {"k": 2.0}  # noqa: RUF012

    def __get__(self, owner, kind=None):
        return type(self).table["k"]


class WithSetting:
    rate = Setting()


class Meta(type):
    rate = 2.0


class OfMeta(metaclass=Meta):
    pass


class First:
    rate = 2.0


class Second:
    rate = 3.0


class Chosen(set):
    pass


def odd_ways():
    """A step that reads something, and a change of it; whether the step becomes a program."""
    s, plain, chosen = Slotted(), types.SimpleNamespace(), Chosen([1])
    table = {"k": 2.0}
    proxy, view, number = types.MappingProxyType(table), table.values(), ctypes.c_double(2.0)
    bases = type("Bases", (First,), {})

    def caught(x):
        try:
            return x * plain.scale
        except AttributeError:
            return x

    return {
        "an empty slot": (lambda x: x * getattr(s, "scale", 1.0), lambda: setattr(s, "scale", 5.0)),
        "a private slot": (lambda x: x * s.hidden(), lambda: s.hide(3.0)),
        "an attribute later": (caught, lambda: setattr(plain, "scale", 3.0)),
        "a descriptor": (lambda x: x * WithSetting.rate, lambda: Setting.table.update(k=3.0)),
        "a metaclass": (lambda x: x * OfMeta.rate, lambda: setattr(Meta, "rate", 3.0)),
        "bases": (lambda x: x * bases.rate, lambda: setattr(bases, "__bases__", (Second,))),
        "a kind of set": (lambda x: x * 2 if 3 in chosen else x, lambda: chosen.add(3)),
        "a proxy": (lambda x: x * proxy["k"], lambda: table.update(k=3.0)),
        "a view": (lambda x: x * next(iter(view)), lambda: table.update(k=4.0)),
        "a number of C": (lambda x: x * number.value, lambda: setattr(number, "value", 3.0)),
    }


@pytest.mark.parametrize("name", odd_ways())
def test_what_is_read_in_odd_ways(name):
    f, change = odd_ways()[name]
    step = compiled(f)
    for _ in range(4):
        assert the_same(step(X), f(X))
    assert bool(step.programs) is (name not in ("a view", "a number of C"))
    before = f(X)
    change()
    assert the_same(step(X), f(X)) and not the_same(before, f(X))


def test_a_function_with_a_cache():
    scale, calls = [2.0], []

    @functools.lru_cache
    def table(n):
        calls.append(n)
        return np.arange(n) * scale[0]

    step = compiled(lambda x: x * table(x.shape[1]))
    for _ in range(6):
        assert the_same(step(X), X * np.arange(3) * 2.0)
    assert step.programs and type(table(3)) is np.ndarray and calls == [3]
    scale[0] = 3.0
    for _ in range(4):
        assert the_same(step(X), X * np.arange(3) * 2.0)
    table.cache_clear()
    assert the_same(step(X), X * np.arange(3) * 3.0)


def test_a_cache_does_not_keep_what_is_traced():
    kept = functools.cache(lambda k: k * 2.0)
    by = {"k": 1.0}
    step = compiled(lambda x: x * kept(by["k"]))
    for n in range(9):
        by["k"] = float(n % 3)
        assert the_same(step(X), X * (n % 3 * 2.0))
    assert all(type(kept(float(n))) is float for n in range(3))
    assert kept.cache_info().currsize == 3
