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


@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
def test_too_few_for_the_degrees_of_freedom_are_nan_as_in_numpy(name):
    x = ag.Tensor([[1.0, 2.0, np.nan], [1.0, np.nan, np.nan], [1.0, 2.0, 4.0]], requires_grad=True)
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        expected = getattr(np, name)(x.data, axis=1, ddof=2)
    found = getattr(ag, name)(x, axis=1, ddof=2)
    np.testing.assert_array_equal(found.data, expected)
    assert np.isnan(expected).tolist() == [True, True, False]
    found[2].backward()
    assert (x.grad[:2] == 0).all() and np.isfinite(x.grad[2]).all()
    assert np.isnan(getattr(ag, name)(x, axis=1, correction=3).data).all()
