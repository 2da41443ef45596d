"""Gradients that travel together: few large buffers instead of many small ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import GraphError, Tensor, data_of
from autograd.errors import message
from nn.distributed.single import Buffer, Channel, Sum

TURNS = 7  # passes that are told apart; few, so that a sum over 256 ranks is exact in float16


class Bucket:
    """Parameters whose gradients travel in one buffer.

    Behind the gradients, the buffer has a flag for each parameter: whether this rank computed a
    gradient for it. So a rank that did not use a parameter learns that another one did. The last
    number tells which pass the gradients are of.

    Args:
        parameters: of one dtype.
        buffer: with `length_of` entries.
        ranks: how many there are.
    """

    def __init__(self, parameters: list[Tensor], buffer: Buffer, ranks: int = 1) -> None:
        self.parameters, self.ranks = parameters, ranks
        sizes = [p.size for p in parameters]
        ends = np.cumsum(sizes).tolist()
        self.spans = [slice(end - n, end) for n, end in zip(sizes, ends, strict=True)]
        self.flags = slice(ends[-1], ends[-1] + len(parameters))
        self.buffer = buffer
        self.sum: Sum | None = None
        self.passes = 0
        self.given: set[int] = set()

    @property
    def sent(self) -> np.ndarray:
        """What this rank adds to the sum."""
        return self.buffer.array

    def begin(self) -> None:
        """Forget the last pass."""
        if self.sum is not None:  # an error left it on its way
            self.sum = None
            self.buffer.abandon()
        self.given.clear()
        self.passes += 1
        self.sent[self.flags] = 0.0
        self.sent[-1] = 1 + self.passes % TURNS

    def send(self) -> None:
        """Begin to add up."""
        for at, span in enumerate(self.spans):
            if at not in self.given:
                self.sent[span] = 0.0
        self.sum = self.buffer.start()

    @property
    def full(self) -> bool:
        """Whether every gradient is there."""
        return len(self.given) == len(self.parameters)

    def put(self, at: int, g: Any) -> None:
        """Take the gradient of a parameter."""
        self.sent[self.spans[at]].reshape(g.shape)[...] = g
        self.sent[self.flags.start + at] = 1.0
        self.given.add(at)

    def means(self) -> dict[Tensor, Any]:
        """Wait for the sums; returns the means for the parameters that any rank used.

        Raises:
            GraphError: ranks sent gradients of different passes.
        """
        assert self.sum is not None
        total = self.sum.wait()
        turns = in_turn([self.sent[-1]] * self.ranks)
        if total[-1] != turns:
            got = "gradients of different backward passes on different ranks"
            hint = "let an error that ends a pass end the program, or catch it on every rank"
            raise GraphError(message("distributed.Optimizer", got, hint=hint))
        parts = zip(self.parameters, self.spans, total[self.flags], strict=True)
        # Each in memory of its own, which the engine takes as `.grad` without another copy.
        means = {
            p: np.divide(total[s].reshape(p.shape), self.ranks) for p, s, used in parts if used
        }
        self.sum.release()
        self.sum = None
        return means


def in_turn(numbers: list[Any]) -> Any:
    """The sum of numbers in their own precision, added as those of ranks are."""
    total = numbers[0]
    for x in numbers[1:]:
        total = total + x
    return total


def buckets_of(
    parameters: list[Tensor], size: int, channel: Channel, ranks: int = 1
) -> list[Bucket]:
    """Buckets of about `size` bytes, each of one dtype.

    The last parameters come first, because their gradients are the first to be complete.
    """
    found: list[list[Tensor]] = []
    filled = size
    for p in reversed(parameters):
        if filled >= size or found[-1][0].dtype != p.dtype:
            found.append([])
            filled = 0
        found[-1].append(p)
        filled += data_of(p).nbytes
    buffers = channel.buffers([(length_of(entries, ranks), entries[0].dtype) for entries in found])
    return [Bucket(*pair, ranks) for pair in zip(found, buffers, strict=True)]


def length_of(parameters: list[Tensor], ranks: int) -> int:
    """Entries for gradients, flags and the pass; as many more as let every rank add up as much."""
    entries: int = sum(p.size for p in parameters) + len(parameters) + 1
    return -(entries // -ranks) * ranks
