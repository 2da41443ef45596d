"""One traced call: what it changes is noted, and can be undone to the last bit."""

from types import SimpleNamespace

import numpy as np

import autograd as ag
import nn
from autograd.compile.guards.learned import Learned
from autograd.compile.guards.reach import Reach
from autograd.compile.recording.session import Session
from autograd.compile.trace.number import Number
from autograd.compile.trace.tape import Tape
from autograd.compile.trace.traced import Traced


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
