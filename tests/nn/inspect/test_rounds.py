"""`diagnose` finds a program that keeps its graphs, and no other."""

import gc
import weakref

import numpy as np
import pytest

import nn
from nn.inspect.rounds import Rounds


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
        "that was computed in them is kept, such as the loss or a state that is handed on. Remedy: "
        "keep loss.item(), or output.detach() for an array or a state."
    )


@pytest.mark.parametrize("calls", [1, 4])
@pytest.mark.parametrize("steps", [3, 5, 12])
@pytest.mark.parametrize("keep", NOT_KEEPING)
def test_arrays_and_numbers_may_be_kept(keep, steps, calls):
    """Nor does what a diagnosis holds itself count, such as the losses of its first passes."""
    assert findings(steps, keep, calls) == []


@pytest.mark.parametrize("keep", KEEPING)
def test_two_steps_say_nothing(keep):
    assert findings(2, keep, 4) == []


def test_three_steps_are_enough():
    [finding] = findings(3, KEEPING[0])
    assert finding.numbers == {"kept": 1, "steps": 1}


def test_several_passes_of_one_step_are_one_round():
    """The losses of one step are variables of the loop, however many they are."""
    model = nn.Linear(3, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    with nn.diagnose(model, optimizer) as report:
        losses = [(model(np.full((2, 3), k)) ** 2).mean() for k in (1.0, 2.0, 3.0, 4.0)]
        for loss in losses:
            loss.backward()
        optimizer.step()
    assert "graphs are kept" not in [f.kind for f in report.findings]


def test_two_models_in_turn():
    first, second = nn.Linear(3, 3), nn.Linear(3, 1)
    optimizers = [nn.optim.SGD(model.parameters(), lr=0.01) for model in (first, second)]
    for keep in (True, False):
        losses = []
        with nn.diagnose({"first": first, "second": second}, optimizers) as report:
            for _ in range(6):
                for optimizer in optimizers:
                    optimizer.zero_grad()
                    loss = (second(first(np.ones((2, 3)))) ** 2).mean()
                    loss.backward()
                    optimizer.step()
                    losses.append(loss if keep else loss.item())
        assert ("graphs are kept" in [f.kind for f in report.findings]) is keep


def test_a_graph_in_a_cycle_that_nobody_keeps_is_garbage():
    model = nn.Linear(3, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    gc.disable()
    try:
        with nn.diagnose(model, optimizer) as report:
            for _ in range(5):
                optimizer.zero_grad()
                cycle = [(model(np.ones((2, 3))) ** 2).mean()]
                cycle.append(cycle)
                cycle[0].backward()
                optimizer.step()
        assert "graphs are kept" not in [f.kind for f in report.findings]
    finally:
        gc.enable()


def test_rounds():
    rounds = Rounds()
    w = nn.Parameter(np.ones(3))
    outputs = []
    for step in range(4):
        outputs.append(w * float(step))
        rounds.see(outputs[-1])
        rounds.see(3.0)
        rounds.see(outputs[-1].detach())
        rounds.differentiate(step)
        rounds.differentiate(step)
    assert [len(x) for x in rounds.outputs.values()] == [1, 1, 1, 1] and rounds.kept() == (2, 2)
    outputs[0] = None
    assert rounds.kept() == (1, 2) and rounds.findings() == []
    outputs.clear()
    assert rounds.kept() == (0, 2)


def test_a_dead_proxy_of_the_program_is_left_alone():
    rounds, outputs = Rounds(), [nn.Parameter(np.ones(3)) * 2.0 for _ in range(3)]
    for step, output in enumerate(outputs):
        rounds.see(output)
        rounds.differentiate(step)
    dead = weakref.proxy(Rounds())
    assert rounds.kept() == (1, 1)
    with pytest.raises(ReferenceError):
        isinstance(dead, nn.Parameter)


@pytest.mark.parametrize("cut", [True, False])
def test_a_state_that_is_handed_on(cut):
    cell, head = nn.GRUCell(2, 4), nn.Linear(4, 2)
    model = nn.ModuleDict({"cell": cell, "head": head})

    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)

    def train(steps=8):
        state = np.zeros((3, 4))
        for _ in range(steps):
            state = cell(np.ones((3, 2)), state)
            optimizer.zero_grad()
            nn.cross_entropy(head(state), [0, 1, 0]).backward()
            optimizer.step()
            state = state.detach() if cut else state

    with nn.diagnose(model) as report:
        train()
    assert ("graphs are kept" in [f.kind for f in report.findings]) is not cut
