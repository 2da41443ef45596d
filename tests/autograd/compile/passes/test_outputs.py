"""Outputs own their memory."""

import numpy as np

from autograd.compile import passes
from autograd.compile import program as ops
from tests.autograd.compile.building import (
    Build,
    matrix,
)

MAXIMUM = ops.of_ufunc(np.maximum, "reduce")


def test_outputs_get_memory_of_their_own():
    b = Build()
    x = matrix(b)
    y = b(np.exp, x)
    program = passes.own_outputs(b.program(x, y, y, b("T", y), b("max", x)), 5)
    names = [i.operation.name for i in program.instructions[-5:]]
    assert names == ["ndarray.max", "copy", "copy", "copy", "copy"]
    assert program.outputs[1] is y
    program = passes.own_outputs(b.program(y, y), 2, {1: 0})
    assert program.outputs == [y, y]
