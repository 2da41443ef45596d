"""Whole steps as programs: the same bits as eager, for every kind of state and of optimizer."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from benchmarks.engines import glassgrad
from benchmarks.workloads import WORKLOADS
from tests.autograd.compile.building import compiled as compile_step

BUILDERS = {
    "mlp-tiny": glassgrad.mlp,
    "mlp-normalized": glassgrad.normalized,
    "cnn": glassgrad.cnn,
    "lstm": glassgrad.lstm,
    "gpt": glassgrad.gpt,
    "hvp": glassgrad.hvp,
}


def programs(step):
    return len(step._learner.programs)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_workload_computes_the_same_bits(name):
    (eager, read), (plain, compiled_read) = (
        BUILDERS[name](WORKLOADS[name].make()) for _ in range(2)
    )
    step = compile_step(plain)
    for _ in range(20 if name == "mlp-tiny" else 6):
        eager(), step()
        ours, theirs = compiled_read(), read()
        assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)
    assert programs(step) == 1, step.report()


OPTIMIZERS = {
    "SGD": lambda ps: nn.optim.SGD(ps, lr=0.1),
    "weight decay": lambda ps: nn.optim.SGD(ps, lr=0.1, weight_decay=0.01),
    "momentum": lambda ps: nn.optim.SGD(ps, lr=0.1, momentum=0.9),
    "Nesterov": lambda ps: nn.optim.SGD(ps, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda ps: nn.optim.Adam(ps, lr=0.01),
    "AdamW": lambda ps: nn.optim.AdamW(ps, lr=0.01),
    "RMSprop": lambda ps: nn.optim.RMSprop(ps, lr=0.01),
    "Lion": lambda ps: nn.optim.Lion(ps, lr=0.01),
}


class Training:
    """A model with normalization and dropout, its optimizer and its step."""

    def __init__(self, compiled, optimizer="SGD", dtype=np.float64):
        ag.random.seed(0)
        self.model = nn.Sequential(
            nn.Linear(4, 8, dtype=dtype),
            nn.BatchNorm1d(8, dtype=dtype),
            nn.ReLU(),
            nn.Dropout(0.25),
            nn.Linear(8, 3, dtype=dtype),
        )
        model = self.model
        self.optimizer = optimizer = OPTIMIZERS[optimizer](model.parameters())
        self.generator = np.random.default_rng(7)

        def step(x, y):
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            return loss

        self.step = compile_step(step) if compiled else step
        self.random = ag.random.generator().bit_generator.state

    def batch(self, n=16, dtype=np.float64):
        return (
            self.generator.normal(size=(n, 4)).astype(dtype),
            self.generator.integers(0, 3, n),
        )

    def run(self, n=16):
        """One step, with a random stream of this training's own."""
        stream = ag.random.generator().bit_generator
        stream.state = self.random
        loss = self.step(*self.batch(n)).item()
        self.random = stream.state
        return loss

    def everything(self):
        state = self.optimizer.state_dict()["state"]
        yield from self.model.state_dict().values()
        yield from (p.grad for p in self.model.parameters())
        yield from (x for entry in state.values() for x in entry.values())


def pair(optimizer="SGD"):
    return Training(False, optimizer), Training(True, optimizer)


def same_after_a_step(eager, compiled, n=16):
    assert eager.run(n) == compiled.run(n)
    for ours, theirs in zip(compiled.everything(), eager.everything(), strict=True):
        assert type(ours) is type(theirs)
        assert (ours is None and theirs is None) or np.array_equal(ours, theirs)
    assert eager.random == compiled.random


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_ends_with_the_same_bits(optimizer):
    eager, compiled = pair(optimizer)
    for _ in range(20):
        same_after_a_step(eager, compiled)
    assert programs(compiled.step) == 1, compiled.step.report()


def switch_mode(t):
    t.model.eval()


def change_lr(t):
    t.optimizer.lr = 0.01


def freeze(t):
    t.model[0].weight.requires_grad_(False)


def add_hook(t):
    t.model[0].weight.register_hook(lambda g: 2.0 * g)


def add_forward_hook(t):
    t.model[2].register_forward_hook(lambda module, inputs, output: 0.5 * output)


