"""Parts in plain containers that grow: caught at the first use; modules that have two paths."""

import numpy as np
import pytest

import nn


class Net(nn.Module):
    def __init__(self, container, grow=None):
        super().__init__()
        self.linear = nn.Linear(1, 1)
        self.layers = container
        if grow is not None:
            grow(self.layers)

    def forward(self, x):
        return self.linear(x)


GROWN = [
    ([], lambda c: c.append(nn.Linear(1, 1)), r"nn\.ModuleList"),
    ([[]], lambda c: c[0].append(nn.Linear(1, 1)), r"nn\.ModuleList"),
    (([],), lambda c: c[0].append(nn.Parameter([1.0])), r"nn\.ParameterList"),
    ({}, lambda c: c.update(a=nn.Linear(1, 1)), r"nn\.ModuleDict"),
    (set(), lambda c: c.add(nn.Linear(1, 1)), r"nn\.ModuleList"),
    ([{}], lambda c: c[0].update(a=[nn.ReLU()]), r"nn\.ModuleList"),
]
USES = [
    lambda net: net(np.ones((1, 1))),
    lambda net: net.parameters(),
    lambda net: net.named_parameters(),
    lambda net: net.state_dict(),
    lambda net: nn.optim.SGD(net.parameters()),
]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(("container", "grow", "cure"), GROWN)
def test_a_part_added_to_a_container_is_caught_at_the_first_use(use, container, grow, cure):
    copied = type(container)(type(c)() for c in container) if container else type(container)()
    net = Net(copied, grow)
    for model in (net, nn.Sequential(net)):
        with pytest.raises(TypeError, match=f"Net: got .* as 'layers'.*{cure}"):
            use(model)


@pytest.mark.parametrize("value", [[[nn.ReLU()]], {nn.ReLU()}, [{"a": nn.ReLU()}], ([nn.ReLU()],)])
def test_nested_parts_are_refused_at_once(value):
    with pytest.raises(TypeError, match="as 'layers'"):
        Net(value)


def test_a_list_of_parts_that_are_registered_elsewhere_is_fine():
    net = Net([1, "a"])
    net.layers.append(net.linear)
    for use in USES:
        use(net)
    net.layers = {"words": list("abc")}
    net.layers["itself"] = net.layers
    for use in USES:
        use(net)
    del net.layers
    for use in USES:
        use(net)


def test_a_module_used_twice_has_both_keys():
    shared = nn.Linear(1, 1)
    net = nn.Sequential(shared, nn.ReLU(), shared)
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias"]
    assert [name for name, _ in net.named_modules()] == ["", "0", "1"]
    net.load_state_dict({**net.state_dict(), "0.weight": [[3.0]], "2.weight": [[3.0]]})
    assert shared.weight.item() == 3.0
    with pytest.raises(ValueError, match=r"missing: 2\.weight"):
        net.load_state_dict({"0.weight": [[3.0]], "0.bias": [3.0], "2.bias": [3.0]})
