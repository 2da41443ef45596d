"""Names in the source: parameters by their modules, gradients by what they are of."""

import numpy as np

import autograd as ag
import nn


def test_names_of_a_model():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))

    def step(x, y):
        model.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        return loss

    text = ag.source(step, np.ones((5, 3)), np.array([0, 1, 1, 0, 1]))
    for name in ("W1", "b1", "W2", "b2", "dW1", "db1", "dW2", "db2", "z1", "h1", "dz1", "lse"):
        assert f" {name} = " in text or f"{name}," in text, (name, text)
    assert "loss" in text and "# backward" in text
