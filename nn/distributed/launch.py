"""The ranks of this program: processes that a launcher of MPI started, or this process alone."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from autograd.errors import kind, message
from nn.distributed.single import World

INSTALL = 'pip install "glassgrad[mpi]"'
# Where launchers of MPI programs write the number of processes that they start.
SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS")
RANK_ONLY = "PMIX_RANK"  # this one's number is known to MPI only


def world() -> World:
    """Return the processes that this one was started with, by `mpiexec` or a cluster's scheduler.

    A process that was started as usual is a world of one, with or without MPI, so the same program
    runs everywhere. With several ranks, one that raises an error, is killed, or keeps the others
    waiting for longer than `world().timeout` seconds ends all of them with its message.

    Raises:
        ImportError: the process was started with others, and mpi4py is missing.

    Example:
        >>> import nn
        >>> nn.distributed.world()
        <rank 0 of 1>
    """
    return found()


@cache
def found() -> World:
    """The world of this program, which is looked for once."""
    if not is_launched():
        return World()
    try:
        from nn.distributed.mpi import world_of  # it is optional, and starts MPI when imported
    except ImportError as error:
        got = f"a process that was started with others, where {error}"
        raise ImportError(message("world", got, "the package mpi4py", f"run {INSTALL}")) from None
    return world_of()


def is_launched() -> bool:
    """Whether a launcher started this process, perhaps with others."""
    return RANK_ONLY in os.environ or any(_number(name) > 1 for name in SIZES)


def _number(name: str) -> int:
    """A number in the environment; 0 if there is none."""
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else 0


def world_of_optimizer(optimizer: Any) -> World:
    """Return the ranks over which an optimizer, or the one that it wraps, takes means."""
    for o in (optimizer, getattr(optimizer, "optimizer", None)):
        ranks = getattr(o, "world", None)
        if isinstance(ranks, World):
            return ranks
    return World()


def checked_world(what: str, given: Any) -> World:
    """The world, by default that of this program.

    Raises:
        TypeError: it is something else.
    """
    if given is None:
        return world()
    if not isinstance(given, World):
        hint = "pass nn.distributed.world()"
        raise TypeError(message(what, f"{kind(given)} as the world", "a World", hint))
    return given


if not is_launched():
    found()  # now, because a layer that looks into the environment cannot be compiled or exported
