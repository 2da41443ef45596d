"""The same mistake at every step of its kind."""

import numpy as np

from autograd.testing.examine.repeated import at_every_step, swaps_at_every_step
from autograd.testing.examine.rule_changes import changes_of_rules
from tests.autograd.testing.examine.graphs import kinds, normal, trial

X, U = normal(3, 4), 0.5 * normal(4, 4)


def rnn(x, U):
    h = np.zeros(4)
    for row in x:
        h = np.tanh(row + U @ h)
    return h


def backward(g, slope, operand):
    hs = [np.zeros(4)]
    for row in X:
        hs.append(np.tanh(row + U @ hs[-1]))
    dU = np.zeros((4, 4))
    for t in reversed(range(3)):
        dz = g * slope(hs[t + 1])
        dU += np.outer(dz, hs[t + operand])
        g = U.T @ dz
    return dU


def answered(slope, operand=0):
    g = trial(rnn, X, U).seeds[0]
    return trial(rnn, X, U, answer=lambda _: {"U": backward(g, slope, operand)})


def test_the_right_one_is_right():
    assert answered(lambda h: 1 - h * h).is_right("U")


def test_a_slope_left_out_in_every_turn():
    t = answered(lambda h: 1.0)
    groups = {}
    for hypothesis in changes_of_rules(t.flow):
        groups.setdefault(hypothesis.group, []).append(hypothesis)
    assert "slope missing" in kinds(at_every_step(t.flow, groups), t, "U")


def test_the_operand_of_the_next_turn():
    def products(a, b, w):
        p = np.sin(a * w)
        return np.sin(p * w)

    t = answered(lambda h: 1 - h * h)
    assert list(swaps_at_every_step(t.flow))
    a, w = normal(3), normal(3)
    forward = lambda a, w: products(a, a, w)
    g = trial(forward, a, w).seeds[0]
    p = np.sin(a * w)
    q = np.sin(p * w)
    dq = g * np.cos(p * w)
    dp = dq * w * np.cos(a * w)
    t = trial(forward, a, w, answer=lambda _: {"w": dq * q + dp * p})
    assert "wrong operand" in kinds(swaps_at_every_step(t.flow), t, "w")
