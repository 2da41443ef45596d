"""Machine code and the arrays around it: who holds an array keeps its numbers; a failed check changes
nothing; programs go when their steps go."""

import gc
import os
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.native import llvm, runner
from autograd.compile.native.runner import Missed
from autograd.compile.program import Check, Program
from tests.autograd.compile.building import Build
from tests.autograd.compile.native.running import Machine, compiled, native_of, needs_llvm
from tests.autograd.compile.test_step import SHARED
from tests.autograd.compile.test_step import kept as held

pytestmark = needs_llvm


class Training:
    """A model with normalization, its optimizer, and one step."""

    def __init__(self, wrap=compiled, optimizer=nn.optim.Adam, width=8, dtype=np.float64):
        ag.random.seed(0)
        self.model = model = nn.Sequential(
            nn.Linear(4, width, bias=False, dtype=dtype),
            nn.BatchNorm1d(width, dtype=dtype),
            nn.ReLU(),
            nn.Linear(width, 3, dtype=dtype),
        )
        self.optimizer = optimizer = optimizer(model.parameters(), lr=0.01)

        def step(x, y):
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        self.step = wrap(step)
        self.dtype, self.calls = dtype, 0

    def batch(self, n=16):
        self.calls += 1
        rng = np.random.default_rng(self.calls)
        return rng.standard_normal((n, 4)).astype(self.dtype), rng.integers(0, 3, n)

    def run(self, times=1):
        for _ in range(times):
            loss = self.step(*self.batch())
        return loss

    def everything(self):
        """Whatever a step may change, by name."""
        found = dict(self.model.state_dict())
        found |= {f"grad {n}": p.grad for n, p in self.model.named_parameters()}
        for n, entry in enumerate(self.optimizer.state.values()):
            found |= {f"{key} {n}": x for key, x in entry.items()}
        return found


def snapshot(arrays):
    return {key: None if x is None else np.array(x) for key, x in arrays.items()}


def same(a, b):
    assert a.keys() == b.keys()
    for key in a:
        assert np.array_equal(a[key], b[key], equal_nan=True), key


def close(a, b, rtol=1e-9):
    assert a.keys() == b.keys()
    for key in a:
        assert (a[key] is None) is (b[key] is None), key
        if a[key] is not None:
            np.testing.assert_allclose(a[key], b[key], rtol, rtol, err_msg=key)


# --- who holds an array keeps its numbers -----------------------------------------------------------


def keep_data(t):
    return {n: p.data for n, p in t.model.named_parameters()}


def keep_gradients(t):
    return {n: p.grad for n, p in t.model.named_parameters()}


def keep_views(t):
    found = {f"row {n}": p.data[:1] for n, p in t.model.named_parameters()}
    return found | {f"column {n}": p.grad.T[..., :2] for n, p in t.model.named_parameters()}


def keep_state(t):
    return {f"{k} {n}": x for n, e in enumerate(t.optimizer.state.values()) for k, x in e.items()}


def keep_buffers(t):
    return {k: v for k, v in t.model.state_dict().items() if isinstance(v, np.ndarray)}


def keep_results(t):
    return {str(k): t.run().data for k in range(4)}


HOLDING = [keep_data, keep_gradients, keep_views, keep_state, keep_buffers, keep_results]


@pytest.mark.parametrize("hold", HOLDING)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_was_kept_keeps_its_numbers(hold, dtype):
    ours, eager = Training(dtype=dtype, width=130), Training(lambda f: f, dtype=dtype, width=130)
    ours.run(5), eager.run(5)
    assert not native_of(ours.step).foreign()
    for _ in range(3):
        kept, _ = hold(ours), hold(eager)
        before = snapshot(kept)
        ours.run(2), eager.run(2)
        same(snapshot(kept), before)
    del kept
    ours.run(3), eager.run(3)
    close(
        snapshot(ours.everything()),
        snapshot(eager.everything()),
        1e-9 if dtype is np.float64 else 2e-3,
    )


