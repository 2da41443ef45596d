"""Parts in plain containers that grow: caught at the first use; modules that have two paths."""

import collections
import copy
import dataclasses
import functools
import pickle
import types
import weakref

import numpy as np
import pytest

import autograd as ag
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
    with pytest.raises(ValueError, match=r"got no 2\.weight; pass strict=False"):
        net.load_state_dict({"0.weight": [[3.0]], "0.bias": [3.0], "2.bias": [3.0]})


class Plain:
    pass


@dataclasses.dataclass
class Pair:
    first: object
    second: object = None


OBJECTS = [
    (lambda m: types.SimpleNamespace(m=m), "a SimpleNamespace of Modules as 'layers'.*derive that"),
    (lambda m: types.SimpleNamespace(m=[m]), "a list of Modules inside as 'layers'.*ModuleList"),
    (lambda m: Pair(1, m), "a Pair of Modules as 'layers'.*assign it to an attribute"),
    (lambda m: [Pair(m)], "a Pair of Modules inside as 'layers'"),
    (lambda m: collections.UserList([m]), "a UserList of Modules as"),
    (lambda m: collections.UserDict(m=m), "UserDict of Modules as 'layers'.*ModuleDict"),
    (lambda m: types.MappingProxyType({"m": m}), "a mappingproxy of Modules.*ModuleDict"),
    (lambda m: collections.deque([m]), "a deque of Modules as 'layers'.*ModuleList"),
    (lambda m: np.array([Pair(m), 1], object), "a Pair of Modules inside as 'layers'"),
    (lambda m: {m: 1}, "a dict of Modules as 'layers'.*ModuleDict"),
    (lambda m: {"a": m}.values(), "a dict_values of Modules as 'layers'.*ModuleList"),
    (lambda m: {"a": m}.items(), "a tuple of Modules inside as 'layers'.*ModuleList"),
    (lambda m: iter([m]), "a list_iterator of Modules inside|a list of Modules inside as 'layers'"),
    (lambda m: iter((m,)), "a tuple of Modules inside as 'layers'.*ModuleList"),
    (lambda m: iter({"a": m}.values()), "a list of Modules inside as 'layers'"),
    (lambda m: reversed([m]), "a list of Modules inside as 'layers'"),
    (lambda m: enumerate([m]), "a list of Modules inside as 'layers'"),
    (lambda m: zip([m], [1], strict=True), "a list of Modules inside as 'layers'"),
    (lambda m: (m for _ in range(2)), "a generator as 'layers'; expected.*use nn.ModuleList"),
    (lambda m: map(lambda _: m, range(2)), "a map as 'layers'; expected.*use nn.ModuleList"),
    (lambda m: [map(lambda _: m, range(2))], "a map as 'layers'; expected.*use nn.ModuleList"),
    (lambda m: functools.partial(max, m), "a partial of Modules as 'layers'.*to an attribute"),
    (lambda m: functools.partial(max, key=[m]), "a list of Modules inside as 'layers'"),
    (lambda m: [functools.partial(max, m)], "a partial of Modules inside as 'layers'"),
]


@pytest.mark.parametrize(("make", "message"), OBJECTS)
def test_parts_in_other_objects_are_refused(make, message):
    with pytest.raises(TypeError, match=message):
        Net(make(nn.Linear(1, 1)))
    with pytest.raises(TypeError, match="would not be trained or saved"):
        Net(make(nn.Parameter([1.0])))


@pytest.mark.parametrize("use", USES)
def test_a_part_added_to_an_object_is_caught_at_the_first_use(use):
    net = Net(Plain(), lambda container: setattr(container, "layer", nn.Linear(1, 1)))
    with pytest.raises(TypeError, match="Net: got a Plain of Modules as 'layers'"):
        use(net)


def test_a_list_that_replaces_another_holds_parts_itself():
    net = Net([])
    with pytest.raises(TypeError, match="Net: got a list of Modules as 'layers'"):
        net.layers = [nn.Linear(1, 1)]
    with pytest.raises(TypeError, match="Net: got a list of Modules as 'layers'"):
        net.layers += [nn.Linear(1, 1)]


def test_parts_of_a_class_are_refused():
    with pytest.raises(
        TypeError, match=r"Shared: got a Linear as the class attribute 'layer'.*self"
    ):

        class Shared(nn.Module):
            layer = nn.Linear(1, 1)

    class Grows(nn.Module):
        names = ("a", "b")
        layers = []  # noqa: RUF012 - the mistake in question

        def __init__(self):
            super().__init__()
            self.layers.append(nn.Linear(1, 1))

    for use in USES[1:]:
        with pytest.raises(TypeError, match="Grows: got a list of Modules as 'layers'"):
            use(Grows())


def test_a_module_may_know_the_ones_around_it():
    net = Net([])
    net.inner = Net([])
    net.inner.layers.append(net)
    net.inner.around = Pair(net, weakref.ref(net))
    for use in USES:
        use(net)
        use(net.inner)
    nn.summary(net, (1, 1))


