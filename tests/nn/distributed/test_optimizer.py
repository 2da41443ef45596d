"""The optimizer in a world of one, and in one whose other rank is played; test_mpi.py has real ones."""

import copy
import pickle
import weakref

import numpy as np
import pytest

import autograd as ag
import nn
from nn.distributed.single import World


class Echo(World):
    """Two ranks, of which the other one has three times the gradients of this one."""

    size = 2

    def channel(self, owner):
        return self

    def buffers(self, sizes):
        return [Buffer(self, np.zeros(*size)) for size in sizes]

    def advance(self):
        pass

    def gathered(self, x):
        return [x, x]


class Buffer:
    def __init__(self, world, array):
        self.world, self.array = world, array

    def start(self):
        self.world.sent = [*getattr(self.world, "sent", []), self.array]
        return self

    def wait(self):
        total = self.array + 3.0 * self.array
        total[-1] = 2.0 * self.array[-1]  # both ranks are in the same pass
        return total

    def release(self):
        pass

    def abandon(self):
        pass


def distributed(model, world=None, **options):
    return nn.distributed.Optimizer(nn.optim.SGD(model.parameters(), lr=0.1), world, **options)


def test_alone_it_is_the_optimizer():
    model, other = nn.Linear(2, 1), nn.Linear(2, 1)
    other.load_state_dict(model.state_dict())
    ours, plain = distributed(model), nn.optim.SGD(other.parameters(), lr=0.1)
    for m, o in ((model, ours), (other, plain)):
        o.zero_grad()
        o.step(lambda m=m: m(np.ones((3, 2))).sum().backward())
    assert model.weight.data.tobytes() == other.weight.data.tobytes()
    assert ours.param_groups is ours.inner.param_groups and ours.state is ours.inner.state
    assert ours.defaults == plain.defaults and ours.lr == 0.1
    assert not model.weight.note.hooks


def test_gradients_leave_while_the_pass_runs():
    world, model, seen = Echo(), nn.MLP([2, 3, 1]), []
    optimizer = distributed(model, world, bucket_size=1)
    first = model(np.ones((3, 2)))
    hidden = first.inputs[0]
    while hidden.op.name != "relu":
        hidden = next(x for x in hidden.inputs if x is not None and x.op is not None)
    hidden.register_hook(lambda g: seen.append(len(world.sent)))
    first.sum().backward()
    assert seen == [2] and len(world.sent) == 4 == len(optimizer.buckets)


def test_means_and_accumulation():
    p = nn.Parameter(np.array([1.0, 2.0]))
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([p], lr=1.0), Echo())
    p.sum().backward()
    assert p.grad.tolist() == [2.0, 2.0]
    p.sum().backward()
    assert p.grad.tolist() == [4.0, 4.0]
    assert float(optimizer.step(lambda: ag.sum(p * p))) == 5.0
    assert optimizer.step() is None and optimizer.step(lambda: None) is None
    with pytest.raises(TypeError, match="a function"):
        optimizer.step(p.sum())


def test_it_takes_part_until_both_optimizers_are_gone():
    p = nn.Parameter(np.ones(2))
    inner = nn.optim.SGD([p], lr=1.0)
    nn.distributed.Optimizer(inner, Echo())  # which nobody keeps
    p.sum().backward()
    assert p.grad.tolist() == [2.0, 2.0]
    with pytest.raises(ValueError, match="a group added later"):
        inner.add_param_group({"params": [nn.Parameter(np.ones(1))]})
    gone = weakref.ref(inner._averaging)
    del inner
    assert gone() is None
    p.grad = None
    p.sum().backward()
    assert p.grad.tolist() == [1.0, 1.0]


def test_two_over_the_same_parameters_are_refused():
    p, world = nn.Parameter(np.ones(2)), Echo()
    p.name = "w"
    inner = nn.optim.SGD([p], lr=1.0)
    first = nn.distributed.Optimizer(inner, world)
    with pytest.raises(ValueError, match="of which there is a distributed one already"):
        nn.distributed.Optimizer(inner, world)
    with pytest.raises(ValueError, match=r"the parameter w of another distributed\.Optimizer"):
        nn.distributed.Optimizer(nn.optim.Adam([p]), world)
    del first, inner
    nn.distributed.Optimizer(nn.optim.Adam([p]), world)


@pytest.mark.parametrize("make", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_is_distributed_as_well(make):
    model = nn.Linear(2, 1)
    pair = (model, distributed(model, Echo(), bucket_size=8))
    other, optimizer = make(pair)
    assert type(optimizer.world) is Echo and optimizer.bucket_size == 8
    assert optimizer.inner.parameters == list(other.parameters())
    other(np.ones((3, 2))).sum().backward()
    assert other.bias.grad.tolist() == [6.0] and model.bias.grad is None
    optimizer.step()
    assert pair[1].inner._averaging is not None


def test_what_it_refuses():
    model = nn.Linear(2, 1)
    optimizer = distributed(model)
    with pytest.raises(TypeError, match=r"got a Linear as the optimizer; expected one of nn.optim"):
        nn.distributed.Optimizer(model)
    with pytest.raises(ValueError, match="distributed already"):
        nn.distributed.Optimizer(optimizer)
    with pytest.raises(ValueError, match="bucket_size"):
        distributed(model, bucket_size=0)
    with pytest.raises(TypeError, match="as the world"):
        distributed(model, world=2)
    with pytest.raises(ValueError, match="a group added later"):
        optimizer.add_param_group({"params": [nn.Parameter(np.ones(1))]})
