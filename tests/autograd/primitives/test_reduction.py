"""Reductions: extremes with ties and nan, and broadcasting back."""

import numpy as np
import pytest

import autograd as ag


@pytest.mark.parametrize("keepdims", [True, False])
@pytest.mark.parametrize("axis", [(1,), (2, 3), (0, 3), (3,)])
def test_extremes_of_many_small_windows(axis, keepdims):
    """Gone through place by place; NumPy's result, a shared tie, and nan where one is."""
    data = np.random.default_rng(0).integers(0, 3, (64, 4, 4, 4)).astype(float)
    data[3, 2, 1, 0] = np.nan
    for ours, numpys in ((ag.max, np.max), (ag.min, np.min)):
        result = ours(ag.Tensor(data), axis=axis, keepdims=keepdims)
        np.testing.assert_array_equal(result.data, numpys(data, axis=axis, keepdims=keepdims))
    x = ag.Tensor(np.nan_to_num(data), requires_grad=True)
    ag.max(x, axis=axis, keepdims=keepdims).sum().backward()
    winners = x.data == x.data.max(axis=axis, keepdims=True)
    np.testing.assert_allclose(x.grad, winners / winners.sum(axis=axis, keepdims=True))


def test_an_extreme_that_is_nan_has_the_gradient_zero():
    """Nan is not equal to itself, so that there is no winner; nothing may be divided by their number."""
    for function in (ag.max, ag.min):
        x = ag.Tensor([np.nan, 1.0], requires_grad=True)
        function(x).backward()
        assert x.grad.tolist() == [0.0, 0.0]


def test_one_number_is_not_broadcast_to_fewer_axes():
    with pytest.raises(ValueError, match="dimensions"):
        ag.primitives.PRIMITIVES["broadcast_to"](np.ones((1, 1)), shape=(3,))
