"""Jacobians and Hessians: shapes, closed forms, symmetry."""

import numpy as np
import pytest

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


W = np.array([1.0, 2.0])


@pytest.mark.parametrize("x", [3, 3.0, np.float64(3.0), np.float32(3.0), np.array(3.0)], ids=repr)
def test_a_result_with_axes_by_a_number(x):
    assert ag.jacobian(lambda s: s * W)(x).tolist() == [1.0, 2.0]
    assert ag.jacobian(lambda s: s * np.eye(2))(x).shape == (2, 2)
    assert ag.jacobian(lambda s: s * W[:0])(x).shape == (0,)
    assert ag.jacobian(lambda s: s**2)(x) == 6.0
    second = ag.jacobian(ag.jacobian(lambda s: s**2 * W))(x)
    assert second.tolist() == [2.0, 4.0]


def test_a_result_with_axes_by_a_tree_with_numbers():
    by_a, by_b = ag.jacobian(lambda p: p[0] * p[1] * W)((2.0, W))
    assert by_a.tolist() == [1.0, 4.0] and by_b.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    both = ag.jacobian(lambda p: {"y": p["a"] * p["b"] * W, "z": p["a"]})({"a": 2.0, "b": 3.0})
    assert both["y"]["a"].tolist() == [3.0, 6.0] and both["y"]["b"].tolist() == [2.0, 4.0]
    assert both["z"] == {"a": 1.0, "b": 0.0} and type(both["z"]["a"]) is float


def test_hessian_of_a_tree_with_numbers():
    h = ag.hessian(lambda p: p["a"] ** 2 * (p["w"] ** 2).sum())({"a": 2.0, "w": W})
    assert h["a"]["a"] == 10.0 and h["a"]["w"].tolist() == h["w"]["a"].tolist() == [8.0, 16.0]
    assert h["w"]["w"].tolist() == [[8.0, 0.0], [0.0, 8.0]]
    first, second = ag.hessian(lambda a, w: a**2 * w.sum(), (0, 1))(2.0, W)
    assert first[0] == 6.0 and first[1].tolist() == [4.0, 4.0]
    assert second[0].tolist() == [4.0, 4.0] and second[1].tolist() == [[0.0, 0.0], [0.0, 0.0]]


A = np.array([1.0, 2.0, 3.0])


def test_hessian_of_a_result_with_axes_by_a_float():
    assert ag.hessian(lambda t: A * t**3)(2.0).tolist() == [12.0, 24.0, 36.0]
    assert ag.hessian(lambda t: A * 1.0)(2.0).tolist() == [0.0, 0.0, 0.0]
    assert ag.jacobian(ag.hessian(lambda t: A * t**3))(2.0).tolist() == [6.0, 12.0, 18.0]


def test_hessian_of_a_result_with_axes_by_an_array():
    x = np.array([1.0, 2.0])
    f = lambda x: ag.sum(x**3) * A
    found = ag.hessian(f)(x)
    assert found.shape == (3, 2, 2)
    np.testing.assert_array_equal(found, A[:, None, None] * np.diag(6 * x))
    np.testing.assert_array_equal(found, ag.jacobian(ag.jacobian(f))(x))


def test_hessian_of_a_result_with_axes_by_a_tree():
    x = {"a": np.array([1.0, 2.0]), "b": 2.0}
    found = ag.hessian(lambda t: A * ag.sum(t["a"] ** 3) * t["b"])(x)
    np.testing.assert_array_equal(found["a"]["a"], A[:, None, None] * np.diag(12 * x["a"]))
    np.testing.assert_array_equal(found["a"]["b"], A[:, None] * 3 * x["a"] ** 2)
    np.testing.assert_array_equal(found["b"]["a"], found["a"]["b"])
    assert found["b"]["b"].tolist() == [0.0, 0.0, 0.0]


def test_hessian_of_a_tree_of_results():
    found = ag.hessian(lambda x, y: {"u": x * x * y, "v": x}, (0, 1))(1.0, 2.0)
    assert found == {"u": ((4.0, 2.0), (2.0, 0.0)), "v": ((0.0, 0.0), (0.0, 0.0))}


def test_a_jacobian_by_values():
    """Inside another transform its entries are nodes, in an array of objects."""
    x = ag.Value(3.0)
    found = ag.jacobian(lambda x: [x * 2.0, x**2.0])(x)
    assert [y.data for y in found] == [2.0, 6.0]
    rows = ag.jacobian(lambda x: ag.stack([x * 2.0, x**2.0]))(ag.Tensor(3.0))
    assert rows.tolist() == [2.0, 6.0]
    constant = ag.jacobian(lambda x: np.ones((2, 3)))(ag.Value(1.0))
    assert constant.shape == (2, 3) and constant.dtype == object
    assert all(isinstance(y, ag.Value) and y.data == 0.0 for y in constant.flat)
