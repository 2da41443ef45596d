"""Picking and ordering entries: each gradient goes back to where its entry was."""

import numpy as np
import pytest

import autograd as ag

X = np.array([[3.0, 1.0, 2.0], [0.5, 0.25, 4.0]])
WEIGHTS = np.arange(1.0, 7.0).reshape(2, 3)


def test_an_entry_taken_twice_gets_both_gradients():
    x = ag.Tensor(X, requires_grad=True)
    out = ag.take(x, [1, 1, 0], axis=1)
    np.testing.assert_array_equal(out.data, X[:, [1, 1, 0]])
    assert ag.gradients(out.sum(), [x])[0].tolist() == [[1.0, 2.0, 0.0]] * 2


@pytest.mark.parametrize("mode", ["wrap", "clip"])
def test_indices_out_of_range(mode):
    np.testing.assert_array_equal(
        ag.take(ag.Tensor(X), [-1, 7], mode=mode).data, np.take(X, [-1, 7], mode=mode)
    )
    with pytest.raises(IndexError, match="take"):
        ag.take(ag.Tensor(X), [7])


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_sorting_permutes_gradients(axis):
    x = ag.Tensor(X, requires_grad=True)
    out = ag.sort(x, axis)
    np.testing.assert_array_equal(out.data, np.sort(X, axis))
    order = np.argsort(X, axis)
    expected = np.zeros(X.shape if axis is not None else X.size)
    weights = WEIGHTS if axis is not None else WEIGHTS.ravel()
    np.put_along_axis(expected, order, weights, axis if axis is not None else 0)
    [g] = ag.gradients((out * weights).sum(), [x])
    np.testing.assert_array_equal(g, expected.reshape(X.shape))


def test_compress_and_take_along_axis_are_numpys():
    keep, at = [True, False, True], np.array([[2], [0]])
    np.testing.assert_array_equal(ag.compress(keep, ag.Tensor(X), 1).data, X[:, keep])
    found = ag.take_along_axis(ag.Tensor(X), at, axis=1)
    np.testing.assert_array_equal(found.data, np.take_along_axis(X, at, 1))


def test_a_mask_is_no_index_along_an_axis():
    with pytest.raises(IndexError, match="take_along_axis: got indices of dtype bool"):
        ag.take_along_axis(np.ones(2), np.array([True, False]), 0)
