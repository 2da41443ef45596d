"""Margins: NumPy's values, and no gradient to a constant."""

import numpy as np
import pytest

import autograd as ag

V = np.linspace(-1.9, 2.1, 6)


@pytest.mark.parametrize(
    "margin", [0, 0.0, np.zeros(()), 2.0, (0, 3), np.array([[1.0, 2.0]])], ids=str
)
def test_a_margin_of_constants_has_no_gradient(margin):
    t = ag.Tensor(V, requires_grad=True)
    out = np.pad(t, (1, 2), constant_values=margin)
    np.testing.assert_array_equal(out.data, np.pad(V, (1, 2), constant_values=margin))
    assert ag.gradients(out.sum(), [t])[0].tolist() == [1.0] * 6


@pytest.mark.parametrize("name", ["atleast_1d", "atleast_2d", "atleast_3d"])
def test_several_arrays_get_their_axes_at_once(name):
    arrays = np.array(0.7), V, V.reshape(2, 3)
    expected = getattr(np, name)(*arrays)
    leaves = [ag.Tensor(x, requires_grad=True) for x in arrays]
    for function in (getattr(np, name), getattr(ag, name)):
        found = function(*leaves)
        assert isinstance(found, tuple)
        for t, x in zip(found, expected, strict=True):
            np.testing.assert_array_equal(t.data, x)


def test_an_array_of_no_axes_is_one_length_and_floats_are_none():
    assert ag.broadcast_to(0.0, np.array(2)).tolist() == [0.0, 0.0]
    for call in (ag.expand_dims, ag.reshape, ag.broadcast_to):
        with pytest.raises(TypeError, match=f"{call.__name__}: got "):
            call(np.ones(1), np.array([]))
