"""Instructions of LLVM IR."""

import pytest

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.llvm_body import Body, Kind, bits


def test_bits_are_those_of_float64():
    assert bits(1.0) == 0x3FF0000000000000 and bits(-0.0) == -(2**63)


@pytest.mark.parametrize(("lanes", "kind"), [(1, "double"), (4, "<4 x double>")])
def test_operations_are_written_for_numbers_and_registers(lanes, kind):
    body = Body(Kind(lanes), lambda operation, arity: f"@{operation.name}")
    made = body.operation(ops.MUL, ["%a", "%b"])
    assert body.lines == [f"{made} = fmul {kind} %a, %b"]


def test_a_function_is_called_lane_by_lane():
    body = Body(Kind(2), lambda operation, arity: f"@{operation.name}.{arity}")
    body.operation(ops.EXP, ["%x"])
    assert sum("call double @exp.1(double" in line for line in body.lines) == 2


def test_a_constant_fills_a_register():
    assert Kind(1).repeated(-0.0) == "0x8000000000000000"
    assert Kind(2).repeated(1.0) == "<double 0x3FF0000000000000, double 0x3FF0000000000000>"
