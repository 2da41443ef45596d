"""Flips, rolls, repetitions and paddings: values of NumPy's, gradients brought back."""

import numpy as np
import pytest

import autograd as ag

X = np.arange(1.0, 7.0).reshape(2, 3)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.flip(x), lambda x: np.flip(x, 1), np.flipud, np.fliplr, lambda x: np.roll(x, 1),
        lambda x: np.roll(x, (1, -2), (0, 1)), np.rot90, lambda x: np.rot90(x, -3), lambda x: np.tile(x, (2, 1)),
        lambda x: np.repeat(x, 2), lambda x: np.repeat(x, [1, 0, 2], 1), lambda x: np.pad(x, 1),
        lambda x: np.pad(x, ((0, 1), (2, 0)), "edge"), lambda x: np.pad(x, 1, "reflect"), lambda x: np.pad(x, 2, "wrap"),
        lambda x: np.pad(x, 1, "symmetric"),
    ],
)  # fmt: skip
def test_entries_move_and_gradients_come_back(f):
    x = ag.Tensor(X, requires_grad=True)
    out = f(x)
    np.testing.assert_array_equal(out.data, f(X))
    weights = np.arange(float(out.size)).reshape(out.shape)
    [g] = ag.gradients((out * weights).sum(), [x])
    # Every entry of x has its own number, so equal entries of the result are copies of it.
    expected = [weights[f(X) == number].sum() for number in X.flat]
    np.testing.assert_array_equal(g.ravel(), expected)


def test_messages():
    with pytest.raises(ag.ShapeError, match="roll: got 3 shifts for 2 axes"):
        ag.roll(ag.Tensor(X), (1, 2, 3), (0, 1))
    with pytest.raises(ag.ShapeError, match="repeat: got 2 numbers of repeats for 3 entries"):
        ag.repeat(ag.Tensor(X), [1, 2], 1)


def test_a_number_has_no_sides_but_its_arguments_are_checked():
    assert ag.pad(1.0, 3) == 1.0
    with pytest.raises(ValueError, match=r"got mode='banana'"):
        ag.pad(1.0, 3, mode="banana")
    with pytest.raises((TypeError, ValueError), match="pad_width='abc'"):
        ag.pad(1.0, "abc")
