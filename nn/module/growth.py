"""State that keeps a graph: a running mean computed from the one before, call after call."""

from __future__ import annotations

import warnings
from typing import Any

from autograd import Node
from autograd.errors import message

NEAREST = 64  # nodes to look at: the old value is close, as in 0.9 · old + 0.1 · mean


def warn_of_growth(module: Any, name: str, before: Any, value: Any) -> None:
    """Warn if an attribute gets a node that was computed from its present value, a node as well.

    The graph of such an attribute contains those of all calls before: memory grows with every call,
    and so does the time of a backward pass.

    Args:
        module: the module.
        name: the attribute.
        before: what it holds.
        value: what it gets.
    """
    if not isinstance(before, Node) or before.op is None or before is value:
        return
    near: list[Any] = [value]
    for node in near:  # the list grows meanwhile
        if node is before:
            what = f"{type(module).__name__}.{name}"
            got = "a node computed from its value before, whose graph grows with every call"
            hint = f"store numbers, as in self.{name} = ag.stop_gradient(...), or use no_grad()"
            warnings.warn(message(what, got, "state without a graph", hint), stacklevel=3)
            return
        if len(near) < NEAREST:
            near += [x for x in node.inputs if x is not None and x.requires_grad]
