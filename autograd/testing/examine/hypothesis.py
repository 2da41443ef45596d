"""A hypothesis: what somebody may have done, and which gradients would come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node
from autograd.errors import DTypeError, GraphError, ShapeError, UnsupportedError
from autograd.testing.examine.expressions import expression_of
from autograd.testing.examine.flow import Edge, Flow, Local, Modify
from autograd.testing.examine.trial import Trial

Array = Any
Gradients = Mapping[str, Array]
# What a hypothesis may raise where its change does not fit the shapes or the domain of a step.
UNFIT = (
    *(ValueError, TypeError, IndexError, KeyError, ArithmeticError, AttributeError),
    *(RuntimeError, np.linalg.LinAlgError, DTypeError, GraphError, ShapeError, UnsupportedError),
)


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A mistake that may have been made.

    Attributes:
        kind: one of the kinds of mistakes.
        cost: how far-fetched it is; the cheapest that explains an answer is accepted.
        text: what was done, as the end of a sentence that begins with the name of the gradient.
        step: the number of the node whose step it is about; None if it is about none.
        predict: the gradients that would come of it, at a point; None if they cannot be computed.
        edge: the place in the backward pass that is changed, if it is one.
        modify: the change there, to be combined with others.
        local: the number of a node, and what the mistake adds to its gradient, if it is that.
        group: the same for the same mistake at another step; None if it is made once.
    """

    kind: str
    cost: float
    text: str
    step: int | None
    predict: Callable[[Trial], Gradients | None]
    edge: Edge | None = None
    modify: Modify | None = None
    local: Local | None = None
    group: Any = None


def flow_of(trial: Trial) -> Flow:
    """The backward pass of a trial that has one."""
    assert trial.flow is not None
    return trial.flow


def at_edge(
    kind: str, cost: float, text: str, edge: Edge, modify: Modify, group: Any = None
) -> Hypothesis:
    """The hypothesis that something else is handed on at one place."""

    def predict(trial: Trial) -> Gradients | None:
        flow = flow_of(trial)
        return flow.changed(edge, modify(flow.spot(edge)))

    def local(flow: Flow) -> tuple[int, Array]:
        spot = flow.spot(edge)
        value = modify(spot)
        if np.shape(value) != np.shape(spot.right):
            raise ValueError("a value of another shape")
        return flow.number[spot.to], value - spot.right

    return Hypothesis(kind, cost, text, edge[0], predict, edge, modify, local, group)


class Named(NamedTuple):
    """An array of the problem, found in the same way in every trial.

    Attributes:
        key: ("value", i), ("gradient", i) or ("constant", i, argument).
        array: it, in the trial that was searched.
    """

    key: tuple[Any, ...]
    array: Array

    def of(self, flow: Flow) -> Array:
        """The same array in another trial."""
        return array_at(flow, self.key)


def array_at(flow: Flow, key: tuple[Any, ...]) -> Array:
    """The array that a key stands for."""
    what, i, *rest = key
    node = flow.nodes[i]
    if what == "value":
        return node._data
    if what == "gradient":
        return flow.cotangents[i]
    return node.saved[rest[0]]


def arrays_of(flow: Flow) -> Iterator[Named]:
    """The values of all steps, the constants among their arguments, then the gradients."""
    seen: set[int] = set()
    for i, node in enumerate(flow.nodes):
        yield Named(("value", i), node._data)
        if node.op is None:
            continue
        for argument, (x, datum) in enumerate(zip(node.inputs, node.saved, strict=True)):
            if x is None and np.ndim(datum) and id(datum) not in seen:
                seen.add(id(datum))
                yield Named(("constant", i, argument), datum)
    for i, g in enumerate(flow.cotangents):
        if g is not None:
            yield Named(("gradient", i), g)


def described(flow: Flow, key: tuple[Any, ...]) -> str:
    """What an array is, in words."""
    what, i, *_ = key
    node = flow.nodes[i]
    if what == "value":
        return value_of(flow, node)
    if what == "gradient":
        return f"the gradient of {value_of(flow, node)}"
    return f"the constant array in {step_of(flow, node)}"


def value_of(flow: Flow, node: Node) -> str:
    """A node as a reader would call it: a variable, an expression, or what a step computes."""
    if node not in flow.words:
        flow.words[node] = _value_of(flow, node)
    return flow.words[node]


def _value_of(flow: Flow, node: Node) -> str:
    name = _named(flow, node)
    if name:
        return name
    if any(y is node for y in flow.outputs):
        return "the result" if len(flow.outputs) == 1 else "a result"
    return expression_of(node, lambda x: _named(flow, x)) or f"the output of {step_name(node)}"


def _named(flow: Flow, node: Node) -> str:
    """What the program calls a node, "" if it gives it no name."""
    for name, leaf in flow.leaves.items():
        if leaf is node:
            return name
    return flow.called.get(flow.number.get(node, -1), "")


def step_of(flow: Flow, node: Node) -> str:
    """A step with what it computes, if the program has a word for that: "div (x / T)"."""
    value, step = value_of(flow, node), step_name(node)
    is_told = node.op is None or value.startswith("the output of") or value.endswith(" result")
    return step if is_told else f"{step} ({value})"


def step_name(node: Node) -> str:
    """What a step does, and in which module."""
    if node.op is None:
        return node.name or "an input"
    where = f" in {node.module}" if node.module else ""
    return f"{node.op.name}{where}"
