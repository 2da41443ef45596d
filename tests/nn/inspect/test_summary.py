"""The summary of a model: outputs, parameters and multiply-adds, counted and not estimated."""

import numpy as np
import pytest

import nn


def rows(model, *args, **kwargs):
    return {row.path: row for row in nn.summary(model, *args, **kwargs).rows}


def test_counts_of_a_linear_layer():
    found = nn.summary(nn.Linear(64, 32), (1, 64))
    assert (found.multiply_adds, found.parameters, found.parameter_bytes) == (2048, 2080, 2080 * 8)


def test_counts_of_a_convolution():
    conv = rows(nn.Conv2d(3, 8, 5, stride=2, padding=2), (2, 3, 28, 28))[""]
    assert conv.multiply_adds == 2 * 14 * 14 * 8 * 3 * 25 and conv.output == (2, 8, 14, 14)


def test_counts_of_a_depthwise_convolution():
    depthwise = rows(nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), (1, 8, 10, 10))[""]
    assert depthwise.multiply_adds == 8 * 9 * 100 and depthwise.parameters == 72


def test_counts_of_a_transformer_layer():
    attention = rows(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (1, 5, 8))
    assert attention["self_attn"].multiply_adds == 4 * 5 * 64 + 2 * 5 * 5 * 8
    assert attention["linear1"].multiply_adds == 5 * 8 * 16


def test_counts_and_outputs_of_an_lstm():
    lstm = rows(nn.LSTM(3, 4), (6, 2, 3))[""]
    assert lstm.output == ((6, 2, 4), ((1, 2, 4), (1, 2, 4)))
    assert lstm.multiply_adds == 6 * 2 * (3 + 4) * 16


def test_nested_shared_frozen_and_unused_modules():
    shared = nn.Linear(4, 4)
    model = nn.Sequential(shared, nn.Sequential(shared, nn.ReLU()), nn.Linear(4, 2))
    model.requires_grad_(False)
    model.unused = nn.Linear(7, 7)
    model.forward = lambda x: model[2](model[1](model[0](x)))
    found = rows(model, (3, 4))
    assert found["0"].multiply_adds + found["1"].multiply_adds == 2 * 3 * 16
    assert found[""].frozen == 30 and found["2"].frozen == 10 and found["unused"].output is None
    assert not shared.weight.requires_grad and shared.training
    assert "frozen" in str(nn.summary(model, (3, 4)))
    assert not model._forward_hooks


def test_several_inputs():
    bilinear = nn.summary(nn.Bilinear(2, 3, 4), [(5, 2), (5, 3)])
    assert bilinear.rows[0].output == (5, 4)


def test_inputs_of_integers():
    tokens = nn.summary(nn.Sequential(nn.Embedding(9, 4), nn.Dropout(0.9)), (2, 3), dtypes=int)
    assert tokens.rows[0].output == (2, 3, 4) and tokens.parameters == 36


def test_modes_and_running_statistics_are_kept():
    model = nn.Sequential(nn.BatchNorm1d(3).eval(), nn.Dropout())
    before = model[0].running_mean
    nn.summary(model, (1, 3))
    assert model.training and not model[0].training and model[0].running_mean is before


def test_the_table_can_be_read():
    text = str(nn.summary(nn.MLP([784, 256, 10]), (32, 784))).splitlines()
    assert text[0].split() == ["layer", "output", "parameters", "multiply-adds"]
    assert text[3].split() == ["0:", "Linear", "(32,", "256)", "200,960", "6,422,528"]
    assert text[-1] == "203,530 parameters (1.6 MB); 6,504,448 multiply-adds"
    assert len({len(line) for line in text[1:2] + text[-2:-1]}) == 1


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match="summary: got a function; expected a module"):
        nn.summary(lambda x: x, (1,))


def test_an_error_of_the_model_leaves_no_hooks():
    model = nn.Linear(3, 1)
    with pytest.raises(ValueError, match="in_features = 3"):
        nn.summary(model, (1, 4))
    assert not model._forward_hooks and model(np.ones(3)).requires_grad


def test_a_notebook_shows_a_table():
    shown = nn.summary(nn.Sequential(nn.Linear(64, 32), nn.ReLU()), (1, 64))._repr_html_()
    assert "2,080 parameters" in shown and "0: Linear" in shown.replace("\u00a0", " ")