def test_parameters_are_written_in_place_while_nobody_holds_them():
    t = Training()
    t.run(6)
    places = [id(p.data) for p in t.model.parameters()]
    t.run(4)
    assert [id(p.data) for p in t.model.parameters()] == places
    kept = t.model[0].weight.data
    t.run()
    assert t.model[0].weight.data is not kept
    assert [id(p.data) for p in t.model.parameters()][1:] == places[1:]


def test_a_row_that_is_kept_is_not_written_through():
    t = Training()
    t.run(5)
    rows = [t.model[0].weight.data[k] for k in range(3)]
    before = [np.array(row) for row in rows]
    t.run(3)
    assert all(np.array_equal(a, b) for a, b in zip(rows, before, strict=True))


def test_a_result_is_another_array_at_each_call():
    step = compiled(lambda x: (x * 2.0, np.tanh(x)))
    x = np.arange(2000.0)
    kept = [step(x + k) for k in range(12)]
    for k, (double, tanh) in enumerate(kept):
        assert np.array_equal(double, 2.0 * (x + k)) and np.allclose(tanh, np.tanh(x + k))
    views = [step(x + k)[0][::2] for k in range(12)]
    assert all(np.array_equal(v, 2.0 * (x + k)[::2]) for k, v in enumerate(views))
    assert native_of(step).inputs


def test_a_result_that_is_fed_back_is_read_before_it_is_written():
    step = compiled(lambda h: np.tanh(h[::-1] * 1.5) + h.sum() * 1e-3)
    ours = theirs = np.linspace(-1, 1, 1000)
    for _ in range(20):
        ours, theirs = step(ours), step.plain(theirs)
        np.testing.assert_allclose(ours, theirs, 1e-9)


def test_loaded_state_counts_from_the_next_call():
    ours, eager = Training(), Training(lambda f: f)
    states = []
    for t in (ours, eager):
        t.run(6)
        first = {k: np.array(v) for k, v in t.model.state_dict().items()}
        t.run(3)
        t.model.load_state_dict(first)
        t.optimizer.load_state_dict(t.optimizer.state_dict())
        t.run(4)
        t.model[0].weight.data = np.asfortranarray(np.full((8, 4), 0.1))
        t.model[1].weight.data = np.ones(16)[::2]
        t.run(3)
        states.append((snapshot(t.everything()), snapshot(first)))
    close(states[0][0], states[1][0])
    close(states[0][1], states[1][1])


def test_an_array_that_two_parameters_share():
    """Eagerly each gets an array of its own at the first step."""

    def side(wrap):
        shared = np.linspace(-1, 1, 5)
        a, b = ag.Tensor(shared, requires_grad=True), ag.Tensor(shared, requires_grad=True)

        def step(x):
            a.grad = b.grad = None
            ((a * x) ** 2 + b * x).sum().backward()
            a.data = a.data - 0.1 * a.grad
            b.data = b.data - 0.1 * b.grad

        step = wrap(step)
        for k in range(12):
            if k == 8:
                b.data = a.data
            step(np.full(5, k / 10))
        return {"a": a.data, "b": b.data, "shared": shared}

    close(side(compiled), side(lambda f: f))


def test_two_models_that_share_a_parameter():
    def side(wrap):
        ag.random.seed(0)
        first, second = nn.Linear(3, 3), nn.Linear(3, 3)
        second.weight = first.weight
        steps = []
        for model in (first, second):
            optimizer = nn.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

            def step(x, model=model, optimizer=optimizer):
                optimizer.zero_grad()
                (model(x) ** 2).mean().backward()
                optimizer.step()

            steps.append(wrap(step))
        kept = {}
        for k in range(10):
            for n, step in enumerate(steps):
                step(np.full((2, 3), 1.0 + k + n, np.float32))
            if k == 6:
                kept = {"kept": first.weight.data}
        found = {
            f"{n}.{k}": v for n, m in enumerate((first, second)) for k, v in m.state_dict().items()
        }
        return found | kept

    close(side(compiled), side(lambda f: f), 1e-4)


