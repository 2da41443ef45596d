"""Whole steps on Values: the numbers of eager execution, bit by bit, by every printer."""

import itertools
import math
import random
import sys
import threading
import tracemalloc

import numpy as np
import pytest

import autograd as ag
from autograd import Value
from autograd.compile.native import llvm
from demos.scalar_gpt import GPT, Adam
from tests.autograd.compile.scalars.building import (
    PRINTERS,
    SPECIAL,
    bits,
    compile_by,
    random_formula,
    seeded,
    values_of,
)

by_every_printer = pytest.mark.parametrize("printer", PRINTERS)


def outcome(step, *args):
    """What a call returns or raises."""
    try:
        return repr(step(*args))
    except Exception as error:
        return type(error)


def compare(make, calls, printer, programs=1):
    """Run a step eagerly and compiled, on Values of its own each, and compare after each call.

    Args:
        make: gives a step and a function that shows all that it changes.
        calls: the arguments of each call.
        programs: how many there must be at least; 0 for none, None for as many as there are.
    """
    eager, state = make()
    plain, its_state = make()
    step = compile_by(plain, printer)
    for n, args in enumerate(calls):
        assert outcome(eager, *args) == outcome(step, *args), n
        assert repr(state()) == repr(its_state()), n
    assert not any("compiler failed" in x for x in step._learner.reasons), step.report()
    if programs is not None:
        assert (len(step.programs) >= programs) if programs else not step.programs, step.report()
    return step


def trained(parameters, loss, rate=0.05):
    """The rest of a training step."""
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    for p in parameters:
        p.data -= rate * p.grad
    return loss.data


def shown(parameters):
    return [(p.data, p.grad) for p in parameters]


# --- random steps ---


@by_every_printer
@pytest.mark.parametrize("seed", range(16))
def test_random_steps(seed, printer):
    """Over samples, which are lanes where there are enough, with special values in between."""
    smooth = seed % 2 == 0
    samples = (1, 3, 20, 37)[seed % 4]

    def make():
        rng = seeded(seed)
        formula = random_formula(rng, 3 + seed % 13, smooth)
        data = [(rng.uniform(-2.0, 2.0), rng.uniform(-2.0, 2.0)) for _ in range(samples)]
        w = values_of([0.3, -0.7])

        def step(rate, *reset):
            for p, x in zip(w, reset, strict=False):
                p.data = x
            terms = [formula([*w, w[0] * x, w[1] + y]) for x, y in data]
            return trained(w, sum(terms) * (1.0 / samples), rate)

        return step, lambda: [(bits(p.data), bits(p.grad)) for p in w]

    rng = seeded(100 + seed)
    calls = [(0.01 * n,) for n in range(4)]
    calls += [
        (0.01, *[rng.choice(SPECIAL) if not smooth else rng.uniform(-2.0, 2.0) for _ in range(2)])
        for _ in range(4)
    ]
    calls += [(0.02,)]
    compare(make, calls, printer, programs=None)


# --- programs that people write ---


class Neuron:
    def __init__(self, rng, inputs, bends):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b, self.bends = Value(0), bends

    def __call__(self, x):
        out = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return out.relu() if self.bends else out

    def parameters(self):
        return [*self.w, self.b]


class Network:
    def __init__(self, rng, sizes):
        self.layers = [
            [Neuron(rng, n, i < len(sizes) - 2) for _ in range(m)]
            for i, (n, m) in enumerate(itertools.pairwise(sizes))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for n in layer for p in n.parameters()]


def two_moons(count):
    t = np.linspace(0.0, np.pi, count)
    first = np.arange(count) % 2 == 0
    x = np.where(first, np.cos(t), 1 - np.cos(t))
    y = np.where(first, np.sin(t), 0.5 - np.sin(t))
    return np.stack([x, y], axis=1), np.where(first, -1, 1)


def moons_step(arrays, batch=None):
    """micrograd's demo: points in arrays or in lists, a hinge loss, accuracy, and a falling rate."""
    points, signs = two_moons(24)
    if not arrays:
        points, signs = points.tolist(), signs.tolist()

    def make():
        rng = random.Random(1)
        model = Network(rng, [2, 5, 4, 1])

        def step(k, n=None):
            xs, ys = (points, signs) if n is None else (points[:n], signs[:n])
            scores = [model(list(map(Value, x))) for x in xs]
            losses = [(1 + -y * s).relu() for y, s in zip(ys, scores, strict=True)]
            loss = sum(losses) * (1.0 / len(losses))
            loss = loss + 1e-4 * sum(p * p for p in model.parameters())
            right = [(y > 0) == (s.data > 0) for y, s in zip(ys, scores, strict=True)]
            for p in model.parameters():
                p.grad = 0
            loss.backward()
            for p in model.parameters():
                p.data -= (1.0 - 0.9 * k / 100) * p.grad
            return loss.data, sum(right) / len(right)

        return step, lambda: shown(model.parameters())

    return make


