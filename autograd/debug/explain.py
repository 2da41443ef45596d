"""Explain a gradient: what each consumer added, along which paths, or where the path is cut."""

from __future__ import annotations

import gc
from typing import Any, NamedTuple

import numpy as np

from autograd.debug.anomaly import Anomaly, find_anomalies
from autograd.debug.replay import Replay, check_node, check_seed, names_of, norm_of, replay
from autograd.debug.source_lines import SourceLine, line_of
from autograd.engine.graph import Node, ancestors
from autograd.errors import GraphError, counted, message

PATHS = 3  # the number of paths to follow
LONGEST = 12  # the number of steps of a path to print


class Share(NamedTuple):
    """What one consumer added to a gradient.

    Attributes:
        operation: the name of the consumer.
        argument: the position of the node among its inputs.
        module: the path of the consumer's module, "" for none.
        line: the user's line that made the consumer, if lines were recorded.
        value: what was added, of the node's shape.
        norm: its Euclidean norm.
        share: its component along the gradient, over the gradient's norm; all shares sum to 1.
    """

    operation: str
    argument: int
    module: str
    line: SourceLine | None
    value: Any
    norm: float
    share: float


class Link(NamedTuple):
    """A step of a path towards the root.

    Attributes:
        operation: the name of the consumer.
        module: the path of its module, "" for none.
        multiplier: the norm of what it handed down, over the norm of its own gradient.
        norm: the norm of what it handed down.
    """

    operation: str
    module: str
    multiplier: float
    norm: float


