"""An optimizer whose gradients are the means over all ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any
from weakref import ref

import numpy as np

from autograd import Node, Tensor, collect_gradients
from autograd.errors import kind, message
from nn import optim
from nn.arguments import one_number, size
from nn.distributed.buckets import Bucket, buckets_of
from nn.distributed.launch import checked_world
from nn.distributed.single import World
from nn.optim.optimizer import check_closure

BUCKET = 4 * 2**20  # bytes


class Optimizer(optim.Optimizer):
    """Makes every gradient the mean over all ranks before the optimizer sees it.

    `loss.backward()` sends gradients in a few large buffers, each as soon as it is complete, while
    the rest of the pass is computed, and returns when the means are there. So whatever follows,
    such as clipping by the norm, sees the same gradients on every rank, and gradients that
    accumulate over several passes do so everywhere. Everything else is the optimizer's own.

    Every rank must therefore run the same backward passes through these parameters. A pass that
    reaches none of them is this rank's own business.

    Args:
        optimizer: the optimizer that makes the steps; the same on every rank.
        world: how the ranks communicate; by default `nn.distributed.world()`.
        bucket_size: the size of a buffer in bytes.

    Raises:
        TypeError: `optimizer` is not an optimizer, or `world` is not a world.
        ValueError: the optimizer is distributed already.

    The gradients, and so the weights, have the same bits as in one process that adds up the
    gradients of the ranks' batches in the order of the ranks and divides by their number.

    Example:
        >>> import nn
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.distributed.Optimizer(nn.optim.SGD(model.parameters(), lr=0.1))
        >>> model(np.ones((4, 2))).sum().backward()
        >>> optimizer.step()

    Source: Li et al., PyTorch distributed (2020), for buckets and the overlap with backward.
    """

    def __init__(
        self, optimizer: optim.Optimizer, world: World | None = None, bucket_size: int = BUCKET
    ) -> None:
        what = "distributed.Optimizer"
        if not isinstance(optimizer, optim.Optimizer):
            got = f"{kind(optimizer)} as the optimizer"
            hint = "write nn.distributed.Optimizer(nn.optim.SGD(model.parameters(), lr=0.1))"
            raise TypeError(message(what, got, "one of nn.optim", hint))
        if isinstance(optimizer, Optimizer):
            got = "an optimizer that is distributed already"
            raise ValueError(message(what, got, "one of nn.optim"))
        self.inner, self.world = optimizer, checked_world(what, world)
        bucket_size = size(what, "bucket_size", bucket_size, 1)
        self.buckets = buckets_of(optimizer.parameters, bucket_size, self.world.size)
        self.leaves: Set[Node] = set(optimizer.parameters)
        self._at_work, self._next = False, 0
        self._means: dict[Tensor, Any] = {}
        self.channel = self.world.channel()
        if self.world.size > 1:
            for bucket in self.buckets:
                for at, p in enumerate(bucket.parameters):
                    p.register_hook(_Hook(self, bucket, at))
            collect_gradients(self)

    # --- during a backward pass ---

    def begin(self) -> None:
        """Prepare for a backward pass; the engine calls it."""
        self._at_work, self._next = True, 0
        for bucket in self.buckets:
            bucket.begin()

    def ready(self, bucket: Bucket, at: int, g: Any) -> None:
        """Take the complete gradient of a parameter; its hook calls it."""
        if self._at_work:  # otherwise the pass adds to no `.grad`
            bucket.put(at, g)
            self._send()

    def _send(self, whether_full: bool = True) -> None:
        """Send buffers that are full, in the order that all ranks have."""
        self.channel.advance()
        while self._next < len(self.buckets):
            bucket = self.buckets[self._next]
            if whether_full and not bucket.full:
                return
            bucket.send(self.channel)
            self._next += 1

    def finish(self, gradients: Mapping[Any, Any]) -> Mapping[Any, Any]:
        """Return the means in place of this rank's gradients; the engine calls it."""
        if self._at_work:  # otherwise the pass has run again, with care
            self._at_work = False
            self._send(whether_full=False)
            self._means = {}
            for bucket in self.buckets:
                self._means |= bucket.means(self.world.size)
            for p in self._means.keys() - gradients.keys():  # only other ranks used these
                g = self._means.pop(p)
                p.grad = g.copy() if p.grad is None else p.grad + g
        for bucket in self.buckets:
            bucket.check(gradients)
        return self._means

    # --- what the optimizer does itself ---

    @property
    def param_groups(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The groups of the optimizer."""
        return self.inner.param_groups

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:  # type: ignore[override]
        """The state of the optimizer."""
        return self.inner.state

    @property
    def defaults(self) -> dict[str, Any]:  # type: ignore[override]
        """The default options of the optimizer."""
        return self.inner.defaults

    @property
    def _what(self) -> str:  # type: ignore[override]
        return type(self.inner).__name__

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make a step of the optimizer, the same on every rank.

        Args:
            closure: computes the loss and its gradients. The optimizer gets the mean loss of all
                ranks, so that a line search takes the same decisions everywhere.

        Returns:
            the mean loss that the closure led to, or None.
        """
        if closure is None or self.world.size == 1:
            return self.inner.step(closure)
        check_closure(self._what, closure)
        return self.inner.step(lambda: self._mean_of(closure()))

    def _mean_of(self, loss: Any) -> Any:
        """The mean of a loss over the ranks."""
        if loss is None:
            return None
        mean = self.world.mean(one_number(self._what, "the loss", loss))
        return Tensor(np.asarray(mean, loss.dtype)) if isinstance(loss, Tensor) else mean

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """Return what the optimizer subtracts."""
        return self.inner.update(p, g, state, group)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizer, which loads with any number of ranks."""
        return self.inner.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state of the optimizer."""
        self.inner.load_state_dict(state_dict)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Refused, because the buffers are made."""
        got, hint = "a group added later", "add it to the optimizer before it is distributed"
        raise ValueError(message("distributed.Optimizer", got, "all parameters at first", hint))


class _Hook:
    """A hook of a parameter, which does not keep the optimizer alive."""

    def __init__(self, optimizer: Optimizer, bucket: Bucket, at: int) -> None:
        self._optimizer, self._bucket, self._at = ref(optimizer), bucket, at

    def __call__(self, g: Any) -> None:
        optimizer = self._optimizer()
        if optimizer is not None:
            optimizer.ready(self._bucket, self._at, g)
