"""What ranks do together, where a process is the only one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from nn.arguments import number, one_number

TIMEOUT = 8.0  # with the time to end all ranks, a rank that hangs is noticed within 10 seconds


class Sum(Protocol):
    """A sum over all ranks that is under way."""

    def wait(self) -> np.ndarray:
        """Wait for the sum and return it."""

    def release(self) -> None:
        """Give the memory of the sum back, which another one may then use."""


class Buffer(Protocol):
    """An array that is written to and added up again and again."""

    array: np.ndarray

    def start(self) -> Sum:
        """Begin to add up; the array must not change until the sum is complete."""

    def abandon(self) -> None:
        """Forget a sum for which nobody waits, though other ranks may still add it up."""


class Channel(Protocol):
    """Sums of which several may be under way, begun in the same order by every rank."""

    def buffers(self, sizes: Sequence[tuple[int, Any]]) -> list[Buffer]:
        """Return zeros of these lengths and dtypes to write to and to add up.

        Every rank must ask for the same ones in turn.
        """

    def start(self, flat: np.ndarray) -> Sum:
        """Begin to add up arrays of one axis; they must not change until the sum is complete."""

    def advance(self) -> None:
        """Do what can be done without waiting."""


class World:
    """This process alone: a world of one rank, in which every collective returns what it gets.

    `nn.distributed.world()` returns the world of this program, which has more ranks if `mpiexec`
    started it with more.

    Attributes:
        rank: the number of this process, from 0.
        size: the number of processes.
        timeout: how many seconds a rank waits for the others in a collective before it ends the
            program; None means for ever. Assign another limit where ranks may be apart for longer.

    Example:
        >>> import nn
        >>> world = nn.distributed.World()
        >>> world.rank, world.size, world.mean(0.5)
        (0, 1, 0.5)
    """

    rank: int = 0
    size: int = 1
    _timeout: float | None = TIMEOUT

    @property
    def timeout(self) -> float | None:
        """How many seconds a rank waits for the others; None means for ever."""
        return self._timeout

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        if seconds is not None:
            seconds = number("world.timeout", "seconds", seconds, 0.0, open_low=True, finite=False)
        self._timeout = seconds

    def all_reduce(self, x: Any) -> Any:
        """Return the sum of all ranks' arrays, added in the order of the ranks."""
        return x

    def all_gather(self, x: Any) -> Any:
        """Return all ranks' arrays, joined along the first axis."""
        return x

    def reduce_scatter(self, x: Any) -> Any:
        """Return this rank's share of the sum, along the first axis."""
        return x

    def broadcast(self, x: Any, root: int = 0) -> Any:
        """Return the array of rank `root`."""
        return x

    def reduce(self, x: Any, root: int = 0) -> Any:
        """Return the sum at rank `root`, and zeros elsewhere."""
        return x

    def channel(self, owner: Any) -> Channel:
        """Return a way to add up arrays of which several may be under way.

        It may become another one's when its owner is gone. Every rank must ask for one in turn.
        """
        return _Alone()

    def gathered(self, x: Any) -> list[Any]:
        """Return what each rank passes, any object that can be pickled, by rank."""
        return [x]

    def mean(self, value: float) -> float:
        """Return the mean of a number over all ranks.

        Raises:
            TypeError: it is not a number, or an array or Tensor with one.
            ShapeError: it has several entries.
        """
        total = 0.0
        for x in self.gathered(one_number("world.mean", "the value", value)):
            total += x
        return total / self.size

    def barrier(self) -> None:
        """Wait until every rank is here."""

    def __repr__(self) -> str:
        return f"<rank {self.rank} of {self.size}>"

    def __deepcopy__(self, memo: Any) -> World:
        return self


class _Alone:
    """Sums of one term."""

    def buffers(self, sizes: Sequence[tuple[int, Any]]) -> list[Buffer]:
        return [_Buffer(np.zeros(*size)) for size in sizes]

    def start(self, flat: np.ndarray) -> Sum:
        return _Own(flat)

    def advance(self) -> None:
        pass


class _Buffer:
    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def start(self) -> Sum:
        return _Own(self.array)

    def abandon(self) -> None:
        pass


class _Own:
    def __init__(self, flat: np.ndarray) -> None:
        self._flat = flat

    def wait(self) -> np.ndarray:
        return self._flat.copy()

    def release(self) -> None:
        pass
