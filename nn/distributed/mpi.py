"""The processes of an MPI program."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from typing import Any

import numpy as np
from mpi4py import MPI

from nn.distributed.world import World

SPINS = 2000  # looks at a message before the processor is left to others between them
PAUSE = 5e-5  # seconds


class Late(RuntimeError):
    """Other ranks did not come to a collective."""


class MPIWorld(World):
    """Several processes.

    Sums are added in the order of the ranks: each rank gets one part of all arrays, adds up, and
    passes its sum on. That moves as much as any all-reduce, and gives the same bits on every rank,
    in every run and with every MPI.

    Args:
        comm: the communicator of MPI.
        timeout: how long a rank waits for the others, in seconds; None for ever.
    """

    def __init__(self, comm: Any, timeout: float | None) -> None:
        self.comm, self.timeout = comm, timeout
        self.rank, self.size = comm.Get_rank(), comm.Get_size()

    def all_reduce(self, x: Any) -> Any:
        x = np.asarray(x)
        return self.start_sum(x.reshape(-1)).wait().reshape(x.shape)

    def all_gather(self, x: Any) -> Any:
        x = np.ascontiguousarray(x)
        out = np.empty((self.size * x.shape[0], *x.shape[1:]), x.dtype)
        self.finish(self.comm.Iallgather(x, out), "all_gather")
        return out

    def reduce_scatter(self, x: Any) -> Any:
        x = np.ascontiguousarray(x)
        parts = np.empty((self.size, x.shape[0] // self.size, *x.shape[1:]), x.dtype)
        self.finish(self.comm.Ialltoall(x, parts), "reduce_scatter")
        return in_order(parts)

    def broadcast(self, x: Any, root: int = 0) -> Any:
        out = np.array(x, order="C")
        self.finish(self.comm.Ibcast(out, root), "broadcast")
        return out

    def reduce(self, x: Any, root: int = 0) -> Any:
        x = np.ascontiguousarray(x)
        parts = np.empty((self.size, *x.shape), x.dtype) if self.rank == root else None
        self.finish(self.comm.Igather(x, parts, root), "reduce")
        return in_order(parts) if parts is not None else np.zeros_like(x)

    def start_sum(self, flat: np.ndarray) -> MPISum:
        return MPISum(self, flat)

    def gathered(self, x: Any) -> list[Any]:
        self.barrier()  # which waits with a limit, as allgather of objects does not
        return self.comm.allgather(x)  # type: ignore[no-any-return]

    def barrier(self) -> None:
        self.finish(self.comm.Ibarrier(), "barrier")

    def finish(self, request: Any, what: str) -> None:
        """Wait for a message.

        Raises:
            Late: it did not come in time.
        """
        started, looks = time.monotonic(), 0
        while not request.Test():
            looks += 1
            if looks > SPINS:
                time.sleep(PAUSE)
                if self.timeout is not None and time.monotonic() - started > self.timeout:
                    raise Late(
                        f"{what}: rank {self.rank} waited {self.timeout:g} seconds for the others; "
                        "expected every rank to run the same collectives. Set world(timeout=None) "
                        "where one of them may take longer"
                    )


class MPISum:
    """A sum under way: parts are exchanged, added up, and the sums are exchanged."""

    def __init__(self, world: MPIWorld, flat: np.ndarray) -> None:
        self.world, self.count = world, flat.size
        share = -(flat.size // -world.size)
        self.sent = flat
        if flat.size != share * world.size or not flat.flags.c_contiguous:
            self.sent = np.zeros(share * world.size, flat.dtype)
            self.sent[: flat.size] = flat
        self.parts = np.empty((world.size, share), flat.dtype)
        self.total: np.ndarray | None = None
        self.request = world.comm.Ialltoall(self.sent, self.parts)

    def _exchange(self) -> None:
        """Add up this rank's part, and pass it on."""
        self.own = in_order(self.parts)
        self.total = np.empty(self.sent.size, self.sent.dtype)
        self.request = self.world.comm.Iallgather(self.own, self.total)

    def advance(self) -> bool:
        """Do what can be done without waiting; whether the sum is there."""
        if not self.request.Test():
            return False
        if self.total is None:
            self._exchange()
            return False
        return True

    def wait(self) -> np.ndarray:
        """The sum."""
        self.world.finish(self.request, "all_reduce")
        if self.total is None:
            self._exchange()
            self.world.finish(self.request, "all_reduce")
        assert self.total is not None
        return self.total[: self.count]


def in_order(parts: np.ndarray) -> np.ndarray:
    """The sum along the first axis, one after the other."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def world_of(timeout: float | None) -> World:
    """All processes that MPI started; from now on, an error of one ends all."""
    if MPI.COMM_WORLD.Get_size() == 1:
        return World()
    comm = MPI.COMM_WORLD.Dup()
    _end_together(comm.Get_rank())
    return MPIWorld(comm, timeout)


def _end_together(rank: int) -> None:
    """Let an error that nobody catches end every rank, with its traceback."""

    def end(kind: Any, error: Any, trace: Any) -> None:
        lines = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write("".join(f"[rank {rank}] {line}\n" for line in lines.splitlines()))
        sys.stderr.flush()
        MPI.COMM_WORLD.Abort(1)

    sys.excepthook = end
    threading.excepthook = lambda args: end(args.exc_type, args.exc_value, args.exc_traceback)
