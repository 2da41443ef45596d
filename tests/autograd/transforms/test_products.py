"""Products with Jacobians and Hessians, against the matrices themselves."""

import numpy as np
import pytest

import autograd as ag


def test_a_pullback_may_be_called_again():
    y, pullback = ag.vjp(lambda a, b: (a @ b, a.sum()), np.ones((2, 3)), np.ones((3, 4)))
    assert y[0].shape == (2, 4) and y[1] == 6.0
    for _ in range(2):
        da, db = pullback((np.ones((2, 4)), 10.0))
        assert (da == 14.0).all() and (db == 2.0).all()


def test_a_cotangent_must_fit_the_value():
    _, pullback = ag.vjp(lambda a, b: (a @ b, a.sum()), np.ones((2, 3)), np.ones((3, 4)))
    message = r"got a cotangent of shape \(4, 2\); expected shape \(2, 4\)"
    with pytest.raises(ag.ShapeError, match=message):
        pullback((np.ones((4, 2)), 1.0))
    message = "pullback: got an ndarray as the cotangent; expected a tuple of 2"
    with pytest.raises(ag.ShapeError, match=message):
        pullback(np.ones((2, 4)))


def test_jvp_against_the_jacobian():
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    f = lambda t: ag.softmax(t @ np.ones((3, 2)) * t[:, :2], axis=0)
    y, tangent = ag.jvp(f, (x,), (v,))
    np.testing.assert_allclose(y, f(x), rtol=1e-14)
    np.testing.assert_allclose(tangent, np.tensordot(ag.jacobian(f)(x), v, 2), rtol=1e-12)


def test_jvp_of_what_does_not_change():
    value, flat = ag.jvp(lambda t: t * 0.0 + 3.0, (2.0,), (1.0,))
    assert (value, flat) == (3.0, 0.0)
    assert ag.jvp(lambda t: (t, 5.0), (2.0,), (7.0,)) == ((2.0, 5.0), (7.0, 0.0))


def test_jvp_takes_tuples():
    with pytest.raises(ag.DTypeError, match=r"jvp: got a float and a float; expected a tuple"):
        ag.jvp(lambda t: t, 2.0, 1.0)


def test_hvp_of_a_quadratic_form():
    a = np.array([[2.0, 1.0], [1.0, 5.0]])
    quadratic = lambda x: 0.5 * (x @ (a @ x))
    np.testing.assert_allclose(ag.hvp(quadratic, np.ones(2), np.array([1.0, 0.0])), a[0])


def test_a_direction_must_fit_the_point():
    with pytest.raises(ag.ShapeError, match=r"direction of shape \(3,\)"):
        ag.hvp(lambda x: x.sum(), np.ones(2), np.ones(3))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda f, x: ag.jvp(f, (x,), (np.ones(3),)), r"jvp: got a tangent of shape \(3,\); expected shape \(2,\), that of the arg"),
        (lambda f, x: ag.jvp(f, (x,), (x, x)), "jvp: got a tuple of 2 as the tangent; expected a tuple of 1"),
        (lambda f, x: ag.jvp(f, (x,), ([x],)), "jvp: got a list of 1 as the tangent; expected one number or array"),
        (lambda f, x: ag.hvp(f, x, 1.0), r"hvp: got a direction of shape \(\); expected shape \(2,\)"),
        (lambda f, x: ag.hvp(f, x, [x]), "hvp: got a list of 1 as the direction"),
        (lambda f, x: ag.hvp(lambda t: f(t["a"]), {"a": x}, {"b": x}), "hvp: got a dict with keys 'b' as the direction"),
        (lambda f, x: ag.vjp(f, x)[1](np.ones(2)), r"pullback: got a cotangent of shape \(2,\); expected shape \(\), that of the res"),
        (lambda f, x: ag.vjp(f, x)[1]([1.0]), "pullback: got a list of 1 as the cotangent"),
    ],
)  # fmt: skip
def test_directions_of_another_shape_or_structure(call, text):
    with pytest.raises(ag.ShapeError, match=text):
        call(lambda x: ag.sum(x**2), np.ones(2))


@pytest.mark.parametrize(
    ("v", "got"),
    [(None, "None"), ("a", "a str"), (1j, "a complex of dtype complex128"), (..., "an ellipsis")],
)
def test_directions_that_are_no_numbers(v, got):
    for name, call in {
        "jvp": lambda: ag.jvp(abs, (1.0,), (v,)), "hvp": lambda: ag.hvp(abs, 1.0, v), "pullback": lambda: ag.vjp(abs, 1.0)[1](v),
    }.items():  # fmt: skip
        with pytest.raises(ag.DTypeError, match=f"^{name}: got {got} as the .*; expected floats"):
            call()


def test_jvp_takes_lists_and_tuples_and_nothing_else():
    for wrong in ((1.0, (1.0,)), ((1.0,), 1.0), (1.0, 1.0)):
        with pytest.raises(
            ag.DTypeError, match="expected a tuple of arguments and one of tangents"
        ):
            ag.jvp(lambda x: x, *wrong)
    assert ag.jvp(lambda x: x * 2.0, [3.0], [1.0]) == (6.0, 2.0)