@by_every_printer
@pytest.mark.parametrize("arrays", [False, True])
def test_micrograds_demo(arrays, printer):
    step = compare(moons_step(arrays), [(k,) for k in range(10)], printer)
    assert "lanes of" in step.report() and step.report().startswith("step: 10 calls, 2 of them")
    assert "totals(" in step.source and "np.where" in step.source


@by_every_printer
def test_another_number_of_samples_is_another_program(printer):
    calls = [(k, n) for k, n in enumerate((24, 24, 24, 20, 20, 20, 24, 20))]
    compare(moons_step(True), calls, printer, programs=2)


@by_every_printer
def test_a_gpt_of_single_numbers(printer):
    """Attention, a softmax that subtracts the largest score, and Adam in Python's lists."""

    def make():
        model = GPT(random.Random(2))
        adam = Adam(model.parameters)

        def step(word, rate):
            loss = model.loss(word)
            loss.backward()
            adam.step(rate)
            return loss.data

        return step, lambda: (shown(model.parameters), adam.mean, adam.square, adam.steps)

    compare(make, [("ba", 0.03 - 0.002 * k) for k in range(7)], printer)


@by_every_printer
def test_a_recurrent_network_is_a_chain(printer):
    def make():
        w = values_of([0.5, -0.3, 0.1])

        def step(xs):
            h = w[2]
            for x in xs:
                h = (w[0] * h + w[1] * x).tanh()
            return trained(w, (h - 0.5) ** 2)

        return step, lambda: shown(w)

    compare(make, [([0.1 * k * n for n in range(30)],) for k in range(6)], printer)


@by_every_printer
def test_an_operation_written_as_in_micrograd(printer):
    def swish(x):
        s = 1 / (1 + math.exp(-x.data))
        out = Value(x.data * s, (x,), "swish")

        def _backward():
            x.grad += (s + out.data * (1 - s)) * out.grad

        out._backward = _backward
        return out

    def make():
        w = Value(0.5)

        def step(x):
            return trained([w], swish(w * x) * 3)

        return step, lambda: shown([w])

    compare(make, [(0.3 * k,) for k in range(7)], printer)


# --- what Python looks at ---


@by_every_printer
def test_a_branch_on_a_value_is_a_guard(printer):
    def make():
        w, best = Value(2.0), [math.inf]

        def step(x):
            loss = (w * x - 1.0) ** 2
            trained([w], loss)
            if loss.data < best[0]:
                best[0] = loss.data
                return "better"
            return "worse"

        return step, lambda: (shown([w]), best)

    rates = (1.0, 1.5, 0.3, 2.0, 0.1, 1.0, 1.0, 5.0, 1.0, 1.0, 0.5, 0.5)
    compare(make, [(x,) for x in rates], printer, programs=2)


@by_every_printer
def test_gradients_add_up_until_they_are_reset(printer):
    def make():
        w = Value(2.0)

        def step(x, reset):
            (w * x).exp().backward()
            if reset:
                w.grad = 0.0
            return w.grad

        return step, lambda: shown([w])

    compare(make, [(0.1 * k, k % 3 == 0) for k in range(12)], printer, programs=2)


@by_every_printer
def test_errors_are_those_of_eager_execution(printer):
    """1 / 0 of a Value is inf, and of Python's floats an error; as are log(-1) and 10 ** 400."""

    def make():
        w = Value(2.0)

        def step(x):
            y = 1 / (w - x)
            loss = y * y + (w * x).log()
            w.grad = 0.0
            loss.backward()
            return 1.0 / (w.data - x), math.log(x), w.grad, 10.0 ** (x * 100)

        return step, lambda: shown([w])

    compare(make, [(x,) for x in (1.0, 1.5, 0.5, 2.0, -1.0, 0.25, 0.0, 4.0, 1.25, 2.0)], printer)


@by_every_printer
def test_nan_that_a_careful_pass_avoids(printer):
    """where(w > 0, log w, 0) at 0: 0 · inf must not become nan."""

    def make():
        w = Value(2.0)

        def step(x):
            w.data = x
            w.grad = 0.0
            ag.where(w > 0, w.log() * 1.0, w * 0.0).backward()
            return w.grad

        return step, lambda: shown([w])

    compare(make, [(x,) for x in (1.0, 1.5, 0.5, 0.0, 2.0, 0.0, -1.0, math.inf)], printer)


