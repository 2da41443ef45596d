"""State whose graph grows from step to step is noticed; state within a step is not."""

import copy
import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from nn.module import growth

X = np.arange(12.0).reshape(4, 3) / 10.0


class Averaging(nn.Module):
    """A layer with a running mean, kept as its argument says."""

    def __init__(self, keep, buffer):
        super().__init__()
        self.weight, self.keep = nn.Parameter(np.ones(3)), keep
        if buffer:
            self.register_buffer("mean", np.zeros(3))
        else:
            self.mean = np.zeros(3)

    def forward(self, x):
        h = x * self.weight
        self.mean = self.keep(self.mean * 0.9 + h.mean(axis=0) * 0.1)
        return h


def train(model, steps):
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        (model(X) ** 2).mean().backward()
        optimizer.step()


@pytest.mark.parametrize("buffer", [True, False])
def test_a_running_mean_with_a_graph_is_noticed_once(buffer):
    model = Averaging(lambda x: x, buffer)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        train(model, 2 * growth.FIRST)
    [warning] = [w for w in caught if "Averaging" in str(w.message)]
    assert warning.filename == __file__
    assert str(warning.message) == (
        "Averaging: got 'mean' computed from its value in earlier steps, so its graph grows with "
        "each step; expected a value without a graph; write self.mean = value.detach()"
    )


@pytest.mark.parametrize("buffer", [True, False])
@pytest.mark.parametrize(
    "keep", [lambda x: x.detach(), ag.data_of, lambda x: x.numpy(), ag.stop_gradient]
)
def test_a_running_mean_without_one_is_not(buffer, keep):
    train(Averaging(keep, buffer), 3 * growth.FIRST)


class Remembering(nn.Module):
    """Keeps its last output, whose graph is new in each step."""

    def __init__(self):
        super().__init__()
        self.weight, self.last = nn.Parameter(np.ones(3)), None

    def forward(self, x):
        self.last = x * self.weight
        self.last = self.last
        return self.last


class Recurrent(nn.Module):
    """Keeps a hidden state in an attribute, through a long sequence within one step."""

    def __init__(self):
        super().__init__()
        self.cell, self.state = nn.Linear(3, 3), None

    def forward(self, x):
        self.state = x
        for _ in range(3 * growth.FIRST):
            self.state = ag.tanh(self.cell(self.state))
        return self.state


@pytest.mark.parametrize("make", [Remembering, Recurrent])
def test_results_of_one_step_are_not_noticed(make):
    train(make(), 5 * growth.FIRST if make is Remembering else 3)


def test_one_call_for_each_element_of_a_sequence_is_not_noticed():
    model = Averaging(lambda x: x, False)
    for _ in range(3):
        model.mean = np.zeros(3)
        for _ in range(2 * growth.FIRST):
            model(X)
        model.mean.sum().backward()


def test_counting_begins_again_where_a_value_without_a_graph_is_assigned():
    model = Averaging(lambda x: x, False)
    for _ in range(3):
        model.mean = np.zeros(3)
        train(model, growth.FIRST - 1)


def test_counts_are_those_of_one_module():
    model = Averaging(lambda x: x, False)
    train(model, 3)
    model.mean = model.mean.detach()
    other = copy.deepcopy(model)
    assert model._results == other._results == {"mean": 3} and nn.Module._results == {}
    train(other, 2)
    assert (model._results, other._results) == ({"mean": 3}, {"mean": 2})
