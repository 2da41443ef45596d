"""Tensor: NumPy's behaviour, immutability, dtypes, dispatch, messages."""

import copy
import pickle

import numpy as np
import pytest

import autograd as ag


def tensor(data, **options):
    return ag.Tensor(data, requires_grad=True, **options)


def test_construction_copies_and_follows_numpy():
    source = np.array([1.0, 2.0])
    t = ag.Tensor(source)
    source[0] = 9.0
    assert t.data.tolist() == [1.0, 2.0]
    assert ag.Tensor(1.0).dtype == np.float64 and ag.Tensor([1]).dtype == np.int64
    assert ag.Tensor([1], dtype=np.float32).dtype == np.float32
    t = ag.Tensor([[1.0, 2.0, 3.0]])
    assert (t.shape, t.ndim, t.size, len(t), t.T.shape) == ((1, 3), 2, 3, 1, (3, 1))


def test_arrays_of_a_node_are_read_only_through_every_alias():
    x = tensor(np.ones((2, 3)))
    constant = np.full(3, 2.0)
    y = x * constant
    z = y.reshape(3, 2).T
    for array in (x.data, y.data, z.data, z.data.base, y.saved[1], x.data[0]):
        if isinstance(array, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0.0
    constant[:] = 100.0  # the caller's own array stays the caller's
    y.sum().backward()
    assert x.grad.tolist() == [[2.0] * 3] * 2
    assert x.numpy().flags.writeable


def test_gradients_are_independent_writable_arrays():
    x, y = tensor([1.0, 2.0]), tensor([3.0, 4.0])
    z = x + y
    z.retain_grad()
    z.sum().backward()
    x.grad *= 10.0
    assert y.grad.tolist() == [1.0, 1.0] and z.grad.tolist() == [1.0, 1.0]
    (x + y).sum().backward()
    assert x.grad.tolist() == [11.0, 11.0]


def test_interior_gradients_only_on_request():
    x = tensor([1.0, 2.0])
    y = x * 2.0
    z = y * y
    z.retain_grad()
    z.sum().backward()
    assert y.grad is None and z.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "left", [2, 2.0, np.float32(2.0), np.array([1.0, 2.0]), [1.0, 2.0], np.array([[1], [2]])],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**", "%", "//"])
def test_operators_both_ways(left, symbol):
    operate = eval(f"lambda x, y: x {symbol} y")
    array = np.array([3.0, 5.0])
    t = tensor(array)
    for out, expected in [
        (operate(left, t), operate(np.asarray(left), array)),
        (operate(t, left), operate(array, np.asarray(left))),
    ]:
        assert isinstance(out, ag.Tensor) and out.requires_grad
        np.testing.assert_allclose(out.data, expected, rtol=1e-15)


def test_matmul_with_an_array_on_the_left():
    a, w = np.ones((2, 3)), tensor(np.ones((3, 4)))
    out = a @ w
    assert isinstance(out, ag.Tensor) and out.shape == (2, 4)
    out.sum().backward()
    assert (w.grad == 2.0).all()


def test_python_scalars_are_weak_and_gradients_keep_the_dtype():
    x = tensor([1.0, 2.0], dtype=np.float32)
    w = tensor([1.0, 2.0], dtype=np.float64)
    assert (x * 2.0 + 1).dtype == np.float32
    out = (x * w).sum()
    assert out.dtype == np.float64
    out.backward()
    assert (x.grad.dtype, w.grad.dtype) == (np.float32, np.float64)
    [g] = ag.gradients((x * w).sum(), [x], create_graph=True)
    assert g.dtype == np.float32


def test_in_place_operators():
    p = tensor([1.0, 2.0], dtype=np.float32)
    same = p
    with pytest.raises(ag.GraphError, match=r"no_grad\(\)"):
        p -= 0.1
    with ag.no_grad():
        p -= np.array([0.5, 0.5])
    assert p is same and p.data.tolist() == [0.5, 1.5] and p.dtype == np.float32
    with ag.no_grad(), pytest.raises(ag.ShapeError, match=r"\(2, 2\)"):
        p -= np.ones((2, 2))
    h = p * 2.0
    before = h
    h += 1.0
    assert h is not before and before.data.tolist() == [1.0, 3.0]
    total = ag.Tensor(0.0)
    total += p.sum()
    total.backward()
    assert p.grad.tolist() == [1.0, 1.0]


def test_in_place_on_an_array_would_drop_the_gradient():
    array = np.zeros(2)
    with pytest.raises(ag.UnsupportedError, match="array = array \\+ tensor"):
        array += tensor([1.0, 2.0])


def test_at_gives_a_new_tensor():
    t = tensor([1.0, 2.0, 3.0])
    with pytest.raises(ag.GraphError, match=r"t\.at\[i\]\.set\(v\)"):
        t[0] = 5.0
    v = tensor([10.0, 20.0])
    out = t.at[np.array([0, 0])].set(v)
    assert out.data.tolist() == [20.0, 2.0, 3.0] and t.data[0] == 1.0
    (out * ag.Tensor([1.0, 2.0, 3.0])).sum().backward()
    assert t.grad.tolist() == [0.0, 2.0, 3.0] and v.grad.tolist() == [0.0, 1.0]
    assert t.at[1:].add(1.0).data.tolist() == [1.0, 3.0, 4.0]


def test_iteration_and_unpacking():
    a, b = tensor([[1.0, 2.0], [3.0, 4.0]])
    assert a.data.tolist() == [1.0, 2.0] and (a * b).sum().data == 11.0
    with pytest.raises(TypeError, match="without axes"):
        iter(ag.Tensor(1.0))


def test_zero_size_and_zero_dimensional():
    empty = tensor(np.ones((0, 3)))
    (empty * 2.0).sum().backward()
    assert empty.grad.shape == (0, 3)
    x = tensor(3.0)
    (x * x)[()].backward()
    assert x.grad.shape == () and x.grad == 6.0
    assert (x * x).item() == 9.0 and float(x.detach()) == 3.0


@pytest.mark.parametrize("order", ["C", "F"])
def test_non_contiguous(order):
    array = np.asarray(np.arange(24.0).reshape(4, 6), order=order)[::2, ::-3]
    t = tensor(array)
    (t * array).sum().backward()
    np.testing.assert_array_equal(t.grad, array)


def test_no_warning_at_infinities():
    t = tensor([0.0, 1e3, -1.0])
    out = (1.0 / t + ag.log(t) + ag.exp(t) - np.inf).sum()
    out.backward()  # warnings are errors in this suite
    assert np.isnan(out.data)


def test_non_differentiable_answers_are_plain():
    t = tensor([1.0, 3.0, 2.0])
    assert type(t > 1.5) is np.ndarray and (t > 1.5).tolist() == [False, True, True]
    assert t.argmax() == 1 and np.argsort(t).tolist() == [0, 2, 1]
    assert np.allclose(t, [1.0, 3.0, 2.0]) and np.shape(t) == (3,) and not np.isnan(t).any()
    assert isinstance(np.zeros_like(t), np.ndarray)


def test_what_would_drop_a_gradient_raises():
    t = tensor([1.0, 2.0])
    with pytest.raises(ag.GraphError, match=r"ag\.stack"):
        np.array(t)
    with pytest.raises(ag.GraphError, match=r"ag\.stack"):
        np.array([t, t])
    with pytest.raises(
        ag.UnsupportedError, match=r"np\.unique: has no derivative.*pass tensor\.data"
    ):
        np.unique(t)
    with pytest.raises(ag.UnsupportedError, match="accumulate"):
        np.subtract.accumulate(t)
    with pytest.raises(ag.UnsupportedError, match="out="):
        np.exp(t, out=np.ones(2))
    with pytest.raises(ag.GraphError, match="which the new one would lose"):
        ag.Tensor(t)
    with pytest.raises(ag.GraphError, match=r"element: got a Tensor that requires a gradient"):
        ag.grad(lambda x: float(x) * x)(2.0)
    assert np.array(t.detach()).tolist() == [1.0, 2.0]
    assert float(t.detach()[0]) == 1.0


def test_every_public_numpy_function_is_dispatched_or_refused():
    """No function of NumPy returns an array without its gradient in silence."""
    t = tensor([[2.0, 1.0], [0.5, 3.0]])
    calls = 0
    for module in (np, np.linalg):
        for name in module.__all__ if module is np.linalg else dir(np):
            function = getattr(module, name)
            dispatched = isinstance(function, np.ufunc) or hasattr(function, "_implementation")
            if not dispatched:
                continue
            try:
                result = function(*[t] * getattr(function, "nin", 1))
            except (TypeError, ValueError, IndexError, ag.GraphError, np.linalg.LinAlgError):
                continue
            calls += 1
            from_ours = isinstance(result, (ag.Tensor, tuple, list))
            allowed = function in ag.dispatch.WITHOUT_GRADIENT
            assert from_ours or allowed, f"{name} returned {type(result).__name__}"
    assert calls > 80


def test_messages():
    t = tensor([[1.0, 2.0, 3.0]])
    with pytest.raises(
        ag.ShapeError, match=r"add: got shapes \(1, 3\) and \(2, 4\), which do not broadcast"
    ):
        t + np.ones((2, 4))
    with pytest.raises(ag.ShapeError, match=r"matmul: got shapes \(1, 3\) and \(1, 3\); expected"):
        t @ t
    with pytest.raises(ag.ShapeError, match=r"sum: got axis 2 for an array of 2 axes"):
        t.sum(axis=2)
    with pytest.raises(ag.ShapeError, match="reshape"):
        t.reshape(2, 2)
    with pytest.raises(
        ag.DTypeError, match="Tensor: got requires_grad=True for data of dtype int64"
    ):
        ag.Tensor([1, 2], requires_grad=True)
    with pytest.raises(ag.DTypeError, match="dtype object"):
        ag.Tensor([None, 1.0])
    with pytest.raises(ag.DTypeError, match="<U1"):
        ag.Tensor("a")
    with pytest.raises(ag.ShapeError, match="rows that differ"):
        ag.Tensor([[1.0], [1.0, 2.0]])
    with pytest.raises(ag.GraphError, match=r"shape \(1, 3\), which has no single derivative"):
        (t * 2.0).backward()
    with pytest.raises(ag.ShapeError, match=r"gradient= of shape \(2,\)"):
        (t * 2.0).backward(np.ones(2))
    with pytest.raises(TypeError, match="'Tensor' and 'str'"):
        t + "a"
    with pytest.raises(ag.DTypeError, match="maximum: got a Tensor and None"):
        ag.maximum(t, None)
    with pytest.raises(IndexError, match="index 5"):
        t[5]
    with pytest.raises(
        ag.GraphError, match="requires_grad_: got a Tensor that mul computed; expected a leaf"
    ):
        (t * 2.0).requires_grad_(False)
    with pytest.raises(
        ag.ShapeError, match=r"item: got a Tensor of shape \(1, 3\); expected one entry"
    ):
        t.item()


def test_a_rule_of_the_wrong_shape_is_named():
    bad = ag.Primitive("bad", lambda x: x.sum(axis=0), lambda g, out, x: g)
    with pytest.raises(
        ag.GraphError,
        match=r"bad: got a gradient of shape \(3,\) from the rule for argument 0; expected .*\(2, 3\)",
    ):
        bad(tensor(np.ones((2, 3)))).sum().backward()


def test_a_primitive_of_the_user_s_own():
    cube = ag.Primitive(
        "cube", lambda x: x**3, lambda g, out, x: g * (3.0 * x * x), elementwise=True
    )
    t, v = tensor([1.0, 2.0]), ag.Value(2.0)
    cube(t).sum().backward()
    cube(v).backward()
    assert t.grad.tolist() == [3.0, 12.0] and v.grad == 12.0
    ag.check_gradients(cube, np.array([0.5, -2.0]), order=2)


def test_a_kernel_may_use_tensors():
    def solve_by_newton(a):
        with ag.no_grad():
            x = ag.Tensor(np.ones_like(a))
            for _ in range(40):
                x = x - (x * x - a) / (2.0 * x)
        return x.data

    root = ag.Primitive(
        "root", solve_by_newton, lambda g, out, a: g / (2.0 * out), elementwise=True
    )
    t = tensor([4.0, 9.0])
    out = root(t)
    out.sum().backward()
    np.testing.assert_allclose(out.data, [2.0, 3.0])
    np.testing.assert_allclose(t.grad, [0.25, 1 / 6])


def test_repr():
    x = tensor([1.0, 2.5], name="x")
    assert repr(x) == "Tensor([1. , 2.5], requires_grad=True, name='x')"
    assert repr(x * 2.0) == "Tensor([2., 5.], op=mul)"
    assert repr(ag.Tensor([1.0], dtype=np.float32)) == "Tensor([1.], dtype=float32)"
    assert f"{x.sum():.1f}" == "3.5"


def test_copies_and_pickles():
    x = tensor([1.0, 2.0], name="x")
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.data.tolist() == [1.0, 2.0] and other.requires_grad and other.name == "x"
    with pytest.raises(ag.GraphError, match="detach"):
        copy.deepcopy(x * 2.0)


def test_training_keeps_memory_flat():
    """10,000 training steps, the cyclic collector off: what is allocated at the end was at the start."""
    import gc
    import tracemalloc

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
    w = tensor(rng.normal(size=(3, 1)))

    def step():
        w.zero_grad()
        ag.square(ag.tanh(x @ w) - y).mean().backward()
        with ag.no_grad():
            w.__isub__(0.01 * w.grad)

    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        for _ in range(4_000):  # until Python's own lists of free tuples are full
            step()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            step()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 20_000


class TestIdiomsOfPyTorch:
    def test_max_returns_no_positions(self):
        x = ag.Tensor(np.arange(12.0).reshape(4, 3))
        with pytest.raises(ValueError) as caught:
            _, _p = x.max(1)
        assert str(caught.value) == (
            "unpacking: got a Tensor of 4 entries for 2 names; expected as many; max and min return "
            "values only; write values, places = t.max(1), t.argmax(1)"
        )
        with pytest.raises(ValueError, match="unpacking: got a Tensor of 4 entries for 3 names"):
            _, _, _ = x
        with pytest.raises(AttributeError, match=r"t\.argmax\(axis\)"):
            x.max(1).indices  # noqa: B018

    def test_unpacking_iteration_and_starred_names_work(self):
        a, b = ag.Tensor([1.0, 2.0])
        first, *rest = ag.Tensor([1.0, 2.0, 3.0])
        (c,), (d,) = ag.Tensor([[3.0], [4.0]])
        assert [a.item(), b.item(), c.item(), d.item()] == [1.0, 2.0, 3.0, 4.0]
        assert len(rest) == 2 and first.item() == 1.0
        assert len(list(ag.Tensor([1.0, 2.0, 3.0]))) == len([*ag.Tensor([1.0, 2.0, 3.0])]) == 3
        assert [x.item() for x in ag.Tensor([1.0, 2.0])] == [1.0, 2.0]


def test_data_can_be_updated_as_in_pytorch():
    """The statement assigns: the array that graphs have keeps its values."""
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    loss, before = (w * w).sum(), w.data
    loss.backward()
    w.data -= 0.25 * w.grad
    assert w.data.tolist() == [0.5, 1.0] and not w.data.flags.writeable
    assert before.tolist() == [1.0, 2.0]
    parameters = {"w": w}
    parameters["w"].data *= 3.0
    assert w.data.tolist() == [1.5, 3.0]


def test_data_of_a_result_or_of_another_shape_cannot_be_updated():
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ag.GraphError, match="an assignment to a node that mul computed"):
        (w * 2.0).data += 1.0
    with pytest.raises(ValueError, match="broadcast"):
        w.data -= np.ones((2, 2))
    with pytest.raises(ValueError, match="read-only"):
        w.data[0] = 1.0
    assert w.data.tolist() == [1.0, 2.0] and (0.0 < w.data[0] < w.data[1])


