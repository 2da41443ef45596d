"""State that keeps a graph: warned of when it grows, and only then."""

import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from nn.module.growth import NEAREST

x = np.random.default_rng(0).normal(size=(6, 3))


class Running(nn.Module):
    """A batch normalization as interviews ask for it, on Tensors."""

    def __init__(self, buffer=False, keep=lambda mean: mean):
        super().__init__()
        self.weight, self.keep = nn.Parameter(np.ones(3)), keep
        if buffer:
            self.register_buffer("running_mean", np.zeros(3))
        else:
            self.running_mean = np.zeros(3)

    def forward(self, x):
        mean = (x * self.weight).mean(axis=0)
        self.running_mean = self.keep(0.9 * self.running_mean + 0.1 * mean)
        return x - mean


@pytest.mark.parametrize("buffer", [False, True])
def test_a_growing_graph_is_warned_of_at_the_line(buffer):
    layer = Running(buffer)
    layer(x)  # computed from numbers: the next call is the first to keep a graph
    with pytest.warns(UserWarning, match=r"Running\.running_mean: got a node computed") as caught:
        layer(x)
    assert "ag.stop_gradient" in str(caught[0].message)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("keep", [ag.stop_gradient, lambda mean: mean.detach()])
def test_numbers_are_fine(keep):
    layer = Running(keep=keep)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            layer(x)


def test_so_is_what_is_computed_anew():
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.output = nn.Parameter(np.ones(3)), None

        def forward(self, x):
            self.output = x * self.weight
            self.output = self.output
            return self.output

    layer = Last()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            layer(x)
        with ag.no_grad():
            layer(x)


def test_the_search_ends():
    """A value far away is not looked for: the walk is bounded, as an assignment must be fast."""
    layer = Running()
    layer(x)
    y = layer.running_mean
    for _ in range(NEAREST):
        y = y + 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer.running_mean = y
