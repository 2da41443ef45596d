"""Gradients that travel together: few large buffers instead of many small ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import GraphError, Tensor, data_of
from autograd.errors import message
from nn.distributed.single import Channel, Sum


class Bucket:
    """Parameters whose gradients travel in one buffer.

    Behind the gradients, the buffer has a flag for each parameter: whether this rank computed a
    gradient for it. So a rank that did not use a parameter learns that another one did.
    """

    def __init__(self, parameters: list[Tensor], ranks: int = 1) -> None:
        self.parameters = parameters
        sizes = [p.size for p in parameters]
        ends = np.cumsum(sizes).tolist()
        self.spans = [slice(end - n, end) for n, end in zip(sizes, ends, strict=True)]
        self.flags = slice(ends[-1], ends[-1] + len(parameters))
        self.dtype = parameters[0].dtype
        self.length = -(self.flags.stop // -ranks) * ranks  # so that every rank adds up as much
        self.sum: Sum | None = None
        self._renew()

    def _renew(self) -> None:
        self.sent = np.zeros(self.length, self.dtype)
        self.given: dict[Tensor, Any] = {}

    def begin(self) -> None:
        """Forget the last pass; its buffer is used again unless an error left it on its way."""
        if self.sum is not None:
            self.sum = None
            self._renew()
        self.given.clear()
        self.sent[self.flags] = 0.0

    def send(self, channel: Channel) -> None:
        """Begin to add up."""
        for p, span in zip(self.parameters, self.spans, strict=True):
            if p not in self.given:
                self.sent[span] = 0.0
        self.sum = channel.start(self.sent)

    @property
    def full(self) -> bool:
        """Whether every gradient is there."""
        return len(self.given) == len(self.parameters)

    def put(self, at: int, g: Any) -> None:
        """Take the gradient of a parameter."""
        self.sent[self.spans[at]] = g.reshape(-1)
        self.sent[self.flags.start + at] = 1.0
        self.given[self.parameters[at]] = g

    def check(self, gradients: Mapping[Any, Any]) -> None:
        """Raise if a hook that ran later changed what was sent.

        Raises:
            GraphError: one did, and the mean would lose that.
        """
        for p, g in self.given.items():
            if _address(gradients[p]) != _address(g):
                got = f"a hook of {p.name or 'a parameter'} that ran after its gradient was sent"
                hint = "register hooks before you make the nn.distributed.Optimizer"
                raise GraphError(message("distributed.Optimizer", got, hint=hint))

    def means(self, size: int) -> dict[Tensor, Any]:
        """Wait for the sums; returns the means for the parameters that any rank used."""
        assert self.sum is not None
        means = self.sum.wait()
        self.sum = None
        np.divide(means, size, out=means)
        parts = zip(self.parameters, self.spans, means[self.flags], strict=True)
        return {p: means[span].reshape(p.shape) for p, span, used in parts if used}


def _address(g: Any) -> int:
    return int(g.__array_interface__["data"][0])


def buckets_of(parameters: list[Tensor], size: int, ranks: int = 1) -> list[Bucket]:
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
    return [Bucket(entries, ranks) for entries in found]