def test_a_tensor_without_axes_has_no_length_and_no_entries():
    for call, name in ((len, "len"), (iter, "iteration"), (list, "iteration")):
        with pytest.raises(TypeError, match=f"^{name}: got a Tensor without axes, which is one"):
            call(tensor(1.0))
    with pytest.raises(TypeError, match="Tensor"):
        ag.Tensor([1.0], device="cpu")


def test_membership_and_lines_of_a_matrix():
    assert 2.0 in tensor([1.0, 2.0]) and 3.0 not in tensor([1.0, 2.0])
    assert repr(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])) == "Tensor([[1., 2.],\n        [3., 4.]])"


def test_axes_in_another_order():
    t = tensor(np.arange(24.0).reshape(2, 3, 4))
    for found in (t.transpose(2, 0, 1), t.transpose((2, 0, 1)), t.transpose([2, 0, 1])):
        np.testing.assert_array_equal(found.data, t.data.transpose(2, 0, 1))
    assert t.transpose().shape == t.T.shape == (4, 3, 2) and t.mT.shape == (2, 4, 3)
    assert tensor([1.0, 2.0]).transpose(0).shape == tensor([1.0, 2.0]).transpose(-1).shape == (2,)


def test_axes_joined_into_one():
    t = tensor(np.arange(24.0).reshape(2, 3, 4))
    for (start, end), shape in {
        (0, -1): (24,), (0, 0): (2, 3, 4), (1, 1): (2, 3, 4), (0, 1): (6, 4), (1, 2): (2, 12),
        (-2, -1): (2, 12), (2, 2): (2, 3, 4),
    }.items():  # fmt: skip
        found = t.flatten(start, end)
        assert found.shape == shape and found.data.ravel().tolist() == t.data.ravel().tolist()
    assert t.flatten(1).shape == (2, 12) and tensor(3.0).flatten().shape == (1,)
    with pytest.raises(ag.ShapeError, match=r"start_dim=2 and end_dim=1 .*the first not after"):
        t.flatten(2, 1)


