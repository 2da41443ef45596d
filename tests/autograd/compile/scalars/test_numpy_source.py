"""Scalar programs as Python source."""

import math

import numpy as np

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Rolled
from autograd.compile.scalars.numpy_source import Source, all_finite, each, totals
from autograd.compile.scalars.passes import simplified
from autograd.compile.scalars.plan import Plan
from autograd.compile.scalars.program import Program
from tests.autograd.compile.scalars.test_lanes import samples


def source_of(program):
    return Source(Plan(Rolled(simplified(program)[0])))


def test_samples_read_as_a_person_writes_them():
    text = source_of(samples(40)).text
    assert text.splitlines()[1:6] == [
        "    X = np.array(x)",
        "    v1 = x[0] * X[2:42]  # 40",
        "    v2 = v1 + x[1]  # 40",
        "    v3 = np.where(v2 <= 0.0, 0.0, v2)  # 40",
        "    s1 = totals(v3, -0.0, False)  # 1",
    ]


def test_the_source_is_a_program():
    source = source_of(samples(40))
    x = [0.5, 0.25, *np.linspace(-1.0, 1.0, 40)]
    space = dict(source.space)
    exec(source.text, space)
    assert space["step"](x) == source.function()(x) == samples(40).run(x)


def test_checks_return_none():
    numbers = [(ops.INPUT, 0), (ops.LT, 0, 0), (ops.DIV, 0, 0)]
    run = source_of(Program(numbers, 1, [0], [(1, 0.0)], [2])).function()
    assert run([2.0]) == [2.0] and run([0.0]) is None and run([math.inf]) is None


def test_constants_have_brackets_where_they_are_negative():
    numbers = [(ops.INPUT, 0), (ops.CONSTANT, -2.0), (ops.NEG, 0), (ops.SUB, 2, 1)]
    assert source_of(Program(numbers, 1, [3], [], [])).function()([1.0]) == [1.0]


def test_totals_add_lane_by_lane():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3, 50)) * 10.0 ** rng.integers(-9, 9, (3, 50))
    for backwards in (False, True):
        for row, found in zip(rows, totals(rows, [1.0, 2.0, -0.0], backwards), strict=True):
            start = {0: 1.0, 1: 2.0, 2: -0.0}[int(np.flatnonzero((rows == row).all(1))[0])]
            for x in row[::-1] if backwards else row:
                start += x
            assert start == found


def test_each_calls_a_function_of_floats_at_every_entry():
    found = each(math.atan2, np.arange(6.0).reshape(2, 3), 2.0)
    assert found.shape == (2, 3) and found[1, 2] == math.atan2(5.0, 2.0)


def test_all_finite():
    assert all_finite([1.0], np.ones(3)) and not all_finite([1.0], [math.nan])
