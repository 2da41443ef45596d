"""Moves: functions before broadcasts."""

import numpy as np

from autograd.compile import passes
from autograd.compile import program as ops
from tests.autograd.compile.building import (
    Build,
)

MAXIMUM = ops.of_ufunc(np.maximum, "reduce")


def test_a_function_of_a_broadcast_is_computed_before():
    b = Build()
    x = b.input(np.ones(3, np.float32))
    wide = b(np.exp, b(np.broadcast_to, x, (4, 3)))
    program, _ = passes.simplified(b.program(b("copy", wide), wide))
    assert [(i.operation.name, i.result.shape) for i in program.instructions] == [
        ("exp", (3,)),
        ("broadcast", (4, 3)),
    ]
