"""A world of one rank."""

import copy

import numpy as np

from nn.distributed.single import World


def test_alone_every_collective_returns_what_it_gets():
    w, x = World(), np.arange(4.0)
    for f in (w.all_reduce, w.all_gather, w.reduce_scatter, w.broadcast, w.reduce):
        assert f(x) is x
    assert w.gathered("a") == ["a"] and w.mean(0.1) == 0.1 and w.barrier() is None
    channel = w.channel()
    total = channel.start(x).wait()
    channel.advance()
    assert total.tolist() == x.tolist() and not np.shares_memory(total, x)
    assert copy.deepcopy(w) is w and repr(w) == "<rank 0 of 1>"
