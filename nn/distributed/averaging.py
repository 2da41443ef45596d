"""Gradients become means over all ranks, while a backward pass computes the others."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Set
from typing import Any
from weakref import WeakSet

from autograd import GraphError, Node, Tensor, collect_gradients
from autograd.errors import message
from nn.distributed.agreement import check_signatures, check_weights, signature
from nn.distributed.buckets import buckets_of
from nn.distributed.single import World


class Averaging:
    """What takes part in backward passes for an optimizer.

    The optimizer and the one that it wraps both hold it, and it holds neither: so gradients are
    means as long as one of them can make a step.

    Args:
        parameters: in the same order on every rank.
        world: how the ranks communicate.
        bucket_size: the size of a buffer in bytes.

    Raises:
        ShapeError: another rank has other parameters, in another order, or another bucket size.
        ValueError: gradients of a parameter are made means already.
    """

    def __init__(self, parameters: list[Tensor], world: World, bucket_size: int) -> None:
        self.world = world
        self.leaves: Set[Node] = set(parameters)
        self._at_work, self._next, self._compared = False, 0, False
        self._means: dict[Tensor, Any] = {}
        if world.size > 1:
            names = (f"parameter {k} ({p.name or 'no name'})" for k, p in enumerate(parameters))
            lines = [signature(*pair) for pair in zip(names, parameters, strict=True)]
            lines.append(f"a bucket size of {bucket_size}")
            check_signatures("distributed.Optimizer", world, lines)
            self._refuse_twice(parameters)
        self.channel = world.channel(self)
        self.buckets = buckets_of(parameters, bucket_size, self.channel, world.size)
        self._places = {p: (b, at) for b in self.buckets for at, p in enumerate(b.parameters)}
        if world.size > 1:
            collect_gradients(self)
            alive.add(self)

    def _refuse_twice(self, parameters: list[Tensor]) -> None:
        """Raise if another one has some of these parameters."""
        if any(self.leaves & other.leaves for other in alive):
            gc.collect()  # it may have been left behind in a cycle
        for other in alive:
            twice = [p for p in parameters if p in other.leaves]
            if twice:
                name = twice[0].name or "without a name"
                got = f"the parameter {name} of another distributed.Optimizer"
                hint = "give both the same wrapped optimizer, or delete the other one first"
                raise ValueError(message("distributed.Optimizer", got, "each once", hint))

    def __reduce__(self) -> Any:
        return type(None), ()  # a copy of the optimizer has other parameters, and no means

    def begin(self) -> None:
        """Prepare for a backward pass; the engine calls it.

        Raises:
            GraphError: another one through these parameters is under way; or, before the first
                pass, another rank has other weights.
        """
        if self._at_work:
            got = (
                "a backward pass that begins while another one through its parameters is under way"
            )
            hint = "let the outer pass, or that of another thread, end before; ag.gradients may run"
            raise GraphError(message("distributed.Optimizer", got, "one at a time", hint))
        if not self._compared:
            check_weights("distributed.Optimizer", self.world, list(self._places))
            self._compared = True
        self._at_work, self._next = True, 0
        for bucket in self.buckets:
            bucket.begin()

    def ready(self, leaf: Node, gradient: Any) -> None:
        """Take the complete gradient of a parameter; the engine calls it."""
        place = self._places.get(leaf)  # type: ignore[call-overload]
        if place is not None:
            bucket, at = place
            bucket.put(at, gradient)
            self._send()

    def abandon(self) -> None:
        """Forget a pass that ended by an error; the engine calls it."""
        self._at_work = False

    def _send(self, whether_full: bool = True) -> None:
        """Send buffers that are full, in the order that all ranks have."""
        self.channel.advance()
        while self._next < len(self.buckets):
            bucket = self.buckets[self._next]
            if whether_full and not bucket.full:
                return
            bucket.send()
            self._next += 1

    def finish(self, gradients: Mapping[Any, Any]) -> Mapping[Any, Any]:
        """Return the means in place of this rank's gradients; the engine calls it."""
        if self._at_work:  # otherwise the pass has run again, with care
            self._at_work = False
            self._send(whether_full=False)
            self._means = {}
            for bucket in self.buckets:
                self._means |= bucket.means()
            for p in self._means.keys() - gradients.keys():  # only other ranks used these
                g = self._means.pop(p)
                p.grad = g.copy() if p.grad is None else p.grad + g
        return self._means


alive: WeakSet[Averaging] = WeakSet()
