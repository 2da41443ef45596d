"""Updates that go into the product that makes the gradient."""

import functools

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.api import compile as compile_
from autograd.compile.native import llvm

pytestmark = pytest.mark.skipif(bool(llvm.missing()), reason="llvmlite is missing")
compiled = functools.partial(compile_, backend="native", keep_gradients=False)


class Side:
    """A model whose first weight is large, with its step."""

    def __init__(self, wrap, norms=None):
        ag.random.seed(1)
        self.model = nn.MLP([256, 192, 4], dtype=np.float32)
        optimizer = nn.optim.SGD(self.model.parameters(), lr=0.05)

        def step(x, y):
            optimizer.zero_grad()
            loss = nn.cross_entropy(self.model(x), y)
            loss.backward()
            if norms is not None:
                nn.utils.clip_grad_norm_(self.model.parameters(), norms)
            optimizer.step()
            return loss

        self.step = wrap(step)

    def run(self, x, y):
        loss = self.step(x, y).item()
        return [np.array(loss), *(p.data.copy() for p in self.model.parameters())]


def batches(count, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield rng.normal(size=(32, 256)).astype(np.float32), rng.integers(0, 4, 32)


def merged(step):
    program = next(reversed(step._learner.programs.values()))
    assert program.native is not None, program.not_native
    return [t.shape for t in program.native.plan.schedule.order if t.op == "update"]


def same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6 * np.abs(b).max())


def test_a_large_gradient_is_never_in_memory_and_the_weights_are_those_of_eager_steps():
    eager, ours = Side(lambda f: f), Side(compiled)
    for x, y in batches(12):
        same(ours.run(x, y), eager.run(x, y))
    assert merged(ours.step) == [(192, 256)]


def test_a_gradient_that_something_else_reads_is_made():
    eager, ours = Side(lambda f: f, 0.1), Side(compiled, 0.1)
    for x, y in batches(6):
        same(ours.run(x, y), eager.run(x, y))
    assert merged(ours.step) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_what_may_overflow_runs_eagerly_from_the_same_state(value):
    eager, ours = Side(lambda f: f), Side(compiled)
    for n, (x, y) in enumerate(batches(8)):
        if n == 5:
            x[3, 7] = value
        same_or_nan(ours.run(x, y), eager.run(x, y))
    assert merged(ours.step) == [(192, 256)]


def same_or_nan(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(np.isfinite(a), np.isfinite(b))
        finite = np.isfinite(b)
        if finite.any():
            largest = np.abs(b[finite]).max()
            np.testing.assert_allclose(a[finite], b[finite], rtol=0, atol=1e-6 * largest)


def test_weights_of_an_earlier_step_keep_their_numbers():
    ours = Side(compiled)
    kept = []
    for x, y in batches(8):
        ours.run(x, y)
        weight = next(iter(ours.model.parameters()))
        kept.append((weight.data, weight.data.copy()))
    for held, copy in kept:
        np.testing.assert_array_equal(held, copy)


@pytest.mark.parametrize("backend", ["numpy", "native"])
def test_no_gradient_of_an_earlier_step_is_left(backend):
    ours = Side(functools.partial(compiled, backend=backend))
    for x, y in batches(12):
        calls = sum(p.calls for p in ours.step._learner.programs.values())
        ours.run(x, y)
        by_program = sum(p.calls for p in ours.step._learner.programs.values()) > calls
        assert all((p.grad is None) is by_program for p in ours.model.parameters())
    assert by_program


@pytest.mark.parametrize(("size", "by_program"), [(1e18, True), (3e18, False)])
def test_the_bound_on_what_a_gradient_is_made_of(size, by_program):
    """32 products of 9e36 may overflow in float32, which ends at 3.4e38, before their sum does."""
    w = ag.Tensor(np.zeros((200, 200), np.float32), requires_grad=True)

    @compiled
    def step(x, c):
        w.zero_grad()
        ag.sum((x @ w) * c).backward()
        w.data = w.data - 0.125 * w.grad

    for n in range(12):
        given = np.full((32, 200), 1.0 / (n + 1), np.float32)
        step(given, given)
    w.data = np.zeros((200, 200), np.float32)
    calls = sum(p.calls for p in step._learner.programs.values())
    given = np.full((32, 200), size, np.float32)
    step(given, given)
    assert (sum(p.calls for p in step._learner.programs.values()) > calls) is by_program
    np.testing.assert_allclose(w.data, -0.125 * 32 * np.square(given[0, 0]), rtol=1e-6)
    assert merged(step) == [(200, 200)]
