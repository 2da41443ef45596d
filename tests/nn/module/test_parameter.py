"""A Parameter is a leaf Tensor that requires a gradient and that modules register."""

import numpy as np
import pytest

import autograd as ag
import nn


def test_a_parameter_is_a_leaf_that_learns():
    p = nn.Parameter([1.0, 2.0])
    assert isinstance(p, ag.Tensor) and p.requires_grad and p.op is None
    assert not nn.Parameter([1.0], requires_grad=False).requires_grad
    assert nn.Parameter([1.0], dtype=np.float32).dtype == np.float32


def test_results_of_a_parameter_are_tensors():
    assert type(nn.Parameter([1.0]) * 2.0) is ag.Tensor


def test_a_module_registers_and_names_it():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter([1.0])

    assert [name for name, _ in Net().named_parameters()] == ["scale"]


def test_integers_do_not_learn():
    with pytest.raises(ag.DTypeError):
        nn.Parameter([1, 2], dtype=int)
