"""Containers, hooks, conversions, and initializers by their variances."""

import copy
import math
import pickle

import numpy as np
import pytest

import autograd as ag
import nn
from nn import init


def double(module, inputs, out):
    return out * 2.0


def test_hooks_see_and_replace_inputs_and_outputs_until_they_are_removed():
    layer, seen = nn.ReLU(), []
    first = layer.register_forward_pre_hook(lambda m, inputs: seen.append(inputs[0].shape))
    second = layer.register_forward_hook(double)
    assert layer(np.array([-1.0, 3.0])).tolist() == [0.0, 6.0] and seen == [(2,)]
    second.remove()
    second.remove()
    assert layer(np.array([3.0])).tolist() == [3.0]
    with layer.register_forward_pre_hook(lambda m, inputs: (inputs[0] + 1.0,)):
        assert layer(np.array([3.0])).tolist() == [4.0]
    first.remove()
    assert layer(np.array([3.0])).tolist() == [3.0] and len(seen) == 3


def test_apply_visits_children_first():
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "ReLU", "Sequential", "Sequential"]


def test_conversion_of_parameters_gradients_and_floating_buffers():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    net(np.ones((4, 3)) * np.arange(4.0)[:, None]).sum().backward()
    assert net.float() is net
    assert {p.dtype for p in net.parameters()} == {p.grad.dtype for p in net.parameters()} == {np.dtype("float32")}  # fmt: skip
    assert net[1].running_mean.dtype == np.float32 and net[1].num_batches_tracked.dtype == np.int64
    assert net.double()[0].weight.dtype == np.float64
    with pytest.raises(ag.DTypeError, match="astype of Sequential: got dtype int64"):
        net.astype(int)


def test_buffers_that_are_not_saved():
    net = nn.Identity()
    net.register_buffer("mask", [1.0], persistent=False)
    net.register_buffer("mean", [1.0])
    net.mask = [2.0]
    assert list(net.state_dict()) == ["mean"] and len(list(net.buffers())) == 2
    net.register_buffer("mask", [1.0])
    assert list(net.state_dict()) == ["mask", "mean"]


def test_paths_and_what_is_one_modules_own():
    net = nn.Sequential({"a": nn.Sequential(nn.Linear(1, 1)), "b": nn.PReLU()})
    assert net.get_submodule("a.0") is net.a[0] and net.get_submodule("") is net
    assert list(net.parameters(recurse=False)) == []
    assert [n for n, _ in net.b.named_parameters(recurse=False)] == ["weight"]
    with pytest.raises(AttributeError, match=r"the path 'a\.1\.c'.*'1' is missing"):
        net.get_submodule("a.1.c")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([nn.Linear(1, 1)], r"got a list of Modules as 'layers'.*use nn\.ModuleList"),
        ((nn.Linear(1, 1),), r"a tuple of Modules.*use nn\.ModuleList"),
        ({"a": nn.Linear(1, 1)}, r"a dict of Modules.*use nn\.ModuleDict"),
        ([1, nn.Parameter([1.0])], r"a list of Parameters.*use nn\.ParameterList"),
        ({"a": nn.Parameter([1.0])}, "a dict of Parameters.*an attribute for each"),
    ],
)
def test_parts_hidden_in_plain_containers_are_refused(value, message):
    net = nn.Identity()
    with pytest.raises(TypeError, match=message):
        net.layers = value
    net.sizes = [1, 2]
    assert net.sizes == [1, 2]


