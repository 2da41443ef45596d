"""Modes come back after a block, also after an error."""

import pytest

import nn
from nn.training.modes import restored_modes


def test_each_module_gets_its_own_mode_back():
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout().eval())
    with restored_modes(model):
        model.eval()
    assert [module.training for module in model.modules()] == [True, True, False]


def test_modes_come_back_after_an_error():
    model = nn.Dropout()
    with pytest.raises(RuntimeError), restored_modes(model):
        model.eval()
        raise RuntimeError
    assert model.training
