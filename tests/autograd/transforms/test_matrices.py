"""Jacobians and Hessians: shapes, closed forms, symmetry."""

import numpy as np

import autograd as ag


def test_jacobian_shapes():
    f = lambda x, y: {"a": x[:, None] * y, "b": y.sum()}
    out = ag.jacobian(f, argnums=(0, 1))(np.ones(2), np.ones(3))
    assert out["a"][0].shape == (2, 3, 2) and out["a"][1].shape == (2, 3, 3)
    assert out["b"][0].tolist() == [0.0, 0.0] and out["b"][1].tolist() == [1.0] * 3


def test_jacobian_of_nothing():
    assert ag.jacobian(lambda x: x * 2.0)(np.zeros(0)).shape == (0, 0)


def test_hessian_in_closed_form():
    a = np.array([[2.0, 1.0], [1.0, 5.0]])
    quadratic = lambda x: 0.5 * (x @ (a @ x))
    np.testing.assert_allclose(ag.hessian(quadratic)(np.array([1.0, -1.0])), a, atol=1e-15)
    assert ag.hessian(lambda x: x**3)(2.0) == 12.0


def test_hessian_against_its_products():
    rosenbrock = lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    x = np.array([0.5, -0.3, 1.2])
    h = ag.hessian(rosenbrock)(x)
    np.testing.assert_allclose(h @ x, ag.hvp(rosenbrock, x, x), rtol=1e-13)
    np.testing.assert_allclose(h, h.T)
