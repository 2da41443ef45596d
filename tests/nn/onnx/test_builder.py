"""The graph under construction."""

import numpy as np
import pytest

from autograd.compile.program import Instruction, Operation, Variable
from nn.onnx.builder import Builder, bound, common


def test_names_are_unique_also_where_a_number_is_taken():
    b = Builder(18)
    assert [b.unique(n) for n in ("x", "x_2", "x", "x")] == ["x", "x_2", "x_2_2", "x_3"]
    b.path = "0.conv"
    assert [b.node("Add", "x", "x"), b.node("Add", "x", "x")] == ["0.conv/Add", "0.conv/Add_2"]


def test_a_value_is_converted_only_where_its_dtype_differs():
    b = Builder(18)
    v = Variable((2,), np.dtype("f4"), "input")
    b.names[v] = "v"
    assert b.value(v, np.float32) == "v" and not b.nodes
    assert b.value(v, np.float64) == "Cast" and b.nodes[0].attributes == {"to": np.dtype("f8")}
    assert b.constants[b.value(2, np.float32)].dtype == np.float32


def test_a_transposition_that_moves_nothing_is_left_out():
    b = Builder(18)
    assert b.transpose("x", (0, 1)) == "x" and b.transpose("x", (1, 0)) == "Transpose"


def test_numbers_do_not_decide_the_dtype():
    single, truth = (Variable((2,), np.dtype(d), "input") for d in ("f4", "?"))
    weak = Variable((), np.dtype("f8"), "input", weak=True)
    assert common(single, 2.5) == common(single, weak) == np.float32
    assert common(truth, 1) == np.int64 and common(truth, truth) == np.bool_
    assert common(single, np.float64(1.0)) == np.float64


def test_arguments_are_found_by_position_and_by_name():
    operation = Operation("f", lambda x: x, "function")
    v = Variable((), np.dtype("f8"), "computed")
    assert bound(Instruction(operation, (1,), {"axis": 2}, v), "x", "axis") == [1, 2]
    assert bound(Instruction(operation, (1,), {}, v), "x", "axis", axis=None) == [1, None]
    with pytest.raises(
        NotImplementedError, match="f with got an unexpected keyword argument 'out'"
    ):
        bound(Instruction(operation, (1,), {"out": 2}, v), "x")
