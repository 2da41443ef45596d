"""Which arrays of a trace lie in the same memory."""

import array

import numpy as np

from autograd.compile.trace.sharing import Sharing, owner_of


class Stand:
    def __init__(self, value):
        self._value = value


def noted(*arrays):
    sharing, stands = Sharing(), [Stand(x) for x in arrays]
    for stand in stands:
        sharing.add(stand)
    return sharing, stands


def test_views_of_one_array_are_found_in_the_order_in_which_they_were_made():
    x, other = np.zeros((4, 3)), np.zeros((4, 3))
    sharing, stands = noted(x[1:], other, x.T, x, x[:1])
    found = sharing.beside(x[2])
    assert [id(f) for f in found] == [id(stands[n]) for n in (0, 2, 3)]
    assert sharing.beside(np.zeros(3)) == []


def test_what_is_gone_is_not_found():
    x = np.zeros(3)
    sharing, stands = noted(x, x[1:])
    del stands[0]
    assert [id(f) for f in sharing.beside(x)] == [id(stands[0])]


def test_memory_that_no_array_owns_is_compared_with_all():
    memory = array.array("d", range(6))
    first, second = np.frombuffer(memory), np.frombuffer(memoryview(memory)[2:])
    assert owner_of(first) is None and owner_of(second[1:]) is None
    own = np.zeros(2)
    sharing, stands = noted(first[:3], own, second)
    assert [id(f) for f in sharing.beside(second[:1])] == [id(stands[0]), id(stands[2])]
    assert [id(f) for f in sharing.beside(own)] == [id(stands[1])]
