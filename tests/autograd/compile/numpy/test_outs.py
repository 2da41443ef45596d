"""Which operations can write into an array that is there, and over which argument."""

import numpy as np

from autograd.compile.numpy.outs import array_among, can_write, written_over
from autograd.compile.program import GETITEM
from tests.autograd.compile.building import Build, matrix


def made(b, *args):
    v = b(*args)
    return b.instructions[-1], b.values[v]


def test_ufuncs_write_and_over_any_argument():
    b = Build()
    x = matrix(b)
    i, value = made(b, np.add, x, 1.0)
    assert can_write(i, value) and written_over(i) == "any" and array_among(i) is x


def test_views_do_not_write():
    b = Build()
    i, value = made(b, GETITEM, matrix(b), (slice(0, 2),))
    assert not can_write(i, value)


def test_products_write_but_not_over_what_they_read():
    b = Build()
    i, _value = made(b, np.matmul, matrix(b, 3, 3), matrix(b, 3, 3))
    assert written_over(i) != "any"