@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "minimum"])
def test_reductions_of_ufuncs_take_the_first_axis(name):
    t, ufunc = tensor(np.arange(6.0).reshape(2, 3) + 1.0), getattr(np, name)
    for options in ({}, {"axis": 1}, {"axis": None}, {"axis": 0, "keepdims": True}):
        found = ufunc.reduce(t, **options)
        assert isinstance(found, ag.Tensor) and found.requires_grad
        np.testing.assert_array_equal(found.data, ufunc.reduce(t.data, **options))


def test_options_of_ufuncs():
    t = tensor([1.0, 2.0])
    with pytest.raises(ag.UnsupportedError, match=r"exp: got where=; expected the inputs alone"):
        np.exp(t, where=[True, False])
    m = tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.vecdot(m, m, axis=0).tolist() == [10.0, 20.0]
    with pytest.raises(ag.UnsupportedError, match=r"a call of its method accumulate"):
        np.subtract.accumulate(t)


def test_functions_of_numpy_with_arguments_that_we_lack():
    """NumPy's own dispatcher lets these through; the error names what to leave out."""
    t = tensor([[1.0, 2.0]])
    with pytest.raises(ag.UnsupportedError, match=r"unexpected keyword argument .* on Tensors"):
        np.quantile(t, 0.5, weights=[[1.0, 2.0]], method="inverted_cdf", overwrite_input=True)
    for call in (lambda: np.round(t, 1, None), lambda: np.clip(t, 0.0, 1.0, None)):
        with pytest.raises(ag.UnsupportedError, match=r"positional arguments? .* on Tensors"):
            call()
    with pytest.raises(ag.DTypeError, match="sum") as caught:
        np.sum(t, axis="a")
    assert "on Tensors" not in str(caught.value)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions_are_noted_for_transforms(name):
    """A float that was made of them is a result without a derivative, and not the constant 0."""
    with pytest.raises(ag.GraphError, match=f"after {name} gave positions"):
        ag.grad(lambda x: float(getattr(x, name)()))(np.array([1.0, 3.0, 2.0]))
    constant = ag.Tensor([1.0, 3.0])
    assert ag.grad(lambda x: float(getattr(constant, name)()))(np.ones(2)).tolist() == [0.0, 0.0]
    assert ag.grad(lambda x: float(np.argmax(constant)))(np.ones(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_a_copy_has_the_gradient(again):
    t = tensor([1.0, 2.0], name="t")
    (t * t).sum().backward()
    found = again(t)
    assert found.grad.tolist() == [2.0, 4.0] and found.name == "t" and found.requires_grad


def test_both_sides_of_a_product_of_matrices():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for found in (tensor(a) @ tensor(b), tensor(a) @ b, a @ tensor(b), a.tolist() @ tensor(b)):
        assert isinstance(found, ag.Tensor) and found.data.tolist() == (a @ b).tolist()
        assert found.requires_grad


def test_a_constant_stays_a_constant_whichever_side_it_is_on():
    for make in (ag.Tensor, lambda x: ag.Value(x).detach()):
        c = make(3.0)
        for y in (c * 2.0, 2.0 * c, c + c, -c, 2.0 - c, c / 2.0, 2.0 / c, c**2.0, 2.0**c):
            assert not y.requires_grad and y.inputs == ()


@pytest.mark.parametrize(
    "arguments", [{"data": 1j}, {"data": [1j]}, {"data": [1.0], "dtype": complex}]
)
def test_complex_numbers_are_refused(arguments):
    with pytest.raises(ag.DTypeError, match=r"Tensor: got data of dtype complex128; .* apart"):
        ag.Tensor(**arguments)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="NumPy 1 has no copy=")
def test_an_array_without_a_copy_has_the_tensors_dtype():
    t = ag.Tensor([1.0, 2.0])
    assert np.shares_memory(np.asarray(t, copy=False), t.data)
    assert np.asarray(t, dtype=np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy=False for a Tensor of float64 as float32"):
        np.asarray(t, dtype=np.float32, copy=False)


def test_attributes_say_what_they_are():
    texts = {
        "shape": "The lengths of the axes.",
        "ndim": "The number of axes.",
        "size": "The number of entries.",
        "dtype": "The NumPy dtype of the entries.",
    }
    assert {name: getattr(ag.Tensor, name).__doc__ for name in texts} == texts
    t = ag.Tensor([[1.0, 2.0]])
    assert [getattr(t, name) for name in texts] == [(1, 2), 2, 2, np.float64]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda t: t.size(), r"got a call t\.size\(\); expected t\.size, .*; write t\.shape$"),
        (lambda t: t.size(0), r"got a call t\.size\(0\); .*; write t\.shape\[0\]$"),
        (lambda t: t.size(dim=1), r"got a call t\.size\(1\); .*; write t\.shape\[1\]$"),
        (lambda t: t.size[1], r"got t\.size\[1\]; .*; write t\.shape\[1\]$"),
    ],
)
def test_size_is_a_number_and_no_function(call, text):
    t = ag.Tensor([[1.0, 2.0]])
    assert t.size == 2
    with pytest.raises(TypeError, match=f"^size: {text}"):
        call(t)