def test_module_list_and_dict():
    layers = nn.ModuleList([nn.Linear(1, 2), nn.ReLU()])
    layers.append(nn.Linear(2, 3))
    layers.insert(1, nn.Tanh())
    assert [type(m).__name__ for m in layers] == ["Linear", "Tanh", "ReLU", "Linear"]
    layers[1] = nn.GELU()
    del layers[2]
    assert list(layers.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert isinstance(layers[:2], nn.ModuleList) and layers[-1].out_features == 3
    heads = nn.ModuleDict({"x": nn.Linear(1, 1)})
    heads["y"] = nn.ReLU()
    assert list(heads.keys()) == ["x", "y"] and heads["y"] in list(heads.values())
    assert dict(heads.items())["x"] is heads.x
    del heads["x"]
    assert len(heads) == 1 and "x" not in heads
    weights = nn.ParameterList([np.ones(2), ag.Tensor([1.0])])
    weights.append(nn.Parameter([2.0]))
    assert len(weights) == 3 and all(isinstance(p, nn.Parameter) for p in weights)
    assert weights[-1].tolist() == [2.0] and len(weights[:2]) == 2
    for message, call in {
        "got index 7; expected one of the 3 modules": lambda: layers[7],
        "got the key 'z'; expected one of 'y'": lambda: heads["z"],
        "got index 9; expected one of the 3 parameters": lambda: weights[9],
        r"ModuleList: got a function as entry 0; expected a Module; write nn\.Lambda": lambda: (
            nn.ModuleList([lambda x: x])
        ),
    }.items():
        with pytest.raises((IndexError, KeyError, TypeError), match=message):
            call()


def test_residual_flatten_unflatten_lambda():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    block = nn.Residual(nn.Linear(4, 4))
    np.testing.assert_allclose(block(x).data, x + block.module(x).data)
    wide = nn.Residual(nn.Linear(4, 6), shortcut=nn.Linear(4, 6, bias=False))
    assert wide(x).shape == (2, 3, 6)
    assert nn.Flatten(0, 1)(x).shape == (6, 4) and nn.Flatten()(x).shape == (2, 12)
    assert nn.Unflatten(-1, (2, 2))(x).shape == (2, 3, 2, 2)
    assert repr(nn.Lambda(np.tanh)) == "Lambda(tanh)"
    for message, call in {
        r"x of shape \(2, 3, 4\) and module\(x\) of shape \(2, 3, 6\)": lambda: nn.Residual(
            nn.Linear(4, 6)
        )(x),
        "expected one with axes 3 to -1": lambda: nn.Flatten(3)(x),
        r"axis -1 can be divided into \(3, -1\)": lambda: nn.Unflatten(-1, (3, -1))(x),
        "got an int; expected a function": lambda: nn.Lambda(3),
    }.items():
        with pytest.raises((ag.ShapeError, TypeError), match=message):
            call()


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


def test_copies_of_everything():
    for make in (
        lambda: nn.LSTM(2, 3, bidirectional=True),
        lambda: nn.TransformerEncoderLayer(4, 2, 8).eval(),
        lambda: nn.Sequential(nn.Conv1d(2, 3, 2), nn.BatchNorm1d(3), nn.CELU(0.5)).eval(),
        lambda: nn.CrossEntropyLoss(weight=[1.0, 2.0]),
    ):
        module = make()
        for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
            assert repr(other) == repr(module)
            state, copied = module.state_dict(), other.state_dict()
            assert list(state) == list(copied)
            assert all((state[key] == copied[key]).all() for key in state)
            assert not any(p is q for p in module.parameters() for q in other.parameters())


# --- initializers ---

SHAPE = (300, 20, 10)  # fan_in 200, fan_out 3000


@pytest.mark.parametrize(
    ("fill", "variance"),
    [
        (init.xavier_uniform_, 2 / 3200), (init.xavier_normal_, 2 / 3200), (init.kaiming_uniform_, 2 / 200),
        (init.kaiming_normal_, 2 / 200), (init.lecun_normal_, 1 / 200), (init.normal_, 1.0), (init.uniform_, 1 / 12),
        (lambda w, generator: init.xavier_normal_(w, 2.0, generator), 8 / 3200),
        (lambda w, generator: init.kaiming_normal_(w, mode="fan_out", generator=generator), 2 / 3000),
        (lambda w, generator: init.kaiming_uniform_(w, 0.5, generator=generator), 2 / 1.25 / 200),
        (lambda w, generator: init.kaiming_uniform_(w, nonlinearity="tanh", generator=generator), 25 / 9 / 200),
        (lambda w, generator: init.orthogonal_(w, generator=generator), 1 / 300),
        (lambda w, generator: init.trunc_normal_(w, generator=generator), 0.7737),
        (lambda w, generator: init.trunc_normal_(w, std=0.1, generator=generator), 0.01),
    ],
)  # fmt: skip
def test_variances_and_generators(fill, variance):
    w = fill(ag.Tensor(np.zeros(SHAPE)), generator=np.random.default_rng(0))
    assert w.data.var() == pytest.approx(variance, rel=0.03)
    assert w.data.mean() == pytest.approx(0.5 if fill is init.uniform_ else 0.0, abs=0.01)
    again = fill(ag.Tensor(np.zeros(SHAPE)), generator=np.random.default_rng(0))
    assert (w.data == again.data).all()
    ag.random.seed(1)
    single = fill(nn.Parameter(np.zeros(SHAPE), dtype=np.float32), generator=None)
    assert single.dtype == np.float32


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 3)])
def test_orthogonal_rows_or_columns(shape):
    w = init.orthogonal_(ag.Tensor(np.zeros(shape)), gain=2.0).data.reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4.0 * np.eye(min(w.shape)), atol=1e-12)


def test_filled_with_structure():
    w = init.sparse_(ag.Tensor(np.ones((10, 50))), 0.75, generator=np.random.default_rng(0))
    assert ((w.data == 0).sum(axis=0) == 8).all() and w.data.std() < 0.01
    assert init.eye_(ag.Tensor(np.zeros((2, 3)))).tolist() == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    conv = nn.Conv2d(4, 4, 3, padding="same", groups=2, bias=False)
    init.dirac_(conv.weight, groups=2)
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 5))
    assert (conv(x).data == x).all()
    assert init.ones_(ag.Tensor([0.0])).tolist() == [1.0]


def test_gains():
    gains = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 0.75}
    assert {name: init.calculate_gain(name) for name in gains} == gains
    assert init.calculate_gain("leaky_relu", 1.0) == 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: init.calculate_gain("swish"), ValueError, "got nonlinearity='swish'; expected one of 'linear'"),
        (lambda: init.kaiming_normal_(ag.Tensor(np.ones((2, 2))), mode="fan"), ValueError, "one of 'fan_in', 'fan_out'"),
        (lambda: init.trunc_normal_(ag.Tensor([0.0]), a=50.0, b=60.0), ValueError, "limits that part of the distribution"),
        (lambda: init.trunc_normal_(ag.Tensor([0.0]), std=0.0), ValueError, "got std=0.0"),
        (lambda: init.orthogonal_(ag.Tensor([0.0])), ag.ShapeError, "fans: got a Tensor of shape"),
        (lambda: init.eye_(ag.Tensor([0.0])), ag.ShapeError, "expected a matrix"),
        (lambda: init.sparse_(ag.Tensor([[0.0]]), 1.5), ValueError, "sparsity=1.5"),
        (lambda: init.dirac_(ag.Tensor([[0.0]])), ag.ShapeError, "a weight of a convolution"),
        (lambda: init.dirac_(ag.Tensor(np.ones((3, 1, 1))), 2), ValueError, "got groups=2; expected a divisor of the 3"),
        (lambda: init.values_(ag.Tensor([0.0]), [1, 2]), ag.ShapeError, r"shape \(2,\); expected \(1,\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
