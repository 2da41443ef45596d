"""How the ranks of a program are found."""

import subprocess
import sys

import numpy as np
import pytest

import nn
from nn.distributed.launch import RANK_ONLY, SIZES, checked_world, found, world, world_of_optimizer
from nn.distributed.single import World


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
        found.__wrapped__()
    if name != RANK_ONLY:
        for text in ("1", "", "many"):
            monkeypatch.setenv(name, text)
            assert found.__wrapped__().size == 1


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


def test_a_layer_that_asks_for_the_world_can_be_exported_first(tmp_path):
    """In a process that asked for nothing before."""
    pytest.importorskip("onnx")
    code = f"""
import numpy as np
import nn
layer = nn.SyncBatchNorm1d(2).eval()
nn.onnx.export(layer, np.ones((3, 2)), {str(tmp_path / "a.onnx")!r})
"""
    subprocess.run([sys.executable, "-c", code], check=True)
