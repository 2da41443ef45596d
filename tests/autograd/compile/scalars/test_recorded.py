"""Recordings of steps on Values: two are alike, or say in what they differ."""

import pytest

from autograd import Value
from tests.autograd.compile.scalars.building import PRINTERS, compile_by

by_every_printer = pytest.mark.parametrize("printer", PRINTERS)


@by_every_printer
def test_another_number_of_terms_makes_another_program(printer):
    w = Value(2.0)
    step = compile_by(lambda xs: sum((w * x for x in xs), Value(0.0)).data, printer)
    for n in range(12):
        xs = [float(k + n) for k in range(3 if n % 2 else 4)]
        assert step(xs) == sum((2.0 * x for x in xs), 0.0)
    assert len(step.programs) == 2


@by_every_printer
def test_a_branch_on_a_value_makes_another_program(printer):
    w = Value(1.0)

    def step(x):
        y = w * x
        return (y * 3.0).data if y.data > 0.0 else (y - 1.0).data

    compiled = compile_by(step, printer)
    for x in (1.0, 2.0, 3.0, 4.0, -1.0, -2.0, -3.0, -4.0, 5.0, -5.0):
        assert compiled(x) == (x * 3.0 if x > 0.0 else x - 1.0)


@by_every_printer
def test_a_number_that_the_trace_does_not_see_keeps_the_step_eager(printer):
    w, hidden = Value(1.0), iter(range(100))
    step = compile_by(lambda x: (w * x + float(next(hidden))).data, printer)
    assert [step(1.0) for _ in range(6)] == [1.0 + n for n in range(6)]
    assert not step.programs
