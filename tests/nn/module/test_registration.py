"""Assigning parameters, buffers and modules, and finding them again."""

import numpy as np
import pytest

import autograd as ag
import nn


def model(**options):
    ag.random.seed(3)
    return nn.Sequential(
        nn.Linear(3, 5, **options), nn.Tanh(), nn.Linear(5, 2, **options), nn.ReLU()
    )


def test_registration():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(2, 2)
            self.again = self.first
            self.scale = nn.Parameter([1.0])
            self.register_buffer("mean", [0.0])

        def forward(self, x):
            return self.first(x) * self.scale

    net = Net()
    assert [n for n, _ in net.named_parameters()] == ["scale", "first.weight", "first.bias"]
    assert [n for n, _ in net.named_modules()] == ["", "first"]
    assert set(net.state_dict()) >= {"mean", "scale", "first.weight", "first.bias"}
    net.eval()
    assert not net.first.training
    net.mean = np.ones(1)
    assert dict(net.named_buffers())["mean"].tolist() == [1.0]
    net.scale = None
    assert "scale" not in dict(net.named_parameters())
    del net.first
    assert list(dict(net.named_modules())) == ["", "again"]
    with pytest.raises(AttributeError, match="has no attribute 'first'"):
        _ = net.first

    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    class AlsoForgetful(nn.Module):
        def __init__(self):
            pass

    with pytest.raises(
        AttributeError,
        match=r"AlsoForgetful: got an __init__ that does not call super\(\).__init__\(\); call it",
    ):
        list(AlsoForgetful().parameters())
    with pytest.raises(
        AttributeError, match=r"Forgetful: got 'layer' before super\(\).__init__\(\); call super"
    ):
        Forgetful()


def test_parameters_take_the_name_they_are_given_and_keep_their_place():
    net = nn.Linear(1, 1)
    assert (net.weight.name, net.bias.name) == ("weight", "bias")
    net.weight = nn.Parameter([[1.0]], name="slope")
    assert net.weight.name == "slope"
    assert [name for name, _ in net.named_parameters()] == ["weight", "bias"]


def test_what_is_assigned_to_a_registered_name():
    net = nn.Linear(1, 1)
    with pytest.raises(TypeError, match=r"ndarray for the parameter 'weight'.*weight\.data"):
        net.weight = np.ones((1, 1))
    assert [name for name, _ in net.named_parameters()] == ["weight", "bias"]
    net.inner = nn.ReLU()
    with pytest.raises(TypeError, match="got an int for the module 'inner'"):
        net.inner = 3
    net.inner = None
    assert list(net.children()) == [] and net.inner is None
    net.register_buffer("mean", None)
    assert "mean" not in net.state_dict()
    net.mean = [1, 2]
    assert net.state_dict()["mean"].tolist() == [1, 2]
    net.mean = 0.5
    net.load_state_dict(net.state_dict())
    net.mean = ag.Tensor([1.0, 2.0])  # a traced training step replaces buffers by nodes
    assert isinstance(net.mean, ag.Tensor) and net.state_dict()["mean"].tolist() == [1.0, 2.0]
    net.mean = nn.ReLU()
    assert "mean" not in dict(net.named_buffers()) and len(list(net.children())) == 1
    assert {"weight", "mean", "forward", "training"} <= set(dir(net))


def test_a_module_cannot_contain_itself():
    net = model()
    with pytest.raises(ValueError, match="'parent' with which it would contain itself"):
        net[0].parent = net
    assert len(list(net.modules())) == 5


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


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Sequential({"a.b": nn.ReLU()}), ValueError, "name 'a.b' for a module; expected a string without dots"),
        (lambda: nn.Sequential({1: nn.ReLU()}), ValueError, "name 1 for a module"),
        (lambda: nn.Sequential({"forward": nn.ReLU()}), ValueError, "'forward' of the class would hide it"),
        (lambda: nn.Linear(1, 1).register_buffer("weight", [1.0]), ValueError, "'weight', which is a parameter or module"),
        (lambda: nn.Linear(1, 1).register_parameter("w", ag.Tensor([1.0])), TypeError, "a Tensor for the parameter 'w'"),
        (lambda: nn.Parameter([1]), ag.DTypeError, "Parameter: got requires_grad=True for data of dtype int64"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
