"""Dead code, equal expressions, and values that are known."""

import numpy as np

from autograd.compile import passes
from autograd.compile import program as ops
from autograd.compile.program import Check
from tests.autograd.compile.building import (
    Build,
    after,
    matrix,
)

MAXIMUM = ops.of_ufunc(np.maximum, "reduce")


def test_dead_code_goes_and_draws_stay():
    b = Build()
    x = matrix(b)
    b(np.exp, x)
    generator = b.constant(np.array(0))
    b.values[generator] = np.random.default_rng(0)
    b(ops.DRAW, generator, "normal")
    assert after(b, b(np.tanh, x)) == ["draw", "tanh"]


def test_one_of_two_equal_expressions():
    b = Build()
    x = matrix(b)
    assert after(b, b(np.add, b(np.exp, x), b(np.exp, x))) == ["exp", "add"]


def test_a_zero_of_another_sign_is_another_expression():
    b = Build()
    x = matrix(b)
    a, c = b(np.maximum, x, 0.0), b(np.maximum, x, -0.0)
    assert after(b, a, c) == ["maximum", "maximum"]


def test_constants_are_computed_and_shrink():
    b = Build()
    x = matrix(b)
    one = b(np.ones_like, b("sum", x))
    share = b(np.negative, b(np.broadcast_to, b(np.divide, one, 4), (4, 3)))
    program, _ = passes.simplified(b.program(b(np.multiply, share, x)))
    [i] = program.instructions
    [c] = [v for v in i.inputs() if v.kind == "constant"]
    assert (c.shape, c.value) == ((), -0.25)


def test_checks_of_what_is_known_go():
    b = Build()
    x = matrix(b)
    large = b(np.isnan, b("sum", x))
    known = b(np.isnan, b("sum", b(np.ones_like, x)))
    program = b.program(b(np.tanh, x))
    wrong = Check(known, True, "bool", "")  # never holds, so it stays
    twice = [Check(large, False, "bool", "first line"), Check(large, False, "bool", "second line")]
    program.checks = [Check(known, False, "bool", ""), *twice, wrong]
    after, _ = passes.simplified(program)
    assert [(c.value, c.line) for c in after.checks] == [(False, "first line"), (True, "")]
    assert [bool(v) for v in after.run(b.arrays())[1:]] == [False, False]