@by_every_printer
def test_the_rate_and_the_step_count_are_inputs(printer):
    class Trainer:
        def __init__(self):
            self.w, self.steps, self.rate = Value(0.5), 0, 0.1

        def step(self):
            self.steps += 1
            self.rate *= 0.9
            loss = (self.w - 3) ** 2
            return trained([self.w], loss, self.rate / (1 + self.steps))

    def make():
        trainer = Trainer()
        return trainer.step, lambda: (shown([trainer.w]), trainer.steps, trainer.rate)

    compare(make, [()] * 9, printer)


def test_what_may_change_between_calls_is_guarded():
    w, v, box = Value(0.5), Value(0.5), [Value(0.25)]
    names = {"scale": 2.0}

    def make(w):
        def step(x):
            return trained([w], (w * x + box[0]) * names["scale"])

        return step

    eager, step = make(w), compile_by(make(v), "numpy")

    def both(x):
        assert eager(x) == step(x) and (w.data, w.grad) == (v.data, v.grad)

    for k in range(5):
        both(0.1 * k)
    assert step.programs
    box[0] = Value(0.75)
    both(1.0)
    names["scale"] = 3.0
    both(1.0)
    w.requires_grad = v.requires_grad = False
    for p in (w, v):
        p.grad = 0.0
    box[0].grad = 0.0
    both(1.0)
    w.requires_grad = v.requires_grad = True
    box[0].data = -1.0
    for k in range(5):
        box[0].grad = 0.0
        both(0.3 * k)


def test_an_earlier_result_keeps_a_step_eager():
    def make():
        w = Value(0.5)
        old = [w * 2.0]

        def step(x):
            return trained([w], w * x + old[0])

        return step, lambda: shown([w])

    step = compare(make, [(0.3 * k,) for k in range(5)], "numpy", programs=0)
    assert "an earlier result" in step.report()


def test_an_array_that_the_step_makes_keeps_it_eager():
    def make():
        w = Value(0.5)
        history = np.zeros(3)

        def step(k):
            history[k % 3] = trained([w], w * 0.5)
            return history.sum()

        return step, lambda: (shown([w]), history)

    compare(make, [(k,) for k in range(5)], "numpy", programs=0)


# --- the life of a program ---


@by_every_printer
def test_memory_is_flat_over_many_calls(printer):
    w = values_of([0.5, -0.5])

    def plain(x):
        return trained(w, (w[0] * x + w[1]).tanh() ** 2, 0.001)

    step = compile_by(plain, printer)
    for k in range(50):
        step(0.001 * k)
    assert step.programs
    tracemalloc.start()
    for _ in range(1000):
        step(0.5)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(9000):
        step(0.5)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 5000


@by_every_printer
def test_two_threads(printer):
    found = {}

    def run(name):
        w = values_of([0.5, -0.5])
        step = compile_by(lambda x: trained(w, (w[0] * x + w[1]).tanh() ** 2), printer)
        found[name] = [step(0.01 * k) for k in range(60)]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    run("alone")
    assert found[0] == found[1] == found["alone"]


def test_a_step_shows_itself():
    w = values_of([0.5, -0.5])
    xs = [0.1 * k for k in range(20)]

    @ag.compile
    def step():
        return trained(w, sum((w[0] * x + w[1]).tanh() for x in xs))

    for _ in range(4):
        step()
    assert step.stages()["source"] == step.source
    assert "lanes" in step.report()
    with pytest.raises(ag.UnsupportedError, match="Values"):
        step.draw()
    assert step.stages()["trace"].startswith("v0 = input(0)")
    assert ag.source(step.plain) == step.source


def test_without_gradients_only_data_change():
    w = Value(0.5)

    @ag.compile(keep_gradients=False)
    def step(x):
        return trained([w], (w * x) ** 2)

    other = Value(0.5)
    for k in range(6):
        assert step(0.5 * k) == trained([other], (other * (0.5 * k)) ** 2)
        assert w.data == other.data
    assert step.programs and w.grad == 0.0  # and not that of the calls before the program


def test_without_llvm_the_numpy_back_end_serves(monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    llvm.missing.cache_clear()

    def trained(compiled):
        w = Value(0.5)

        @compiled
        def step(x):
            w.grad = 0.0
            ((w * x - 1.0) ** 2).backward()
            w.data -= 0.1 * w.grad
            return w.data

        return [step(0.5 * k) for k in range(6)], step

    try:
        found, step = trained(ag.compile)
        report = step.report()
    finally:
        llvm.missing.cache_clear()
    assert step.programs and "NumPy back end (native: got no llvmlite; run pip install" in report
    assert found == trained(lambda f: f)[0]
