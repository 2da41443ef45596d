"""A graph run once more on a tape: what is an input, what is a constant, what is refused."""

import threading

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.trace.tape import active
from autograd.derivation.trace import is_regular


def test_regular_arrays_are_written_into_the_program():
    for x in (np.zeros((3, 4)), np.arange(5), np.eye(3, dtype=bool), ~np.tri(4, dtype=bool)):
        assert is_regular(x)
    for x in (np.array([0.5, 1.5]), np.array([2, 0, 1]), np.array([True, False, True])):
        assert not is_regular(x)


def test_a_triangle_is_no_argument():
    q = np.random.default_rng(0).normal(size=(5, 4))

    def causal(q):
        return nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)

    derivation = ag.derive(causal, q)
    assert list(derivation.arguments) == ["q", "dout"] and "np.tri(5" in derivation.source


def test_one_array_that_is_read_twice_is_one_argument():
    w, c = ag.Tensor(np.ones(3), requires_grad=True), np.array([0.1, 0.2, 0.4])
    derivation = ag.derive(((w * c) + c).sum())
    assert set(derivation.arguments) == {"w", "c"}


def test_nothing_is_traced_afterwards():
    ag.derive(lambda x: np.exp(x), np.ones(3))
    assert active.tape is None


def test_a_primitive_of_the_readers_own():
    cube = ag.Primitive("cube", lambda x: x**3, lambda g, out, x: g * 3.0 * x * x, elementwise=True)
    derivation = ag.derive(lambda x: cube(x).sum(), np.array([1.0, 2.0]))
    assert derivation.function()(**derivation.arguments)[1].tolist() == [3.0, 12.0]


def test_a_kernel_that_cannot_be_written_down_is_refused():
    def kernel(x):
        return np.array([float(v) ** 2 for v in x])

    odd = ag.Primitive("odd", kernel, lambda g, out, x: 2.0 * g * x)
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ag.UnsupportedError, match="derive: got") as caught:
        ag.derive(odd(x).sum(), by=x).source  # noqa: B018
    assert "odd" in str(caught.value) or "derive" in str(caught.value)


def test_threads_derive_side_by_side():
    texts = []

    def work():
        texts.append(ag.derive(lambda x: np.tanh(x).sum(), np.ones(3)).text)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(texts) == 4 and len(set(texts)) == 1