def test_functions_and_objects_of_libraries_are_not_searched():
    other = nn.Linear(1, 1)
    net = Net(lambda x: other(x))
    net.optimizer = nn.optim.SGD(other.parameters())
    for use in USES:
        use(net)


def test_names_may_have_a_prefix():
    net = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    assert [n for n, _ in net.named_parameters("net")][:2] == ["net.0.weight", "net.0.bias"]
    assert next(n for n, _ in net.named_buffers("net")) == "net.1.running_mean"
    assert [n for n, _ in net.named_modules(None, "net")] == ["net", "net.0", "net.1"]
    assert [n for n, _ in net.named_modules({net[0]})] == ["", "1"]
    shared = nn.Sequential(net[0], net[0])
    assert len(list(shared.named_parameters(remove_duplicate=False))) == 4
    assert [n for n, _ in net[0].named_parameters("a", False)] == ["a.weight", "a.bias"]
    with pytest.raises(
        TypeError, match=r"got prefix=False; expected a string; write recurse=False"
    ):
        net.named_parameters(False)


def test_methods_of_hidden_modules_are_refused():
    with pytest.raises(TypeError, match=r"a method of Modules as 'layers'.*assign it to an attri"):
        Net(nn.Linear(1, 1).forward)
    with pytest.raises(TypeError, match=r"a partial of Modules as 'layers'"):
        Net(functools.partial(nn.Linear(1, 1)))
    net = Net(nn.Linear)
    net.run = net.forward
    net.run_linear = [net.linear.forward, functools.partial(net.linear)]
    net.make = functools.partial(nn.Linear, 1, 1)
    for use in USES:
        use(net)


class Lazy(nn.Module):
    """Grows by `grow(self.layers)` in a forward pass."""

    def __init__(self, container, grow, when=0):
        super().__init__()
        self.linear = nn.Linear(1, 1)
        self.layers = container
        self.grow, self.when, self.calls = grow, when, 0

    def forward(self, x):
        if self.calls == self.when:
            self.grow(self.layers)
        self.calls += 1
        return self.linear(x)


def put(place, key):
    return lambda container: place(container).__setitem__(key, nn.Linear(1, 1))


REPLACED = [
    ([None], put(lambda c: c, 0), r"nn\.ModuleList"),
    ({"a": None}, put(lambda c: c, "a"), r"nn\.ModuleDict"),
    ([[1, 2]], put(lambda c: c[0], 1), r"nn\.ModuleList"),
    (list(range(100)), lambda c: c.append(nn.Linear(1, 1)), r"nn\.ModuleList"),
]


@pytest.mark.parametrize("mode", [ag.enable_grad, ag.no_grad])
@pytest.mark.parametrize("around", [lambda net: net, nn.Sequential])
@pytest.mark.parametrize("when", [0, 2])
@pytest.mark.parametrize(("container", "grow", "cure"), GROWN + REPLACED)
def test_a_part_added_in_a_forward_pass_is_caught_at_the_next(
    container, grow, cure, when, around, mode
):
    net = Lazy(copy.deepcopy(container), grow, when)
    model = around(net)
    with mode():
        for _ in range(when + 1):
            model(np.ones((1, 1)))
        with pytest.raises(TypeError, match=f"Lazy: got .* as 'layers'.*{cure}"):
            model(np.ones((1, 1)))


def test_a_part_added_between_two_calls_is_caught():
    def later(net):
        net.layers.append(nn.Linear(1, 1))

    def new(net):
        net.layers = []
        later(net)

    def first(net):
        net.more = []
        net.more.append(nn.Linear(1, 1))

    def removed(net):
        net.layers.append(net.linear)
        net(np.ones((1, 1)))
        linear = net.linear
        del net.linear
        net.linear = linear.forward

    for change in (later, new, first, removed):
        for make in (lambda net: net, nn.Sequential):
            net = Net([])
            model = make(net)
            for _ in range(2):
                model(np.ones((1, 1)))
            with pytest.raises(TypeError, match=r"Net: got a (list|method) of Modules as"):
                change(net)
                model(np.ones((1, 1)))


def test_containers_of_what_is_registered_or_no_part_may_change_at_each_call():
    def grow(container):
        container.extend([1.0, np.ones(2)] * 50)

    net = Lazy([], grow)
    model = nn.Sequential(net)
    for _ in range(3):
        net.when = net.calls
        net.used = [net.linear]
        model(np.ones((1, 1)))
    net.layers.append(net.linear)
    model(np.ones((1, 1)))
    pickle.loads(pickle.dumps(model[0].linear))
    copy.deepcopy(nn.Sequential(net.linear))(np.ones((1, 1)))


def test_a_list_of_parts_that_are_registered_is_accepted_at_once():
    net = Net([])
    net.same = [net.linear, (net.linear.weight,)]
    net.inner = Net([])
    net.inner.outer_parts = {"a": net.linear}
    for use in USES:
        use(net)
    blocks = nn.ModuleList([nn.Linear(1, 1)])
    with pytest.raises(TypeError, match="Net: got a list of Modules as 'blocks'"):
        net.blocks = list(blocks)
