"""An optimizer whose gradients are the means over all ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograd import Tensor, collect
from autograd.errors import kind, message
from nn import optim
from nn.distributed.world import Sum, World, world

BUCKET = 4 * 2**20  # bytes


class Bucket:
    """Parameters whose gradients travel together.

    Behind the gradients, a number for each parameter says whether this rank has one; so a rank that
    did not use a parameter learns whether another one did.
    """

    def __init__(self, parameters: list[Tensor]) -> None:
        self.parameters = parameters
        sizes = [p.size for p in parameters]
        ends = np.cumsum(sizes).tolist()
        self.spans = [slice(end - n, end) for n, end in zip(sizes, ends, strict=True)]
        self.flags = slice(ends[-1], ends[-1] + len(parameters))
        self.dtype = parameters[0].dtype
        self.begin()

    def begin(self) -> None:
        """A new pass."""
        self.sent = np.zeros(self.flags.stop, self.dtype)
        self.missing = len(self.parameters)
        self.sum: Sum | None = None

    def put(self, at: int, g: Any) -> None:
        """Take a gradient."""
        self.sent[self.spans[at]] = g.reshape(-1)
        self.sent[self.flags.start + at] = 1.0
        self.missing -= 1

    def finish(self, size: int) -> dict[Tensor, Any]:
        """The means, of parameters that any rank used."""
        assert self.sum is not None
        means = np.divide(self.sum.wait(), size)
        parts = zip(self.parameters, self.spans, means[self.flags], strict=True)
        return {p: means[span].reshape(p.shape) for p, span, used in parts if used}


class Optimizer(optim.Optimizer):
    """Makes every gradient the mean over all ranks, before the optimizer sees it.

    `loss.backward()` sends gradients in a few large buffers, each as soon as it is complete, while
    the rest of the pass is computed, and ends when the means are there. So whatever follows, such
    as clipping by the norm, sees the same gradients on every rank, and gradients that accumulate
    over several passes do so everywhere. Everything else is the optimizer's own.

    Args:
        optimizer: whose parameters and steps these are; the same on every rank.
        world: what the ranks communicate by; by default `nn.distributed.world()`.
        bucket_size: bytes in a buffer.

    Raises:
        TypeError: `optimizer` is not an optimizer.

    The gradients, and so the weights, have the bits of one process that adds up the gradients of
    the ranks' batches in the order of the ranks and divides by their number.

    Example:
        >>> import nn
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.distributed.Optimizer(nn.optim.SGD(model.parameters(), lr=0.1))
        >>> model(np.ones((4, 2))).sum().backward()
        >>> optimizer.step()
    """

    def __init__(
        self, optimizer: optim.Optimizer, world: World | None = None, bucket_size: int = BUCKET
    ) -> None:
        if not isinstance(optimizer, optim.Optimizer):
            got = f"{kind(optimizer)} as the optimizer"
            hint = "write nn.distributed.Optimizer(nn.optim.SGD(model.parameters(), lr=0.1))"
            raise TypeError(message("distributed.Optimizer", got, "one of nn.optim", hint))
        self.inner = optimizer
        self.world = _world() if world is None else world
        self.buckets = _buckets(optimizer.parameters, bucket_size)
        self.leaves = frozenset(optimizer.parameters)
        self.at_work = False
        self._removers = [
            p.register_hook(partial(self._ready, bucket, at))
            for bucket in (self.buckets if self.world.size > 1 else ())
            for at, p in enumerate(bucket.parameters)
        ]
        if self.world.size > 1:
            collect(self)

    # --- during a backward pass ---

    def begin(self) -> None:
        """A backward pass begins."""
        self.at_work = True
        self._next = 0
        for bucket in self.buckets:
            bucket.begin()

    def _ready(self, bucket: Bucket, at: int, g: Any) -> None:
        """The hook of a parameter: its gradient is complete."""
        if self.at_work:  # else a pass that adds to no `.grad`
            bucket.put(at, g)
            self._send()

    def _send(self, all_of_them: bool = False) -> None:
        """Send buffers that are complete, in the order that all ranks have."""
        for sent in self.buckets[: self._next]:
            assert sent.sum is not None
            sent.sum.advance()
        while self._next < len(self.buckets):
            bucket = self.buckets[self._next]
            if bucket.missing and not all_of_them:
                return
            bucket.sum = self.world.start_sum(bucket.sent)
            self._next += 1

    def finish(self) -> Mapping[Any, Any]:
        """The backward pass is over: the means instead of this rank's gradients."""
        if self.at_work:
            self._send(all_of_them=True)
            self._means = {}
            for bucket in self.buckets:
                self._means |= bucket.finish(self.world.size)
            self.at_work = False
            for p in self._unseen():
                g = self._means.pop(p)
                p.grad = g.copy() if p.grad is None else p.grad + g
        return self._means

    def _unseen(self) -> list[Tensor]:
        """Parameters that only other ranks used, which the pass does not know."""
        return [
            p
            for bucket in self.buckets
            for p, own in zip(bucket.parameters, bucket.sent[bucket.flags], strict=True)
            if not own and p in self._means
        ]

    # --- what the optimizer does itself ---

    @property
    def param_groups(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Those of the optimizer."""
        return self.inner.param_groups

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:  # type: ignore[override]
        """That of the optimizer."""
        return self.inner.state

    @property
    def defaults(self) -> dict[str, Any]:  # type: ignore[override]
        """Those of the optimizer."""
        return self.inner.defaults

    @property
    def _what(self) -> str:  # type: ignore[override]
        return type(self.inner).__name__

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """A step of the optimizer, the same on every rank."""
        return self.inner.step(closure)

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """What the optimizer subtracts."""
        return self.inner.update(p, g, state, group)

    def state_dict(self) -> dict[str, Any]:
        """That of the optimizer."""
        return self.inner.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state of the optimizer."""
        self.inner.load_state_dict(state_dict)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Refused, because the buffers are made."""
        got, hint = "a group added later", "add it to the optimizer before it is distributed"
        raise ValueError(message("distributed.Optimizer", got, "all parameters at first", hint))


_world = world


def _buckets(parameters: list[Tensor], size: int) -> list[Bucket]:
    """Parameters in the order in which gradients are complete, which is about the reverse of that
    in which they are used; each buffer has one dtype."""
    found: list[Bucket] = []
    entries: list[Tensor] = []

    def close() -> None:
        if entries:
            found.append(Bucket(list(entries)))
            entries.clear()

    for p in reversed(parameters):
        if entries and entries[0].dtype != p.dtype:
            close()
        entries.append(p)
        if sum(e.data.nbytes for e in entries) >= size:
            close()
    close()
    return found
