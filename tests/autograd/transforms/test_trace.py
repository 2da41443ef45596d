"""What goes in comes out, at any depth of nesting, and what nesting could confuse."""

import gc

import numpy as np
import pytest

import autograd as ag


def test_floats_give_floats():
    assert type(ag.grad(lambda x: x**3)(2.0)) is float
    assert type(ag.grad(lambda x: x**3)(2)) is float


def test_arrays_give_arrays_of_their_dtype():
    out = ag.grad(lambda x: np.sum(x**3))(np.array([1.0, 2.0], np.float32))
    assert type(out) is np.ndarray and out.dtype == np.float32


def test_tensors_give_tensors_that_can_be_differentiated_again():
    t = ag.Tensor([1.0, 2.0], requires_grad=True)
    out = ag.grad(lambda x: (x**3).sum())(t)
    assert isinstance(out, ag.Tensor) and t.grad is None
    out.sum().backward()
    assert t.grad.tolist() == [6.0, 12.0]


def test_values_give_values():
    v = ag.Value(2.0)
    out = ag.grad(lambda x: x**3)(v)
    assert isinstance(out, ag.Value) and out.data == 12.0


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


def test_no_cycles_are_left(no_cycles):
    ag.hessian(lambda x: np.sum(np.exp(x) * x))(np.ones(3))
    ag.jvp(np.tanh, (1.0,), (1.0,))
    gc.collect()


# --- results without a derivative ---

WITHOUT_DERIVATIVE = [
    lambda x: np.allclose(x, 1.0),
    lambda x: np.argmax(x),
    lambda x: x.argmin(),
    lambda x: (x > 0).sum(),
    lambda x: ag.sum(x > 0),
    lambda x: np.any(x > 0),
    lambda x: x.astype(int).sum(),
    lambda x: np.count_nonzero(x),
    lambda x: 3,
    lambda x: len(x),
]
TRANSFORMS = [
    ag.grad,
    ag.value_and_grad,
    ag.jacobian,
    ag.hessian,
    lambda f: lambda x: ag.vjp(f, x),
    lambda f: lambda x: ag.jvp(f, (x,), (x,)),
    lambda f: lambda x: ag.hvp(f, x, x),
]


@pytest.mark.parametrize("f", WITHOUT_DERIVATIVE)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_positions_and_truth_values_have_no_derivative(f, transform):
    with pytest.raises(ag.errors.GraphError, match="no derivative"):
        transform(f)(np.array([1.0, 2.0]))


def test_several_results_of_which_one_is_a_position():
    with pytest.raises(ag.errors.GraphError, match="dtype int64"):
        ag.jacobian(lambda x: (x * 2, x.argmax()))(np.array([1.0, 2.0]))


@pytest.mark.parametrize("f", [lambda x: 3.0, lambda x: np.float32(3.0), lambda x: ag.Tensor(3.0)])
def test_a_constant_float_has_the_derivative_0(f):
    x = np.array([1.0, 2.0])
    assert (
        ag.grad(f)(x).tolist() == ag.jacobian(f)(x).tolist() == ag.hvp(f, x, x).tolist() == [0, 0]
    )
    assert ag.jvp(f, (x,), (x,))[1] == 0.0
    assert ag.hessian(f)(x).tolist() == [[0, 0], [0, 0]]


def test_an_object_array_of_values_is_refused():
    for transform in (ag.grad, ag.jacobian):
        with pytest.raises(ag.errors.GraphError, match="tolist"):
            transform(lambda v: v * np.array([1.0, 2.0]))(ag.Value(1.0))


ONE_NUMBER = (ag.grad, ag.value_and_grad, ag.hessian)


@pytest.mark.parametrize(
    "result",
    [True, 3, np.bool_(True), np.int64(3), np.array([1, 2]), [1, 2], (1, 2), [True], (1.0, 2), {"a": 1}, range(2)],
    ids=repr,
)  # fmt: skip
def test_results_without_a_derivative(result):
    for transform in (*ONE_NUMBER, ag.jacobian):
        name = transform.__name__
        with pytest.raises(ag.GraphError, match=f"^{name}: got a result .*which has no derivative"):
            transform(lambda x: result)(1.0)
    for apply in (ag.vjp, lambda f, x: ag.jvp(f, (x,), (x,)), lambda f, x: ag.hvp(f, x, x)):
        with pytest.raises(ag.GraphError, match="which has no derivative"):
            apply(lambda x: result, 1.0)
    with pytest.raises(ag.GraphError, match=r"check_gradients: .*positions or truth values"):
        ag.check_gradients(lambda x: result, 1.0)


@pytest.mark.parametrize("result", ["text", None, ..., {1.0}, 1j, [None], (1.0, "a")], ids=repr)
def test_results_that_are_no_numbers(result):
    for transform in (*ONE_NUMBER, ag.jacobian):
        name = transform.__name__
        with pytest.raises(
            ag.GraphError, match=f"^{name}: got .* from the function; expected floats"
        ):
            transform(lambda x: result)(1.0)
    with pytest.raises(ag.GraphError, match="vjp: got"):
        ag.vjp(lambda x: result, 1.0)
    with pytest.raises(ag.GraphError, match="jvp: got"):
        ag.jvp(lambda x: result, (1.0,), (1.0,))
    if result != 1j:
        with pytest.raises(ag.GraphError, match="check_gradients: got a function that returned"):
            ag.check_gradients(lambda x: result, 1.0)


