"""Run a backward pass again and keep every step.

The engine's own rules run in the engine's order. Explanations, the search for wrong rules and for
anomalies, and the page that plays a pass all read the replay.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.graph import Node, ancestors, data_of
from autograd.engine.hooks import call_hooks
from autograd.errors import DTypeError, GraphError, ShapeError, kind, message
from autograd.numpy.arguments import as_numbers


class Contribution(NamedTuple):
    """What a node handed to one of its inputs.

    Attributes:
        argument: the position of the input.
        to: the input.
        raw: what the rule returned, before it was summed down to the input's shape.
        value: what was added to the input's gradient.
    """

    argument: int
    to: Node
    raw: Any
    value: Any


class Step(NamedTuple):
    """One node's turn in the pass.

    Attributes:
        node: the node.
        cotangent: its complete gradient.
        contributions: what it handed to its inputs.
    """

    node: Node
    cotangent: Any
    contributions: tuple[Contribution, ...]


class Replay:
    """A backward pass of which every step was kept.

    Attributes:
        root: the result that was differentiated.
        steps: the turns in the engine's order, from the root to the leaves.
        received: for each node, everything that was added to its gradient, as pairs (giver,
            contribution).
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.steps: list[Step] = []
        self.received: dict[Node, list[tuple[Node, Contribution]]] = {}

    def gradient(self, node: Node) -> Any:
        """The complete gradient of a node, or None."""
        return next((step.cotangent for step in self.steps if step.node is node), None)


def replay(root: Node, seed: Any = None) -> Replay:
    """Run the backward pass of `root` and keep every step. Hooks are called; no `.grad` changes.

    Args:
        root: the result to differentiate.
        seed: the cotangent to start from; 1 if the root is one number.

    Raises:
        DTypeError: the root is not a node.
        GraphError: the root requires no gradient, or is not one number and there is no seed.
        ShapeError: the seed differs from the root in shape.

    Example:
        >>> from autograd.debug.replay import replay
        >>> x = ag.Value(3.0)
        >>> pass_ = replay(x * x + x)
        >>> [(step.node.op.name if step.node.op else "x", step.cotangent) for step in pass_.steps]
        [('add', 1.0), ('mul', 1.0), ('x', 7.0)]
        >>> len(pass_.received[x])
        3
    """
    check_node("replay", root)
    if not root.requires_grad:
        raise GraphError(
            message(
                "replay",
                "a node that does not require a gradient",
                "the result of a computation that does",
            )
        )
    check_seed("replay", root, seed)
    path = [node for node in ancestors([root]) if node.requires_grad]
    found = Replay(root)
    totals: dict[Node, Any] = {root: root._backend.seed(root, seed, False)}
    with root._backend.quiet():
        for node in reversed(path):
            g = call_hooks(node, totals[node])
            given: list[Contribution] = []
            if node.op is not None:
                for argument, x in enumerate(node.inputs):
                    if x is not None and x.requires_grad:
                        c = contribution(root, node, argument, g)
                        given.append(c)
                        found.received.setdefault(x, []).append((node, c))
                        totals[x] = c.value if x not in totals else totals[x] + c.value
            found.steps.append(Step(node, g, tuple(given)))
    return found


def check_node(what: str, x: Any) -> None:
    """Raise unless `x` is a node, and say what to pass instead."""
    if isinstance(x, Node):
        return
    hint = "pass one result, such as the loss" if isinstance(x, (list, tuple)) else ""
    if hasattr(x, "named_parameters"):
        hint = f"a {type(x).__name__} has no graph until it is called: pass the result of model(x)"
    raise DTypeError(message(what, kind(x), "a Value or a Tensor", hint))


SEED = ", or pass seed= of its shape"


def check_seed(what: str, root: Node, seed: Any, hint: str = SEED) -> None:
    """Raise if the root is not one number and has no seed, or if the seed has another shape."""
    shape = np.shape(root._data)
    if seed is None and np.size(root._data) != 1:
        hint = f"reduce it by sum() or mean(){hint}"
        raise GraphError(message(what, f"a result of shape {shape}", "one number", hint))
    if seed is None:
        return
    given = np.shape(as_numbers(data_of(seed), f"{what}: seed="))
    if given != shape:
        got = f"seed= of shape {given}"
        raise ShapeError(message(what, got, f"shape {shape}, that of the result"))


def contribution(root: Node, node: Node, argument: int, g: Any) -> Contribution:
    """What `node` hands to one of its inputs, given its own gradient `g`."""
    op, static, saved = node.op, node.static or {}, node.saved
    try:
        raw = op.rules[argument](g, node._data, *saved, **static)
    except (ArithmeticError, ValueError):
        raw = np.nan
    value = root._backend.safe_rule(node, argument, g, node._data, saved)
    value = root._backend.fit(node, argument, value, saved[argument])
    return Contribution(argument, node.inputs[argument], raw, value)


def norm_of(x: Any) -> float:
    """The Euclidean norm of a scalar or an array."""
    return float(np.linalg.norm(np.ravel(np.asarray(x, float))))


def names_of(nodes: Any) -> dict[Node, str]:
    """A name for each node: its own, or its operation and a count in the order given."""
    counts: dict[str, itertools.count[int]] = {}
    called = {}
    for node in nodes:
        kind = node.op.name if node.op is not None else "leaf"
        number = next(counts.setdefault(kind, itertools.count(1)))
        path = node.module
        own = node.name or f"{kind} {number}"
        called[node] = f"{path}.{own}" if path else own
    return called
