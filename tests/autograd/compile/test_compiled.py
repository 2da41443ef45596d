"""Compiled functions, transforms, primitives, and the tools that look at a graph."""

import copy
import gc
import pickle
import sys
import threading
import warnings
from contextlib import nullcontext

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.api import source
from autograd.primitives import PRIMITIVES
from tests.autograd.compile.building import compiled
from tests.cases import CASES


def bits(x):
    if isinstance(x, (tuple, list)):
        return [bits(y) for y in x]
    x = x.data if isinstance(x, ag.Tensor) else np.asarray(x)
    return x.dtype, x.shape, x.tobytes()


def loss(w, x):
    return ag.sum(ag.tanh(w @ x) ** 2) + ag.logsumexp(w * 0.5, axis=None)


W = np.linspace(-1.0, 1.0, 12).reshape(3, 4)
TRANSFORMS = {
    "grad": (lambda c: c(ag.grad(loss)), (W, np.ones(4))),
    "value and grad": (lambda c: c(ag.value_and_grad(loss)), (W, np.ones(4))),
    "hvp": (lambda c: c(lambda w, v: ag.hvp(lambda w: loss(w, np.ones(4)), w, v)), (W, W[::-1].copy())),
    "jacobian": (lambda c: c(ag.jacobian(lambda x: ag.tanh(W @ x) * x[:3])), (np.arange(4.0),)),
    "hessian": (lambda c: c(ag.hessian(lambda x: loss(W, x))), (np.arange(4.0),)),
    "jvp": (lambda c: c(lambda x, v: ag.jvp(lambda x: ag.exp(x) * x, (x,), (v,))), (np.arange(4.0), np.ones(4))),
    "vjp": (lambda c: c(lambda x, v: ag.vjp(lambda x: ag.exp(x) * x, x)[1](v)), (np.arange(4.0), np.ones(4))),
    "a function": (lambda c: c(lambda x: np.exp(x).sum(axis=0) @ x), (W[:, :3],)),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name):
    made, args = TRANSFORMS[name]
    ours, plain = made(compiled), made(lambda f: f)
    for k in range(7):
        given = [x + 0.1 * k for x in args]
        assert bits(ours(*given)) == bits(plain(*given)), (k, ours.report())
    assert ours.programs, ours.report()


@pytest.mark.parametrize("number", range(len(CASES)), ids=[c.name for c in CASES])
def test_every_primitive_is_written_down(number):
    """Forward and backward of a primitive become a program: nothing of it is looked at."""
    case = CASES[number]
    wanted, primitive, static = case.differentiable(), case.primitive, case.static

    def run(*arrays):
        tensors = [
            ag.Tensor(x, requires_grad=True) if i in wanted else x for i, x in enumerate(arrays)
        ]
        out = primitive(*tensors, **static)
        first = out[0] if isinstance(out, tuple) else out
        ag.sum(first * first).backward()
        return first.data, [tensors[i].grad for i in wanted]

    step = compiled(run)
    for seed in range(5):
        args = case.arguments(seed)
        if wanted:
            assert bits(step(*args)) == bits(run(*args))
    assert not wanted or step.programs, step.report()


def test_every_primitive_has_a_case():
    assert {case.name for case in CASES} == set(PRIMITIVES)


def test_values_run_as_a_program():
    w = ag.Value(2.0)

    @compiled
    def step(x):
        w.zero_grad()
        y = (w * x).tanh() if hasattr(w, "tanh") else ag.tanh(w * x)
        y.backward()
        w.data -= 0.1 * w.grad
        return y

    other = ag.Value(2.0)
    for k in range(10):
        y = ag.tanh(other * (0.1 * k))
        other.zero_grad()
        y.backward()
        other.data -= 0.1 * other.grad
        assert step(0.1 * k).data == y.data and w.data == other.data
    assert step.programs and "8 calls; " in step.report()


# --- Tools ----------------------------------------------------------------------------------------


def training():
    w = ag.Tensor(np.ones(3), requires_grad=True)

    @compiled
    def step(x):
        w.zero_grad()
        out = ag.sum(ag.sqrt(w * x))
        out.backward()
        return out

    for k in range(5):
        step(np.arange(1.0, 4.0) + k)
    assert step.programs
    return w, step


def test_anomalies_are_found_and_it_is_said_once():
    _, step = training()
    with pytest.warns(UserWarning, match="runs eagerly"), ag.detect_anomaly():
        step(np.ones(3))
    with warnings.catch_warnings(), ag.detect_anomaly(), pytest.raises(ag.AnomalyError):
        warnings.simplefilter("error")
        step(np.array([0.0, 1.0, -1.0]))


