"""What a program on Values says of itself, and the order in which it puts numbers back."""

import pytest

from autograd import Value
from autograd.compile.scalars.compiled import is_of_value
from tests.autograd.compile.scalars.building import PRINTERS, compile_by

by_every_printer = pytest.mark.parametrize("printer", PRINTERS)


def trained(printer):
    weights = [Value(1.0), Value(-2.0)]

    def step(x):
        loss = (weights[0] * x + weights[1]) ** 2
        for w in weights:
            w.grad = 0.0
        loss.backward()
        for w in weights:
            w.data -= 0.1 * w.grad
        return loss.data

    compiled = compile_by(step, printer)
    for n in range(5):
        compiled(float(n))
    return weights, compiled


@by_every_printer
def test_the_report_names_the_back_end_and_the_operations(printer):
    _, step = trained(printer)
    text = step.report()
    assert "5 calls, 2 of them eager" in text
    assert ("machine code" in text) or ("NumPy back end" in text)


@by_every_printer
def test_source_and_stages_are_texts(printer):
    _, step = trained(printer)
    assert step.source and all(isinstance(text, str) for text in step.stages().values())


@by_every_printer
def test_data_and_gradients_are_put_back_as_floats(printer):
    weights, _ = trained(printer)
    assert all(type(w.data) is float and type(w.grad) is float for w in weights)


def test_an_expression_of_a_value():
    assert is_of_value("o3._data") is is_of_value("o12._data")
