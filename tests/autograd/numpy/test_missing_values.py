"""Reductions that leave nan out: NumPy's values, and gradients of 0 for nan."""

import numpy as np
import pytest

import autograd as ag

X = np.array([[1.0, np.nan, 4.0, -3.0], [np.nan, np.nan, 2.5, 0.5], [7.0, 6.0, 1.5, 0.25]])
NAMES = ("nanmax", "nanmin", "nanmean", "nanvar", "nanstd", "nanmedian", "nanprod", "nansum")


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients(name, keepdims, axis):
    f = getattr(np, name)
    t = ag.Tensor(X, requires_grad=True)
    found = f(t, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(found.data, f(X, axis=axis, keepdims=keepdims), rtol=1e-14)
    found.sum().backward()
    there = ~np.isnan(X)
    assert (t.grad[~there] == 0).all()

    def of_the_others(entries):
        return getattr(ag, name)(ag.Tensor(X).at[there].set(entries), axis=axis)

    assert ag.check_gradients(of_the_others, X[there])


@pytest.mark.parametrize("name", ["nanmax", "nanmin", "nanmean", "nanvar", "nanstd", "nanmedian"])
def test_of_nothing_but_nan_all_are_nan(name):
    x = ag.Tensor([[np.nan, np.nan], [1.0, 2.0]], requires_grad=True)
    found = getattr(ag, name)(x, axis=1)
    assert np.isnan(found.data).tolist() == [True, False]
    found[1].backward()
    assert np.isfinite(x.grad).all()
