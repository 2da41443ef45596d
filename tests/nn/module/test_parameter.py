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


def test_a_parameter_without_a_shape_takes_one_and_stays_the_same_object():
    p = nn.UninitializedParameter(requires_grad=False, dtype=np.float32)
    assert p.shape == (0,) and p.dtype == np.float32
    with pytest.raises(ag.GraphError, match=r"before it has a shape"):
        p.data = np.zeros(0, np.float32)
    with pytest.raises(ValueError, match="shape=-1"):
        p.materialize((2, -1))
    same = p
    p.materialize((2, 3))
    assert type(p) is nn.Parameter and same is p and not p.requires_grad
    p.data = np.ones((2, 3), np.float32)
    assert p.dtype == np.float32 and not p.data.flags.writeable
