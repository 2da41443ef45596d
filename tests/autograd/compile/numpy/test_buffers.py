"""Where values are kept: lifetimes decide who takes whose place."""

import numpy as np

from autograd.compile.numpy.fast import Fast
from tests.autograd.compile.building import Build, matrix


def chain(n, *, kept=False):
    b = Build()
    x = matrix(b, 50, 40)
    values = [x]
    for _ in range(n):
        values.append(b(np.exp, values[-1]))
    return b, Fast(b.program(b("sum", values[-1]), *(values[1:3] if kept else ())))


def test_a_chain_needs_one_place():
    _, few = chain(3)
    _, many = chain(30)
    assert many.buffers.memory() == few.buffers.memory() <= 2 * 50 * 40 * 4


def test_what_outlives_the_call_has_memory_of_its_own():
    b, fast = chain(4, kept=True)
    step = fast.function()
    with np.errstate(all="ignore"):
        _, first, _ = step(*b.arrays())
        before = first.copy()
        step(b.arrays()[0] + 1.0)
    assert np.array_equal(first, before)


def test_two_workspaces_share_nothing():
    b, fast = chain(3)
    one, two = fast.workspace(), fast.workspace()
    with np.errstate(all="ignore"):
        a = one(*b.arrays())[0]
        two(b.arrays()[0] * 0)
        assert one(*b.arrays())[0] == a


def test_a_view_without_axes_keeps_the_memory_that_it_looks_into():
    """A later product of one entry must not take the place of the one that `first` is a view of."""
    b = Build()
    x, y = b.input(np.array([[2.0]])), b.input(np.array([[3.0]]))
    first = b("reshape", b(np.matmul, x, x), ())
    second = b("reshape", b(np.matmul, y, y), ())
    program = b.program(b(np.add, b(np.exp, first), b(np.multiply, first, second)))
    (found,) = Fast(program).function()(*b.arrays())
    assert found == np.exp(4.0) + 36.0
