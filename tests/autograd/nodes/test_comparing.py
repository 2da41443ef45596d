"""Comparisons of Tensors: NumPy's arrays, and known to those who draw the graph."""

import operator

import numpy as np
import pytest

import autograd as ag
from autograd.engine import looking

SIGNS = [getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")]


@pytest.mark.parametrize("compare", SIGNS)
@pytest.mark.parametrize("other", [0.0, np.array([1.0, 0.0, np.nan]), ag.Tensor([-1.0, 2.0, 0.0])])
def test_a_comparison_is_numpys_and_known(compare, other):
    x = ag.Tensor([1.0, 0.0, -1.0], requires_grad=True)
    plain = other.data if isinstance(other, ag.Tensor) else other
    found, expected = compare(x, other), compare(x.data, plain)
    assert type(found) is np.ndarray and found.tolist() == expected.tolist()
    assert looking.made_of(found) is not None


@pytest.mark.parametrize("compare", SIGNS)
def test_an_array_before_a_tensor_is_compared_by_numpy_which_looks_at_it(compare):
    x, y = ag.Tensor([1.0, 0.0], requires_grad=True), np.array([1.0, 2.0])
    assert compare(y, x).tolist() == compare(y, x.data).tolist()
    assert looking.look_at(x._data) is not None


def test_a_number_is_compared_as_one():
    x = ag.Tensor(2.0)
    assert (x > 1.0) and x != 1.0 and type(x > 1.0) is np.bool_
    assert hash(x) == hash(x) and {x: 1}[x] == 1
