"""An optimizer of one's own may subtract the gradient itself, or an array that it keeps."""

import numpy as np
import pytest

import nn


class Steepest(nn.optim.Optimizer):
    def _step(self, p, g, state, group):
        return g


class Repeating(nn.optim.Optimizer):
    def _step(self, p, g, state, group):
        state["first"] = state.get("first", 0.5 * g)
        return state["first"]


@pytest.mark.parametrize("kind", [Steepest, Repeating])
def test_what_is_subtracted_is_not_written_to(kind):
    p = nn.Parameter([1.0, 2.0])
    optimizer = kind([p])
    for _ in range(2):
        p.grad = np.array([2.0, 4.0])
        optimizer.step()
        assert p.grad.tolist() == [2.0, 4.0]
    assert p.tolist() == ([-3.0, -6.0] if kind is Steepest else [-1.0, -2.0])
