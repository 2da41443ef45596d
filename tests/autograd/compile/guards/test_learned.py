"""What earlier calls of a step showed."""

import numpy as np

import autograd as ag
import nn
from autograd.compile.guards.learned import Learned, is_plain_slice, parameters, same_number


class Plain:
    pass


class Own(nn.Module):
    pass


def test_attributes_by_the_names_in_code():
    learned = Learned()
    assert learned.attributes_of(Plain()) is None  # nothing is known before the first call
    assert learned.extend({"rate"}) and not learned.extend({"rate"})
    assert learned.attributes_of(Plain()) == {"rate"}
    own = learned.attributes_of(Own())
    assert {"rate", "training", "_parameters"} <= own and "seen" not in own
    assert learned.attributes_of(nn.Linear(2, 2)) is None


def test_what_an_optimizer_keeps():
    optimizer = nn.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1)
    learned = Learned()
    learned.extend({"rate"}, {"param_groups", "copy"})
    assert learned.attributes_of(optimizer) == {"rate", "param_groups", "copy"}
    learned.extend(set(), {"getattr"})
    assert learned.attributes_of(optimizer) is None


def test_code_that_computes_names():
    learned = Learned()
    learned.extend({"getattr"})
    assert learned.attributes_of(Plain()) is None


def test_it_says_whether_there_is_more():
    learned = Learned()
    before = learned.extent()
    learned.varying.add("lr")
    learned.converts = True
    assert learned.extent() == before + 2


def test_small_questions():
    assert (
        same_number(float("nan"), float("nan"))
        and not same_number(0.0, -0.0)
        and not same_number(1, 1.0)
    )
    assert is_plain_slice(slice(1, None)) and not is_plain_slice(slice(1.0, None))
    assert parameters(lambda x, y=1: x) == ["x", "y"] and parameters(Plain) == []


def test_a_module_may_remember_what_its_forward_does_not_mention():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.rate, self.seen = nn.Linear(3, 2), 2.0, 0

        def forward(self, x):
            return self.linear(x) * self.rate

    net = Net()
    step = ag.compile(lambda x: net(x).data, backend="numpy")  # whose bits are compared
    with ag.no_grad():
        for k in range(8):
            net.seen = k
            net.rate = 2.0 if k < 6 else 3.0
            assert np.array_equal(step(np.ones(3) * k), net(np.ones(3) * k).data)
    assert "a guard failed in 2 calls: rate" in step.report(), step.report()
    assert "seen" not in step.report() and step.programs
