"""Several ranks: few programs, because a start takes half a second for each rank."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import nn
from tests.nn.distributed import program

pytest.importorskip("mpi4py", reason="mpi4py is not installed")
from nn.distributed.mpi import in_bytes, in_order

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MPIEXEC = Path(sys.executable).parent / "mpiexec"
needs_mpiexec = pytest.mark.skipif(not MPIEXEC.exists(), reason="there is no mpiexec beside Python")

# Checks whose buffers, parts or rounds depend on the number of ranks.
BY_SIZE = (
    *("check_values", "check_weights_are_those_of_one_process", "check_two_optimizers"),
    *("check_batch_normalization", "check_loaders"),
    *("check_a_pass_whose_error_all_ranks_catch", "check_a_pass_whose_error_one_rank_catches"),
    "check_memory_that_all_ranks_see",
)


def run(ranks, *arguments, **options):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [str(MPIEXEC), "-n", str(ranks), sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, **options
    )


def passed(found):
    assert found.returncode == 0, found.stdout + found.stderr
    return [line.split()[1] for line in found.stdout.splitlines() if line.startswith("passed")]


@needs_mpiexec
@pytest.mark.parametrize(("ranks", "checks"), [(2, ()), (4, BY_SIZE), (8, BY_SIZE[1:2])])
def test_every_check_passes_on_all_ranks(ranks, checks, tmp_path):
    names = checks or [name for name in vars(program) if name.startswith("check_")]
    assert passed(run(ranks, HERE / "program.py", tmp_path, *checks)) == list(names)
    if ranks > 2:
        return
    # This process resumes alone what two ranks saved in the middle of an epoch, to rounding.
    alone, history = program.fitted(tmp_path / "without dropout", 3, dropout=0.0)
    saved = nn.checkpoint.load(tmp_path / "weights")
    for i, p in enumerate(alone):
        np.testing.assert_allclose(p, saved[str(i)], rtol=1e-10)
    np.testing.assert_allclose(history.columns["loss"], saved["loss"], rtol=1e-10)


RAISES = "raise ValueError('rank 1 gives up')"
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
HANGS = "time.sleep(60)"
LEAVES = "sys.exit(3)\nw.timeout = 2"  # the second line is rank 0's


@needs_mpiexec
@pytest.mark.parametrize("ranks", [2, 4])
def test_ranks_of_several_machines_send_messages(ranks, tmp_path):
    found = run(ranks, HERE / "program.py", tmp_path, "--messages", *BY_SIZE[1:])
    assert passed(found) == list(BY_SIZE[1:])


@needs_mpiexec
@pytest.mark.parametrize(
    ("end", "told"),
    [
        (RAISES, "[rank 1] ValueError: rank 1 gives up"),
        (KILLED, "(signal 9)"),
        (HANGS, "[rank 0] nn.distributed.mpi.Late: all_reduce on rank 0: got no answer"),
        (LEAVES, "all_reduce on rank 0: got no answer from the other ranks in 2 seconds"),
    ],
    ids=["raises", "is killed", "hangs", "leaves"],
)
def test_one_rank_ends_all(end, told, tmp_path):
    """Within 10 seconds, with its message."""
    source = (
        "import os, signal, sys, time\nimport numpy as np, nn\nw = nn.distributed.world()\n"
        "w.barrier()\nif w.rank == 1:\n    print(time.time(), flush=True)\n"
        f"    {end}\nw.all_reduce(np.ones(3))"
    )
    file = tmp_path / "ends.py"
    file.write_text(source)
    found = run(2, file)
    began = re.search(r"\d{9,}\.\d+", found.stdout)
    assert began is not None and time.time() - float(began[0]) < 10.0
    assert found.returncode != 0
    assert told in found.stdout + found.stderr


def test_sums_run_in_the_order_of_the_ranks():
    parts = np.array([[1e16], [1.0], [-1e16], [1.0]])
    assert in_order(parts.copy()).tolist() == [1.0]
    assert in_order(parts[[0, 2, 1, 3]]).tolist() == [2.0]


def test_arrays_travel_as_bytes():
    assert in_bytes(np.ones(3, np.float16)).nbytes == 6
    assert in_bytes(np.array(1.0)).size == 8