def test_arrays_that_lie_otherwise():
    step = compiled(lambda x, y: (x @ y, x.sum(axis=0)))
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 6)), rng.standard_normal((6, 6))
    base = bytearray(8 * 36 + 1)
    odd = np.frombuffer(base, float, 36, 1).reshape(6, 6)
    odd[...] = x
    assert not odd.flags.aligned
    for given in (
        x,
        x,
        x,
        x.T,
        np.asfortranarray(x),
        odd,
        x[::-1],
        np.repeat(x, 2, 0)[::2],
        x[:, ::-1],
    ):
        for ours, theirs in zip(step(given, y), step.plain(given, y), strict=True):
            np.testing.assert_allclose(ours, theirs, 1e-12, 1e-12)
    assert native_of(step)


# --- what NumPy runs in between ----------------------------------------------------------------------

VIEWS = {
    "diagonal": np.diagonal,
    "flip": np.flip,
    "rows": np.atleast_2d,
    "real": lambda e: e.real,
    "bits": lambda e: e.view(np.int64),
    "halves": lambda e: np.split(e, 2)[1],
    "turned": lambda e: np.rot90(np.flip(e)),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_by_numpy_is_not_one_of_the_arena(name):
    """The next call, or the next nest of this one, writes there."""

    def f(x):
        e = np.exp(x)
        view = VIEWS[name](e)
        after = np.cumsum(np.tanh(np.cumsum(e * 2.0)))
        return view, np.sort(np.sin(after)), view * 2

    step, kept = compiled(f), []
    for k in range(7):
        x = np.linspace(0, 1, 16).reshape(4, 4) + k
        kept.append((step(x), f(x)))
    assert native_of(step).foreign()
    for ours, theirs in kept:
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, 1e-12)


def test_a_list_by_numpy_keeps_what_it_is_made_of():
    """Whoever reads a part of it comes later, when the place of the whole may be taken."""

    def f(x):
        parts = np.split(np.exp(x), 4)
        y = x
        for _ in range(5):
            y = np.cumsum(np.sort(np.sin(y) * 3.0))
        return parts[0] + y[:4], parts[3] * y[4:8], y

    step = compiled(f)
    for k in range(6):
        x = np.linspace(-1, 1, 16) + k
        for a, b in zip(step(x), f(x), strict=True):
            np.testing.assert_allclose(a, b, 1e-9)
    assert native_of(step).foreign()


def test_numpy_reads_a_result_where_it_is_handed_out():
    def f(x):
        e = np.exp(x)
        return e, np.sort(e), np.cumsum(e, axis=1)

    step, kept = compiled(f), []
    for k in range(6):
        kept.append((step(numbers := np.random.default_rng(k).standard_normal((3, 5))), f(numbers)))
    assert len(native_of(step).foreign()) == 2
    for ours, theirs in kept:
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, 1e-12)


def test_numpy_alone_reads_a_view_of_an_input():
    b = Build()
    x, y = b.input(np.array(2.5)), b.input(np.arange(6.0).reshape(2, 3))
    turned = b(np.sort, b("T", y), axis=0)
    made = [b(np.exp, turned), b(np.cumsum, b("reshape", x, (1,)))]
    check = Check(b("reshape", y, (6,)), [], "tolist", "")
    machine = Machine(Program(b.inputs, b.instructions, made, [check]))
    *results, seen = machine(*b.arrays())
    for ours, v in zip(results, made, strict=True):
        np.testing.assert_allclose(ours, b.values[v], 1e-12)
    assert np.array_equal(seen, np.arange(6.0))


