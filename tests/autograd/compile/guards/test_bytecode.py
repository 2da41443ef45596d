"""What code says of itself, and what a step reads by it: late imports, late globals, `is`."""

import sys
import types

import numpy as np
import pytest

import autograd as ag
from autograd.compile.guards.bytecode import facts_of, modules_of
from tests.autograd.compile.building import compiled

X = np.ones(2)


def test_facts():
    def f(x, y):
        def inner():
            import a.b as ab

            return ab, len(x)

        return inner, x.missing, GLOBAL, y is None  # noqa: F821

    facts = facts_of(f.__code__)
    assert facts.globals == {"GLOBAL", "len"} and not facts.compares
    assert modules_of(f.__code__, None) == ["a", "a.b"]
    assert facts_of((lambda x, y: x is y).__code__).compares
    assert not facts_of((lambda x: [x is not None, ...]).__code__).compares


def test_relative_imports():
    def f():
        from ..other import two
        from . import one

        return one, two

    assert modules_of(f.__code__, "p.q") == ["p", "p.other", "p.other.two", "p.q", "p.q.one"]
    assert modules_of(f.__code__, None) == []  # the import will raise


@pytest.fixture
def settings(monkeypatch):
    made = types.ModuleType("late_settings")
    made.rate, made.table = 2.0, {"scale": 2.0}
    monkeypatch.setitem(sys.modules, "late_settings", made)
    return made


def checked(f, change, *args):
    """Run a compiled step until it is a program, change what it reads, and compare."""
    step = compiled(f)
    for _ in range(4):
        step(X, *args)
    assert step.programs, step.report()
    change()
    assert np.array_equal(step(X, *args), f(X, *args))


def test_what_a_step_imports(settings):
    def whole(x):
        import late_settings

        return x * late_settings.rate

    def one(x):
        from late_settings import rate

        return x * rate

    def inside(x):
        from late_settings import table

        return x * table["scale"]

    def missing(x):
        try:
            from late_settings import later
        except ImportError:
            return x
        return x * later

    checked(whole, lambda: setattr(settings, "rate", 3.0))
    checked(one, lambda: setattr(settings, "rate", 4.0))
    checked(inside, lambda: settings.table.update(scale=5.0))
    checked(missing, lambda: setattr(settings, "later", 6.0))
    other = types.ModuleType("late_settings")
    other.rate = 7.0
    checked(one, lambda: sys.modules.update(late_settings=other))


def test_names_that_do_not_exist_yet(settings, monkeypatch):
    def unknown(x):
        try:
            return x * LATER
        except NameError:
            return x

    checked(unknown, lambda: monkeypatch.setitem(globals(), "LATER", 3.0))

    def outer():
        if False:
            value = 1.0

        def f(x):
            try:
                return x * value
            except NameError:
                return x

        def assign():
            nonlocal value
            value = 3.0

        return f, assign

    checked(*outer())
    checked(lambda x: x * getattr(settings, "scale", 1.0), lambda: setattr(settings, "scale", 3.0))

    def caught(x):
        try:
            return x * settings.other
        except AttributeError:
            return x

    checked(caught, lambda: setattr(settings, "other", 3.0))


def test_what_becomes_one_object():
    held = {"best": np.ones(2), "now": np.ones(2), "list": [1.0]}
    checked(
        lambda x: x * 2.0 if held["best"] is held["now"] else x * 3.0,
        lambda: held.update(best=held["now"]),
    )
    w = ag.Tensor(np.ones(2))
    step = compiled(lambda t: 2.0 if t is w else 3.0)
    step_of_array = compiled(lambda x: 2.0 if x is held["best"] else 3.0)
    step_of_list = compiled(lambda x: 2.0 if x is held["list"] else 3.0)
    for _ in range(4):
        assert step(ag.Tensor(np.ones(2))) == 3.0
        assert step_of_array(np.ones(2)) == 3.0 and step_of_list([1.0]) == 3.0
    assert step(w) == step_of_array(held["best"]) == step_of_list(held["list"]) == 2.0


def test_the_id_of_what_is_traced():
    x, y = np.ones(2), np.ones(2)
    seen = {id(y)}
    step = compiled(lambda a: a * 2.0 if id(a) in seen else a * 3.0)
    for _ in range(4):
        assert step(x)[0] == 3.0 and step(y)[0] == 2.0
    assert "id() of an object" in step.report()
