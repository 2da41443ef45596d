"""Ranges, covariances and slopes by differences."""

import numpy as np
import pytest

import autograd as ag

X = np.array([[1.0, -2.0, 0.5, 3.0], [3.0, 0.25, -1.5, 2.0]])
PLACES = np.array([0.0, 0.5, 2.0, 2.25])


@pytest.mark.parametrize(
    "f",
    [
        np.ptp, lambda x: np.ptp(x, 1), np.cov, lambda x: np.cov(x, bias=True), lambda x: np.cov(x.T, rowvar=False),
        lambda x: np.cov(x[0], x[1], ddof=0), lambda x: np.cov(x, fweights=[1, 2, 1, 3], aweights=[0.5, 1.0, 2.0, 0.1]),
        np.corrcoef, lambda x: np.corrcoef(x[0] ** 2, x[1]), lambda x: np.gradient(x, axis=1),
        lambda x: np.gradient(x, 0.5, axis=1, edge_order=2), lambda x: np.gradient(x, PLACES, axis=1),
        lambda x: np.gradient(x, PLACES, axis=1, edge_order=2), lambda x: np.gradient(x, 2.0, PLACES)[0],
    ],
)  # fmt: skip
def test_values_and_gradients(f):
    np.testing.assert_allclose(ag.data_of(f(ag.Tensor(X))), f(X), rtol=1e-13, atol=1e-14)
    assert ag.check_gradients(f, X)


def test_the_slope_knows_where_values_were_taken():
    """Of a parabola, differences of second order are exact, and the places have a gradient too."""
    x = ag.Tensor(PLACES, requires_grad=True)
    slopes = ag.gradient(x * x, x, edge_order=2)
    np.testing.assert_allclose(slopes.data, 2 * PLACES, atol=1e-14)
    slopes.sum().backward()
    np.testing.assert_allclose(x.grad, np.full(4, 2.0), atol=1e-13)


def test_the_importance_of_observations_has_a_gradient():
    w = np.array([0.5, 1.0, 2.0, 0.1])
    assert ag.check_gradients(lambda x, w: ag.cov(x, aweights=w), X, w)
    with pytest.raises(ag.UnsupportedError, match=r"np\.cov: got fweights that require a gradient"):
        ag.cov(X, fweights=ag.Tensor(np.ones(4), requires_grad=True))


def test_refusals():
    with pytest.raises(ag.ShapeError, match="gradient: got length 1 on axis 0; expected 2 or more"):
        ag.gradient(np.ones(1))
    with pytest.raises(
        ag.ShapeError, match=r"cov: got aweights of shape \(2,\) for 4 observations"
    ):
        ag.cov(X, aweights=[1.0, 2.0])