def test_hooks_are_called_and_it_is_said_once():
    w, step = training()
    seen = []
    remove = w.register_hook(lambda g: seen.append(g.copy()))
    with pytest.warns(UserWarning, match="hook"):
        step(np.ones(3))
    for _ in range(4):
        step(np.ones(3))
    assert len(seen) == 5
    remove()
    step(np.ones(3))
    assert len(seen) == 5


def test_gradients_of_a_compiled_function_are_checked():
    step = compiled(lambda x: ag.sum(ag.exp(x) * x))
    for _ in range(5):
        step(np.ones(3))
    assert ag.check_gradients(step, np.arange(3.0), order=2).checked >= 3
    assert np.allclose(ag.grad(step)(np.zeros(3)), 1.0)
    x = ag.Tensor(np.ones(3), requires_grad=True)
    for _ in range(6):
        x.zero_grad()
        step(x).backward()
        assert np.allclose(x.grad, 2 * np.e)
    assert "sum" in ag.draw(step(x)).svg
    assert ag.explain(step(x)) is not None


def test_a_result_of_a_program_says_that_it_has_no_graph():
    _, step = training()
    out = step(np.ones(3))
    assert out.requires_grad and out.item() == 3.0 and out.detach().item() == 3.0
    with pytest.raises(ag.GraphError, match="call backward\\(\\) inside the step"):
        out.backward()


def test_recording_and_not_are_two_programs():
    model = nn.MLP([3, 4, 2])
    step = compiled(lambda x: model(x))
    x = np.ones((2, 3))
    for _ in range(5):
        with ag.no_grad():
            assert not step(x).requires_grad
        out = step(x)
        assert out.requires_grad and out.op is not None
        out.sum().backward()


# --- Errors ---------------------------------------------------------------------------------------


def test_bad_input_raises_what_eager_execution_raises():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)

    def step(x, y):
        optimizer.zero_grad()
        out = nn.functional.cross_entropy(model(x), y)
        out.backward()
        optimizer.step()
        return out

    ours = compiled(step)
    good = np.ones((4, 3)), np.array([0, 1, 0, 1])
    for _ in range(5):
        ours(*good)
    assert ours.programs
    bad = [
        (np.ones((4, 2)), good[1]),
        (good[0], np.array([0, 1, 2, 0])),
        (good[0], np.array([0, 1, -5, 0])),
        (good[0], np.array([0.5, 1.0, 0.0, 0.0])),
        (good[0], np.array([0, 1])),
        ("words", good[1]),
        (good[0],),
        (*good, 3),
    ]
    before = model.state_dict()
    for args in bad:
        with pytest.raises(Exception) as theirs:
            step(*args)
        with pytest.raises(type(theirs.value)) as raised:
            ours(*args)
        assert str(raised.value) == str(theirs.value)
    assert all(np.array_equal(x, model.state_dict()[name]) for name, x in before.items())


def test_nan_takes_the_careful_pass():
    w = ag.Tensor(np.ones(3), requires_grad=True)

    def step(x):
        w.zero_grad()
        ag.sum(ag.where(x > 0, ag.log(w * x), 0.0)).backward()
        return w.grad

    ours = compiled(step)
    for x in ([1.0, 2.0, 3.0],) * 5 + ([0.0, 1.0, 2.0], [1.0, np.nan, 3.0], [1.0, 2.0, 3.0]):
        assert bits(ours(np.array(x))) == bits(step(np.array(x)))
    assert ours.programs


def test_what_a_failing_step_changed_before_it_failed_is_changed_once():
    state = {"count": 0, "sum": np.zeros(2), "list": [1.0]}

    @compiled
    def step(x):
        state["count"] += 1
        state["sum"] += x
        state["list"][0] = state["list"][0] * 2.0
        if x[0] > 5:
            raise KeyError("too large")
        return x

    for k in range(12):
        try:
            step(np.full(2, float(k)))
        except KeyError:
            assert k > 5
        assert state["count"] == k + 1 and state["list"] == [2.0 ** (k + 1)]
        assert state["sum"].tolist() == [k * (k + 1) / 2] * 2


