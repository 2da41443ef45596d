"""The processes of an MPI program."""

from __future__ import annotations

import sys
import threading
import time
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from mpi4py import MPI

from autograd import UnsupportedError
from autograd.errors import message
from nn.distributed.agreement import HEADER, check_headers, header
from nn.distributed.shared import SharedBuffer, SharedSum, memory_of_all, padded
from nn.distributed.single import Buffer, World

SPINS = 2000  # looks at a message before the processor is left to others between them
PAUSE = 5e-5  # seconds
READ = 0.2  # seconds


class Late(RuntimeError):
    """Other ranks did not come to a collective in time: they are slow, hang, or have ended."""


class MPIWorld(World):
    """Several processes.

    Sums are added in the order of the ranks: each rank gets one part of all arrays, adds up, and
    passes its sum on. That moves as many bytes as the best all-reduce, and gives the same bits on
    every rank, in every run and with every MPI. Arrays travel as bytes, so they may have any dtype.

    Args:
        comm: the communicator of MPI.
        shares_memory: whether sums may be made in memory that all ranks see; by default, whether
            all of them run on one machine.
    """

    def __init__(self, comm: Any, shares_memory: bool | None = None) -> None:
        self.comm = comm
        self.rank, self.size = comm.Get_rank(), comm.Get_size()
        self.shares_memory = _are_neighbours(comm) if shares_memory is None else shares_memory
        self._channels: list[Channel] = []
        self._channel = self.channel(self)

    def all_reduce(self, x: Any) -> Any:
        """Return the sum of all ranks' arrays, added in the order of the ranks."""
        x = self._agreed(x, "all_reduce")
        return self._channel.start(x.reshape(-1)).wait().reshape(x.shape)

    def all_gather(self, x: Any) -> Any:
        """Return all ranks' arrays, joined along the first axis."""
        x = self._agreed(x, "all_gather")
        out = np.empty((self.size * x.shape[0], *x.shape[1:]), x.dtype)
        self.finish(self.comm.Iallgather(in_bytes(x), in_bytes(out)), "all_gather")
        return out

    def reduce_scatter(self, x: Any) -> Any:
        """Return this rank's share of the sum, along the first axis."""
        x = self._agreed(x, "reduce_scatter")
        parts = np.empty((self.size, x.shape[0] // self.size, *x.shape[1:]), x.dtype)
        self.finish(self.comm.Ialltoall(in_bytes(x), in_bytes(parts)), "reduce_scatter")
        return in_order(parts)

    def broadcast(self, x: Any, root: int = 0) -> Any:
        """Return the array of rank `root`."""
        out = self._agreed(x, "broadcast", root).copy()
        self.finish(self.comm.Ibcast(in_bytes(out), root), "broadcast")
        return out

    def reduce(self, x: Any, root: int = 0) -> Any:
        """Return the sum at rank `root`, and zeros elsewhere."""
        x = self._agreed(x, "reduce", root)
        parts = np.empty((self.size, *x.shape), x.dtype) if self.rank == root else None
        received = None if parts is None else in_bytes(parts)
        self.finish(self.comm.Igather(in_bytes(x), received, root), "reduce")
        return np.zeros_like(x) if parts is None else in_order(parts)

    def _agreed(self, x: Any, what: str, root: int | None = None) -> np.ndarray:
        """An array as it is sent, once all ranks are known to send the like.

        The headers travel before the array, which costs one exchange of a few bytes. Sums of a
        channel have none: their lengths are compared when the optimizer is made.
        """
        sent = as_sent(x, what)
        headers = np.empty((self.size, HEADER), np.uint8)
        self.finish(self.comm.Iallgather(header(what, sent, root), headers), what)
        check_headers(what, headers)
        return sent

    def channel(self, owner: Any) -> Channel:
        """Return a way to add up arrays of which several may be under way.

        MPI has few communicators, so a channel whose owner is gone on every rank is used again. One
        whose sums were abandoned stays, since MPI may still write into their arrays.
        """
        free = [i for i, channel in enumerate(self._channels) if channel.is_free()]
        common = set.intersection(*map(set, self.gathered(free)))
        if not common:
            self._channels.append(Channel(self))
        channel = self._channels[min(common, default=-1)]
        channel.owner = weakref.ref(owner, lambda _: channel.spare.clear())
        return channel

    def gathered(self, x: Any) -> list[Any]:
        """Return what each rank passes, any object that can be pickled, by rank."""
        self.barrier()  # which waits with a limit, as allgather of objects does not
        return self.comm.allgather(x)  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        return world_of, ()  # that of the process in which it is read again

    def barrier(self) -> None:
        """Wait until every rank is here."""
        self.finish(self.comm.Ibarrier(), "barrier")

    def finish(self, request: Any, what: str) -> None:
        """Wait for a message."""
        self.until(request.Test, what)

    def until(self, done: Callable[[], bool], what: str) -> None:
        """Wait until something is done.

        Raises:
            Late: it was not done in time.
        """
        started, looks = time.monotonic(), 0
        while not done():
            looks += 1
            if looks > SPINS:
                time.sleep(PAUSE)
                if self.timeout is not None and time.monotonic() - started > self.timeout:
                    got = f"no answer from the other ranks in {self.timeout:g} seconds"
                    expected = "every rank to run the same collectives"
                    hint = (
                        "one of them may have ended, by sys.exit() or the end of its program; "
                        "if it is slow, assign more seconds to nn.distributed.world().timeout"
                    )
                    raise Late(message(f"{what} on rank {self.rank}", got, expected, hint))


class Channel:
    """Sums of which several may be under way, begun in the same order by every rank.

    A sum takes two exchanges. MPI pairs the collectives of a communicator by the order in which
    each rank begins them, and the first exchange may end early on one rank and late on another. So
    second exchanges have a communicator of their own, and begin in the order of the sums; and
    nothing else, such as a collective in the model, uses these communicators.
    """

    def __init__(self, world: MPIWorld) -> None:
        self.world = world
        self.parts, self.totals = world.comm.Dup(), world.comm.Dup()
        self.owner: Callable[[], Any] = lambda: None
        self.spare: list[np.ndarray] = []
        self.waiting: deque[MPISum | SharedSum] = deque()  # for their second exchange
        self.begun: deque[MPISum | SharedSum] = deque()  # MPI writes into arrays, so they must stay

    def is_free(self) -> bool:
        """Whether the owner is gone, and no sum is under way."""
        self.advance()
        return self.owner() is None and not self.waiting and not self.begun

    def buffers(self, sizes: Sequence[tuple[int, Any]]) -> list[Buffer]:
        """Return zeros of these lengths and dtypes; every rank must ask for the same ones in turn.

        All of them are in one memory that every rank sees, if there is one.
        """
        arrays = self.world.size + 1
        needed = [padded(arrays * length * np.dtype(dtype).itemsize) for length, dtype in sizes]
        starts = np.cumsum([0, *needed]).tolist()
        if self.world.shares_memory:
            memory = memory_of_all(self.world, starts.pop())
            if memory is not None:
                places = zip(starts, sizes, strict=True)
                return [SharedBuffer(self, memory, start, *size) for start, size in places]
        return [OwnBuffer(self, *size) for size in sizes]

    def start(self, flat: np.ndarray) -> MPISum:
        """Begin to add up arrays of one axis; they must not change until the sum is complete."""
        made = MPISum(self, flat)
        self.waiting.append(made)
        return made

    def advance(self) -> None:
        """Do what can be done without waiting."""
        while self.waiting and self.waiting[0].request.Test():
            made = self.waiting.popleft()
            made.exchange()
            self.begun.append(made)
        while self.begun and self.begun[0].request.Test():
            self.begun.popleft().end()

    def memory(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """Memory of an earlier sum if there is some, because new memory costs page faults."""
        for i, array in enumerate(self.spare):
            if array.shape == shape and array.dtype == dtype:
                return self.spare.pop(i)
        self.spare.clear()  # or each length that ever came would stay
        return np.empty(shape, dtype)


class OwnBuffer:
    """An array that only this rank sees, so MPI sends it."""

    def __init__(self, channel: Channel, length: int, dtype: Any) -> None:
        self.channel, self.array = channel, np.zeros(length, dtype)

    def start(self) -> MPISum:
        """Begin to add up; the array must not change until the sum is complete."""
        return self.channel.start(self.array)

    def abandon(self) -> None:
        """Leave the array to MPI, which may still read it."""
        self.array = np.zeros_like(self.array)


class MPISum:
    """A sum under way: parts are exchanged, added up, and the sums are exchanged."""

    def __init__(self, channel: Channel, flat: np.ndarray) -> None:
        self.channel, self.count, self.complete = channel, flat.size, False
        ranks = channel.world.size
        share = -(flat.size // -ranks)
        self.sent = flat
        if flat.size != share * ranks:
            self.sent = np.zeros(share * ranks, flat.dtype)
            self.sent[: flat.size] = flat
        self.parts = channel.memory((ranks, share), flat.dtype)
        self.request = channel.parts.Ialltoall(in_bytes(self.sent), in_bytes(self.parts))

    def exchange(self) -> None:
        """Add up this rank's part, and pass it on."""
        own = in_order(self.parts)
        self.total = self.channel.memory((self.sent.size,), self.sent.dtype)
        self.request = self.channel.totals.Iallgather(in_bytes(own), in_bytes(self.total))

    def end(self) -> None:
        """Note that the sum is there."""
        self.complete = True
        self.channel.spare.append(self.parts)

    def is_complete(self) -> bool:
        """Whether the sum is there, after doing what can be done without waiting."""
        self.channel.advance()
        return self.complete

    def wait(self) -> np.ndarray:
        """Wait for the sum and return it."""
        self.channel.world.until(self.is_complete, "all_reduce")
        return self.total[: self.count]

    def release(self) -> None:
        """Give the memory of the sum back, which another one may then use."""
        self.channel.spare.append(self.total)


def as_sent(x: Any, what: str) -> np.ndarray:
    """An array in C order, of its own shape.

    Raises:
        UnsupportedError: it is being compiled, so it stands for the arrays of later calls.
    """
    if isinstance(x, np.ndarray) and not issubclass(type(x), np.ndarray):
        hint = "compile what comes before it and after it"
        raise UnsupportedError(message(what, "an array that is being compiled", hint=hint))
    return np.asarray(x, order="C")


def in_bytes(x: np.ndarray) -> Any:
    """The memory of an array; MPI has no name for some dtypes, such as float16."""
    return x.reshape(-1).view(np.uint8)


def in_order(parts: np.ndarray) -> np.ndarray:
    """The sum along the first axis, one term after the other, in the place of the first."""
    total: np.ndarray = parts[0]
    for part in parts[1:]:
        total += part
    return total


def _are_neighbours(comm: Any) -> bool:
    """Whether all ranks run on one machine."""
    near = comm.Split_type(MPI.COMM_TYPE_SHARED)
    size = near.Get_size()
    near.Free()
    return bool(size == comm.Get_size())


@cache
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
        time.sleep(READ)  # the launcher loses what it has not read when it ends all
        MPI.COMM_WORLD.Abort(1)

    sys.excepthook = end
    threading.excepthook = lambda args: end(args.exc_type, args.exc_value, args.exc_traceback)
