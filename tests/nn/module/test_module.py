"""What a module keeps beside its parameters: attributes, buffers, and the names of its modules."""

import copy
import weakref

import numpy as np
import pytest

import autograd as ag
import nn


def test_attributes_of_a_subclass_may_be_called_as_one_likes():
    class Kinds(nn.Module):
        def __init__(self):
            super().__init__()
            self._kind, self._paths, self.running = "mine", ["a"], 3
            self.linear = nn.Linear(2, 2)

        def forward(self, x):
            return self.linear(x) * self.running

    module = Kinds()
    out = module(np.ones((1, 2)))
    assert (module._kind, module._paths) == ("mine", ["a"])
    assert out.inputs[0].module == "linear"
    assert out.note.scope.kind == "Kinds"


def test_names_follow_what_is_registered():
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    x = ag.Tensor(np.ones((1, 2)), requires_grad=True)
    assert module(x).module == "1"
    setattr(module, "1", module.get_submodule("0"))
    assert module(x).module == "0"  # the first of its two names
    delattr(module, "0")
    assert module(x).module == "1"
    setattr(module, "1", nn.Tanh())
    assert module(x).module == "1"
    assert copy.deepcopy(module)(x).module == "1"


def test_a_buffer_is_found_and_follows_what_is_assigned():
    module = nn.BatchNorm1d(2)
    module.running_mean = np.array([1.0, 2.0])
    assert module.running_mean is dict(module.named_buffers())["running_mean"]
    module.load_state_dict({**module.state_dict(), "running_mean": np.array([3.0, 4.0])})
    assert module.running_mean is dict(module.named_buffers())["running_mean"]
    assert module.running_mean.tolist() == [3.0, 4.0]
    assert module.astype(np.float32).running_mean.dtype == np.float32
    assert copy.deepcopy(module).running_mean.tolist() == [3.0, 4.0]
    assert "running_mean" in dir(module)
    del module.running_mean
    assert not hasattr(module, "running_mean")


def test_a_module_whose_init_was_forgotten_says_so():
    class Forgetful(nn.Module):
        def __init__(self):
            pass

        def forward(self, x):
            return x

    for use in (lambda m: m(1.0), lambda m: m.state_dict(), lambda m: list(m.parameters())):
        with pytest.raises(
            AttributeError, match=r"Forgetful: got an __init__ that does not call super"
        ):
            use(Forgetful())


def test_a_graph_keeps_no_module_alive():
    model = nn.Sequential(nn.Sequential(nn.Tanh()), nn.Tanh())
    modules = [weakref.ref(module) for module in model.modules()]
    out = model(ag.Tensor([1.0], requires_grad=True))
    assert out.note.scope.path == "1"
    del model
    assert [ref() for ref in modules] == [None] * 4


def test_repr_is_that_of_pytorch_where_a_module_has_both_facts_and_children():
    class Scaled(nn.Module):
        def __init__(self, facts):
            super().__init__()
            self.act, self.facts = nn.ReLU(), facts

        def extra_repr(self):
            return self.facts

    assert repr(Scaled("scale=2")) == "Scaled(\n  scale=2\n  (act): ReLU()\n)"
    assert repr(nn.Sequential(Scaled("")).eval()).splitlines()[2] == "    (act): ReLU()"


def test_apply_visits_children_first():
    net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU()))
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "ReLU", "Sequential", "Sequential"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Module()(1), NotImplementedError, "Module: got a class without forward; define forward"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
