"""Whole trainings natively: layers, losses and optimizers over many steps, programs at random, and
computers without LLVM or without a BLAS."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd.compile.api import compile as compile_
from autograd.compile.native import llvm, runner
from autograd.compile.program import Program
from tests.autograd.compile.building import random_program
from tests.autograd.compile.native.running import (
    Machine,
    assert_close,
    compiled,
    native_of,
    needs_llvm,
)
from tests.autograd.compile.test_nn import CASES, OPTIMIZERS, Side, batch, made

STEPS = 20
EVERY = 10  # of the modules by name, and those that are unlike all others
UNLIKE = {
    "gru",
    "lstm",
    "conv2d",
    "batch_norm2d train",
    "embedding",
    "encoder",
    "max_pool2d",
    "dropout",
}


def close(a, b, rtol=1e-9):
    """As close as another order of additions allows."""
    if a is None or b is None:
        return a is b
    a, b = (np.asarray(ag.stop_gradient(x)) for x in (a, b))
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    return np.allclose(a, b, rtol, rtol, equal_nan=True)


REPRESENTATIVE = sorted({*sorted(CASES)[::EVERY], *UNLIKE})


@needs_llvm
@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_modules(name):
    case = CASES[name]
    eager, ours = Side(case, lambda f: f), Side(case, compiled)
    for k in range(STEPS):
        inputs = list(batch(case, k % 7))
        for a, b in zip(ours.run(k, inputs), eager.run(k, inputs), strict=True):
            assert close(a, b), (name, k, ours.step.report())
    native_of(ours.step)


@needs_llvm
@pytest.mark.parametrize("name", sorted(n for n in OPTIMIZERS if "LBFGS" not in n)[::3])
def test_optimizers(name):
    (step, ours, o), (eager, theirs, e) = (
        made(OPTIMIZERS[name], w) for w in (compiled, lambda f: f)
    )
    for k in range(STEPS):
        assert close(step(k % 6), eager(k % 6))
        for p, q in zip(ours, theirs, strict=True):
            assert close(p.data, q.data) and close(p.grad, q.grad)
    states = (getattr(x, "optimizer", x).state.values() for x in (o, e))
    for a, b in zip(*states, strict=True):
        assert a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if "ASGD" in name:  # its average and its step each need what the other overwrites
        assert "updates that read each other's old values" in step.report()
    else:
        native_of(step)


# --- a hundred steps ------------------------------------------------------------------------------

SMOOTH = {
    "tanh": lambda t: nn.Sequential(nn.Linear(5, 16, dtype=t), nn.Tanh(), nn.Linear(16, 3, dtype=t)),
    "normalized": lambda t: nn.Sequential(
        nn.Linear(5, 12, dtype=t), nn.LayerNorm(12, dtype=t), nn.GELU(), nn.Linear(12, 3, dtype=t)
    ),
    "convolution": lambda t: nn.Sequential(
        nn.Unflatten(1, (1, 5)), nn.Conv1d(1, 4, 2, dtype=t), nn.Sigmoid(), nn.Flatten(),
        nn.Linear(16, 3, dtype=t),
    ),
}  # fmt: skip


def trained(name, dtype, wrap, steps=100):
    ag.random.seed(0)
    model = SMOOTH[name](dtype)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step = wrap(step)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((32, 5)).astype(dtype), rng.integers(0, 3, 32)
    for _ in range(steps):
        step(x, y)
    return model.state_dict(), step


@needs_llvm
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SMOOTH)
def test_a_hundred_steps_end_where_eager_ones_do(name, dtype):
    ours, step = trained(name, dtype, compiled)
    theirs, _ = trained(name, dtype, lambda f: f)
    for key, x in theirs.items():
        error = np.linalg.norm(ours[key] - x) / np.linalg.norm(x)
        assert error < (1e-6 if dtype == "float32" else 1e-12), (key, error)
    native_of(step)


# --- programs at random ---------------------------------------------------------------------------


@needs_llvm
@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_programs_at_random(seed):
    """Of 150 operations, of which some results are returned, so that most are computed on the way."""
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        program, arrays = random_program(rng, steps=150, divide=False)
        some = [i.result for i in program.instructions if rng.random() < 0.15]
        outputs = list(dict.fromkeys([*program.outputs, *some]))
        program = Program(program.inputs, program.instructions, outputs)
        wanted = program.run(arrays)
    single = any(v.dtype == np.float32 for v in program.inputs)
    machine = Machine(program)
    for _ in range(2):
        for n, (ours, theirs) in enumerate(zip(machine(*arrays), wanted, strict=True)):
            assert_close(ours, theirs, 2e-4 if single else 1e-9, (seed, n))


# --- without LLVM, without a BLAS -------------------------------------------------------------------


def product(x):
    return ag.tanh(x @ x.T)


def test_without_llvmlite_numpy_runs_the_program(monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    llvm.missing.cache_clear()
    try:
        x = np.random.default_rng(0).standard_normal((4, 5))
        step = compile_(product)
        for _ in range(4):
            assert np.array_equal(step(x), product(x))
        assert step.programs and step._last.native is None
        assert "NumPy back end (native: got no llvmlite" in step.report()
        with pytest.raises(ModuleNotFoundError) as error:
            compile_(product, backend="native")
        assert str(error.value).count("\n") == 0
        assert str(error.value).endswith('run pip install "glassgrad[native]"')
    finally:
        llvm.missing.cache_clear()


@needs_llvm
def test_without_a_blas_products_are_ours(monkeypatch):
    monkeypatch.setattr(runner.blas, "find", lambda: None)
    x = np.random.default_rng(0).standard_normal((60, 50))
    step = compiled(product)
    for _ in range(4):
        np.testing.assert_allclose(step(x), product(x), 1e-10, 1e-12)
    assert native_of(step).module.calls["product"] == 1


@needs_llvm
def test_auto_is_native_where_llvmlite_is():
    step = compile_(product)
    for _ in range(3):
        step(np.eye(3))
    assert native_of(step) and "machine code" in step.report()


@needs_llvm
def test_batches_of_two_sizes_share_an_arena():
    sides = []
    for wrap in (lambda f: f, compiled):
        ag.random.seed(0)
        model = nn.MLP([6, 16, 3])
        o = nn.optim.SGD(model.parameters(), lr=0.1)

        def step(x, y, model=model, o=o):
            o.zero_grad()
            loss = nn.cross_entropy(model(x), y)
            loss.backward()
            o.step()
            return loss

        sides.append((wrap(step), model))
    rng = np.random.default_rng(0)
    for n in [32] * 6 + [8, 32] * 12:
        x, y = rng.normal(size=(n, 6)), rng.integers(0, 3, n)
        assert close(*(step(x, y) for step, _ in sides))
        for p, q in zip(*(model.parameters() for _, model in sides), strict=True):
            assert close(p, q) and close(p.grad, q.grad)
    arenas = [p.native.arena for p in sides[1][0]._learner.programs.values()]
    assert len(arenas) == 2 and np.shares_memory(*arenas)
