"""What computed an input, and which numbers were given."""

import numpy as np

import autograd as ag
from autograd.derivation.looking import came, is_number, number
from autograd.primitives import arithmetic as a


def test_the_input_that_a_primitive_computed():
    x = ag.Tensor(np.ones(3), requires_grad=True)
    y = -x * 2.0
    assert came(y, 0, a.neg).inputs[0] is x and came(y, 0, a.add) is None
    assert came(y, 1, a.neg) is None and came(None, 0, a.neg) is None


def test_a_number_is_plain_and_alone():
    x = ag.Tensor(np.ones(3), requires_grad=True)
    y = x * 2.0
    assert number(y, 1) == 2.0 and number(y, 0) is None and is_number(y, 1, 2.0)
    assert number(x * np.ones(3), 1) is None
