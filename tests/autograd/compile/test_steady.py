"""Steady calls: whatever changes between two of them is seen, and the numbers are those of ordinary
calls."""

import sys
import threading

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile import steady
from autograd.compile.guards import memory
from tests.autograd.compile.native.running import needs_llvm

pytestmark = [
    needs_llvm,
    pytest.mark.skipif(not memory.readable(), reason="the memory of this Python is not read"),
]


class Training:
    """A small network, its optimizer, and a step that reads a rate, a list and an array from
    outside."""

    def __init__(self, optimizer=nn.optim.SGD, **options):
        ag.random.seed(0)
        self.scale, self.extra, self.table = 1.0, [2.0, 3.0], {"x": batch(99)[0]}
        self.model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
        self.optimizer = optimizer(self.model.parameters(), lr=0.1, **options)

    def step(self, x, y):
        self.optimizer.zero_grad()
        logits = self.model(x) * self.scale + self.model(self.table["x"]) * self.extra[0]
        loss = nn.cross_entropy(logits, y)
        loss.backward()
        self.optimizer.step()
        return loss


def batch(k):
    rng = np.random.default_rng(k)
    return rng.standard_normal((6, 4)).astype(np.float64), rng.integers(0, 3, 6)


def state(training):
    found = {f"{k}": v for k, v in training.model.state_dict().items()}
    found |= {f"grad {k}": p.grad for k, p in training.model.named_parameters()}
    for n, entry in enumerate(training.optimizer.state.values()):
        found |= {f"{k} {n}": v for k, v in entry.items()}
    return {k: np.array(v) for k, v in found.items() if v is not None}


def steady_programs(step):
    return [c for c in step._learner.programs.values() if c.steady.call is not steady.never]


def run(change, compiled, **options):
    """The state after some calls, a change, and some more."""
    t = Training(**options)
    step = ag.compile(t.step, backend="native") if compiled else t.step
    losses, kept = [], []
    for k in range(8):
        losses.append(step(*batch(k)).item())
    if compiled:
        assert steady_programs(step), step.report()
    for k in range(8, 18):
        kept.append(change(t, k))
        losses.append(step(*batch(k)).item())
    return losses, state(t), [np.array(x) for x in kept if isinstance(x, np.ndarray)]


def set_bias(t, k):
    if k == 10:
        t.model[0].bias.data = np.ones(8)


def swap(t, k):
    """An average takes the place of the weights, and they come back."""
    if k == 10:
        t.saved = t.model[0].weight.data
        t.model[0].weight.data = t.saved * 0.5
    if k == 13:
        t.model[0].weight.data = t.saved


def put_back(t, k):
    """Other weights, and the same array object back before the next call but one."""
    weight = t.model[2].weight
    if k in (10, 12):
        t.saved = weight.data
        weight.data = np.zeros_like(t.saved)
    if k in (11, 13):
        weight.data = t.saved


def freeze(t, k):
    if k == 10:
        t.model[0].weight.requires_grad = False


def replace_activation(t, k):
    if k == 10:
        setattr(t.model, "1", nn.ReLU())


def override_forward(t, k):
    if k == 10:
        t.model[1].forward = lambda x: x * 2.0


def in_place(t, k):
    t.table["x"][:] = k


def other_shape(t, k):
    if k == 10:
        t.table["x"] = batch(5)[0][:1]


def reshaped(t, k):
    """An array that stays the same object gets other strides."""
    if k == 10:
        x = np.zeros((6, 4))
        x[:] = t.table["x"]
        t.table["x"] = x
    if k == 13:
        t.table["x"].setflags(write=False)


def set_rate(t, k):
    if k in (10, 14):
        t.optimizer.param_groups[0]["lr"] = 1.0 / k


CHANGES = {
    "nothing": lambda t, k: None,
    "an attribute": lambda t, k: setattr(t, "scale", 1.0 + (k > 10)),
    "an attribute at each call": lambda t, k: setattr(t, "scale", float(k)),
    "an equal number": lambda t, k: setattr(t, "scale", float(np.float64(1.0))),
    "a list's entry": lambda t, k: t.extra.__setitem__(0, 2.0 + (k > 12)),
    "a longer list": lambda t, k: t.extra.append(k),
    "a list that begins otherwise": lambda t, k: t.extra.insert(0, 1.0) if k == 11 else None,
    "another list": lambda t, k: setattr(t, "extra", [2.0 + k % 2]),
    "an array in place": in_place,
    "an array's shape": other_shape,
    "an array's flags": reshaped,
    "a new array at each call": lambda t, k: t.table.update(x=batch(k + 50)[0]),
    "a new key": lambda t, k: t.table.update({f"new {k}": 1}),
    "a dictionary that is emptied": lambda t, k: (
        t.table.clear(), t.table.update(a=1, x=batch(99)[0])
    ),
    "a parameter's data": set_bias,
    "weights that come back": swap,
    "weights that come back at once": put_back,
    "a frozen parameter": freeze,
    "another layer": replace_activation,
    "a method of one object": override_forward,
    "the learning rate": set_rate,
    "someone keeps the weights": lambda t, k: t.model[0].weight.data if k % 3 == 0 else None,
    "someone keeps a gradient": lambda t, k: t.model[0].weight.grad if k % 3 == 0 else None,
    "eval mode": lambda t, k: t.model.eval() if k == 10 else None,
    "a gradient by hand": lambda t, k: setattr(
        t.model[0].bias, "grad", np.ones(8)
    ),
    "other weights are loaded": lambda t, k: (
        t.model.load_state_dict({n: v * 0 for n, v in t.model.state_dict().items()})
        if k == 11
        else None
    ),
}  # fmt: skip


