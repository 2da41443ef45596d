"""From the third call on a step is its program, whatever its first call created."""

import contextvars

import numpy as np
import pytest

import autograd as ag
import nn
from tests.autograd.compile.building import compiled, the_same
from tests.nn.optim import cases

X = np.linspace(-1.0, 2.0, 12).reshape(4, 3)
COUNT = contextvars.ContextVar("COUNT", default=0)


def third(step, *calls):
    """Call a step three times; whether the third call ran as a program."""
    for args in calls:
        step(*args)
    return "3 calls, 2 of them eager" in step.report()


@pytest.mark.parametrize("name", [n for n in cases.OPTIMIZERS if "LBFGS" not in n])
def test_an_optimizer_that_creates_its_state(name):
    params = [nn.Parameter(np.ones(3)), nn.Parameter(np.full((2, 3), 0.5))]
    optimizer = eval(cases.OPTIMIZERS[name], {"optim": nn.optim, "params": params})

    def step(x):
        optimizer.zero_grad()
        loss = sum(((p * x) ** 2).sum() for p in params)
        loss.backward()
        optimizer.step()
        return loss

    step = compiled(step)
    assert third(step, (X[0],), (X[1],), (X[2],)), step.report()


def test_models_functions_and_inference():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)

    @compiled
    def step(x):
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    assert third(step, (X,), (X + 1,), (X + 2,)), step.report()
    assert third(compiled(lambda x: np.exp(x).sum()), (X,), (X + 1,), (X + 2,))
    predict = compiled(model)
    with ag.no_grad():
        assert third(predict, (X,), (X + 1,), (X + 2,)), predict.report()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_rate_that_changes_from_the_first_call_on(momentum):
    w = nn.Parameter(np.ones(3))
    optimizer = nn.optim.SGD([w], lr=0.1, momentum=momentum)
    scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)

    @compiled
    def step(x):
        optimizer.zero_grad()
        ((w * x) ** 2).sum().backward()
        optimizer.step()

    for k in range(6):
        step(X[k % 4])
        scheduler.step()
    assert "6 calls, 2 of them eager" in step.report(), step.report()


class Counting:
    """What a step may change: a rehearsal must not change it a second time."""

    def __init__(self):
        self.count, self.sum, self.list, self.table = 0, np.zeros(3), [0.0], {"a": 1}
        self.w = nn.Parameter(np.ones(3))
        self.optimizer = nn.optim.Adam([self.w])
        self.generator = np.random.default_rng(0)
        self.lazy = None

    def step(self, x, out):
        if self.lazy is None:
            self.lazy = {"seen": x * 1.0, "inner": [x.sum()]}
        self.count += 1
        self.sum += x
        self.list[0] = self.list[0] * 0.5 + 1.0
        self.table["a"] *= 2
        self.optimizer.zero_grad()
        (self.w * x * self.generator.normal()).sum().backward()
        self.optimizer.step()
        out += self.w.data
        return self.count, self.sum.copy(), self.lazy["seen"] + self.lazy["inner"][0]

    def all(self):
        state = self.optimizer.state[self.w]
        return [
            *(self.count, self.sum, self.list[0], self.table["a"], self.w.data, self.w.grad),
            *(self.lazy["seen"], self.lazy["inner"][0], *state.values()),
            self.generator.bit_generator.state["state"]["state"] % 2**40,
        ]


def test_a_rehearsal_leaves_no_trace():
    ours, plain = Counting(), Counting()
    step = compiled(ours.step)
    for k in range(6):
        given = [np.full(3, 0.5) for _ in range(2)]
        made = step(X[k % 4], given[0]), plain.step(X[k % 4], given[1])
        assert all(the_same(a, b) for a, b in zip(*made, strict=True))
        assert the_same(*given)
        assert all(the_same(a, b) for a, b in zip(ours.all(), plain.all(), strict=True)), k
        assert type(ours.lazy["seen"]) is np.ndarray
    assert "6 calls, 2 of them eager" in step.report(), step.report()


class Box:
    """An object that keeps its attributes in itself."""

    def __init__(self, x):
        self.x = x


@pytest.mark.parametrize("box", [Box, lambda x: (x, [x]), lambda x: {"x": [(x,)]}])
def test_what_the_first_call_keeps_is_no_stand(box):
    kept = {}

    def step(x):
        if "box" not in kept:
            kept["box"] = box(x * 2.0)
        return x * 1.0

    step = compiled(step)
    for k in range(4):
        assert the_same(step(X + k), X + k)
    inner = kept["box"]
    while type(inner) is not np.ndarray:
        inner = vars(inner) if isinstance(inner, Box) else inner
        inner = next(iter(inner.values())) if isinstance(inner, dict) else inner[0]
    assert the_same(inner, X * 2.0)
    assert "4 calls, 2 of them eager" in step.report(), step.report()


def test_what_the_step_does_not_mention_does_not_stop_it():
    class Trainer:
        def __init__(self):
            self.batches, self.rate = iter(range(9)), 2.0

        def step(self, x):
            return x * self.rate

    trainer = Trainer()
    step = compiled(trainer.step)
    for k in range(5):
        assert the_same(step(X + k), 2.0 * (X + k))
    assert step.programs, step.report()


def test_a_context_variable_is_set_by_every_call():
    def step(x):
        COUNT.set(COUNT.get() + 1)
        return x * COUNT.get()

    step = compiled(step)
    for k in range(6):
        assert the_same(step(X), X * (k + 1))
    assert "ContextVar.set() is called" in step.report()
    COUNT.set(0)


def test_a_call_that_raises_is_not_rehearsed():
    calls = []

    def step(x):
        if x[0] > 1:
            raise KeyError(len(calls))
        return x * 2.0

    step = compiled(step)
    for k in (0.0, 2.0, 0.0, 2.0, 0.0):
        x = np.array([k])
        if k > 1:
            with pytest.raises(KeyError):
                step(x)
        else:
            assert the_same(step(x), x * 2.0)


def test_a_value_that_differs_is_said_at_the_second_call():
    step = compiled(lambda x: x * x.tolist()[0][0])
    for k in range(2):
        step(X + k)
    assert not step.programs and "differs from call to call" in step.report()


def test_what_a_trace_cannot_do_is_named():
    class Odd:
        def __rmatmul__(self, x):
            if type(x) is not np.ndarray:
                raise TypeError("an array, please")
            return x.sum()

    odd = Odd()

    step = compiled(lambda x: odd.__rmatmul__(x))
    for k in range(4):
        assert step(np.full(2, float(k))) == 2.0 * k
    assert "it cannot be traced: TypeError: an array, please" in step.report()
    assert "a call raises" not in step.report()
    failing = compiled(lambda x: x + "word")
    for _ in range(3):
        with pytest.raises(TypeError):
            failing(np.ones(2))
    assert "ran eagerly in 3 calls: a call raises" in failing.report()


SHOWN = [lambda x: f"{x.sum():.1f}", lambda x: str(x.sum()), lambda x: repr(x.sum())]


@pytest.mark.parametrize("f", SHOWN)
def test_what_shows_an_array_is_named(f):
    step = compiled(f)
    for k in range(4):
        assert step(np.full(2, float(k))) == f(np.full(2, float(k)))
    assert "an f-string, format, str or repr shows an array of the step, which" in step.report()


def test_what_else_reads_an_array_is_named():
    step = compiled(lambda x: np.float32(x.sum()))
    for k in range(4):
        assert step(np.full(2, float(k))) == 2.0 * k
    assert "other code, such as np.float32(x), reads an array of the step" in step.report()
