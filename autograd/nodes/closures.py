"""Operations written as in micrograd: a closure that adds to the `.grad` of the operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.engine.graph import Node, make_node
from autograd.engine.primitive import Primitive
from autograd.engine.recording import is_recording
from autograd.errors import GraphError, message

LINKS = ("op", "_first", "_first_data", "_second", "_second_data", "_rest")


def link(node: Any, children: Any, name: str, add: Callable[[], Any] = lambda: None) -> None:
    """Make `node` the result of an operation on `children`, whose `.grad` its derivative adds to.

    Raises:
        TypeError: the children are not nodes of its kind, or the name is not a string.
    """
    backend = node._backend
    sequence = isinstance(children, (tuple, list, set))
    if not sequence or not all(isinstance(x, backend.node) for x in children):
        raise TypeError(message("Value", f"_children={children!r}", "a tuple of Values"))
    if not isinstance(name, str):
        hint = "assign a _backward that adds to the .grad of the children"
        raise TypeError(message("Value", f"_op={name!r}", "the name of the operation", hint))
    inputs = tuple(dict.fromkeys(children))  # the closure of x * x adds both factors' parts to x
    node.requires_grad = is_recording() and any(x.requires_grad for x in inputs)
    if not node.requires_grad:
        return

    def rule(g: Any, *_: Any, argument: int) -> Any:
        if isinstance(g, Node):
            got = "a second derivative through a _backward written by hand"
            raise GraphError(message(name or "Value", got, hint="write it as an ag.Primitive"))
        before = [(x, x._grad) for x in (node, *inputs)]
        try:
            node._grad = g
            for x in inputs:
                x._grad = 0.0
            add()
            return inputs[argument]._grad
        finally:
            for x, grad in before:
                x._grad = grad

    op = Primitive(name, lambda *_: node._data, rule, variadic=True)
    saved = tuple(x._data for x in inputs)
    result = make_node(backend, node._data, op, inputs, saved, None)
    for slot in LINKS:
        setattr(node, slot, getattr(result, slot))


def hand_on(node: Any) -> None:
    """Add to the `.grad` of the operands what a pass would: micrograd's `node._backward()`."""
    backend, saved = node._backend, node.saved
    for argument, x in enumerate(node.inputs):
        if x is not None:
            c = backend.safe_rule(node, argument, node._grad, node._data, saved)
            x._grad += backend.fit(node, argument, c, saved[argument])
