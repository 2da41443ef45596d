"""Random draws: made in order by the generator itself, and written down."""

import numpy as np
import pytest

from autograd.compile.trace.draws import DRAWS, REFUSED, traced_generator
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Tape, active
from autograd.compile.trace.traced import Traced


def drawn(f):
    generator = np.random.default_rng(3)
    tape = Tape(Traced, Number)
    stand, _ = traced_generator(generator, tape, "generator")
    active.tape = tape
    try:
        return tape, f(stand), generator
    finally:
        active.tape = None


def test_numbers_and_state_are_those_of_the_generator():
    tape, out, generator = drawn(lambda g: g.normal(size=3) + g.random())
    other = np.random.default_rng(3)
    assert np.array_equal(out._value, other.normal(size=3) + other.random())
    assert generator.bit_generator.state == other.bit_generator.state
    assert [i.operation.form for i in tape.instructions].count("draw") == 2


@pytest.mark.parametrize("f", [lambda g: g.shuffle([1, 2]), lambda g: g.bit_generator.state])
def test_what_cannot_be_drawn_again_ends_the_trace(f):
    assert "generator" in drawn(f)[0].lost


def test_all_methods_are_known():
    public = {n for n in dir(np.random.Generator) if n[0] != "_" and n != "bit_generator"}
    assert public == {*DRAWS, *REFUSED}