def test_a_notebook_shows_an_array_and_its_gradient():
    x = tensor([1.0, 2.5], name="weights")
    page = x._repr_html_()
    for part in (">Tensor weights<", ">shape (2,)<", ">float64<", ">requires_grad<", "[1. , 2.5]"):
        assert part in page
    assert ">gradient:<" not in page
    y = x * 3.0
    y.sum().backward()
    assert ">gradient:<" in x._repr_html_()
    assert ">from mul<" in y._repr_html_() and ">requires_grad<" not in y._repr_html_()
    constant = ag.Tensor([1.0, 2.5])._repr_html_()
    assert ">Tensor<" in constant and ">from " not in constant.replace(">from 1 to 2.5<", "")
    assert ">requires_grad<" not in constant


def test_gradients_of_a_leaf_are_switched_on_and_off():
    t = ag.Tensor([1.0, 2.0])
    assert t.requires_grad_() is t and t.requires_grad is True
    assert t.requires_grad_(False) is t and t.requires_grad is False
    assert t.requires_grad_(1).requires_grad is True
    whole = ag.Tensor([1, 2])
    assert whole.requires_grad_(False) is whole
    with pytest.raises(ag.DTypeError, match="requires_grad_: got requires_grad=True for data of"):
        whole.requires_grad_()
    for flag in ("no", "", None):
        with pytest.raises(ag.DTypeError, match=f"requires_grad_: got requires_grad={flag!r}; exp"):
            t.requires_grad_(flag)
        with pytest.raises(ag.DTypeError, match=f"Tensor: got requires_grad={flag!r}; expected"):
            ag.Tensor([1.0], requires_grad=flag)