def test_several_results_where_one_is_needed():
    with pytest.raises(
        ag.GraphError,
        match="grad: got a tuple from the function; expected one number; return the number alone",
    ):
        ag.grad(lambda x: (x * x, x))(1.0)
    with pytest.raises(ag.GraphError, match="end the function with return"):
        ag.grad(lambda x: None)(1.0)
    with pytest.raises(ag.GraphError, match="an empty tree"):
        ag.check_gradients(lambda x: [], 1.0)


def test_functions_that_ignore_their_argument():
    assert ag.grad(lambda x: 1.5)(2.0) == 0.0 and ag.value_and_grad(lambda x: 1.5)(2.0) == (
        1.5,
        0.0,
    )
    assert ag.hessian(lambda x: 1.5)(np.ones(2)).tolist() == [[0.0, 0.0]] * 2
    assert ag.jacobian(lambda x: np.ones(2))(np.ones(3)).tolist() == [[0.0] * 3] * 2
    assert ag.jvp(lambda x: 1.5, (2.0,), (1.0,)) == (1.5, 0.0)
    assert ag.check_gradients(lambda x: 1.5, 2.0).passed


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ag.grad(3), "grad: got an int; expected a function; write ag.grad"),
        (lambda: ag.hessian(None), "hessian: got None; expected a function"),
        (lambda: ag.jacobian(ag.Tensor(1.0)), "jacobian: got a Tensor; .*ag.gradients"),
        (lambda: ag.value_and_grad("f"), "value_and_grad: got a str"), (lambda: ag.vjp(3.0, 1.0), "vjp: got a float"),
        (lambda: ag.jvp(3.0, (1.0,), (1.0,)), "jvp: got a float"), (lambda: ag.hvp(3.0, 1.0, 1.0), "hvp: got a float"),
        (lambda: ag.grad(abs, True)(1.0), "got argnums=True; expected an int"),
        (lambda: ag.grad(abs)(None), "grad: got None as an argument; expected floats; pass"),
        (lambda: ag.hessian(abs)("a"), "hessian: got a str as an argument"),
        (lambda: ag.hessian(abs)(1j), "hessian: got an argument, a complex of dtype complex128"),
    ],
)  # fmt: skip
def test_what_is_no_function_or_no_argument(call, text):
    with pytest.raises(ag.DTypeError, match=text):
        call()


def test_errors_name_the_transform_that_was_called():
    vector = lambda x: x * 2.0
    for transform in ONE_NUMBER:
        if transform is not ag.hessian:
            with pytest.raises(
                ag.ShapeError, match=rf"^{transform.__name__}: got a result of shape \(2,\)"
            ):
                transform(vector)(np.ones(2))
        with pytest.raises(
            ag.ShapeError, match=f"^{transform.__name__}: got argnums=1 for 1 argument; expected 0$"
        ):
            transform(vector, 1)(np.ones(2))
        with pytest.raises(
            ag.ShapeError, match=f"^{transform.__name__}: got no positional argument"
        ):
            transform(vector)(x=np.ones(2))
    with pytest.raises(ag.ShapeError, match=r"^hvp: got a result of shape \(2,\)"):
        ag.hvp(vector, np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: int(np.argmax(x)) * 1.0,
        lambda x: np.float64(np.argmax(x)),
        lambda x: float(x.argmin()),
        lambda x: float(np.argsort(x)[0]),
        lambda x: np.count_nonzero(x) / 3.0,
        lambda x: np.searchsorted([0.5, 2.0], x).astype(float).sum(),
        lambda x: np.linalg.matrix_rank(x[None]) * 0.5,
    ],
)
def test_a_float_made_of_positions_has_no_derivative(f):
    for transform in (ag.grad, ag.value_and_grad, ag.jacobian):
        with pytest.raises(ag.GraphError, match=r"gave positions, .*has no derivative"):
            transform(f)(np.array([1.0, 3.0, 2.0]))


def test_positions_may_pick_and_a_constant_has_a_derivative_of_zero():
    point = np.array([1.0, 3.0, 2.0])
    assert ag.grad(lambda x: x[int(np.argmax(x))] * float(np.argmax(x)))(point).tolist() == [
        0,
        1,
        0,
    ]
    assert ag.grad(lambda x: 3.0)(point).tolist() == [0, 0, 0]
    outside = ag.grad(lambda x: ag.grad(lambda y: y * float(np.argmax(x)))(2.0) + x.sum() * 0.0)
    assert outside(point).tolist() == [0, 0, 0]


