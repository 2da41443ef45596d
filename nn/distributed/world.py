"""The ranks that train together: processes of one MPI program, or this process alone."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, Protocol

import numpy as np

from autograd.errors import message

INSTALL = 'pip install "glassgrad[mpi]"'
# What the launchers of MPI's implementations tell the processes that they start.
LAUNCHED = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "SLURM_NTASKS", "MPI_LOCALNRANKS")


class Sum(Protocol):
    """A sum over all ranks that is under way."""

    def advance(self) -> bool:
        """Do what can be done without waiting; whether the sum is there."""

    def wait(self) -> np.ndarray:
        """The sum."""


class World:
    """This process alone: a world of one rank, in which every collective returns what it gets.

    Attributes:
        rank: the number of this process, from 0.
        size: how many processes there are.
    """

    rank, size = 0, 1

    def all_reduce(self, x: Any) -> Any:
        """The sum of all ranks' arrays, added in the order of the ranks."""
        return x

    def all_gather(self, x: Any) -> Any:
        """All ranks' arrays, joined along the first axis."""
        return x

    def reduce_scatter(self, x: Any) -> Any:
        """This rank's share of the sum, along the first axis."""
        return x

    def broadcast(self, x: Any, root: int = 0) -> Any:
        """The array of rank `root`."""
        return x

    def reduce(self, x: Any, root: int = 0) -> Any:
        """The sum at rank `root`, and zeros elsewhere."""
        return x

    def start_sum(self, flat: np.ndarray) -> Sum:
        """Begin to add up arrays of one axis, which stay as they are until the sum is there."""
        return _Own(flat)

    def gathered(self, x: Any) -> list[Any]:
        """What each rank passes, any object that can be pickled, in the order of the ranks."""
        return [x]

    def barrier(self) -> None:
        """Wait until every rank is here."""

    def __repr__(self) -> str:
        return f"<rank {self.rank} of {self.size}>"

    def __deepcopy__(self, memo: Any) -> World:
        return self


class _Own:
    """The sum of one array."""

    def __init__(self, flat: np.ndarray) -> None:
        self._flat = flat

    def advance(self) -> bool:
        return True

    def wait(self) -> np.ndarray:
        return self._flat.copy()


@cache
def world(timeout: float | None = 10.0) -> World:
    """The processes that this one was started with, by `mpiexec` or a cluster's scheduler.

    Without MPI, or started as usual, a process is a world of one, so that the same program runs
    everywhere. With several, a rank that raises, that is killed, or that others wait for longer
    than `timeout`, ends all of them with its message.

    Args:
        timeout: how many seconds a rank waits for another one in a collective; None for ever.

    Raises:
        ImportError: the process was started with others, and mpi4py is missing.

    Example:
        >>> import nn
        >>> nn.distributed.world()
        <rank 0 of 1>
    """
    started = any(
        int(os.environ.get(name, "0") or 0) > 1 for name in LAUNCHED if name != "PMIX_RANK"
    )
    try:
        from nn.distributed.mpi import world_of  # mpi4py is optional, and starts MPI when imported
    except ImportError as error:
        if not started:
            return World()
        got = f"{error}, in a process that was started with others"
        raise ImportError(message("world", got, "mpi4py", f"run {INSTALL}")) from None
    return world_of(timeout) if started else World()
