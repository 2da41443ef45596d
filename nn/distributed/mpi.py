"""The processes of an MPI program."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from typing import Any

import numpy as np
from mpi4py import MPI

from autograd.errors import message
from nn.distributed.world import World

SPINS = 2000  # looks at a message before the processor is left to others between them
PAUSE = 5e-5  # seconds


class Late(RuntimeError):
    """Other ranks did not come to a collective in time."""


class MPIWorld(World):
    """Several processes.

    Sums are added in the order of the ranks: each rank gets one part of all arrays, adds up, and
    passes its sum on. That moves as many bytes as the best all-reduce, and gives the same bits on
    every rank, in every run and with every MPI. Arrays travel as bytes, so they may have any dtype.

    Args:
        comm: the communicator of MPI.
    """

    def __init__(self, comm: Any) -> None:
        self.comm = comm
        self.rank, self.size = comm.Get_rank(), comm.Get_size()
        self.open: set[MPISum] = set()  # MPI writes into their arrays, so they must stay

    def all_reduce(self, x: Any) -> Any:
        """Return the sum of all ranks' arrays, added in the order of the ranks."""
        x = np.asarray(x)
        return self.start_sum(x.reshape(-1)).wait().reshape(x.shape)

    def all_gather(self, x: Any) -> Any:
        """Return all ranks' arrays, joined along the first axis."""
        x = np.ascontiguousarray(x)
        out = np.empty((self.size * x.shape[0], *x.shape[1:]), x.dtype)
        self.finish(self.comm.Iallgather(in_bytes(x), in_bytes(out)), "all_gather")
        return out

    def reduce_scatter(self, x: Any) -> Any:
        """Return this rank's share of the sum, along the first axis."""
        x = np.ascontiguousarray(x)
        parts = np.empty((self.size, x.shape[0] // self.size, *x.shape[1:]), x.dtype)
        self.finish(self.comm.Ialltoall(in_bytes(x), in_bytes(parts)), "reduce_scatter")
        return in_order(parts)

    def broadcast(self, x: Any, root: int = 0) -> Any:
        """Return the array of rank `root`."""
        out = np.array(x, order="C")
        self.finish(self.comm.Ibcast(in_bytes(out), root), "broadcast")
        return out

    def reduce(self, x: Any, root: int = 0) -> Any:
        """Return the sum at rank `root`, and zeros elsewhere."""
        x = np.asarray(x)
        sent = np.ascontiguousarray(x)
        parts = np.empty((self.size, *x.shape), x.dtype) if self.rank == root else None
        received = None if parts is None else in_bytes(parts)
        self.finish(self.comm.Igather(in_bytes(sent), received, root), "reduce")
        return np.zeros_like(x) if parts is None else in_order(parts)

    def start_sum(self, flat: np.ndarray) -> MPISum:
        """Begin to add up arrays of one axis; they must not change until the sum is complete."""
        return MPISum(self, flat)

    def gathered(self, x: Any) -> list[Any]:
        """Return what each rank passes, any object that can be pickled, by rank."""
        self.barrier()  # which waits with a limit, as allgather of objects does not
        return self.comm.allgather(x)  # type: ignore[no-any-return]

    def barrier(self) -> None:
        """Wait until every rank is here."""
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
                    got = f"no answer from the other ranks in {self.timeout:g} seconds"
                    expected = "every rank to run the same collectives"
                    hint = "assign more seconds to nn.distributed.world().timeout if one is slow"
                    raise Late(message(f"{what} on rank {self.rank}", got, expected, hint))


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
        self.request = world.comm.Ialltoall(in_bytes(self.sent), in_bytes(self.parts))
        world.open.add(self)

    def _exchange(self) -> None:
        """Add up this rank's part, and pass it on."""
        self.own = in_order(self.parts)
        self.total = np.empty(self.sent.size, self.sent.dtype)
        self.request = self.world.comm.Iallgather(in_bytes(self.own), in_bytes(self.total))

    def advance(self) -> bool:
        """Do what can be done without waiting; returns whether the sum is complete."""
        if not self.request.Test():
            return False
        if self.total is None:
            self._exchange()
            return False
        return True

    def wait(self) -> np.ndarray:
        """Wait for the sum and return it."""
        self.world.finish(self.request, "all_reduce")
        if self.total is None:
            self._exchange()
            self.world.finish(self.request, "all_reduce")
        self.world.open.discard(self)
        assert self.total is not None
        return self.total[: self.count]


def in_bytes(x: np.ndarray) -> Any:
    """The memory of an array; MPI has no name for some dtypes, such as float16."""
    return x.reshape(-1).view(np.uint8)


def in_order(parts: np.ndarray) -> np.ndarray:
    """The sum along the first axis, one term after the other."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def world_of() -> World:
    """All processes that MPI started; from now on, an error in one of them ends all."""
    if MPI.COMM_WORLD.Get_size() == 1:
        return World()
    comm = MPI.COMM_WORLD.Dup()
    _end_together(comm.Get_rank())
    return MPIWorld(comm)


def _end_together(rank: int) -> None:
    """Let an error that nobody catches end every rank, with its traceback."""

    def end(kind: Any, error: Any, trace: Any) -> None:
        lines = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write("".join(f"[rank {rank}] {line}\n" for line in lines.splitlines()))
        sys.stderr.flush()
        MPI.COMM_WORLD.Abort(1)

    sys.excepthook = end
    threading.excepthook = lambda args: end(args.exc_type, args.exc_value, args.exc_traceback)
