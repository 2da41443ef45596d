"""Recurrent cells: the formula of one step, gates by name, and states."""

import numpy as np
import pytest

import autograd as ag
import nn

RNG = np.random.default_rng(0)
X, H, C = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 4)), RNG.normal(size=(2, 4))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def products(cell):
    w, u, b, c = (getattr(cell, name).data for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))  # fmt: skip
    return X @ w.T + b, H @ u.T + c


@pytest.mark.parametrize(("nonlinearity", "f"), [("tanh", np.tanh), ("relu", lambda x: np.maximum(x, 0))])  # fmt: skip
def test_a_step_of_an_rnn(nonlinearity, f):
    cell = nn.RNNCell(3, 4, nonlinearity=nonlinearity)
    np.testing.assert_allclose(cell(X, H).data, f(sum(products(cell))))


def test_a_step_of_an_lstm():
    cell = nn.LSTMCell(3, 4)
    i, f, g, o = np.split(sum(products(cell)), 4, axis=-1)
    memory = sigmoid(f) * C + sigmoid(i) * np.tanh(g)
    h, c = cell(X, (H, C))
    np.testing.assert_allclose(c.data, memory)
    np.testing.assert_allclose(h.data, sigmoid(o) * np.tanh(memory))


def test_a_step_of_a_gru():
    cell = nn.GRUCell(3, 4)
    (rx, zx, nx), (rh, zh, nh) = (np.split(t, 3, axis=-1) for t in products(cell))
    z, n = sigmoid(zx + zh), np.tanh(nx + sigmoid(rx + rh) * nh)
    np.testing.assert_allclose(cell(X, H).data, (1 - z) * n + z * H)


@pytest.mark.parametrize(("layer", "cell"), [(nn.RNN, nn.RNNCell), (nn.LSTM, nn.LSTMCell), (nn.GRU, nn.GRUCell)])  # fmt: skip
def test_a_layer_and_its_cell_share_their_step(layer, cell):
    assert layer._step is cell._step and layer.GATES == cell.GATES


def test_gates_and_the_forget_bias():
    cell = nn.LSTMCell(3, 4, forget_bias=1.0)
    total = cell.bias_ih.data + cell.bias_hh.data
    assert (total[cell.gate("forget")] == 1.0).all() and not (total[cell.gate("cell")] == 1.0).any()
    with pytest.raises(ValueError, match=r"LSTMCell\.gate: got name='reset'"):
        cell.gate("reset")


def test_messages():
    with pytest.raises(ag.ShapeError, match=r"LSTMCell: got a state of 1 array; expected a pair"):
        nn.LSTMCell(3, 4)(X, (H,))
    with pytest.raises(ag.ShapeError, match=r"an initial state of shape \(2, 3\)"):
        nn.GRUCell(3, 4)(X, X)
