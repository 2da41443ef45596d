"""An optimizer whose gradients are the means over all ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.errors import kind, message
from nn import optim
from nn.arguments import one_number, size
from nn.distributed.averaging import Averaging
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

    The wrapped optimizer sees the means too, even if only that one is kept. A copy, by
    `copy.deepcopy` or pickle, is distributed as well; every rank must make it.

    Every rank must therefore run the same backward passes through these parameters. A pass that
    reaches none of them is this rank's own business.

    Args:
        optimizer: the optimizer that makes the steps; the same on every rank.
        world: how the ranks communicate; by default `nn.distributed.world()`.
        bucket_size: the size of a buffer in bytes.

    Raises:
        TypeError: `optimizer` is not an optimizer, or `world` is not a world.
        ValueError: the optimizer is distributed already, or another one has its parameters.
        ShapeError: another rank has other parameters, or the same in another order.

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
        if optimizer._averaging is not None:
            got = "an optimizer of which there is a distributed one already"
            raise ValueError(message(what, got, "one of nn.optim"))
        self.inner, self.world = optimizer, checked_world(what, world)
        self.bucket_size = size(what, "bucket_size", bucket_size, 1)
        averaging = Averaging(optimizer.parameters, self.world, self.bucket_size)
        optimizer._averaging = self._averaging = averaging
        self.buckets, self.channel = averaging.buckets, averaging.channel

    def __reduce__(self) -> Any:
        return type(self), (self.inner, self.world, self.bucket_size)

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
        """Refused, by the wrapped optimizer too, because the buffers are made."""
        self.inner.add_param_group(param_group)
