"""Entries added, removed and chosen: values by NumPy, gradients by differences."""

import numpy as np
import pytest

import autograd as ag

X = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5]])
V = np.array([7.0, 8.0, 9.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.append(x, x * x), lambda x: np.append(x, x, 0), lambda x: np.insert(x, 1, V, 0),
        lambda x: np.insert(V, [0, 2], x[0, :2]), lambda x: np.insert(x, slice(0, 2), x[:, 0], 1),
        lambda x: np.delete(x, [0, 2], 1), lambda x: np.delete(x, np.array([True, False]), 0),
        lambda x: np.hsplit(x, 3)[1], lambda x: np.vsplit(x, 2)[1], lambda x: np.dsplit(x[None], 3)[2],
        lambda x: np.meshgrid(x[0], x[1])[0] * np.meshgrid(x[0], x[1])[1],
        lambda x: np.select([x > 0, x > -2], [x * x, np.sin(x)], 2.0),
        lambda x: np.piecewise(x, [x > 0], [lambda x: x * x, lambda x: 3 * x]),
    ],
)  # fmt: skip
def test_the_gradient_goes_back_to_where_entries_came_from(f):
    np.testing.assert_array_equal(ag.data_of(f(ag.Tensor(X))), f(X))
    assert ag.check_gradients(lambda x: f(x) * 1.0, X, order=2)


def test_what_no_mask_takes_has_slope_zero():
    x = ag.Tensor(X, requires_grad=True)
    ag.piecewise(x, [X > 2], [lambda x: 5 * x]).sum().backward()
    np.testing.assert_array_equal(x.grad, np.where(X > 2, 5.0, 0.0))


def test_refusals():
    with pytest.raises(
        ag.ShapeError, match="hsplit: got an array of 0 axes; expected 1 axis or more"
    ):
        ag.hsplit(ag.Tensor(1.0), 1)
    with pytest.raises(ag.ShapeError, match=r"meshgrid: got coordinates of shape \(2, 3\)"):
        ag.meshgrid(X, V)
    with pytest.raises(ag.ShapeError, match="select: got 1 mask for 2 arrays"):
        ag.select([X > 0], [X, X])
    with pytest.raises(ag.ShapeError, match=r"piecewise: got masks of shape .* and 3 functions"):
        ag.piecewise(X, [X > 0], [1.0, 2.0, 3.0])


@pytest.mark.filterwarnings("ignore:in the future insert:FutureWarning")  # of older NumPys
def test_a_list_of_booleans_says_where_to_insert():
    x = ag.Tensor([1.0, 2.0])
    assert ag.insert(x, [False, True], 5.0).tolist() == np.insert(x.data, np.array([False, True]), 5.0).tolist()  # fmt: skip
    assert ag.insert(x, [], 5.0).tolist() == [1.0, 2.0]
    with pytest.raises(IndexError, match=r"insert: got .* NumPy says"):
        ag.insert(x, [7], 5.0)
