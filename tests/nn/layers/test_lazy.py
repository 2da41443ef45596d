"""Layers that learn the size of their input: they are the ordinary layers after the first call."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import ShapeError
from nn import UninitializedParameter

# name: (arguments without the size, the shape of an input, the size)
LAYERS = {
    "Linear": ((4,), (5, 3), 3),
    "Conv1d": ((4, 3, 2, 1, 1, 2), (5, 6, 8), 6),
    "Conv2d": ((4, 3), (3, 5, 5), 3),
    "Conv3d": ((2, 2), (5, 3, 3, 3, 3), 3),
    "ConvTranspose1d": ((4, 3), (5, 2, 4), 2),
    "ConvTranspose2d": ((4, 3, 2), (5, 2, 4, 4), 2),
    "ConvTranspose3d": ((2, 2), (3, 2, 2, 2), 3),
    "BatchNorm1d": ((), (5, 3), 3),
    "BatchNorm2d": ((1e-3, None), (5, 3, 2, 2), 3),
    "BatchNorm3d": ((), (5, 3, 2, 2, 2), 3),
    "InstanceNorm1d": ((1e-3, 0.1), (5, 3, 4), 3),
    "InstanceNorm2d": ((), (3, 4, 4), 3),
    "InstanceNorm3d": ((1e-3, None), (5, 3, 2, 2, 2), 3),
}


def both(name):
    (arguments, shape, size), options = LAYERS[name], {}
    if name.startswith("Instance"):
        options = {"affine": True, "track_running_stats": True}
    lazy = getattr(nn, f"Lazy{name}")(*arguments)
    ordinary = getattr(nn, name)(size, *arguments, **options)
    return lazy, ordinary, np.random.default_rng(3).normal(size=shape)


@pytest.mark.parametrize("name", LAYERS)
def test_the_first_call_makes_the_ordinary_layer(name):
    ag.random.seed(0)
    lazy, ordinary, x = both(name)
    ag.random.seed(0)  # the ordinary layer has drawn its parameters, the lazy one draws them below
    assert isinstance(lazy, type(ordinary)) and type(lazy) is not type(ordinary)
    assert all(type(p) is UninitializedParameter for p in lazy.parameters())
    out = lazy(x)
    assert type(lazy) is type(ordinary)
    np.testing.assert_array_equal(ag.data_of(out), ag.data_of(ordinary(x)))
    state, wanted = lazy.state_dict(), ordinary.state_dict()
    assert list(state) == list(wanted)
    for key in state:
        np.testing.assert_array_equal(state[key], wanted[key])
    # What remains is the same too: no trace of how it began.
    assert set(vars(lazy)) == set(vars(ordinary)) and repr(lazy) == repr(ordinary)
    assert [p.name for p in lazy.parameters()] == [p.name for p in ordinary.parameters()]


@pytest.mark.parametrize("name", LAYERS)
def test_the_signature_lacks_the_size(name):
    ours = inspect.signature(getattr(nn, f"Lazy{name}")).parameters
    theirs = inspect.signature(getattr(nn, name)).parameters
    assert list(ours) == list(theirs)[1:]


def model():
    return nn.Sequential(
        nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3)
    )


X, Y = np.random.default_rng(0).normal(size=(6, 1, 5, 5)), np.arange(6) % 3


@pytest.mark.parametrize("compiled", [False, True])
def test_an_optimizer_that_came_first_trains_what_the_call_makes(compiled):
    ag.random.seed(0)
    net = model()
    before = list(net.parameters())
    optimizer = nn.optim.Adam(before, lr=0.05)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    run = ag.compile(step) if compiled else step
    losses = [run(X, Y) for _ in range(30)]
    assert losses[-1] < 0.05 < losses[0]
    assert all(p is q for p, q in zip(before, net.parameters(), strict=True))
    assert not compiled or run.programs


def test_precision_and_frozen_parameters_last():
    net = model().float().requires_grad_(False)
    net(X.astype(np.float32))
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float32)}
    assert net[1].running_mean.dtype == np.float32
    assert not any(p.requires_grad for p in net.parameters())


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_is_as_lazy_as_the_original(copied):
    net = model()
    other = copied(net)
    net(X)
    assert type(other[4]) is nn.LazyLinear and type(other[4].weight) is UninitializedParameter
    assert other(X).shape == (6, 3) and type(copied(other)[4]) is nn.Linear


def test_a_saved_state_gives_the_shapes():
    net, lazy = model(), model()
    net(X)
    assert lazy.load_state_dict(net.state_dict()).missing_keys == []
    assert lazy[4].weight.shape == (3, 36) and type(lazy[4]) is nn.LazyLinear
    np.testing.assert_array_equal(lazy.eval()(X).data, net.eval()(X).data)
    assert type(lazy[4]) is nn.Linear and lazy[4].in_features == 36


def test_an_input_that_does_not_fit_a_loaded_state_changes_nothing():
    lazy = nn.LazyLinear(3)
    lazy.load_state_dict({"weight": np.ones((3, 5)), "bias": np.ones(3)})
    with pytest.raises(ShapeError, match=r"an input of shape \(4,\) and a loaded weight of shape"):
        lazy(np.ones(4))
    assert lazy(np.ones(5)).tolist() == [6.0, 6.0, 6.0]


def test_a_new_initialization_before_the_first_call_is_refused_and_a_reset_waits():
    lazy = nn.LazyLinear(3)
    lazy.reset_parameters()
    with pytest.raises(ag.GraphError, match="before it has a shape; call the model once"):
        nn.init.zeros_(lazy.weight)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: nn.LazyLinear(), TypeError, "LazyLinear: missing a required argument"),
        (lambda: nn.LazyLinear(2, generator="x"), TypeError, "generator='x'"),
        (lambda: nn.LazyLinear(2.5), ValueError, "out_features=2.5"),
        (lambda: nn.LazyConv2d(3, 2, groups=2), ValueError, "groups=2"),
        (lambda: nn.LazyConv2d(3, 2, groups="two"), ValueError, "groups='two'"),
        (lambda: nn.LazyLinear(2)(1.0), ShapeError, r"shape \(\); expected at least 1 axis"),
        (lambda: nn.LazyConv1d(2, 2)(np.ones(3)), ShapeError, "expected 2 or 3 axes"),
        (lambda: nn.LazyConv1d(2, 2, groups=2)(np.ones((3, 4))), ValueError, "in_channels = 3"),
        (lambda: nn.LazyBatchNorm1d()(np.ones(3)), ShapeError, "expected 2 or 3 axes"),
    ],
)
def test_errors(make, error, text):
    with pytest.raises(error, match=text):
        make()
