"""Native functions, ready to be called."""

import pytest

import autograd as ag
from autograd.compile.native import llvm
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.plan import Plan
from autograd.compile.scalars.program import Program
from autograd.compile.scalars.runner import native_function, width

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())


def test_a_function_serves_again_and_again():
    numbers = [(ops.INPUT, 0), (ops.EXP, 0), (ops.ADD, 1, 0)]
    run = native_function(Plan(Rolled(Program(numbers, 1, [2, 0], [], []))))
    first = run([1.0])
    assert run([2.0])[1] == 2.0 and run([1.0]) == first and first[1] == 1.0


def test_a_primitive_that_raises_fails_the_call():
    """Eager execution then raises what the primitive raises."""

    def kernel(x):
        if x > 5:
            raise RuntimeError("too large")
        return x + 1.0

    grow = ag.Primitive("grow", kernel, lambda g, out, x: g, elementwise=True)
    numbers = [(ops.INPUT, 0), (ops.operation_of(grow), 0)]
    run = native_function(Plan(Rolled(Program(numbers, 1, [1], [], []))))
    assert list(run([1.0])) == [2.0] and run([6.0]) is None and list(run([1.0])) == [2.0]


def test_a_program_that_was_compiled_before_is_taken_from_the_disk(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSGRAD_CACHE", str(tmp_path / "cache"))
    plan = Plan(Rolled(Program([(ops.INPUT, 0), (ops.MUL, 0, 0)], 1, [1], [], [])))
    assert native_function(plan)([3.0]) == (9.0,)
    monkeypatch.setattr(llvm.Machine, "compile", None)
    assert native_function(plan)([4.0]) == (16.0,)


def test_registers_are_as_wide_as_the_processor_has_them(monkeypatch):
    for features, numbers in (("+sse2,+avx,-avx2", 4), ("+sse2,-avx", 2), ("", 2)):
        monkeypatch.setattr(llvm, "host", lambda f=features: llvm.Machine("generic", f))
        assert width() == numbers
