"""No primitive and no rule takes its data off the device, as far as a stand-in for it can tell."""

import numpy as np
import pytest

import autograd as ag
from autograd.nodes.device import leaf
from tests.autograd.backends.remote import Left, Remote, Special, to_device
from tests.cases import CASES

SPECIAL = Special()


def on_device(x, requires_grad=False):
    return leaf(Remote(x), requires_grad, to_device, SPECIAL)


def both(case):
    """The arguments of a case as Tensors on the device and as ordinary ones."""
    arrays = [np.asarray(x) for x in case.arguments()]
    floats = [x.dtype.kind == "f" for x in arrays]
    there = [on_device(x, f) for x, f in zip(arrays, floats, strict=True)]
    return there, [ag.Tensor(x, requires_grad=f) for x, f in zip(arrays, floats, strict=True)]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name}{list(c.shapes)}")
def test_a_primitive_and_its_rules_stay_on_the_device(case):
    there, here = both(case)
    out, want = case.primitive(*there, **case.static), case.primitive(*here, **case.static)
    assert type(out.data) is Remote
    np.testing.assert_allclose(out.data.get(), want.data, rtol=1e-12, atol=1e-14)
    if not want.requires_grad:
        return
    g = np.random.default_rng(0).normal(size=want.shape)
    Remote.looks = 0
    out.backward(Remote(g))
    assert Remote.looks <= 1  # whether any gradient is nan
    want.backward(g)
    for x, y in zip(there, here, strict=True):
        assert (x.grad is None) is (y.grad is None)
        if y.grad is not None:
            assert type(x.grad) is Remote
            np.testing.assert_allclose(x.grad.get(), y.grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "name", ["mul", "tanh", "matmul", "logsumexp", "getitem", "windows", "cumprod", "where"]
)
def test_second_derivatives_stay_there_too(name):
    case = next(c for c in CASES if c.name == name and all(c.shapes))
    results = []
    for xs in both(case):
        y = ag.sum(case.primitive(*xs, **case.static) ** 2)
        wrt = [x for x in xs if x.requires_grad]
        gradients = ag.gradients(y, wrt, create_graph=True)
        sum(ag.sum(g * g) for g in gradients).backward()
        results.append([x.grad for x in wrt])
    for x, y in zip(*results, strict=True):
        assert type(x) is Remote
        np.testing.assert_allclose(x.get(), y, rtol=1e-10, atol=1e-12)


def test_the_stand_in_refuses_what_cupy_refuses():
    x = Remote(np.ones(2))
    for use in (np.asarray, lambda x: np.exp(x) * np.ones(2), lambda x: x + np.array(1.0), lambda x: np.where(np.ones(2) > 0, x, x), lambda x: np.linalg.norm([np.ones(2), x])):  # fmt: skip
        with pytest.raises((Left, TypeError)):
            use(x)
    assert type(np.exp(x)) is type(x + 1.0) is type(x * np.float64(2.0)) is Remote


def test_a_kernel_that_leaves_is_found():
    """The stand-in tells: a rule that makes a constant of NumPy's fails on the device."""
    doubled = ag.Primitive(
        "doubled", lambda x: x * 2.0, lambda g, out, x: g * np.full(x.shape, 2.0)
    )
    leaves = ag.Primitive("leaves", lambda x: np.asarray(x) * 2.0, lambda g, out, x: g * 2.0)
    x = on_device(np.ones(3), True)
    with pytest.raises(TypeError, match="among arrays of the device"):
        doubled(x).backward(Remote(np.ones(3)))
    with pytest.raises(TypeError, match="Implicit conversion to a NumPy array is not allowed"):
        leaves(x)


def test_hosts_arrays_are_sent_there_as_operands_and_as_gradients():
    x = on_device([1.0, 2.0], True)
    y = x * np.array([3.0, 4.0]) + [1.0, 1.0]
    y.backward(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(x.grad.get(), [3.0, 8.0])
    x.grad = np.array([1.0, 1.0])
    assert type(x.grad) is Remote
    x.data = np.array([5.0, 6.0])
    np.testing.assert_array_equal(x.data.get(), [5.0, 6.0])


def test_gradients_add_up_and_share_no_memory():
    x = on_device([1.0, 2.0], True)
    for _ in range(2):
        (x + x).backward(Remote(np.ones(2)))
    np.testing.assert_array_equal(x.grad.get(), [4.0, 4.0])
    a, b = on_device([1.0], True), on_device([1.0], True)
    (a + b).backward(Remote(np.ones(1)))
    assert not np.shares_memory(a.grad.get(), b.grad.get()) and a.grad is not b.grad


def test_what_was_given_may_change_afterwards():
    x, c = on_device([1.0, 2.0], True), Remote(np.array([3.0, 4.0]))
    y = x * c
    c[0] = 100.0
    y.backward(Remote(np.ones(2)))
    np.testing.assert_array_equal(x.grad.get(), [3.0, 4.0])


def test_a_zero_cotangent_stays_zero_where_a_slope_is_infinite():
    x = on_device([0.0, 4.0], True)
    (ag.sqrt(x) * Remote(np.array([0.0, 1.0]))).sum().backward()
    np.testing.assert_array_equal(x.grad.get(), [0.0, 0.25])


@pytest.mark.parametrize(
    ("use", "error", "text"),
    [
        (lambda x: x.backward(), ag.GraphError, "which has no single derivative"),
        (lambda x: x.backward(Remote(np.ones(3))), ag.ShapeError, r"gradient= of shape \(3,\)"),
        (lambda x: setattr(x, "grad", "a"), ag.DTypeError, "got a str"),
        (lambda x: ag.relu(x) + object(), TypeError, "unsupported operand"),
        (lambda x: x + on_device(np.ones(3)), ag.ShapeError, "do not broadcast"),
    ],
)
def test_mistakes_are_told(use, error, text):
    with pytest.raises(error, match=text):
        use(
            on_device([1.0, 2.0], True) * 1.0 if "backward" in text else on_device([1.0, 2.0], True)
        )
