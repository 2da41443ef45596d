"""Transforms: closed forms, trees, nesting, and the confusions that nesting invites."""

import gc

import numpy as np
import pytest

import autograd as ag


def test_what_goes_in_comes_out():
    assert type(ag.grad(lambda x: x**3)(2.0)) is float
    assert type(ag.grad(lambda x: x**3)(2)) is float
    out = ag.grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0], np.float32))
    assert type(out) is np.ndarray and out.dtype == np.float32
    t = ag.Tensor([1.0, 2.0], requires_grad=True)
    out = ag.grad(lambda x: (x**3).sum())(t)
    assert isinstance(out, ag.Tensor) and t.grad is None
    out.sum().backward()
    assert t.grad.tolist() == [6.0, 12.0]
    v = ag.Value(2.0)
    out = ag.grad(lambda x: x**3)(v)
    assert isinstance(out, ag.Value) and out.data == 12.0


def test_trees():
    def loss(parameters, x):
        return np.sum((x @ parameters["w"] + parameters["b"][0]) ** 2)

    parameters = {"w": np.ones((2, 3)), "b": [0.5, (7.0,)]}
    value, g = ag.value_and_grad(loss)(parameters, np.ones((4, 2)))
    assert value == 4 * 3 * 2.5**2
    assert g["w"].shape == (2, 3) and (g["w"] == 4 * 2 * 2.5).all()
    assert g["b"] == [60.0, (0.0,)]  # the unused number has a gradient of zero


def test_argnums():
    f = lambda x, y: x**2 * y
    assert ag.grad(f, argnums=1)(3.0, 4.0) == 9.0
    assert ag.grad(f, argnums=(1, 0))(3.0, 4.0) == (9.0, 24.0)
    with pytest.raises(ag.ShapeError, match="argnums names argument 2, but 2 came"):
        ag.grad(f, argnums=2)(3.0, 4.0)


def test_nesting():
    assert ag.grad(ag.grad(ag.grad(lambda x: x**4)))(2.0) == 48.0
    assert ag.grad(ag.grad(np.sin))(1.0) == pytest.approx(-np.sin(1.0), rel=1e-15)
    assert ag.grad(lambda x: ag.vjp(lambda y: y**3, x)[1](1.0)[0])(2.0) == 12.0
    assert ag.grad(lambda x: ag.jvp(lambda y: y**3, (x,), (1.0,))[1])(2.0) == 12.0
    assert ag.jvp(ag.grad(lambda y: y**3), (2.0,), (1.0,)) == (12.0, 12.0)


def test_perturbations_are_not_confused():
    assert ag.grad(lambda a: ag.grad(lambda b: a * b)(2.0))(3.0) == 1.0
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert ag.grad(lambda x: ag.grad(lambda y: x * y * y)(x))(3.0) == 4 * 3.0
    x = ag.Tensor(3.0, requires_grad=True)
    inner = ag.grad(lambda y: x * y * y)(x)
    assert inner.data == 18.0  # by y alone


def test_closed_over_parameters_do_not_change_what_comes_out():
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    out = ag.grad(lambda x: (w * x * x).sum())(np.array([3.0, 4.0]))
    assert type(out) is np.ndarray and out.tolist() == [6.0, 16.0] and w.grad is None


def test_inside_no_grad():
    with ag.no_grad():
        assert ag.grad(lambda x: x**3)(2.0) == 12.0


def test_pullback_and_its_checks():
    y, pullback = ag.vjp(lambda a, b: (a @ b, a.sum()), np.ones((2, 3)), np.ones((3, 4)))
    assert y[0].shape == (2, 4) and y[1] == 6.0
    for _ in range(2):
        da, db = pullback((np.ones((2, 4)), 10.0))
        assert (da == 14.0).all() and (db == 2.0).all()
    with pytest.raises(ag.ShapeError, match=r"cotangent of shape \(4, 2\) came, \(2, 4\)"):
        pullback((np.ones((4, 2)), 1.0))
    with pytest.raises(
        ag.ShapeError, match="as cotangent, a ndarray came, a tuple of 2 is expected"
    ):
        pullback(np.ones((2, 4)))


def test_jvp_against_the_jacobian():
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    f = lambda t: ag.softmax(t @ np.ones((3, 2)) * t[:, :2], axis=0)
    y, tangent = ag.jvp(f, (x,), (v,))
    np.testing.assert_allclose(y, f(x), rtol=1e-14)
    np.testing.assert_allclose(tangent, np.tensordot(ag.jacobian(f)(x), v, 2), rtol=1e-12)
    value, flat = ag.jvp(lambda t: t * 0.0 + 3.0, (2.0,), (1.0,))
    assert (value, flat) == (3.0, 0.0)
    assert ag.jvp(lambda t: (t, 5.0), (2.0,), (7.0,)) == ((2.0, 5.0), (7.0, 0.0))


def test_hessian_and_hvp():
    a = np.array([[2.0, 1.0], [1.0, 5.0]])
    quadratic = lambda x: 0.5 * (x @ (a @ x))
    np.testing.assert_allclose(ag.hessian(quadratic)(np.array([1.0, -1.0])), a, atol=1e-15)
    np.testing.assert_allclose(ag.hvp(quadratic, np.ones(2), np.array([1.0, 0.0])), a[0])
    assert ag.hessian(lambda x: x**3)(2.0) == 12.0
    rosenbrock = lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    x = np.array([0.5, -0.3, 1.2])
    h = ag.hessian(rosenbrock)(x)
    np.testing.assert_allclose(h @ x, ag.hvp(rosenbrock, x, x), rtol=1e-13)
    np.testing.assert_allclose(h, h.T)


def test_jacobian_shapes():
    f = lambda x, y: {"a": x[:, None] * y, "b": y.sum()}
    out = ag.jacobian(f, argnums=(0, 1))(np.ones(2), np.ones(3))
    assert out["a"][0].shape == (2, 3, 2) and out["a"][1].shape == (2, 3, 3)
    assert out["b"][0].tolist() == [0.0, 0.0] and out["b"][1].tolist() == [1.0] * 3
    assert ag.jacobian(lambda x: x * 2.0)(np.zeros(0)).shape == (0, 0)


def test_a_constant_function():
    assert ag.value_and_grad(lambda x: 5.0)(2.0) == (5.0, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ag.grad(lambda x: x)(np.ones(3)),
            r"returned shape \(3,\), one number is expected",
        ),
        (lambda: ag.grad(lambda x: "a")(1.0), "returned str"),
        (lambda: ag.grad(lambda x: x.sum())(np.array([1, 2])), "int64 came, floats are expected"),
        (lambda: ag.grad(lambda x: np.unique(x).sum())(np.ones(2)), "np.unique"),
        (lambda: ag.hvp(lambda x: x.sum(), np.ones(2), np.ones(3)), r"direction of shape \(3,\)"),
    ],
)
def test_messages(call, message):
    with pytest.raises(
        (ag.ShapeError, ag.GraphError, ag.DTypeError, ag.UnsupportedError), match=message
    ):
        call()


def test_no_cycles_are_left(no_cycles):
    ag.hessian(lambda x: np.sum(np.exp(x) * x))(np.ones(3))
    ag.jvp(np.tanh, (1.0,), (1.0,))
    gc.collect()
