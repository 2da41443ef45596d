"""What a person would write instead."""

import numpy as np

from autograd.compile import program as ops
from autograd.compile.passes import EXACT, READING
from tests.autograd.compile.building import (
    SUM_OF_ROWS,
    Build,
    after,
    matrix,
)

MAXIMUM = ops.of_ufunc(np.maximum, "reduce")


def test_for_reading():
    b = Build()
    x = matrix(b)
    total = b(SUM_OF_ROWS, x, 1)
    assert after(b, total, rules=EXACT | READING) == ["add.reduce"]
    b = Build()
    x = b.input(np.ones(3, np.float32))
    wide = b("sum", b(np.broadcast_to, x, (5, 3)), axis=0)
    assert after(b, wide, rules=EXACT | READING) == ["multiply"]
    b = Build()
    x, y = matrix(b), matrix(b)
    product = b("T", b("dot", b("T", x), y))
    assert after(b, product, rules=EXACT | READING) == ["transpose", "matmul"]
    b = Build()
    x = matrix(b)
    product = b(np.multiply, b(np.multiply, x, 2.0), 0.25)
    assert after(b, product, rules=EXACT | READING) == ["multiply"]


def test_a_first_power_reads_as_its_base():
    b = Build()
    x = matrix(b)
    power = b(np.power, b(np.add, b(np.exp, x), 0.0), 1)
    assert after(b, power, rules=EXACT | READING) == ["exp"]
    assert after(b, power) == ["exp", "add", "power"]
