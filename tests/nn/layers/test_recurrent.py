"""Recurrent layers and cells: gates, steps, dropout between layers, messages."""

import numpy as np
import pytest

import autograd as ag
import nn

R = np.random.default_rng(5)


def test_the_gates_of_an_lstm_can_be_reached():
    lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True, forget_bias=1.0)
    for name, p in lstm.named_parameters():
        if name.startswith("bias_ih"):
            assert (p[lstm.gate("forget")] == 1.0).all() and not (p[lstm.gate("cell")] == 1.0).any()
        if name.startswith("bias_hh"):
            assert not p[lstm.gate("forget")].data.any()
    with pytest.raises(ValueError, match="one of 'input', 'forget', 'cell', 'output'"):
        lstm.gate("reset")


def test_a_layer_is_its_cell_step_by_step():
    ag.random.seed(0)
    layer, cell = nn.LSTM(3, 4), nn.LSTMCell(3, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, state = R.normal(size=(5, 2, 3)), None
    out, _ = layer(x)
    for t in range(5):
        state = cell(x[t], state)
        np.testing.assert_allclose(out[t].data, state[0].data, rtol=1e-12)


def test_dropout_between_layers_is_between_them_and_only_in_training():
    ag.random.seed(0)
    layer = nn.RNN(3, 4, num_layers=2, dropout=1.0, bias=False)
    out, _ = layer(R.normal(size=(2, 1, 3)))
    assert not out.data.any()
    assert layer.eval()(R.normal(size=(2, 1, 3)))[0].data.all()
    one, _ = nn.RNN(3, 4, dropout=1.0)(R.normal(size=(2, 1, 3)))
    assert one.data.all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.RNN(3, 4)(np.ones((5, 2))), ag.ShapeError, r"\(L, N, input_size\) or \(L, input_size\)"),
        (lambda: nn.RNN(3, 4)(np.ones((5, 2, 3)), np.ones((2, 4))), ag.ShapeError, r"shape \(2, 4\); expected \(1, 2, 4\)"),
        (lambda: nn.LSTM(3, 4)(np.ones((5, 2, 3)), (np.ones((1, 2, 4)),)), ag.ShapeError, r"expected a pair \(h, c\)"),
        (lambda: nn.RNN(3, 4)(np.ones((0, 2, 3))), ag.ShapeError, "a sequence of at least one step"),
        (lambda: nn.RNN(3, 4, nonlinearity="sigmoid"), ValueError, "one of 'tanh', 'relu'"),
        (lambda: nn.GRUCell(3, 4)(np.ones((2, 2, 3))), ag.ShapeError, r"\(N, input_size\) or \(input_size,\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_projection_shortens_the_output_and_not_the_memory():
    layer = nn.LSTM(3, 5, 2, bidirectional=True, proj_size=2)
    out, (h, c) = layer(np.ones((4, 1, 3)))
    assert out.shape == (4, 1, 4) and h.shape == (4, 1, 2) and c.shape == (4, 1, 5)
    assert layer.weight_hr_l0.shape == (2, 5) and layer.weight_hh_l0.shape == (20, 2)
    assert layer.weight_ih_l1.shape == (20, 4)
    with pytest.raises(
        ValueError, match="got proj_size=5; expected an integer of at least 0 and at"
    ):
        nn.LSTM(3, 5, proj_size=5)