def test_random_draws_are_those_of_the_eager_run():
    def side(wrap):
        def f(x):
            g = ag.random.generator()
            noise = g.normal(size=x.shape)
            mask = g.random(x.shape) < 0.5
            return np.where(mask, x * noise, 0.0), g.integers(0, 9, 4), noise

        step, found = wrap(f), {}
        ag.random.seed(5)
        for k in range(7):
            for n, y in enumerate(step(np.full((3, 4), 1.0 + k))):
                found[f"{k} {n}"] = y
        found["next"] = ag.random.generator().normal()
        return found

    close(side(compiled), side(lambda f: f), 1e-12)


# --- arrays that are one object, or not ----------------------------------------------------------------


STAY_EAGER = {"a view of an argument", "a view of what is kept", "one list in two places"}


@pytest.mark.parametrize("name", SHARED)
def test_what_is_one_object_stays_one(name):
    (ours, f), (theirs, step) = held(SHARED[name]), held(SHARED[name])
    step_ = compiled(f)
    for k in range(8):
        x, y = np.arange(3.0) + k, np.arange(3.0) + k
        a, b = step_(x), step(y)
        a[0] = b[0] = 77.0
        ours.list[0] = theirs.list[0] = 5.0
        for one, other in zip((a, x, ours.h, ours.g), (b, y, theirs.h, theirs.g), strict=True):
            np.testing.assert_allclose(one, other, 1e-12)
        one, other = ((r is p, r is s.h, s.h is s.g) for r, p, s in ((a, x, ours), (b, y, theirs)))
        assert one == other
    assert bool(step_.programs) is (name not in STAY_EAGER)
    assert name in STAY_EAGER or native_of(step_)


# --- a check that fails ------------------------------------------------------------------------------


def ready(**options):
    t = Training(**options)
    t.run(6)
    native_of(t.step)
    return t, snapshot(t.everything())


@pytest.mark.parametrize("bad", [3, -4, 2**40, -(2**62)])
def test_a_class_out_of_range_raises_as_eager_does(bad):
    t, before = ready()
    eager = Training(lambda f: f)
    eager.run(6)
    x, y = t.batch()
    y[3] = bad
    programs = [c.calls for c in t.step._learner.programs.values()]
    errors = []
    for side in (t, eager):
        with pytest.raises(IndexError) as error:
            side.step(x, y)
        errors.append(str(error.value))
    assert errors[0] == errors[1]
    assert [c.calls for c in t.step._learner.programs.values()] == programs
    after = snapshot(t.everything())
    close(after, snapshot(eager.everything()))  # what eager changed before it raised, and no more
    untouched = [
        key for key in before if "running" not in key and "tracked" not in key and "grad" not in key
    ]
    same({k: after[k] for k in untouched}, {k: before[k] for k in untouched})


def test_early_changes_nothing_when_a_check_fails():
    """The program alone: not one bit of what a step may change is other than before."""
    t, before = ready(optimizer=nn.optim.SGD)
    x, y = t.batch()
    y[0] = 17
    program = t.step._last
    with pytest.raises(Missed):
        program.compute((x, y), {}, lambda f, *args: f(*args))
    same(snapshot(t.everything()), before)


def test_nan_in_a_gradient_takes_the_careful_pass():
    def side(wrap):
        w = ag.Tensor(np.array([1.0, 4.0, 9.0]), requires_grad=True)

        def step(x):
            w.zero_grad()
            loss = (ag.sqrt(w * x) * x).sum() + ag.max(w * x)
            loss.backward()
            w.data = w.data - 0.01 * w.grad
            return loss

        step = wrap(step)
        found = {}
        for k in range(12):
            x = np.array([1.0, 2.0, 3.0]) + k
            if k in (7, 9):
                x[k % 3] = -1.0 if k == 7 else np.nan
            before = np.array(w.data)
            with np.errstate(all="ignore"):
                found[f"loss {k}"] = np.array(step(x).data)
            found[f"grad {k}"] = np.array(w.grad)
            if k in (7, 9):
                w.data = before
            found[f"w {k}"] = np.array(w.data)
        return found

    close(side(compiled), side(lambda f: f))


