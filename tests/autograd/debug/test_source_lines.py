"""Nodes know the line of the program that made them."""

import sys

import pytest

import autograd as ag
import nn


def helper(x):
    y = x * 2.0  # in a function of its own
    return y


def test_nodes_know_their_line():
    here = sys._getframe().f_lineno
    x = ag.Tensor([1.0], requires_grad=True)
    with ag.record_lines():
        a = x * 3.0
        b = helper(x) + 1.0
        c = nn.functional.gelu(b)
    d = a + 1.0
    assert ag.line_of(a).number == here + 3 and ag.line_of(a).text == "a = x * 3.0"
    assert ag.line_of(b).number == here + 4 and ag.line_of(c).number == here + 5
    assert ag.line_of(b.inputs[0]).function == "helper"
    assert ag.line_of(d) is None and ag.line_of(x) is None
    assert str(ag.line_of(a)).startswith("test_source_lines.py:")


def test_the_trace_function_is_put_back():
    with ag.record_lines():
        assert sys.gettrace() is not None
    assert sys.gettrace() is None or "coverage" in repr(sys.gettrace())


def test_lines_end_with_errors_too():
    with pytest.raises(KeyError), ag.record_lines():
        raise KeyError
    x = ag.Value(1.0) * 2.0
    assert ag.line_of(x) is None
