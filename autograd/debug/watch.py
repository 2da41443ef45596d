"""Watch the backward passes of a program from outside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from autograd.engine.backward import backward_watch
from autograd.engine.graph import Node
from autograd.errors import kind, message


@contextlib.contextmanager
def watch_backward(look: Callable[[Node, Any, bool], Any]) -> Iterator[None]:
    """Call a function at the beginning of each backward pass.

    Blocks may be nested: the outer function is called first. Passes that the function itself begins
    are not reported to it. Outside of the block it costs nothing.

    Args:
        look: called with the result that is differentiated, such as the loss, the seed, None for
            the default, and whether the pass adds to `.grad`: `backward()` does, `ag.gradients`
            does not.

    Raises:
        TypeError: `look` is not callable.

    Example:
        >>> losses = []
        >>> x = ag.Value(3.0)
        >>> with ag.watch_backward(lambda root, seed, adds: losses.append(root.data)):
        ...     (x * x).backward()
        >>> losses
        [9.0]
    """
    if not callable(look):
        raise TypeError(message("watch_backward", kind(look), "a function of (root, seed, adds)"))
    outer = backward_watch.get()
    busy = False

    def both(root: Node, seed: Any, adds: bool) -> None:
        nonlocal busy
        if busy:
            return
        if outer is not None:
            outer(root, seed, adds)
        busy = True
        try:
            look(root, seed, adds)
        finally:
            busy = False

    token = backward_watch.set(both)
    try:
        yield
    finally:
        backward_watch.reset(token)
