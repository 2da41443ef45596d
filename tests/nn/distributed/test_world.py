"""The world of one, and how the others are found."""

import copy
import subprocess
import sys

import numpy as np
import pytest

import nn
from nn.distributed.world import RANK_ONLY, SIZES, World, checked_world, world, world_of_optimizer


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


def test_there_is_one_world():
    assert world() is world() and world().size == 1


def test_nn_does_not_import_mpi4py():
    source = "import nn, sys; nn.distributed.world(); sys.exit('mpi4py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source]).returncode == 0


@pytest.mark.parametrize("name", [*SIZES, RANK_ONLY])
def test_a_process_that_was_started_with_others_needs_mpi4py(name, monkeypatch):
    for other in (*SIZES, RANK_ONLY):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setitem(sys.modules, "nn.distributed.mpi", None)
    monkeypatch.setenv(name, "2")
    with pytest.raises(
        ImportError, match=r'expected the package mpi4py; run pip install "glassgrad\[mpi\]"'
    ):
        world.__wrapped__()
    if name != RANK_ONLY:
        for text in ("1", "", "many"):
            monkeypatch.setenv(name, text)
            assert world.__wrapped__().size == 1


def test_what_is_no_world_is_refused():
    with pytest.raises(TypeError, match="f: got an int as the world; expected a World"):
        checked_world("f", 3)
    w = World()
    assert checked_world("f", w) is w and checked_world("f", None) is world()


def test_the_world_of_an_optimizer():
    p, w = nn.Parameter(np.ones(2)), World()
    plain = nn.optim.SGD([p], lr=0.1)
    ours = nn.distributed.Optimizer(plain, world=w)
    assert world_of_optimizer(ours) is w
    assert world_of_optimizer(nn.optim.Proximal(ours, nn.optim.L1(0.1))) is w
    assert world_of_optimizer(plain).size == 1
