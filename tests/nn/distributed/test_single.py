"""A world of one rank."""

import copy
import pickle

import numpy as np
import pytest

import autograd as ag
from nn.distributed.single import World


def test_alone_every_collective_returns_what_it_gets():
    w, x = World(), np.arange(4.0)
    for f in (w.all_reduce, w.all_gather, w.reduce_scatter, w.broadcast, w.reduce):
        assert f(x) is x
    assert w.gathered("a") == ["a"] and w.mean(0.1) == 0.1 and w.barrier() is None
    channel = w.channel(w)
    total = channel.start(x).wait()
    channel.advance()
    assert total.tolist() == x.tolist() and not np.shares_memory(total, x)
    assert copy.deepcopy(w) is w and repr(w) == "<rank 0 of 1>"


@pytest.mark.parametrize("seconds", ["a", -1, 0, float("nan"), True])
def test_a_limit_of_time_is_a_positive_number(seconds):
    w = World()
    with pytest.raises(
        ValueError, match=r"world\.timeout: got seconds=.*; expected a number, above 0"
    ):
        w.timeout = seconds
    assert w.timeout == 8.0
    w.timeout = None
    assert w.timeout is None and pickle.loads(pickle.dumps(w)).timeout is None


def test_a_mean_is_of_one_number():
    w = World()
    assert w.mean(ag.Tensor([2.0])) == 2.0
    with pytest.raises(ag.ShapeError, match=r"world\.mean: got the value of shape \(2,\)"):
        w.mean(np.ones(2))
    with pytest.raises(
        TypeError, match=r"world\.mean: got a str as the value; expected one number"
    ):
        w.mean("a")
