"""What is asked: inputs, leaves and their data, the order of arguments."""

import numpy as np

import autograd as ag
import nn

x, y = np.random.default_rng(0).normal(size=(6, 3)), np.array([0, 1, 1, 0, 1, 0])


def test_arguments_come_as_given_then_data_then_parameters():
    def loss(W, b, x, y):
        return nn.cross_entropy(x @ W + b, y)

    given = np.ones((3, 2)), np.zeros(2), x, y
    assert list(ag.derive(loss, *given).arguments) == ["W", "b", "x", "y"]
    layer = nn.Linear(3, 2)
    assert list(ag.derive(layer(x)).arguments) == ["x", "W", "b", "dout"]


def test_a_leaf_that_was_assigned_new_data_is_derived_as_it_was():
    w = ag.Tensor(np.ones(3), requires_grad=True)
    loss = (w * w).sum()
    w.data = np.zeros(3)
    derivation = ag.derive(loss)
    assert derivation.arguments["w"].tolist() == [1.0, 1.0, 1.0]
    assert derivation.function()(**derivation.arguments)[1].tolist() == [2.0, 2.0, 2.0]


def test_numbers_become_values_and_beside_arrays_tensors():
    assert ag.derive(lambda a, b: a * b, 2, 3.0).text.count("= 6") == 1
    assert "db = " in ag.derive(lambda a, b: (a * b).sum(), x, 3.0).text


def test_a_module_is_called():
    derivation = ag.derive(nn.Sequential(nn.Linear(3, 2), nn.Tanh()), x)
    assert list(derivation.arguments) == ["x", "W", "b", "dout"]


def test_values_of_a_graph():
    a, b = ag.Value(2.0), ag.Value(-3.0)
    d = a * b + b**2
    derivation = ag.derive(d)
    assert derivation.function()(**derivation.arguments) == (3.0, -3.0, -4.0)