def test_one_axis_alone_is_no_order_of_two():
    for axis in (0, 1, -1):
        with pytest.raises(ag.ShapeError, match=r"transpose: got axes=\(-?\d,\); expected each of"):
            tensor(np.ones((2, 3))).transpose(axis)


def test_all_axes_are_joined_by_default():
    assert tensor(np.ones((2, 3, 4))).flatten().shape == (24,)
    assert tensor(np.ones((2, 3, 4))).flatten(end_dim=1).shape == (6, 4)


def test_entries_are_reshaped_in_the_order_that_is_asked_for():
    array = np.arange(6.0).reshape(2, 3)
    for order in ("C", "F"):
        found = tensor(array).reshape(3, 2, order=order)
        np.testing.assert_array_equal(found.data, array.reshape(3, 2, order=order))
    np.testing.assert_array_equal(tensor(array).reshape(-1).data, array.ravel())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *[(n, o) for n in ("all", "any") for o in ({}, {"axis": 0}, {"axis": 1, "keepdims": True})],
        *[("all", {"keepdims": True}), ("any", {"keepdims": True})],
        *[(n, {"axis": 1}) for n in ("argmax", "argmin", "argsort")],
        *[(n, {"axis": 1, "keepdims": True}) for n in ("argmax", "argmin")],
        *[("argsort", o) for o in ({}, {"axis": None}, {"axis": 0, "kind": "stable"})],
        *[("argmax", {}), ("argmin", {}), ("nonzero", {})],
    ],
)
@pytest.mark.parametrize("shape", [(2, 3), (6,), (1, 3, 2)])
def test_answers_without_gradient_are_those_of_numpy(name, options, shape):
    array = np.array([0.0, 3.0, 1.0, 0.0, -2.0, 5.0]).reshape(shape)
    if options.get("axis", 0) == 1 and array.ndim == 1:
        options = options | {"axis": 0}
    found, expected = (getattr(x, name)(**options) for x in (tensor(array), array))
    assert type(found) is type(expected)
    np.testing.assert_array_equal(found, expected, strict=True)


