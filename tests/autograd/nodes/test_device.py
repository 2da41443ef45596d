"""Tensors on a device as users see them."""

import operator
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
from autograd.nodes import device
from autograd.nodes.device import tensors_of
from tests.autograd.backends.remote import Remote, to_device
from tests.autograd.backends.test_cupy import SPECIAL, on_device


def test_a_tensor_says_where_it_is_and_is_one():
    x = on_device(np.ones((2, 3)), True)
    assert isinstance(x, ag.Tensor) and type(x) is tensors_of(Remote, to_device, SPECIAL)
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2, 3), 2, 6, np.float64, 2)
    assert repr(x) == "Tensor(shape=(2, 3), dtype=float64, on tests.autograd.backends.remote)"
    assert x.sum().item() == 6.0 and type((x @ x.T).data) is Remote
    assert type(np.exp(x).data) is Remote and type(x[0].data) is Remote


def test_numpy_is_refused_with_the_way_out():
    x = on_device([1.0, 2.0])
    with pytest.raises(
        ag.DTypeError, match=r"a Tensor on a device, .*; write tensor\.data\.get\(\)"
    ):
        np.asarray(x)


@pytest.mark.parametrize("x", [None, np.ones(2), [1.0], Remote(np.ones(2)), ag.Tensor([1.0])])
def test_only_arrays_of_cupys_are_taken(x):
    with pytest.raises(ag.DTypeError, match=r"from_cupy: got .*; expected an array of CuPy's"):
        ag.from_cupy(x)


def test_an_array_of_cupys_is_taken(monkeypatch):
    """With modules that stand in for CuPy's."""
    monkeypatch.setitem(sys.modules, "cupyx", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "cupyx.scipy", SimpleNamespace(special=SPECIAL))
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(asarray=to_device))
    monkeypatch.setattr(Remote, "__module__", "cupy")
    array = Remote(np.array([1.0, 2.0]))
    x = ag.from_cupy(array, requires_grad=True)
    array[0] = 9.0
    ag.sum(ag.erf(x) * x).backward()
    y = ag.Tensor([1.0, 2.0], requires_grad=True)
    ag.sum(ag.erf(y) * y).backward()
    np.testing.assert_allclose(x.grad.get(), y.grad, rtol=1e-14)
    assert "on cupy" in repr(x)


def test_flags_and_dtypes_are_checked():
    with pytest.raises(ag.DTypeError, match="requires_grad='no'"):
        ag.from_cupy(None, requires_grad="no")
    with pytest.raises(ag.DTypeError, match="a floating dtype"):
        device.leaf(Remote(np.arange(3)), True, to_device, SPECIAL)


def test_gradients_are_off_by_default(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupyx", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "cupyx.scipy", SimpleNamespace(special=SPECIAL))
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(asarray=to_device))
    monkeypatch.setattr(Remote, "__module__", "cupy")
    assert ag.from_cupy(Remote(np.ones(2))).requires_grad is False
    monkeypatch.setattr(Remote, "__module__", "cupy.core")
    x = ag.from_cupy(Remote(np.array([1.0, 2.0])), True)
    assert x.requires_grad is True and x.data.get().tolist() == [1.0, 2.0]


def test_a_device_is_asked_for_what_other_libraries_get(monkeypatch):
    def capsule(array, **options):
        return array._values.__dlpack__()

    monkeypatch.setattr(Remote, "__dlpack__", capsule, raising=False)
    monkeypatch.setattr(Remote, "__dlpack_device__", lambda array: (1, 0), raising=False)
    x = on_device([1.0, 2.0])
    assert x.__dlpack_device__() == (1, 0)
    np.testing.assert_array_equal(np.from_dlpack(x), [1.0, 2.0])


def test_a_notebook_shows_no_numbers_of_a_device():
    assert on_device([1.0, 2.0])._repr_html_() is None


def first(values, requires_grad=False):
    """A Tensor of a class that is made for it."""
    return device.leaf(Remote(np.array(values)), requires_grad, lambda a: to_device(a), SPECIAL)


@pytest.mark.parametrize("name", ["neg", "pos", "abs"])
def test_signs_are_computed_on_a_new_device(name):
    x = first([-2.0, 3.0], True)
    y, sign = getattr(operator, name)(x), getattr(operator, name)
    assert type(y) is type(x) and y.data.get().tolist() == sign(np.array([-2.0, 3.0])).tolist()


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"])
def test_operators_compute_on_a_new_device(name):
    operate, x = getattr(operator, name), first([2.0, 3.0], True)
    for y, expected in (
        (operate(x, x), operate(np.array([2.0, 3.0]), np.array([2.0, 3.0]))),
        (operate(x, 2.0), operate(np.array([2.0, 3.0]), 2.0)),
        (operate(2.0, x), operate(2.0, np.array([2.0, 3.0]))),
    ):
        assert type(y) is type(x) and type(y.data) is Remote
        np.testing.assert_allclose(y.data.get(), expected, rtol=1e-15)
        y.sum().backward()
    assert type(x.grad) is Remote


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv"])
def test_a_leaf_is_updated_on_a_new_device(name):
    x = first([2.0, 3.0], True)
    update, before = getattr(operator, name), x
    with pytest.raises(ag.GraphError, match="a leaf that requires a gradient, which could not be"):
        update(x, 2.0)
    with ag.no_grad():
        x = update(x, Remote(np.array([2.0, 4.0])))
    assert x is before and type(x.data) is Remote
    expected = update(np.array([2.0, 3.0]), np.array([2.0, 4.0]))
    assert x.data.get().tolist() == expected.tolist()
