"""Hooks: a user's functions that see the whole gradient of a node and may replace it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from autograd.engine.graph import Node, constant, label
from autograd.errors import message

# The result of hooks that are running. It stays if one of them raises: the pass, which takes a
# ValueError of a rule as a reason to run again with care, must not call hooks twice.
RAISED: Any = object()


def call_hooks_once(node: Node, gradient: Any, hooked: dict[Node, Any]) -> Any:
    """The gradient of a node after its hooks, which do not run again when the pass does."""
    if node not in hooked:
        hooked[node] = RAISED
        hooked[node] = call_hooks(node, gradient)
    return hooked[node]


def has_raised(hooked: dict[Node, Any]) -> bool:
    """Whether the error that ended the pass came from a hook."""
    return any(result is RAISED for result in hooked.values())


def call_hooks(node: Node, gradient: Any) -> Any:
    """The gradient of a node after its hooks.

    The library's own hooks that neither keep nor replace it have an attribute `only_looks`, and see
    it without a copy.

    Raises:
        ShapeError, DTypeError: a hook returned something other than a gradient of the node.
    """
    backend = node._backend
    for hook in node.note.hooks.values() if node.note is not None else ():
        if getattr(hook, "only_looks", False):
            hook(backend.seen(gradient))
            continue
        gradient = backend.read_only(gradient)
        try:
            result = hook(gradient)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            got = "a write to a read-only array, which its argument is"
            hint = "write return g * 2 instead of g *= 2"
            raise ValueError(message(_named(hook, node), got, "a new gradient", hint)) from error
        if result is None:
            continue
        checked = backend.read_only(backend.gradient(_named(hook, node), result, node))
        if not isinstance(gradient, Node):
            gradient = checked
        else:  # with create_graph; a plain result is a constant
            gradient = result if isinstance(result, Node) else constant(backend, checked)
    return gradient


def _named(hook: Callable[..., Any], node: Node) -> str:
    """A hook by its name and node, and the line that defined it where there is one."""
    inner: Any = inspect.unwrap(hook)
    while isinstance(inner, partial):
        inner = inner.func
    name = getattr(inner, "__qualname__", type(inner).__name__).rpartition("<locals>.")[2]
    code = getattr(inner, "__code__", None) or getattr(type(inner).__call__, "__code__", None)
    if code is not None:
        name += f" ({os.path.basename(code.co_filename)}:{code.co_firstlineno})"
    return f"the hook {name} on {label(node)}"
