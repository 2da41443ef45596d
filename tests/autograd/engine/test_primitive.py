"""Primitives of a user's own."""

import numpy as np
import pytest

import autograd as ag

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


def test_add_to_of_a_primitive_of_ones_own():
    def rule(g, out, x, *, at):
        calls.append("rule")
        return np.eye(1, len(x), at)[0] * g

    def add_to(total, g, x, *, at):
        calls.append("add_to")
        total[at] += g

    calls = []
    pick = ag.Primitive("pick", lambda x, *, at: x[at], rule, add_to=add_to)
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    (pick(x, at=0) + 2.0 * pick(x, at=2) + 4.0 * pick(x, at=2)).backward()
    assert x.grad.tolist() == [1.0, 0.0, 6.0]
    assert calls == ["rule", "add_to", "add_to"]
