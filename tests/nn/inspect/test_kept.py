"""A model comes back as it was: parameters, gradients, buffers, modes and randomness."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.kept import kept


def everything(model):
    arrays = [*model.state_dict().values(), *(p.grad for p in model.parameters())]
    modes = [m.training for m in model.modules()]
    return (
        [None if a is None else np.array(a) for a in arrays],
        modes,
        ag.random.generator().bit_generator.state,
    )


def assert_equal(a, b):
    assert a[1:] == b[1:]
    for x, y in zip(a[0], b[0], strict=True):
        assert (x is None) == (y is None) and (x is None or np.array_equal(x, y))


@pytest.fixture
def model():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    model(np.ones((5, 3))).sum().backward()
    model[3].bias.grad = None
    model[1].eval()
    return model


def train(model):
    model.train()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(3):
        nn.functional.mse_loss(
            model(np.random.default_rng(0).normal(size=(8, 3))), np.ones((8, 1))
        ).backward()
        optimizer.step()


def test_everything_comes_back(model):
    before = everything(model)
    with kept(model):
        train(model)
        model[0].requires_grad_(False)
    assert_equal(everything(model), before)
    assert model[0].weight.requires_grad


def test_after_an_error_too_and_in_between(model):
    before = everything(model)
    with pytest.raises(KeyError), kept(model) as state:
        train(model)
        state.restore()
        assert np.array_equal(model[0].weight.data, before[0][0])
        raise KeyError
    assert_equal(everything(model), before)


def test_randomness_alone_is_rewound(model):
    with kept(model) as state:
        first = model(np.ones((5, 3))).data
        state.rewind()
        assert np.array_equal(model(np.ones((5, 3))).data, first)


class Stateful(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.source = nn.Linear(3, 1), np.random.default_rng(0)
        self.calls, self.mean, self.seen = 0, np.zeros(3), []

    def forward(self, x):
        self.calls += 1
        self.mean += x.mean(axis=0)
        self.seen.append(len(x))
        self.last = x
        noise = self.source.normal() + np.random.normal() + outside.normal()  # noqa: NPY002
        return self.layer(x) + noise


outside = np.random.default_rng(1)


def test_attributes_and_generators_come_back():
    model, x = Stateful(), np.ones((2, 3))
    states = model.source.bit_generator.state, outside.bit_generator.state
    with kept(model) as state:
        first = model(x).data
        state.rewind()
        assert np.array_equal(model(x).data, first) and model.calls == 2
    assert (model.calls, model.mean.tolist(), model.seen) == (0, [0.0, 0.0, 0.0], [])
    assert not hasattr(model, "last")
    assert (model.source.bit_generator.state, outside.bit_generator.state) == states


def test_a_loss_with_attributes_comes_back():
    class Counting:
        calls = 0

        def __call__(self, out, y):
            self.calls += 1
            return nn.functional.mse_loss(out, y)

    loss = Counting()
    with kept(nn.Linear(3, 1), loss):
        loss(ag.Tensor([1.0]), np.ones(1))
    assert loss.calls == 0
