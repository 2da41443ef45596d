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