def test_a_branch_is_checked_before_anything_is_written():
    def side(wrap):
        w = ag.Tensor(np.ones(3), requires_grad=True)

        def step(x):
            w.zero_grad()
            loss = (w * x).sum()
            loss.backward()
            w.data = w.data - 0.1 * w.grad
            if loss.item() > 0:
                w.data = w.data * 0.5
            return loss

        step = wrap(step)
        return {
            str(k): np.array((step(np.full(3, k % 5 - 1.5)).item(), *w.data)) for k in range(20)
        }

    close(side(compiled), side(lambda f: f))


def test_a_check_of_native_code_stops_the_program():
    b = Build()
    x = b.input(np.array([1.0, 2.0]))
    small = b(np.less, b("max", x), 3.0)
    y = b(np.exp, x)
    program = Program(b.inputs, b.instructions, [y], [Check(small, True, "bool", "")])
    machine = Machine(program)
    assert not machine.native.checks
    np.testing.assert_allclose(machine(np.array([0.0, 1.0]))[0], np.exp([0.0, 1.0]))
    with pytest.raises(Missed):
        machine(np.array([0.0, 5.0]))
    np.testing.assert_allclose(machine(np.array([0.0, 1.5]))[0], np.exp([0.0, 1.5]))


def test_other_checks_are_left_to_python():
    b = Build()
    x = b.input(np.array([1.0, 2.0]))
    top = b("max", b(np.exp, x))
    program = Program(b.inputs, b.instructions, [b(np.square, x)], [Check(top, 5.0, "float", "")])
    machine = Machine(program)
    assert machine.native.checks == machine.program.checks
    *_, seen = machine(np.array([0.0, 1.0]))
    np.testing.assert_allclose(seen, np.e)


# --- numbers that are no arrays --------------------------------------------------------------------


def _as_it_comes(x):
    return x


def _as_array(x):
    return np.array(x)


@pytest.mark.parametrize("first", [0.0, np.float64(0.0), np.float32(0.0), np.array(0.0)], ids=repr)
@pytest.mark.parametrize("kept", [_as_it_comes, _as_array])
def test_a_running_total_may_be_one_of_numpys_scalars(first, kept):
    def make(wrap):
        state = {"total": first, "mean": first, "count": 0}

        @wrap
        def step(x):
            state["total"] = kept(state["total"] + x.sum())
            state["mean"] = 0.9 * state["mean"] + 0.1 * x.max()
            state["count"] += (x > 2).sum()
            return x * 2

        return state, step

    (ours, step), (theirs, plain) = make(compiled), make(_as_it_comes)
    for n in range(8):
        x = np.arange(4.0) + n
        assert np.array_equal(step(x), plain(x))
        for key, value in theirs.items():
            assert type(ours[key]) is type(value), key
            np.testing.assert_allclose(ours[key], value, 1e-6)
    assert kept is not _as_it_comes or native_of(step)


def test_a_place_that_gets_a_scalar_before_each_call():
    state = {}

    @compiled
    def step(x):
        state["total"] = np.array(state["total"] + x.sum())

    for n in range(8):
        state["total"] = np.float64(n)
        step(np.ones(4))
        assert type(state["total"]) is np.ndarray and state["total"] == n + 4
    assert runner.simple(np.float64(2.0)) == 2.0 and type(runner.simple(np.float64())) is np.ndarray


def test_copies_live_until_the_updates_have_read_them(monkeypatch):
    made = []

    def array(x, order):
        copy = np.ndarray(np.shape(x), np.result_type(x), order=order)
        copy[...] = x
        made.append(weakref.ref(copy))
        return copy

    b = Build()
    w, x, rate = (b.input(v) for v in (np.ones((8, 4)), np.ones((8, 4)), 0.5))
    new = b(np.subtract, w, b(np.multiply, rate, b(np.exp, x)))
    machine = Machine(b.program(new), {0: w})
    monkeypatch.setattr(runner, "np", type("np", (), {**vars(np), "array": staticmethod(array)}))
    given = [np.ones((8, 4)), np.asfortranarray(np.ones((8, 4))), np.float64(0.5)]
    results = machine.native.early(*(given[n] for n in machine.places))
    assert len(made) == 1 and made[0]() is not None
    machine.native.late(results)
    np.testing.assert_allclose(results[0], 1 - 0.5 * np.e)
    del results
    assert made[0]() is None