def test_another_gradient_on_the_way_hides_no_positions():
    def f(x):
        position = float(np.argmax(x))
        ag.grad(lambda y: y * y)(2.0)
        return position

    with pytest.raises(ag.GraphError, match=r"gave positions, .*has no derivative"):
        ag.grad(f)(np.array([1.0, 3.0, 2.0]))


def test_constant_floats_in_an_object_array():
    """A result like any other constant, though not one number."""
    constant = lambda x: np.array([1.5, 2.5], dtype=object)
    assert ag.jacobian(constant)(2.0).tolist() == [0.0, 0.0]
    assert ag.vjp(constant, 2.0)[1](np.ones(2)) == (0.0,)
    with pytest.raises(ag.GraphError, match="grad: got an ndarray from the function; expected one"):
        ag.grad(lambda x: np.array([1.5], dtype=object))(2.0)


def test_numbers_of_every_kind_keep_it():
    f = lambda x: x * x
    for x, kind in ((3, float), (3.0, float), (np.float32(3.0), np.float32), (np.float64(3.0), np.float64)):  # fmt: skip
        found = ag.grad(f)(x)
        assert type(found) is kind and found == 6.0
    assert type(ag.grad(lambda x: x.sum())(np.ones(2))) is np.ndarray
    found = ag.grad(lambda x: (x * x).sum())(np.array(3.0))
    assert type(found) is np.ndarray and found.shape == ()
    with pytest.raises(ag.DTypeError, match="got an argument, a bool of dtype bool"):
        ag.grad(f)(True)


def test_zeros_for_what_the_result_does_not_depend_on():
    by_a, by_b = ag.grad(lambda a, b: (a * a).sum(), (0, 1))(np.ones(2), np.ones((2, 3)))
    assert by_a.tolist() == [2.0, 2.0] and by_b.shape == (2, 3) and not by_b.any()
    a, b = ag.Value(2.0), ag.Value(3.0)
    by_a, by_b = ag.grad(lambda a, b: a * a, (0, 1))(a, b)
    assert (by_a.data, by_b.data) == (4.0, 0.0) and isinstance(by_b, ag.Value)
    assert type(by_b.data) is float


def test_constant_nodes_as_arguments():
    """A node that requires no gradient is an argument like its data, and its kind comes back."""
    found = ag.grad(lambda x: (x * x).sum())(ag.Tensor([1.0, 2.0]))
    assert isinstance(found, ag.Tensor) and found.tolist() == [2.0, 4.0]
    found = ag.grad(lambda x: x * x)(ag.Value(3.0).detach())
    assert isinstance(found, ag.Value) and found.data == 6.0


def test_results_that_are_trees_or_arrays_of_values():
    with pytest.raises(
        ag.GraphError, match=r"got a tuple from the function; .*return the number alone"
    ):
        ag.grad(lambda x: (x, x))(1.0)
    for result in ((), [], {}, ""):
        with pytest.raises(ag.GraphError, match="from the function") as caught:
            ag.grad(lambda x, result=result: result)(1.0)
        assert "return the number alone" not in str(caught.value)
    with pytest.raises(ag.GraphError, match=r"an object array of Values, of shape \(2,\)"):
        ag.jacobian(lambda x: np.array([x, x], dtype=object))(ag.Value(1.0))


def test_hints_for_what_is_no_function():
    for name, text in (("vjp", "a function f that computes the result$"), ("grad", r"\(f\)\(x\)")):
        with pytest.raises(ag.DTypeError, match=text):
            getattr(ag, name)(3.0, *[1.0] * (name == "vjp"))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: [x], "grad: got a list from the function; expected one number; ag.vjp and ag.jacobian"),
        (lambda x: (x, x), "grad: got a tuple from the function; expected one number; return the number alone"),
        (lambda x: (x,), "grad: got a tuple from the function; expected one number; ag.vjp"),
        (lambda x: np.ones(2), "grad: got an ndarray from the function; expected one number; ag.vjp"),
        (lambda x: np.arange(2), r"grad: got a result of shape \(2,\) of dtype int64 from the function"),
        (lambda x: 3, "grad: got a result of dtype int64 from the function"),
        (lambda x: x * np.ones(2), r"grad: got a result of shape \(2,\) from the function"),
        (lambda x: np.array([x, x]), r"grad: got an object array of Values, of shape \(2,\)"),
        (lambda x: 1j, "grad: got a complex of dtype complex128 from the function; expected floats"),
        (lambda x: None, "grad: got None from the function; .*; end the function with return"),
        (lambda x: "a", "grad: got a str from the function; .*; return numbers, arrays or nodes"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_told(f, message):
    x = ag.Value(2.0) if "Values" in message else 2.0
    with pytest.raises((ag.GraphError, ag.ShapeError), match=f"^{message}"):
        ag.grad(f)(x)


@pytest.mark.parametrize("constant", [1.5, np.float32(1.5), np.array(1.5), np.array([[1.5]])])
def test_a_constant_number_has_a_gradient_of_zero(constant):
    assert ag.grad(lambda x: constant)(2.0) == 0.0
    assert ag.grad(lambda x: constant)(np.ones(2)).tolist() == [0.0, 0.0]
