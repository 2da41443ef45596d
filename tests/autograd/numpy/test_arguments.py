"""How arguments are prepared: axes, counts, operands."""

import numpy as np
import pytest

import autograd as ag
from autograd.numpy import arguments


class Marked(np.ndarray):
    """An array that remembers that it is special, as one that a compiler follows."""


@pytest.mark.parametrize(
    ("axis", "expected"), [(None, (0, 1, 2)), (-1, (2,)), ((2, 0), (0, 2)), (np.int64(1), (1,)), ([], ())], ids=str
)  # fmt: skip
def test_axes_are_sorted_and_not_negative(axis, expected):
    assert arguments.normalize_axis(axis, 3, "sum") == expected


@pytest.mark.parametrize(
    ("axis", "message"),
    [(3, "sum: got axis 3 for an array of 3 axes; expected one from 0 to 2 or -3 to -1"),
     ((0, -3), r"sum: got axis=\(0, -3\); expected each axis once"), ("a", "sum: got axis 'a'; expected an integer")],
)  # fmt: skip
def test_a_wrong_axis_raises(axis, message):
    with pytest.raises(ag.ShapeError, match=message):
        arguments.normalize_axis(axis, 3, "sum")


def test_one_int_is_repeated():
    assert arguments.positive_ints(2, 3, "windows", "size") == (2, 2, 2)


@pytest.mark.parametrize("value", [0, (1, 2), 1.5, ()], ids=str)
def test_what_is_not_a_positive_int_raises(value):
    with pytest.raises(ag.ShapeError, match=r"windows: got size=.*; expected 1 or 3 positive ints"):
        arguments.positive_ints(value, 3, "windows", "size")


def test_a_value_is_no_array():
    with pytest.raises(ag.DTypeError, match="sum: got a Value; expected an array or Tensor; use"):
        arguments.as_operand(ag.Value(1.0), "sum")


def test_a_subclass_of_arrays_stays_what_it_is():
    x = np.array([1, 0]).view(Marked)
    assert type(arguments.as_operand(x, "sum")) is Marked
    assert type(arguments.integers(x, "one_hot")) is Marked
    assert type(ag.one_hot(x, 2)) is Marked


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_matrix_does_not_break_indices():
    index = np.asmatrix([[0, 1]])
    assert ag.one_hot(index, 2).shape == (1, 2, 2)
    assert ag.embedding(ag.Tensor(np.eye(2)), index).shape == (1, 2, 2)