def test_the_order_of_equal_entries_is_kept_on_demand():
    array = np.tile([2.0, 1.0, 2.0, 0.0], 500)
    expected = np.argsort(array, kind="stable")
    np.testing.assert_array_equal(tensor(array).argsort(stable=True), expected)
    with pytest.raises(ag.ShapeError, match=r"stable=True; .*can't be provided at the same time"):
        tensor(array).argsort(kind="stable", stable=True)


def test_a_copy_is_a_node_with_the_gradient():
    t = tensor([1.0, 2.0])
    c = t.copy()
    (c * 3.0).sum().backward()
    assert c is not t and c.tolist() == [1.0, 2.0] and t.grad.tolist() == [3.0, 3.0]


def test_an_array_has_the_dtype_that_is_asked_for():
    t = ag.Tensor([1.0, 2.0], dtype=np.float32)
    assert t.__array__().dtype == np.float32 and t.__array__(np.float64).dtype == np.float64
    for found in (t.__array__(copy=False), t.__array__(np.float32, copy=False)):
        assert np.shares_memory(found, t.data)
    assert not np.shares_memory(t.__array__(copy=True), t.data)


def test_ufuncs_run_along_the_first_axis_by_default():
    m = tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.add.accumulate(m).tolist() == [[1.0, 2.0], [4.0, 6.0]]
    assert np.add.accumulate(m, axis=1).tolist() == [[1.0, 3.0], [3.0, 7.0]]
    for ufunc in (np.subtract, np.arctan2):
        with pytest.raises(ag.UnsupportedError, match=r"got a call of its method reduce; expected"):
            ufunc.reduce(m)