def load_state(t):
    t.model.load_state_dict({k: v // 2 for k, v in t.model.state_dict().items()})


def load_optimizer(t):
    t.optimizer.load_state_dict(t.optimizer.state_dict())


def clear_gradients(t):
    t.model.zero_grad()


def change_dropout(t):
    t.model[3].p = 0.5


CHANGES = [
    switch_mode,
    change_lr,
    freeze,
    add_hook,
    add_forward_hook,
    load_state,
    load_optimizer,
    clear_gradients,
    change_dropout,
]


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_calls_is_seen(change, optimizer):
    eager, compiled = pair(optimizer)
    for _ in range(5):
        same_after_a_step(eager, compiled)
    assert programs(compiled.step) == 1
    change(eager), change(compiled)
    said = (
        pytest.warns(UserWarning, match="it runs eagerly") if change is add_hook else nullcontext()
    )
    with said:
        for _ in range(5):
            same_after_a_step(eager, compiled)


def test_batches_of_two_sizes_have_two_programs():
    eager, compiled = pair()
    for n in (16, 16, 16, 5, 5, 5, 16, 5, 16):
        same_after_a_step(eager, compiled, n)
    assert programs(compiled.step) == 2


def test_a_class_out_of_range_raises_as_eager_and_changes_nothing():
    _, compiled = pair()
    for _ in range(5):
        compiled.run()
    before = [np.array(x) for x in compiled.model.state_dict().values()]
    x, y = compiled.batch()
    y[3] = 3
    with pytest.raises(IndexError, match="numbers of the 3 classes, from 0 to 2"):
        compiled.step(x, y)
    parameters = list(compiled.model.state_dict())
    for name, old, new in zip(
        parameters, before, compiled.model.state_dict().values(), strict=True
    ):
        if "running" not in name and "tracked" not in name:  # eager moved these before it raised
            assert np.array_equal(old, new)


def test_gradients_can_be_left_out():
    w = ag.Tensor(np.ones(3), requires_grad=True)

    def step(x):
        w.zero_grad()
        loss = ag.sum(w * x)
        loss.backward()
        with ag.no_grad():
            w.data = w.data - 0.1 * w.grad
        return loss

    compiled = compile_step(step, keep_gradients=False)
    for k in range(12):
        compiled(np.full(3, float(k)))
    assert np.allclose(w.data, 1.0 - 0.1 * sum(range(12)))
    assert w.grad is None  # and not that of the last call that ran eagerly


def test_what_python_reads_keeps_a_step_eager_and_is_named():
    @compile_step
    def step(x):
        return x * x.tolist()[1]

    for k in range(8):
        x = np.array([1.0, k])
        assert np.array_equal(step(x), x * k)
    assert programs(step) == 0
    assert "tolist() of an array gives a value that differs from call to call" in step.report()
    assert "test_step.py" in step.report()


def test_a_branch_on_values_is_a_check():
    @compile_step
    def step(x):
        return x + 1.0 if x.sum() > 0 else x - 1.0

    for k in (1.0, 2.0, 3.0, 4.0, -1.0, -2.0, -3.0, 5.0, -4.0):
        assert np.array_equal(step(np.array([k])), [k + 1.0 if k > 0 else k - 1.0])


def test_an_array_that_left_no_trace_keeps_a_step_eager():
    @compile_step
    def step(x):
        return x + sum(memoryview(x.tobytes()).cast("d"))

    for k in range(8):
        x = np.array([k / 8])
        assert np.array_equal(step(x), x + k / 8)
    assert programs(step) == 0


def test_writes_into_arguments_and_views_reach_the_caller():
    @compile_step
    def step(x):
        row = x[1]
        row += 1.0
        x[0] = 2.0 * row
        np.add.at(x, (np.array([2, 2]),), 1.0)
        return x.sum()

    for k in range(6):
        x = np.full((3, 2), float(k))
        assert step(x) == 4 * (k + 1) + 2 * (k + 1) + 2 * (k + 2)
        assert x.tolist() == [[2.0 * (k + 1)] * 2, [k + 1.0] * 2, [k + 2.0] * 2]
    assert programs(step) == 1, step.report()


def test_a_closure_array_written_in_place_is_read_again():
    scale = np.ones(2)
    step = compile_step(lambda x: x * scale)
    for k in range(6):
        scale[:] = k
        assert np.array_equal(step(np.array([1.0, 2.0])), [k, 2.0 * k])
    assert programs(step) == 1


def test_a_count_that_the_step_keeps_is_an_input():
    count = {"calls": 0}

    @compile_step
    def step(x):
        count["calls"] += 1
        return x * 2.0

    for k in range(8):
        assert step(np.array(1.0)) == 2.0
        assert count["calls"] == k + 1
    assert programs(step) == 1, step.report()


def test_a_graph_that_is_still_needed_keeps_a_step_eager():
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    step = compile_step(lambda x: (w * x).sum())
    for _ in range(6):
        w.zero_grad()
        step(np.array([3.0, 4.0])).backward()
        assert w.grad.tolist() == [3.0, 4.0]
    assert "graph may still be needed" in step.report()


def test_inference_without_recording():
    model = nn.MLP([3, 8, 2])
    step = compile_step(lambda x: model(x))
    generator = np.random.default_rng(0)
    with ag.no_grad():
        for _ in range(6):
            x = generator.normal(size=(4, 3))
            assert np.array_equal(step(x).data, model(x).data)
    assert programs(step) == 1


def test_gradient_clipping():
    w = ag.Tensor(np.ones(3), requires_grad=True)
    optimizer = nn.optim.SGD([w], lr=0.1)

    def step(x):
        optimizer.zero_grad()
        ((w * x) ** 2).sum().backward()
        norm = nn.utils.clip_grad_norm_([w], 1.0)
        optimizer.step()
        return norm

    compiled = compile_step(step)
    for k in range(6):
        x = np.arange(3.0) + k
        before = w.data
        expected = step(x)
        after, w.data = w.data, before
        assert compiled(x) == expected
        assert np.array_equal(w.data, after)


def test_an_unknown_backend_is_named():
    with pytest.raises(
        ValueError, match="got backend='fortran'; expected 'auto', 'numpy' or 'native'"
    ):
        compile_step(lambda: None, backend="fortran")


def test_nothing_is_left_behind_in_numpy():
    array, zeros = np.array, np.zeros

    @compile_step
    def step(x):
        if x.size == 7:
            raise KeyError("inside")
        return x * 2.0

    for n in (1, 2, 7, 7):
        try:
            step(np.ones(n))
        except KeyError:
            assert n == 7
    assert (np.array, np.zeros) == (array, zeros)


def test_a_list_that_is_written_to_and_then_replaced():
    def made():
        table = {"list": [0.0, 1.0]}

        def step(x):
            table["list"][0] = x.sum().item()
            table["list"] = [x.max().item(), table["list"][0] + table["list"][1]]
            return x * table["list"][1]

        return table, step

    (ours, f), (theirs, step) = made(), made()
    compiled = compile_step(f)
    for k in range(8):
        old, other = ours["list"], theirs["list"]
        x = np.arange(3.0) + k
        assert np.array_equal(compiled(x), step(x))
        assert (ours, old) == (theirs, other)
        assert old is not ours["list"]
    assert programs(compiled) == 1, compiled.report()


def kept(f):
    """A step with a state of its own."""
    state = SimpleNamespace(h=np.zeros(3), g=np.ones(3), list=[0.0], other=None)
    return state, lambda x: f(state, x)


def in_place(s, x):
    x += 1.0
    return x


def swapped(s, x):
    s.h, s.g = s.g, s.h * 2.0 + x
    return s.h


SHARED = {
    "an argument": in_place,
    "an argument kept": lambda s, x: (setattr(s, "h", x), x * 2.0)[1],
    "what is kept": lambda s, x: (setattr(s, "h", np.tanh(s.h + x)), s.h)[1],
    "arrays that change places": swapped,
    "two places": lambda s, x: (setattr(s, "h", x * 2.0), setattr(s, "g", s.h), s.g + 1.0)[2],
    "a view of an argument": lambda s, x: x[::2],
    "a view of what is kept": lambda s, x: (setattr(s, "h", x * 2.0), s.h[1:])[1],
    "one list in two places": lambda s, x: (
        setattr(s, "list", [x.sum().item()]),
        setattr(s, "other", s.list),
        x * 1.0,
    )[2],
}


@pytest.mark.parametrize("name", SHARED)
def test_what_is_one_object_stays_one(name):
    """Whoever writes into a result writes into what it is, as after an eager call."""
    (ours, f), (theirs, step) = kept(SHARED[name]), kept(SHARED[name])
    compiled = compile_step(f)
    for k in range(7):
        x, y = np.arange(3.0) + k, np.arange(3.0) + k
        a, b = compiled(x), step(y)
        a[0] = b[0] = 77.0
        ours.list[0] = theirs.list[0] = 5.0
        assert repr((a, x, ours)) == repr((b, y, theirs)), (k, compiled.report())
        assert (a is x, a is ours.h, ours.h is ours.g) == (
            b is y,
            b is theirs.h,
            theirs.h is theirs.g,
        )


def test_a_compiled_method_shows_its_source():
    class Model:
        @compile_step
        def double(self, x):
            return x * 2.0

    model = Model()
    for _ in range(3):
        assert model.double(np.ones(2)).tolist() == [2.0, 2.0]
    assert model.double.source == Model.double.source != ""
    assert "Model.double" in repr(Model.double) and "compiled" in repr(model.double)
    with pytest.raises(AttributeError):
        model.double._nothing  # noqa: B018