class Explanation(NamedTuple):
    """Where the gradient of a node came from; print it for a table and the paths.

    Attributes:
        name: the name of the node.
        gradient: its gradient, or None.
        reason: why it has none, or "".
        cut: the line where the path is cut, if lines were recorded.
        shares: what each consumer added, the largest first.
        paths: the strongest paths from the node to the root, as links.
        anomalies: where a nan or inf in it was born.
    """

    name: str
    gradient: Any
    reason: str
    cut: SourceLine | None
    shares: list[Share]
    paths: list[list[Link]]
    anomalies: list[Anomaly]

    def __str__(self) -> str:
        if self.gradient is None:
            at = f"\n  at {self.cut}" if self.cut is not None else ""
            return f"{self.name}: no gradient; {self.reason}{at}"
        shape = np.shape(self.gradient)
        what = (
            f"‖gradient‖ {norm_of(self.gradient):.4g}" if shape else f"gradient {self.gradient:.6g}"
        )
        lines = [f"{self.name}: {what}, the sum over {counted(len(self.shares), 'consumer')}"]
        for share in self.shares:
            where = f", {share.line}" if share.line is not None else ""
            lines.append(
                f"  {share.share:7.1%}  norm {share.norm:<10.4g} from {share.operation} (argument "
                f"{share.argument}){where}"
            )
        for i, path in enumerate(self.paths, 1):
            shown = (
                path if len(path) <= LONGEST else [*path[: LONGEST // 2], *path[-LONGEST // 2 :]]
            )
            steps = " ← ".join(f"{link.operation} ×{link.multiplier:.3g}" for link in shown)
            left = len(path) - len(shown)
            lines.append(
                f"path {i}: {self.name} ← {steps}"
                + (f" ({counted(left, 'step')} left out)" if left else "")
            )
        lines += [str(anomaly) for anomaly in self.anomalies]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)


def explain(node: Node, root: Node | None = None) -> Explanation:
    """Explain where the gradient of a node comes from, or why it has none.

    Args:
        node: any node, such as a parameter.
        root: the result to differentiate, such as the loss. By default, the youngest scalar that is
            alive, has no consumers, and was computed from the node; if there is none, the youngest
            of the others.

    Returns:
        the explanation; `print` it, or read its attributes. Run the computation under
        `with ag.record_lines():` to see the lines of your program in it.

    Raises:
        DTypeError: `node` or `root` is not a node.
        GraphError: no root was passed, and none is alive; or the root is not one number.

    Example:
        >>> x = ag.Value(3.0, name="x")
        >>> y = x * x + 2.0 * x
        >>> print(ag.explain(x, y))
        x: gradient 8, the sum over 3 consumers
            37.5%  norm 3          from mul 1 (argument 0)
            37.5%  norm 3          from mul 1 (argument 1)
            25.0%  norm 2          from mul 2 (argument 1)
        path 1: x ← mul 1 ×3 ← add 1 ×1
        path 2: x ← mul 1 ×3 ← add 1 ×1
        path 3: x ← mul 2 ×2 ← add 1 ×1
    """
    check_node("explain", node)
    if root is None:
        root = _find_root(node)
    check_node("explain, root", root)
    graph = ancestors([root])
    called = names_of([*graph, node])
    name = called[node]
    if not root.requires_grad or not node.requires_grad or node not in set(graph):
        reason, cut = _why_none(node, root, called)
        return Explanation(name, None, reason, cut, [], [], [])
    check_seed("explain", root, None, hint="")
    found = replay(root)
    gradient = found.gradient(node)
    received = found.received.get(node, [])
    total = float(np.vdot(gradient, gradient))
    shares = [
        Share(
            called[giver],
            c.argument,
            giver.module,
            line_of(giver),
            c.value,
            norm_of(c.value),
            float(np.vdot(c.value, gradient)) / total if total else 0.0,
        )
        for giver, c in received
    ]
    order = sorted(range(len(shares)), key=lambda i: -shares[i].norm)
    paths = [_path(found, received[i], called) for i in order[:PATHS]]
    anomalies = [] if np.isfinite(np.asarray(gradient)).all() else find_anomalies(root)
    return Explanation(name, gradient, "", None, [shares[i] for i in order], paths, anomalies)


def _path(found: Replay, first: Any, called: dict[Node, str]) -> list[Link]:
    """Follow the largest contribution from a node's consumer up to the root."""
    own = {step.node: step.cotangent for step in found.steps}
    path, link = [], first
    while link is not None:
        giver, c = link
        norm, above = norm_of(c.value), norm_of(own[giver])
        path.append(Link(called[giver], giver.module, norm / above if above else np.nan, norm))
        further = found.received.get(giver, [])
        link = max(further, key=lambda pair: norm_of(pair[1].value), default=None)
    return path


def _find_root(node: Node) -> Node:
    """The youngest scalar alive without consumers; if one was computed from `node`, that one."""
    alive = [x for x in gc.get_objects() if isinstance(x, Node) and x.op is not None]
    consumed = {x for user in alive for x in user.inputs if x is not None}
    ends = [x for x in alive if x not in consumed and np.size(x._data) == 1]
    ends.sort(key=lambda x: -x.number)
    for end in ends:
        if node in set(ancestors([end])):
            return end
    if not ends:
        raise GraphError(
            message(
                "explain",
                "no root, and no result is alive that a gradient could come from",
                hint="pass root=, such as the loss",
            )
        )
    return ends[0]


def _why_none(node: Node, root: Node, called: dict[Node, str]) -> tuple[str, SourceLine | None]:
    """What cuts the path from the root to a node, and the line that cuts it."""
    kind = np.asarray(node._data).dtype
    if kind.kind != "f":
        return f"its dtype is {kind}, and only floats have gradients", line_of(node)
    graph = ancestors([root])
    users = [x for x in graph if any(y is node for y in x.inputs)]
    if node is not root and not node.requires_grad and (users or node.op is None):
        hint = "; requires_grad_() switches it on" if node.op is None else ""
        return f"requires_grad is False{hint}", line_of(node)
    if users:
        return (
            f"{called[users[0]]} hands no gradient to this argument, or what follows it is cut off",
            line_of(users[0]),
        )
    for other in graph:
        # Two Values of 2.0 written in one program may well share one Python float.
        shared = () if type(node._data) is float else (other._data, *other.saved)
        copies = [datum for datum in shared if datum is node._data]
        if other is not node and copies and np.size(node._data):
            how = "detach()" if other.op is None else "no_grad() or detach()"
            return f"the result was computed from its data, cut off by {how}", line_of(other)
    if not root.requires_grad:
        return (
            "the result requires none itself: it was computed under no_grad() or from constants",
            line_of(root),
        )
    return (
        "the result was not computed from it, or no_grad() or detach() cut the path between them",
        line_of(root),
    )