@pytest.mark.parametrize(
    ("ufunc", "options"),
    [
        (np.vecdot, {"keepdims": True}),
        (np.vecdot, {"axis": 0, "dtype": float}),
        (np.matmul, {"axis": 0}),
        (np.matmul, {"axes": [(0, 1)] * 3}),
    ],
)
def test_options_of_products_are_refused_by_name(ufunc, options):
    m = tensor([[1.0, 2.0], [3.0, 4.0]])
    name = next(iter(options))
    with pytest.raises(ag.UnsupportedError, match=rf"got {name}=; expected the inputs alone"):
        ufunc(m, m, **options)


def test_truth_values_are_no_positions():
    """A float that was made of them does not change where the function is differentiable."""
    found = ag.grad(lambda x: float(np.isfinite(x).all()))(np.array([1.0, 3.0]))
    assert found.tolist() == [0.0, 0.0]


def test_another_dtype_is_a_node_whose_gradient_comes_back():
    t = tensor([1.25, 2.5])
    y = t.astype(np.float32)
    (y * 3.0).sum().backward()
    assert y.dtype == np.float32 and y.tolist() == [1.25, 2.5]
    assert t.grad.dtype == np.float64 and t.grad.tolist() == [3.0, 3.0]


def test_a_ufunc_without_a_derivative_is_refused():
    with pytest.raises(ag.UnsupportedError, match=r"np\.spacing: has no derivative"):
        np.spacing(tensor([1.0]))
    with pytest.raises(ag.UnsupportedError, match=r"np\.nextafter: has no derivative"):
        np.nextafter(tensor([1.0]), 2.0)


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("np.argmax", np.argmax),
        ("np.argmin", lambda x: np.argmin(a=x)),
        ("np.count_nonzero", np.count_nonzero),
        ("np.argsort", lambda x: x.argsort()[0]),
        ("np.nonzero", lambda x: x.nonzero()[0][0]),
    ],
)
def test_positions_by_numpys_functions_are_noted_for_transforms(name, use):
    with pytest.raises(ag.GraphError, match=f"after {name} gave positions"):
        ag.grad(lambda x: float(use(x)))(np.array([1.0, 3.0, 2.0]))
