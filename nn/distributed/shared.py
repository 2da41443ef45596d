"""Sums of ranks that run on one machine, in memory that all of them see.

Messages between two processes of one machine are copied in and out of such memory, and only while
both of them call MPI. Here a rank writes its gradients where the others read them, and MPI only
says when all are there.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nn.distributed.mpi import Channel, MPIWorld

ALIGNED = 64  # bytes
FILES = Path("/dev/shm")  # files that are memory, on Linux; elsewhere ranks send messages


def memory_of_all(world: MPIWorld, size: int) -> mmap.mmap | None:
    """So many bytes of zeros that all ranks see; None, on every rank, where there are none.

    The file has no name any more when this returns, so that nothing is left of a killed program.
    """
    [path, *_] = world.gathered(_reserved(size) if world.rank == 0 else None)
    memory = None
    try:
        if path is not None:
            with contextlib.suppress(OSError), open(path, "r+b") as file:
                memory = mmap.mmap(file.fileno(), size)
        everywhere = all(world.gathered(memory is not None))
    finally:
        if path is not None and world.rank == 0:
            os.unlink(path)
    world.barrier()
    return memory if everywhere else None


def _reserved(size: int) -> str | None:
    """The path of a file of zeros; None where memory is short, which would show too late."""
    try:
        handle, path = tempfile.mkstemp(prefix="glassgrad-", dir=FILES)
    except OSError:
        return None
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError:
        os.unlink(path)
        return None
    finally:
        os.close(handle)
    return path


def padded(size: int) -> int:
    """A number of bytes after which another array may begin."""
    return -(size // -ALIGNED) * ALIGNED


class SharedBuffer:
    """An array of each rank, of which all ranks see all, and one for their sum.

    The next sum may begin as soon as every rank has given this one back: who adds up waits for all
    ranks, so none of them is behind by more than one sum.
    """

    def __init__(
        self, channel: Channel, memory: mmap.mmap, start: int, length: int, dtype: Any
    ) -> None:
        world = channel.world
        count = (world.size + 1) * length
        arrays: np.ndarray = np.frombuffer(memory, dtype, count, start).reshape(-1, length)
        self.channel, self.given = channel, arrays[:-1]
        self.total: np.ndarray = arrays[-1]
        self.array = self.given[world.rank]
        share = length // world.size
        self.share = slice(world.rank * share, (world.rank + 1) * share)

    def start(self) -> SharedSum:
        """Begin to add up; the array must not change until the sum is complete."""
        made = SharedSum(self)
        self.channel.waiting.append(made)
        return made

    def abandon(self) -> None:
        """What is added up too late is overwritten by the next sum, which comes after it."""


class SharedSum:
    """A sum under way: all wait until all have written, add up a share each, and wait again."""

    def __init__(self, buffer: SharedBuffer) -> None:
        self.buffer, self.complete = buffer, False
        self.request = buffer.channel.parts.Ibarrier()

    def exchange(self) -> None:
        """Add up this rank's share."""
        first, second, *others = self.buffer.given[:, self.buffer.share]
        total = np.add(first, second, out=self.buffer.total[self.buffer.share])
        for part in others:
            total += part
        self.request = self.buffer.channel.totals.Ibarrier()

    def end(self) -> None:
        """Note that every rank has added up its share."""
        self.complete = True

    def is_complete(self) -> bool:
        """Whether the sum is there, after doing what can be done without waiting."""
        self.buffer.channel.advance()
        return self.complete

    def wait(self) -> np.ndarray:
        """Wait for the sum and return it; it is there until the next one of this buffer begins."""
        self.buffer.channel.world.until(self.is_complete, "all_reduce")
        return self.buffer.total

    def release(self) -> None:
        """The memory stays the buffer's."""
