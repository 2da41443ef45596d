"""Algebra: what turns into what, and what must not."""

import numpy as np
import pytest

from autograd.compile import program as ops
from tests.autograd.compile.building import (
    SUM_OF_FEW,
    Build,
    after,
    matrix,
)

MAXIMUM = ops.of_ufunc(np.maximum, "reduce")


@pytest.mark.parametrize(
    "move",
    [
        lambda b, x: b(np.array, b("copy", x)),
        lambda b, x: b("astype", x, np.dtype("f4"), copy=False),
        lambda b, x: b("T", b(np.transpose, x)),
        lambda b, x: b("reshape", b("ravel", x), (4, 3)),
        lambda b, x: b(ops.GETITEM, b(ops.GETITEM, x, (..., None)), (slice(None), slice(None), 0)),
        lambda b, x: b("astype", b("astype", x, np.dtype("f8")), np.dtype("f4")),
        lambda b, x: b(np.multiply, x, 1.0),
        lambda b, x: b(np.divide, x, 1),
        lambda b, x: b(np.subtract, x, 0.0),
        lambda b, x: b(np.add, x, -0.0),
        lambda b, x: b(np.negative, b(np.negative, x)),
        lambda b, x: b(np.maximum, x, x),
        lambda b, x: b(np.maximum, x, -np.inf),
        lambda b, x: b(np.where, b(np.greater, x, 0), x, x),
        lambda b, x: b(np.add, b(np.multiply, x, b(np.ones_like, x)), b.constant(np.float32(-0.0))),
    ],
)  # fmt: skip
def test_what_changes_nothing_goes(move):
    b = Build()
    x = matrix(b)
    assert after(b, b(np.exp, move(b, x))) == ["exp"]


@pytest.mark.parametrize(
    "keep",
    [
        lambda b, x: b(np.add, x, 0.0),  # -0 + 0 is 0
        lambda b, x: b(np.multiply, x, 0.0),  # nan, inf and -0
        lambda b, x: b(np.subtract, x, x),
        lambda b, x: b(np.divide, x, 3.0),
        lambda b, x: b(np.divide, x, x),
        lambda b, x: b(np.maximum, x, 0.0),
        lambda b, x: b("astype", x, np.dtype("f8")),
        lambda b, x: b("astype", b("astype", x, np.dtype("f2")), np.dtype("f4")),
    ],
)
def test_what_may_change_something_stays(keep):
    b = Build()
    x = matrix(b)
    kept = keep(b, x)
    names = [i.operation.name for i in b.instructions]
    assert len(after(b, kept)) == len(names)


def test_signs_move_into_constants_and_differences():
    b = Build()
    x, y = matrix(b), matrix(b)
    assert after(b, b(np.add, x, b(np.negative, y))) == ["subtract"]
    b = Build()
    x, y = matrix(b), matrix(b)
    assert after(b, b(np.subtract, x, b(np.negative, y))) == ["add"]
    b = Build()
    x = matrix(b)
    assert after(b, b(np.negative, b(np.multiply, x, 3.0))) == ["multiply"]


def test_a_division_by_a_power_of_two_is_a_product():
    b = Build()
    assert after(b, b(np.divide, matrix(b), 32)) == ["multiply"]


def test_a_maximum_taken_out_twice():
    b = Build()
    x = matrix(b)
    s = b(np.subtract, x, b(MAXIMUM, x, axis=1, keepdims=True))
    lowest = np.finfo(np.float32).min
    shift = b(np.minimum, b(MAXIMUM, s, axis=(1,), keepdims=True, initial=lowest), -lowest)
    total = b(SUM_OF_FEW, b(np.exp, b(np.subtract, s, shift)), (1,))
    lse = b(np.add, b(np.log, total), b("reshape", shift, (4,)))
    wanted = ["maximum.reduce", "subtract", "exp", "kernel.sum_of_few", "log"]
    assert after(b, lse) == wanted
    bounded = b(np.maximum, lse, lowest)
    assert after(b, bounded) == wanted
