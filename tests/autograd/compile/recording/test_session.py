"""One traced call: what it changes is noted, and can be undone to the last bit."""

import functools
import weakref
from collections import deque
from contextvars import ContextVar
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.guards.learned import Learned
from autograd.compile.guards.places import Place
from autograd.compile.guards.reach import Reach
from autograd.compile.recording.session import Session
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Tape
from autograd.compile.trace.traced import Traced
from tests.autograd.compile.building import compiled


def session_of(f, *args):
    generator = ag.random.generator()
    session = Session(Reach(f, args, {}, generator, Learned()), Tape(Traced, Number))
    session.tape.generator = session.stands[id(generator)]
    return session


def state():
    ag.random.seed(3)
    s = SimpleNamespace(
        count=0, h=np.zeros(3), table={"a": 1.0}, list=[1.0], w=nn.Parameter(np.ones(3))
    )

    def f(x):
        s.count += 1
        s.h = np.tanh(s.h + x)
        s.table["b"] = x * 2.0
        s.list.append(x.sum())
        x[0] = ag.random.generator().normal()
        (s.w * x).sum().backward()
        return s.h

    return s, f


def text(s):
    return repr((s.count, s.h, s.table, s.list, s.w.data, s.w.grad))


def test_undo_puts_everything_back():
    s, f = state()
    x, before, draw = np.arange(3.0), text(s), ag.random.generator().bit_generator.state
    session = session_of(f, x)
    result, _ = session.record(f)
    value = result.settled()
    assert type(value) is np.ndarray and text(s) != before and x[0] != 0.0
    session.undo()
    assert text(s) == before and x.tolist() == [0.0, 1.0, 2.0]
    assert ag.random.generator().bit_generator.state == draw


def test_a_traced_call_does_what_an_eager_one_does():
    s, f = state()
    session = session_of(f, x := np.arange(3.0))
    value = session.record(f)[0].settled()
    found = text(s), repr(x), repr(value)
    s, f = state()
    value = f(x := np.arange(3.0))
    assert found == (text(s), repr(x), repr(value))


def test_changes_are_named():
    w = nn.Parameter(np.ones(3))

    def f(x):
        (w * x).sum().backward()

    session = session_of(f, np.ones(3))
    session.record(f)
    assert [place.path for place, _ in session.changes] == ["w.grad"] and not session.reason
    assert not session.leaked()


def entries(kind):
    """Lists whose first entry is taken, and what the entries are."""
    numbers = (
        [1.0] * 3 + [2.0] * 4,
        [1, 1, 2, 2, 3, 3, 4],
        [True, False, True],
        [(1.0,), (2.0,)] * 3,
    )
    return [kind(x) for x in (*numbers, list("abab"), [1.0, 1.0, 2.0, 2.0, 1.0, 1.0])]


@pytest.mark.parametrize("kind", [list, deque])
def test_a_list_that_gets_shorter(kind):
    for queue, plain in zip(entries(kind), entries(kind), strict=True):
        w = np.zeros(1)

        def step(x, queue=queue, w=w):
            taken = queue.popleft() if kind is deque else queue.pop(0)
            w[0] += 1.0
            return x * 1.0, taken

        step = compiled(step)
        for n in range(3):
            assert step(np.ones(2))[1] == plain[0]
            del plain[0]
            assert queue == plain and w[0] == n + 1


@pytest.mark.parametrize("kind", [list, deque])
def test_undo_restores_the_length_of_a_list(kind):
    kept = kind([1.0, 1.0, 2.0])
    before = list(kept)

    def f(x):
        kept.pop()
        kept.pop()
        kept.append(x)

    session = session_of(f, np.ones(2))
    session.record(f)
    session.undo()
    assert list(kept) == before


def with_default(table):
    return lambda x, table=table: x * table


def with_partial(table):
    return functools.partial(lambda table, x: x * table, table)


def with_inner_partial(table):
    inner = functools.partial(lambda table, x: x * table, table)
    return lambda x: inner(x)


def with_keyword(table):
    inner = functools.partial(lambda x, table: x * table, table=table)
    return lambda x: inner(x)


def with_variable(table):
    variable = ContextVar("table")
    variable.set(table)
    return lambda x: x * variable.get()


def with_reference(table):
    reference = weakref.ref(table)
    return lambda x: x * reference()


FOLLOWED = [with_default, with_partial, with_inner_partial, with_keyword, with_variable]


@pytest.mark.parametrize("make", [*FOLLOWED, with_reference])
def test_arrays_in_odd_places(make):
    table = np.ones(2)
    step = compiled(make(table))
    for _ in range(4):
        assert step(np.ones(2)).tolist() == [1.0, 1.0]
    table[:] = 5.0
    assert step(np.ones(2)).tolist() == [5.0, 5.0]
    if make is with_reference:
        assert "reference is an array in a place that cannot be followed" in step.report()
    else:
        assert step.programs and "5 calls, 2 of them eager" in step.report()


def test_a_list_in_a_tuple_is_the_list_itself():
    plan = ([1.0] * 6 + [2.0] * 3, {"left": 9}, np.ones(2))

    def step(x):
        plan[1]["left"] -= 1
        return x * plan[0].pop(), plan[2]

    step = compiled(step)
    for n in range(5):
        out, table = step(np.ones(2))
        assert out[0] == (2.0 if n < 3 else 1.0) and table is plan[2]
        assert len(plan[0]) == plan[1]["left"] == 8 - n


def interrupted(monkeypatch, at):
    """A step whose training is interrupted while stands are put into places, or taken out."""
    ag.random.seed(1)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    optimizer = nn.optim.Adam(model.parameters())

    def plain(x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    step, count, put = compiled(plain), 0, Place.set

    def counted(self, value):
        nonlocal count
        count += 1
        if count == at:
            raise KeyboardInterrupt
        put(self, value)

    monkeypatch.setattr(Place, "set", counted)
    x, y = np.linspace(-1.0, 1.0, 12).reshape(4, 3), np.array([0, 1, 1, 0])
    try:
        for _ in range(2):
            step(x, y)
    except KeyboardInterrupt:
        pass
    monkeypatch.setattr(Place, "set", put)
    arrays = [*model.state_dict().values()]
    arrays += [x for entry in optimizer.state.values() for x in entry.values()]
    return count, [type(x) for x in arrays], [plain(x, y) for _ in range(3)], step


def test_an_interrupt_while_stands_come_and_go(monkeypatch):
    total, kinds, _, _ = interrupted(monkeypatch, 0)
    for at in range(1, total, 1 + total // 6):
        count, found, losses, step = interrupted(monkeypatch, at)
        assert count >= at and set(found) <= set(kinds), at
        assert all(type(x) is float for x in losses) and np.isfinite(losses).all()
        assert np.isfinite(step(np.ones((4, 3)), np.zeros(4, int)))
    assert total > 20
