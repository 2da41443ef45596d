"""Every operation by every printer, against what eager execution does, special values included."""

import itertools
import math

import pytest

import autograd as ag
from autograd.backends.floats import on_floats
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.program import Program
from autograd.compile.scalars.tape import ScalarTape
from autograd.engine.primitive import Primitive
from autograd.primitives import arithmetic, elementary
from tests.autograd.compile.scalars.building import PRINTERS, SPECIAL, UNARY, bits, printed

TABLES = {
    op.name: op
    for table in (arithmetic, elementary)
    for op in vars(table).values()
    if isinstance(op, Primitive) and op.elementwise
}
POINTS = [*SPECIAL, -0.75, 1.0625, -2.5, 3.5, 1e-9, 0.3]
ANY_NUMBER = (ops.INPUT, ops.CONSTANT, ops.FOLD, ops.TOTAL)  # leaves, and sums of any length
BASIC = [v for v in vars(ops).values() if isinstance(v, ops.Operation) and v not in ANY_NUMBER]
BASIC += [x for x in ops.OPERATIONS.values() if x not in BASIC]


def lanes_of(operation, arity, points):
    """A program of one operation on each point, with as many lanes as there are points."""
    numbers = [(ops.INPUT, k) for k in range(arity * len(points))]
    outputs = []
    for n in range(len(points)):
        outputs.append(len(numbers))
        numbers.append((operation, *range(arity * n, arity * n + arity)))
    return Program(numbers, arity * len(points), outputs, [], [])


def test_every_primitive_of_numbers_is_written_down():
    """Others are called as they are; those of the tables have an entry each."""
    for name, op in TABLES.items():
        assert op in ops.OPERATIONS or op in ops.EXPANSIONS, name


@pytest.mark.parametrize("name", sorted({x.name for x in BASIC}))
def test_an_operation_gives_the_same_bits_by_every_printer(name):
    operation = next(x for x in BASIC if x.name == name)
    arity = 3 if name == "select" else 2 if len(_arguments(operation)) == 2 else 1
    points = list(itertools.product(POINTS, repeat=arity))
    if name in ("and", "or"):
        points = list(itertools.product((0.0, 1.0), repeat=2)) * 5
    elif name == "select":
        points = [(c, x, y) for c in (0.0, 1.0) for x in POINTS for y in POINTS[:4]]
    inputs = [x for point in points for x in point]
    expected = [bits(float(operation.compute(*point))) for point in points]
    for printer, run in printed(lanes_of(operation, arity, points)).items():
        found = [bits(x) for x in run(inputs)]
        assert found == expected, printer


def _arguments(operation):
    text = operation.llvm or operation.array or operation.scalar
    if text:
        return {k for k in range(3) if f"{{{k}}}" in text}
    return {0, 1} if operation.libm in ("pow", "atan2", "fmod") else _arity(operation)


def _arity(operation):
    return set(range(len(operation.compute.args[0].rules)))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_primitive_is_what_it_is_written_down_as(name):
    op = TABLES[name]
    arity = len(op.rules)
    points = list(itertools.product(POINTS, repeat=min(arity, 2)))
    points = [(*p, *(0.5 for _ in range(arity - len(p)))) for p in points]
    for point in points:
        tape = ScalarTape(None)
        stands = [tape.input(x, "x") for x in point]
        made = tape.primitive(op, tuple(stands), on_floats)
        value = made._value if hasattr(made, "_value") else made
        assert bits(float(value)) == bits(on_floats(op, *point)), point
        if hasattr(made, "_variable"):
            program = Program(tape.numbers(), arity, [made._variable], [], [])
            [found] = program.run(list(point))
            assert bits(float(found)) == bits(on_floats(op, *point)), point


def test_a_primitive_of_a_user_is_called():
    calls = []

    def kernel(x):
        calls.append(x)
        return x * 3.0

    triple = ag.Primitive("triple", kernel, lambda g, out, x: g * 3.0, elementwise=True)
    operation = ops.operation_of(triple)
    assert operation is ops.operation_of(triple)
    for run in printed(lanes_of(operation, 1, [(1.0,)] * 20)).values():
        assert run([2.0] * 20) == [6.0] * 20 or list(run([2.0] * 20)) == [6.0] * 20
    assert len(calls) >= 20 * len(PRINTERS)


def test_functions_of_math_are_known():
    for name in UNARY:
        function = getattr(math, name, None)
        if function is not None and name not in ("floor", "ceil", "trunc"):
            assert (function, 1) in ops.OF_MATH, name
    assert (math.pow, 2) not in ops.OF_MATH  # the primitive has a special case for roots