OF_STATE = ("nothing", "a parameter's data", "weights that come back at once", "a frozen parameter")


@pytest.mark.parametrize(
    ("change", "optimizer"),
    [
        *(pytest.param(c, nn.optim.SGD, id=name) for name, c in CHANGES.items()),
        *(pytest.param(CHANGES[name], nn.optim.Adam, id=f"{name}, Adam") for name in OF_STATE),
    ],
)
def test_a_change_between_two_calls_is_seen(change, optimizer):
    losses, found, kept = run(change, True, optimizer=optimizer)
    expected, wanted, wanted_kept = run(change, False, optimizer=optimizer)
    np.testing.assert_allclose(losses, expected, 1e-9)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, 1e-8, 1e-10, err_msg=name)
    for x, y in zip(kept, wanted_kept, strict=True):
        np.testing.assert_allclose(x, y, 1e-8, 1e-10)


def trained(**options):
    t = Training(nn.optim.Adam)
    step = ag.compile(t.step, backend="native", **options)
    for k in range(8):
        step(*batch(k))
    return t, step


@pytest.mark.parametrize("keep_gradients", [True, False])
def test_calls_are_steady(keep_gradients):
    _, step = trained(keep_gradients=keep_gradients)
    program = steady_programs(step)[-1]
    calls = []
    call = program.steady.call
    program.steady.call = lambda *args: calls.append(result := call(*args)) or result
    for k in range(5):
        step(*batch(k))
    assert len(calls) == 5
    assert all(isinstance(loss, ag.Tensor) for loss in calls)
    assert program.steady.words > 100


def test_a_failed_check_changes_nothing():
    t, step = trained()
    before = state(t)
    x, y = batch(0)
    with pytest.raises(IndexError, match="from 3 to 5"):
        step(x, y + 3)
    after = {k: v for k, v in state(t).items() if "grad" not in k}
    for name, value in after.items():
        np.testing.assert_array_equal(value, before[name])
    assert np.isfinite(step(x, y).item())


def test_what_someone_holds_is_not_written_over():
    t, step = trained()
    held = t.model[0].weight.data
    numbers = held.copy()
    step(*batch(1))
    np.testing.assert_array_equal(held, numbers)
    assert not np.array_equal(t.model[0].weight.data, numbers)


def test_an_array_in_another_order_is_copied_at_each_call():
    def side(wrap):
        t = Training()
        t.table["x"] = np.asfortranarray(t.table["x"])
        step = wrap(t.step)
        found = []
        for k in range(12):
            t.table["x"][0] = k
            found.append(step(*batch(k)).item())
        return found, step

    found, step = side(lambda f: ag.compile(f, backend="native"))
    assert steady_programs(step)
    np.testing.assert_allclose(found, side(lambda f: f)[0], 1e-9)


def test_recording_switched_off():
    _, step = trained()
    with ag.no_grad(), pytest.raises(ag.errors.GraphError):
        step(*batch(0))
    assert np.isfinite(step(*batch(0)).item())


def test_what_changes_always_is_asked_and_the_rest_is_watched():
    t = Training()
    step = ag.compile(t.step, backend="native")
    for k in range(40):
        t.table["x"] = batch(k)[0]
        step(*batch(k))
    (program,) = steady_programs(step)
    assert program.steady.moving
    assert program.steady.words > 100


def test_attempts_become_rare_where_they_fail():
    t = Training()
    step = ag.compile(t.step, backend="native")
    for k in range(40):
        t.held = t.model[0].weight.data  # always someone holds them
        step(*batch(k))
    (program,) = step._learner.programs.values()
    assert program.steady.call is steady.never
    assert program.steady.wait >= 16


def test_several_threads():
    t, step = trained()
    errors = []

    def work(n):
        try:
            for k in range(200):
                if not np.isfinite(step(*batch(n * 1000 + k)).item()):
                    errors.append("nan")
        except Exception as error:
            errors.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not errors
    assert next(iter(t.optimizer.state.values()))["step"] == 808


def test_large_programs_let_others_run():
    """A program that takes longer than a millisecond or so is called without the lock."""
    w = ag.Tensor(np.ones((512, 512), np.float32), requires_grad=True)

    def step():
        w.zero_grad()
        (w @ w).sum().backward()

    compiled = ag.compile(step, backend="native")
    for _ in range(5):
        compiled()
    (program,) = compiled._learner.programs.values()
    assert steady.work(program.program) > steady.LARGEST
    assert program.steady.call is steady.never


def test_copies_of_arguments_live_until_they_were_read():
    """An argument in another order is copied, and the update reads the copy."""
    w = ag.Tensor(np.ones((40, 30)), requires_grad=True)
    table = {"rate": 1.0}

    def step(x):
        w.data = w.data - x * table["rate"]

    compiled = ag.compile(step, backend="native")
    total = np.ones((40, 30))
    for k in range(12):
        x = np.asfortranarray(np.random.default_rng(k).standard_normal((40, 30)))
        compiled(x)
        total -= x
        assert np.array_equal(w.data, total)
    assert steady_programs(compiled), compiled.report()
