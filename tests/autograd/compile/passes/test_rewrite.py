"""The frame of all passes: a rule at each instruction, and what comes of it."""

import numpy as np

from autograd.compile.passes.rewrite import (
    complement,
    constant,
    instead,
    is_constant,
    number,
    rewrite,
    weak,
)
from autograd.compile.program import of_ufunc
from tests.autograd.compile.building import Build, matrix


def test_a_rule_replaces_instructions_and_a_program_that_it_leaves_alone_is_the_same():
    b = Build()
    program = b.program(b(np.exp, b(np.negative, matrix(b))))
    assert rewrite(program, lambda i, context: None) is program

    def rule(i, context):
        return instead(i, of_ufunc(np.tanh), *i.args) if i.operation.name == "exp" else None

    after = rewrite(program, rule)
    assert [i.operation.name for i in after.instructions] == ["negative", "tanh"]
    assert np.array_equal(after.run(b.arrays())[0], np.tanh(-b.arrays()[0]))


def test_a_rule_may_put_another_variable_in_its_place():
    b = Build()
    x = matrix(b)
    program = b.program(b(np.exp, b(np.negative, b(np.negative, x))))
    after = rewrite(program, lambda i, c: x if c.maker(i.args[0], "negative") else None)
    assert after.outputs and np.array_equal(after.run(b.arrays())[-1], np.exp(b.arrays()[0]))


def test_constants():
    assert is_constant(constant(np.ones(2))) and not is_constant(2.0)
    assert number(constant(np.full((2, 2), 3.0))) == number(3.0) == 3.0
    assert number(constant(np.arange(2.0))) is None
    assert weak(2.0) and not weak(np.float32(2.0))


def test_what_is_written_as_a_rest():
    assert complement(1 - 0.9) == 0.9 and complement(1 - 0.999) == 0.999
    assert complement(0.1) is None and complement(1 / 3) is None and complement(0.5) is None