def test_jvp_of_arguments_some_of_which_change_nothing():
    """The first does not count; the ones after it must."""
    f = lambda a, b, c: b * 2.0 + c * 3.0
    assert ag.jvp(f, (1.0, 2.0, 3.0), (10.0, 1.0, 0.5)) == (13.0, 3.5)
    g = lambda a, b: (a * 2.0, 7.0, b * 3.0)
    y, tangent = ag.jvp(g, (1.0, 2.0), (1.0, 1.0))
    assert y == (2.0, 7.0, 6.0) and tangent == (2.0, 0.0, 3.0)


def test_jvp_of_a_result_that_is_a_constant_node():
    y, tangent = ag.jvp(lambda x: (x * 2.0, ag.Tensor([1.0, 2.0])), (3.0,), (1.0,))
    assert y[1].tolist() == [1.0, 2.0] and tangent[0] == 2.0 and tangent[1].tolist() == [0.0, 0.0]


def test_hvp_along_a_node_gives_a_node():
    v = ag.Tensor([1.0, 0.0], requires_grad=True)
    product = ag.hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), v)
    assert isinstance(product, ag.Tensor) and product.tolist() == [6.0, 0.0]
    assert ag.gradients(product.sum(), [v])[0].tolist() == [6.0, 12.0]
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    both = ag.hvp(lambda x: (x**3).sum(), x, v)
    assert ag.gradients(both.sum(), [x])[0].tolist() == [6.0, 0.0]
    along = ag.Tensor(1.0, requires_grad=True)
    assert ag.gradients(ag.hvp(lambda x: x**3, 2.0, along), [along]) == [12.0]


def test_hvp_along_a_node_from_a_point_of_any_numbers():
    v = ag.Tensor(1.0, requires_grad=True)
    assert ag.hvp(lambda x: x**3, 2, v).item() == 12.0
    single = np.array([1.0, 2.0], np.float32)
    product = ag.hvp(lambda x: (x**3).sum(), single, ag.Tensor(single, requires_grad=True))
    assert product.dtype == np.float32 and product.tolist() == [6.0, 24.0]


def test_a_node_as_the_direction_gives_nodes():
    """They can be differentiated by it, though the point is a plain number."""
    v = ag.Tensor(3.0, requires_grad=True)
    [pulled] = ag.vjp(lambda x: x**3, 2.0)[1](v)
    value, pushed = ag.jvp(lambda x: x**3, (2.0,), (v,))
    assert value == 8.0 and pulled.item() == pushed.item() == 36.0
    assert ag.gradients(pulled, [v]) == ag.gradients(pushed, [v]) == [12.0]


def test_a_pullback_gives_nodes_inside_a_function_that_is_differentiated():
    _, pullback = ag.vjp(lambda x: x**3, 2.0)
    found = []

    def f(x):
        found.extend(pullback(1.0))
        return x * found[0]

    assert ag.grad(f)(5.0) == 12.0 and isinstance(found[0], ag.Tensor)
    assert pullback(1.0) == (12.0,) and type(pullback(1.0)[0]) is float


def test_numbers_as_directions_of_values_stay_numbers():
    x = ag.Value(3.0)
    y, tangent = ag.jvp(lambda x: x * x, (x,), (2.0,))
    assert (y.data, tangent.data) == (9.0, 12.0) and type(tangent.data) is float


@pytest.mark.parametrize(
    ("x", "direction", "kind", "twice"),
    [
        (2.0, 3, float, 6.0), (ag.Value(2.0), 3, ag.Value, 6.0),
        (np.array([1.0, 2.0]), np.array([3, 4]), np.ndarray, [6.0, 8.0]), (ag.Tensor([1.0, 2.0]), np.array([3, 4]), ag.Tensor, [6.0, 8.0]),
        (np.array([1.0, 2.0]), np.array([True, False]), np.ndarray, [2.0, 0.0]),
    ],
)  # fmt: skip
def test_directions_of_integers_give_floats(x, direction, kind, twice):
    double = lambda t: t * 2.0
    [pulled] = ag.vjp(double, x)[1](direction)
    _, pushed = ag.jvp(double, (x,), (direction,))
    for found in (pulled, pushed):
        values = np.asarray(ag.data_of(found))
        assert type(found) is kind and values.tolist() == twice and values.dtype == float


def test_constant_results_have_tangents_of_zero():
    f = lambda a: {"twice": a * 2.0, "number": 5.0, "array": np.arange(2.0), "node": ag.Tensor(3.0)}
    y, tangents = ag.jvp(f, (np.ones(2),), (np.array([1, 2]),))
    assert tangents["twice"].tolist() == [2.0, 4.0] and y["number"] == 5.0
    assert [np.asarray(tangents[k]).tolist() for k in ("number", "array", "node")] == [0, [0, 0], 0]


@pytest.mark.parametrize("kind", [np.array, ag.Tensor])
def test_tangents_have_the_dtype_of_the_result(kind):
    f = lambda x: (x * 2.0, kind(np.ones(2, np.float32)))
    _, tangents = ag.jvp(f, (np.ones(3, np.float32),), (np.ones(3),))
    assert [t.dtype for t in tangents] == [np.float32] * 2 and tangents[1].tolist() == [0.0, 0.0]