# --- life --------------------------------------------------------------------------------------------


def test_threads_that_call_one_step():
    """Each call is one: no result mixes the inputs of two, and no update is lost."""
    total = ag.Tensor(np.zeros(500), requires_grad=True)

    @compiled
    def step(x):
        total.zero_grad()
        ((total + 1.0) * x).sum().backward()
        total.data = total.data + total.grad
        return np.tanh(x).sum() + x

    for k in range(4):
        step(np.full(500, float(k)))
    native_of(step)
    wrong = []

    def work(n):
        for k in range(60):
            x = np.full(500, float(n + k % 3))
            if not np.allclose(step(x), np.tanh(x).sum() + x, 1e-12):
                wrong.append((n, k))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
    assert np.array_equal(
        total.data, np.full(500, 6.0 + sum(n + k % 3 for n in range(4) for k in range(60)))
    )


def test_two_steps_in_two_threads():
    trainings = [Training() for _ in range(2)]
    alone = Training()
    alone.run(30)
    threads = [threading.Thread(target=t.run, args=(30,)) for t in trainings]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for t in trainings:
        close(snapshot(t.everything()), snapshot(alone.everything()))


def test_programs_are_unloaded_with_their_step(monkeypatch):
    closed = []
    close_ = llvm._close
    monkeypatch.setattr(llvm, "_close", lambda owned: (closed.append(owned), close_(owned)))
    step = compiled(lambda x: np.exp(x) * 3.0)
    for _ in range(4):
        step(np.ones(3))
    library = weakref.ref(native_of(step).library)
    assert not closed
    del step
    gc.collect()
    assert library() is None and len(closed) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat_over_many_calls():
    t, held = Training(width=40), compiled(lambda x: np.exp(x))
    x, y = t.batch()
    big = np.ones(3000)

    def calls(n):
        for _ in range(n):
            t.step(x, y)
            held(big)
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return sys.getallocatedblocks(), pages * os.sysconf("SC_PAGE_SIZE")

    calls(500)
    assert not native_of(t.step).foreign() and native_of(held)
    blocks, size = calls(500)
    more_blocks, more = calls(10_000)
    assert more_blocks - blocks < 100 and more - size < 500_000


def test_the_summary_counts():
    b = Build()
    x = b.input(np.ones((40, 30)))
    y = b(np.matmul, b("T", b(np.exp, x)), x)
    summary = Machine(b.program(y)).native.summary(4000)
    assert "1 loop nest, 1 BLAS product in 1 functions" in summary or "small product" in summary
    b = Build()
    x = b.input(np.ones((3, 2)))
    b(np.sort, b(np.exp, x))
    summary = Machine(b.program(b.instructions[-1].result)).native.summary(96)
    assert summary.endswith("; NumPy runs numpy.sort")


def test_the_report_says_that_the_compiler_failed(monkeypatch):
    def broken(*_):
        raise KeyError("a fault of ours")

    monkeypatch.setattr(runner, "planned", broken)
    step = compiled(lambda x: x * 2.0)
    for _ in range(4):
        assert np.array_equal(step(np.ones(3)), np.full(3, 2.0))
    assert "4 calls, 2 of them eager" in step.report() and step.programs
    assert "NumPy back end (the compiler failed: KeyError: 'a fault of ours')" in step.report()


def test_updates_read_what_numpy_made():
    """Its arrays live until the updates are made, which come after the checks."""
    ours, theirs = Training(optimizer=nn.optim.Adafactor), Training(lambda f: f, nn.optim.Adafactor)
    ours.run(10)
    theirs.run(10)
    assert "ndarray.mean" in ours.step.report()
    close(ours.everything(), theirs.everything())
