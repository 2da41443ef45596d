"""Containers and the small modules that connect others."""

import numpy as np
import pytest

import autograd as ag
import nn


def model(**options):
    ag.random.seed(3)
    return nn.Sequential(
        nn.Linear(3, 5, **options), nn.Tanh(), nn.Linear(5, 2, **options), nn.ReLU()
    )


def test_gradients_of_a_model_of_first_and_second_order():
    net = model()
    report = ag.check_gradients(
        lambda x: nn.cross_entropy(net(x), [0, 1]), np.ones((2, 3)) * 0.3, parameters=net, order=2
    )
    assert report.passed and "2.weight" in [row.name for row in report.rows]


def test_named_entries_of_sequential():
    net = nn.Sequential({"first": nn.Linear(2, 3), "act": nn.ReLU(), "last": nn.Linear(3, 1)})
    assert list(net.state_dict()) == ["first.weight", "first.bias", "last.weight", "last.bias"]
    assert net.act is net[1] and net[-1] is net.last
    assert [name for name, _ in net[1:].named_children()] == ["act", "last"]
    x = np.array([1.0, -2.0])
    hidden = np.maximum(net.first.weight.data @ x + net.first.bias.data, 0.0)
    expected = net.last.weight.data @ hidden + net.last.bias.data
    np.testing.assert_allclose(net(x).data, expected, rtol=1e-14)


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


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Sequential(3), TypeError, "got an int as entry 0; expected a Module$"),
        (lambda: nn.Sequential(nn.ReLU), TypeError, r"write ReLU\(\)"),
        (lambda: nn.Sequential([nn.ReLU()]), TypeError, r"write Sequential\(\*modules\)"),
        (lambda: model()[4], IndexError, "got index 4; expected one of the 4 modules"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
