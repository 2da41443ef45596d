"""LLVM, and its absence."""

import ctypes
import gc
import sys
import weakref

import pytest

import autograd as ag
from autograd.compile.api import compile as compiled
from autograd.compile.scalars import native

TEXT = "define i64 @run(i64 %x) {\n  %y = add i64 %x, 1\n  ret i64 %y\n}\n"
needs_llvm = pytest.mark.skipif(bool(native.missing()), reason=native.missing())


@needs_llvm
def test_text_becomes_a_function():
    assert native.Native(TEXT, {}, 2).function("run", ctypes.c_int64, ctypes.c_int64)(41) == 42
    assert native.width() in (2, 4)


@needs_llvm
def test_code_is_let_go_of():
    made = native.Native(TEXT, {}, 0)
    engine = weakref.ref(made._engine)
    del made
    gc.collect()
    assert engine() is None or engine()._closed


@needs_llvm
def test_text_that_is_none_raises():
    with pytest.raises(RuntimeError):
        native.Native("define nonsense", {}, 2)


def test_without_llvm_the_numpy_back_end_serves(monkeypatch):
    native._binding.cache_clear()
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    try:
        assert 'pip install "glassgrad[native]"' in native.missing()
        w = ag.Value(0.5)

        @compiled
        def step(x):
            w.grad = 0.0
            ((w * x - 1.0) ** 2).backward()
            w.data -= 0.1 * w.grad
            return w.data

        found = [step(0.5 * k) for k in range(6)]
        assert step.programs and "NumPy back end" in step.report()
        other = ag.Value(0.5)
        for k, x in enumerate(found):
            other.grad = 0.0
            ((other * (0.5 * k) - 1.0) ** 2).backward()
            other.data -= 0.1 * other.grad
            assert other.data == x
    finally:
        native._binding.cache_clear()
