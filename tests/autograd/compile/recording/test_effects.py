"""What a program would leave out keeps a step eager: output, clocks, files, foreign code."""

import gc
import random
import sys
import time
import zlib
from collections import namedtuple

import numpy as np

import autograd as ag
from autograd.compile.recording import effects as effects_module
from tests.autograd.compile.building import compiled, the_same

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)


def effects(f):
    """Calls a compiled function ten times; returns its report."""
    step = compiled(f)
    for k in range(10):
        assert the_same(step(X + k), X + k)
    return step.report()


def test_printing_goes_on(capsys):
    def f(x):
        print("here")
        return x * 1.0

    assert "print() is called" in effects(f)
    assert capsys.readouterr().out == "here\n" * 10


def test_clocks_files_and_foreign_generators_keep_a_step_eager():
    def clock(x):
        return x * (time.perf_counter() > 0)

    def written(x):
        sys.stderr.write("")
        return x * 1.0

    def drawn(x):
        return x * (random.random() < 2.0)

    def legacy(x):
        return x * (np.random.rand() < 2.0)  # noqa: NPY002

    def environment(x):
        import os

        return x * (os.environ.get("NOTHING", "") == "")

    for f in (clock, written, drawn, legacy, environment):
        report = effects(f)
        assert "ran eagerly" in report and "program 0" not in report, (f, report)


def test_seeds_and_foreign_ufuncs():
    def seeded(x):
        ag.random.seed(3)
        return x * ag.random.generator().normal()

    step = compiled(seeded)
    for k in range(9):
        assert the_same(step(X + k), seeded(X + k))
    add, cut = np.frompyfunc(lambda v: v + 1, 1, 1), np.frompyfunc(lambda v: v - 1, 1, 1)
    step = compiled(lambda x: add(x).astype(float) * cut(x).astype(float))
    for k in range(9):
        assert the_same(step(X + k), (X + k + 1.0) * (X + k - 1.0))


def test_foreign_code_gets_arrays():
    def foreign(x):
        return x * len(zlib.compress(x)) * len(memoryview(x))

    step = compiled(foreign)
    for k in range(9):
        assert the_same(step(X + k), foreign(X + k))


class Holder:
    def method(self):
        return 1

    @staticmethod
    def static():
        return 2


def test_functions_are_found_by_their_names_or_by_what_refers_to_them():
    def found(*functions):
        watch = effects_module.Watch(None)
        watch.seen = {f.__code__: globals() for f in functions}
        return effects_module.functions_of(watch, set())

    unnamed = [lambda: 3]
    assert found(Holder.method, Holder.static) == [Holder.method, Holder.static]
    assert found(unnamed[0]) == unnamed
    gc.freeze()
    assert found(unnamed[0]) is None and found(Holder.method) == [Holder.method]


Pair = namedtuple("Pair", "first second")


def test_a_named_tuple_is_made_by_no_function_of_the_program():
    with effects_module.watched(None) as watch:
        Pair(1, 2)
    assert not [code for code in watch.seen if code.co_qualname == "<lambda>"]