def test_an_interrupted_trace_leaves_nothing_behind():
    w = ag.Tensor(np.ones(3), requires_grad=True)
    state = {"h": np.zeros(3), "count": 0}
    stop = []

    @compiled
    def step(x):
        w.zero_grad()
        state["h"] = state["h"] + x
        state["count"] += 1
        ag.sum(w * x).backward()
        if stop:
            raise KeyboardInterrupt
        return w.grad

    for n in range(4):
        stop[:] = [1] if n == 2 else []
        with pytest.raises(KeyboardInterrupt) if stop else nullcontext():
            step(np.ones(3))
        assert type(w.data) is type(state["h"]) is type(w.grad) is np.ndarray
        assert state["count"] == n + 1 and type(np.array(1)) is np.ndarray


def test_what_cannot_be_looked_at_runs_eagerly():
    class Odd:
        __slots__ = ("rate",)

        def __getattribute__(self, name):
            if name == "__dict__":
                raise ValueError("no")
            return object.__getattribute__(self, name)

    odd = Odd()
    odd.rate = 2.0
    chain = None
    for _ in range(3000):
        chain = [chain]
    step = compiled(lambda x: x * odd.rate)
    deep = compiled(lambda x: x * (2.0 if chain else 1.0))
    for k in range(8):
        assert step(np.array(1.0 * k)) == deep(np.array(1.0 * k)) == 2.0 * k
    assert "cannot be looked at" in deep.report()


def test_results_can_be_drawn():
    _, step = training()
    out = step(np.ones(3))
    assert "compiled" in ag.draw(out).dot
    assert ag.draw(out * 2.0).dot and ag.ancestors([out])


# --- Threads, memory, copies ----------------------------------------------------------------------


def test_two_threads():
    shared = np.arange(3.0)
    steps = [compiled(lambda x, k=k: (x * shared).sum() * k) for k in range(2)]
    one = compiled(lambda x: np.exp(x - x.max()).sum() + np.zeros(3)[0])
    wrong = []

    def work(k):
        for n in range(100):
            x = np.full(3, float(n % 7) + k)
            if steps[k](x) != (x * shared).sum() * k or one(x) != 3.0:
                wrong.append((k, n))
            y = np.array([x, x]) + np.asarray(x)
            if type(y) is not np.ndarray or type(np.zeros(2)) is not np.ndarray:
                wrong.append((k, n))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for _ in range(5):  # if the other thread traced all the time
        work(0), work(1)
    assert not wrong
    assert all(step.programs for step in steps), [step.report() for step in steps]


def test_memory_is_flat():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = nn.optim.Adam(model.parameters())

    @compiled
    def step(x):
        optimizer.zero_grad()
        out = (model(x) ** 2).mean()
        out.backward()
        optimizer.step()
        return out

    x = np.ones((4, 3))
    for _ in range(500):
        step(x)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(10_000):
        step(x)
    gc.collect()
    grown = sys.getallocatedblocks() - before
    assert grown < 500


def test_steps_that_never_become_programs_are_traced_less_and_less():
    step = compiled(lambda x: x * float(x[0]))
    for k in range(2000):
        step(np.array([k / 7]))
    assert step._learner.traces < 40 and len(step.report()) < 10_000


def test_copies_compile_for_themselves():
    step = compiled(np.exp)
    assert copy.copy(step)(np.zeros(2)).tolist() == [1.0, 1.0]
    assert pickle.loads(pickle.dumps(compiled(loss)))(W, np.ones(4)).shape == ()


def test_a_method():
    class Model:
        def __init__(self, rate):
            self.rate = rate

        @compiled
        def step(self, x):
            return x * self.rate

    one, two = Model(2.0), Model(3.0)
    for k in range(8):
        assert one.step(np.array(1.0 * k)) == 2.0 * k and two.step(np.array(1.0 * k)) == 3.0 * k
    assert len(Model.step.programs) == 2


def test_source_leaves_everything_as_it_was():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    optimizer = nn.optim.Adam(model.parameters())

    def step(x):
        optimizer.zero_grad()
        out = (model(x) ** 2).mean()
        out.backward()
        optimizer.step()

    before, draws = model.state_dict(), ag.random.generator().bit_generator.state
    text = source(step, np.ones((5, 3)))
    assert "def step" in text and not optimizer.state
    assert all(np.array_equal(x, model.state_dict()[name]) for name, x in before.items())
    assert draws == ag.random.generator().bit_generator.state
    assert all(p.grad is None for p in model.parameters())
    with pytest.raises(ag.UnsupportedError, match="print"):
        source(lambda x: print(end="") or x, np.ones(2))
