"""MLP: its layers, initializers and messages."""

import numpy as np
import pytest

import autograd as ag
import nn


def test_mlp():
    ag.random.seed(0)
    net = nn.MLP([784, 256, 128, 10], activation=nn.LeakyReLU, init=nn.init.kaiming_normal_)
    assert list(net.state_dict()) == [f"{i}.{p}" for i in (0, 2, 4) for p in ("weight", "bias")]
    assert not net[0].bias.data.any()
    assert net[0].weight.data.var() == pytest.approx(2 / 784, rel=0.02)
    x = np.random.default_rng(0).normal(size=(32, 784))
    assert net(x).shape == (32, 10)
    np.testing.assert_allclose(net(x[3]).data, net(x).data[3], rtol=1e-10, atol=1e-12)
    a = nn.MLP([3, 4], init="xavier", generator=np.random.default_rng(1))
    b = nn.MLP([3, 4], init="xavier", generator=np.random.default_rng(1))
    assert (a[0].weight.data == b[0].weight.data).all()
    for message, call in {
        "sizes=.*at least two": lambda: nn.MLP([3]),
        "got activation='swish'; expected one of relu": lambda: nn.MLP([3, 4], "swish"),
        "write nn.ReLU without parentheses": lambda: nn.MLP([3, 4], nn.ReLU()),
        "got init='he'": lambda: nn.MLP([3, 4], init="he"),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()
