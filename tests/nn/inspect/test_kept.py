"""`diagnose` finds a program that keeps its graphs, and no other."""

import numpy as np
import pytest

import nn
from nn.inspect.kept import Rounds


def findings(steps, keep, calls=1):
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer, kept = nn.optim.SGD(model.parameters(), lr=0.01), []
    x = np.random.default_rng(0).normal(size=(8, 3))
    with nn.diagnose(model) as report:
        for _ in range(steps):
            optimizer.zero_grad()
            outputs = [model(x) for _ in range(calls)]
            loss = sum((out**2).mean() for out in outputs)
            loss.backward()
            optimizer.step()
            kept.append(keep(outputs[-1], loss))
    return [f for f in report.findings if f.kind == "graphs are kept"]


KEEPING = [lambda out, loss: loss, lambda out, loss: out, lambda out, loss: out * 2.0]
NOT_KEEPING = [
    lambda out, loss: None,
    lambda out, loss: loss.item(),
    lambda out, loss: loss.data,
    lambda out, loss: out.detach(),
    lambda out, loss: out.data,
    lambda out, loss: out.numpy(),
]


@pytest.mark.parametrize("calls", [1, 4])
@pytest.mark.parametrize("keep", KEEPING)
def test_kept_graphs_are_found(keep, calls):
    [finding] = findings(5, keep, calls)
    assert finding.numbers == {"kept": 3, "steps": 3}
    assert str(finding) == (
        "graphs are kept: the graphs of 3 of 3 earlier steps are still in memory, because something "
        "that was computed in them is kept, such as the loss. Remedy: keep loss.item(), or "
        "output.detach() for an array."
    )


@pytest.mark.parametrize("calls", [1, 4])
@pytest.mark.parametrize("keep", NOT_KEEPING)
def test_arrays_and_numbers_may_be_kept(keep, calls):
    assert findings(5, keep, calls) == []


@pytest.mark.parametrize("keep", KEEPING)
def test_two_steps_say_nothing(keep):
    assert findings(2, keep, 4) == []


def test_rounds():
    rounds = Rounds()
    w = nn.Parameter(np.ones(3))
    outputs = []
    for k in range(4):
        rounds.begin()
        outputs.append(w * float(k))
        rounds.see(outputs[-1])
        rounds.see(3.0)
        rounds.see(outputs[-1].detach())
        rounds.was_differentiated = True
    assert [len(x) for x in rounds.outputs] == [1, 1, 1, 1] and rounds.kept() == (2, 2)
    outputs[0] = None
    assert rounds.kept() == (1, 2)
    outputs.clear()
    assert rounds.kept() == (0, 2)
