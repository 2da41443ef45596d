"""Lists that a step appends to: a history goes on growing, and one that is read stays exact."""

from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.api import compile as compiled
from tests.autograd.compile.building import the_same

X = np.linspace(-1.0, 2.0, 6).reshape(2, 3)


def on_a_list(body, make=list):
    """What a step does to a history, eagerly and compiled; the compiled step."""
    plain, ours = make(), make()
    step = compiled(lambda x: body(ours, x))
    for k in range(8):
        assert the_same(body(plain, X + k), step(X + k)), k
        assert repr(plain) == repr(ours), (k, plain, ours)
    return step


def named():
    return {"loss": [], "count": 0}


def grown(h, x):
    h["loss"].append(x.sum().item())
    h["count"] += 1
    return x * 2.0


APPENDED = {
    "a number": (lambda h, x: (h.append(float(x.sum())), x * 1.0)[1], list),
    "an item": (lambda h, x: (h.append(x.sum().item()), x * 1.0)[1], list),
    "an array": (lambda h, x: (h.append(x * 3.0), x * 1.0)[1], list),
    "a constant": (lambda h, x: (h.append("call"), x * 1.0)[1], list),
    "a tuple": (lambda h, x: (h.append((x.sum(), {"a": x[0]})), x * 1.0)[1], list),
    "several": (lambda h, x: (h.extend([x.sum(), x.max()]), h.append(0), x * 1.0)[2], list),
    "in a dictionary": (grown, named),
    "made by the first call": (
        lambda h, x: (h.setdefault("loss", []).append(x.min().item()), x * 1.0)[1],
        dict,
    ),
    "an attribute": (
        lambda h, x: (h.seen.append(x.mean()), x * 1.0)[1],
        lambda: SimpleNamespace(seen=[]),
    ),
}


@pytest.mark.parametrize("name", APPENDED)
def test_what_is_appended(name):
    body, make = APPENDED[name]
    step = on_a_list(body, make)
    assert "8 calls, 2 of them eager" in step.report(), step.report()


READ = {
    "a mean": lambda h, x: (h.append(x.sum()), x * np.mean(h))[1],
    "a length": lambda h, x: (h.append(x.sum()), x * len(h))[1],
    "the last": lambda h, x: (h.append(x.sum()), x * h[-1])[1],
    "its text": lambda h, x: (h.append(1), x * len(str(h)))[1],
    "a sorted copy": lambda h, x: (h.append(x.sum()), x * sum(h.copy()))[1],
    "a sum": lambda h, x: (h.append(x.sum()), x * sum(h))[1],
    "another list": lambda h, x: (h.append(1), x * len(h * 2))[1],
    "a slice": lambda h, x: (h.append(1), h.__delitem__(slice(0, len(h) // 3)), x * len(h))[2],
    "its truth": lambda h, x: (h.append(1), x if h else -x)[1],
    "popping": lambda h, x: (h.append(x.sum()), x * h.pop())[1],
    "equality": lambda h, x: (h.append(1), x if h == [1] else -x)[1],
    "in an array": lambda h, x: (h.append(1.0), np.array(h).sum() * x)[1],
}


@pytest.mark.parametrize("name", READ)
def test_a_list_that_is_read(name):
    on_a_list(READ[name])


def test_the_report_says_which_list_is_read():
    history = []

    @compiled
    def step(x):
        history.append(x.sum())
        return x * len(history)

    for k in range(5):
        assert the_same(step(X), X * (k + 1))
    assert "the step reads history, to which it appends" in step.report()


def test_between_calls_the_list_may_change():
    history = []

    @compiled
    def step(x):
        history.append(x.sum())
        return x * 1.0

    for k in range(12):
        step(X + k)
        if k == 5:
            history.clear()
        if k == 8:
            history.insert(0, "first")
    assert history == ["first", *[(X + k).sum() for k in range(6, 12)]]
    assert "12 calls, 2 of them eager" in step.report()


def test_a_list_as_an_argument():
    def step(x, log):
        log.append(x.sum())
        return x * 1.0

    step = compiled(step)
    for k in range(8):
        log = [k]
        step(X, log)
        assert log == [k, X.sum()]
    assert step.programs, step.report()


def test_a_tensor_with_its_graph_keeps_the_step_eager():
    w, kept = nn.Parameter(np.ones(3)), []

    def step(x):
        kept.append((w * x).sum())
        return x * 1.0

    step = compiled(step)
    for k in range(6):
        step(X + k)
    assert len(kept) == 6 and not step.programs
    kept[-1].backward()
    assert the_same(w.grad, (X + 5).sum(axis=0))
    assert "appends a Tensor with its graph to kept" in step.report()


def test_a_step_that_fails_appends_as_eager_does():
    history = []

    @compiled
    def step(x):
        history.append(x.sum())
        if x[0] > 5:
            raise KeyError
        return ag.exp(x)

    for k in range(9):
        try:
            step(np.full(2, float(k)))
        except KeyError:
            assert k > 5
    assert history == [2.0 * k for k in range(9)]
