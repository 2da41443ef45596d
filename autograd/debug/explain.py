"""Explain a gradient: what each consumer added, along which paths, or where the path is cut."""

from __future__ import annotations

import gc
from typing import Any, NamedTuple

import numpy as np

from autograd.debug.anomaly import Anomaly, find_anomalies
from autograd.debug.cuts import Cut, cuts_of
from autograd.debug.replay import Replay, check_node, check_seed, names_of, norm_of, replay
from autograd.debug.source_lines import SourceLine, line_of
from autograd.engine.graph import Node, ancestors
from autograd.errors import GraphError, counted, message
from autograd.html import heat_map, listed, shown, table

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
        multiplier: the norm of what it handed down, over the norm of its own gradient; 0 where that
            is 0.
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
        reason: why it is None or 0, or "".
        cut: the line where the path is cut, or the gradient becomes 0, if lines were recorded.
        shares: what each consumer added, the largest first.
        paths: the strongest paths from the node to the root, as links.
        anomalies: where a nan or inf in it was born.
        where: the operation, module and line that cut the path or make the gradient 0, if they are
            known.
        accumulated: `.grad` of the node, where it holds more than this gradient; else None.
    """

    name: str
    gradient: Any
    reason: str
    cut: SourceLine | None
    shares: list[Share]
    paths: list[list[Link]]
    anomalies: list[Anomaly]
    where: Cut | None = None
    accumulated: Any = None

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
        lines += [self.reason] if self.reason else []
        lines += (
            [_told_sum(self.gradient, self.accumulated)] if self.accumulated is not None else []
        )
        lines += [str(anomaly) for anomaly in self.anomalies]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """For notebooks: the gradient, a table of the shares, and the paths."""
        head, *rest = str(self).split("\n")
        head = head.partition(": ")[2] if head.startswith(f"{self.name}: ") else head
        rows = [
            [s.operation, s.argument, s.module, s.line or "", f"{s.norm:.4g}", f"{s.share:.1%}"]
            for s in self.shares
        ]
        columns = ("consumer", "argument", "module", "line", "norm", "share")
        shares = table(columns, rows, left=(0, 2, 3)) if rows else ""
        picture = "" if self.gradient is None else heat_map(self.gradient)
        # The lines of the shares are in the table already.
        return shown(self.name, [head], picture, shares, listed(rest[len(rows) :]))


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
        reason, cut, where = _why_none(node, root, called)
        return Explanation(name, None, reason, cut, [], [], [], where)
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
    reason, cut, where = ("", None, None) if np.any(gradient) else _why_zero(found, node, called)
    return Explanation(
        name,
        gradient,
        reason,
        cut,
        [shares[i] for i in order],
        paths,
        anomalies,
        where,
        accumulated=_accumulated(node, gradient),
    )


def _path(found: Replay, first: Any, called: dict[Node, str]) -> list[Link]:
    """Follow the largest contribution from a node's consumer up to the root."""
    own = {step.node: step.cotangent for step in found.steps}
    path, link = [], first
    while link is not None:
        giver, c = link
        norm, above = norm_of(c.value), norm_of(own[giver])
        path.append(Link(called[giver], giver.module, norm / above if above else 0.0, norm))
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


# --- Why a gradient is 0, or more than this pass gives ---

Why = tuple[str, SourceLine | None, Cut | None]


def _why_zero(found: Replay, node: Node, called: dict[Node, str]) -> Why:
    """The operation nearest to the root that got a gradient and handed down none, on the way."""
    reaching = set(ancestors([found.root]))
    for step in found.steps:
        if step.node.op is None or not np.any(step.cotangent) or step.node not in reaching:
            continue
        for c in step.contributions:
            if not np.any(c.value) and node in set(ancestors([c.to])):
                entries = counted(int(np.size(c.value)), "entry")
                what = f"{called[step.node]} passes none on: its slope is 0 at {entries}"
                line, module = line_of(step.node), step.node.module
                place = Cut(step.node.op.name, _own_name(c.to), module, line)
                return f"the gradient is 0 because {what}", line, place
    return "", None, None


def _accumulated(node: Node, gradient: Any) -> Any:
    """What `.grad` holds, if it is another gradient than that of this pass."""
    held = node.grad
    if node.op is not None or held is None or not np.any(held) or np.allclose(held, gradient):
        return None
    return held


def _told_sum(gradient: Any, held: Any) -> str:
    norm, own = norm_of(held), norm_of(gradient)
    what = f"{held:.6g}" if not np.shape(held) else f"‖{norm:.4g}‖"
    factor = float(np.vdot(held, gradient)) / own**2 if own else 0.0
    times = round(factor)
    if times > 1 and np.allclose(held, times * np.asarray(gradient)):
        told = f"{times} times that: backward() ran {times} times and each added its gradient"
        return f".grad is {what}, {told}; zero_grad() clears it"
    if 0.0 < factor < 1.0 and np.allclose(held, factor * np.asarray(gradient)):
        told = (
            f"{factor:.4g} times that: it was scaled after backward(), as clipping does, or comes"
        )
        return f".grad is {what}, {told} from another loss"
    told = "it still holds the gradients of other passes, because each adds its own"
    told = told if norm > own else "other passes added to it, or it was changed after backward()"
    return f".grad is {what}: {told}; zero_grad() clears it"


# --- Why there is none ---


def _why_none(node: Node, root: Node, called: dict[Node, str]) -> Why:
    """What cuts the path from the root to a node, the line that cuts it, and the cut."""
    kind = np.asarray(node._data).dtype
    if kind.kind != "f":
        return f"its dtype is {kind}, and only floats have gradients", line_of(node), None
    graph = ancestors([root])
    users = [x for x in graph if any(y is node for y in x.inputs)]
    if node is not root and not node.requires_grad and (users or node.op is None):
        hint = "; requires_grad_() switches it on" if node.op is None else ""
        return f"requires_grad is False{hint}", line_of(node), None
    if users:
        return (
            f"{called[users[0]]} hands no gradient to this argument, or what follows it is cut off",
            line_of(users[0]),
            None,
        )
    found = next(iter(cuts_of(node, root)), None)
    if found is not None:
        return f"the path ends where {found}", found.line, found
    return _guessed(node, root, graph)


def _guessed(node: Node, root: Node, graph: list[Node]) -> Why:
    """What can be told without a record: from data that nodes share, and from what is alive."""
    below = _alive_below(node, graph)
    through_data = _through_data([node, *below], graph)
    if through_data is not None:
        return through_data
    if not root.requires_grad:
        text = "the result requires none itself: it was computed under no_grad() or from constants"
        return text, line_of(root), None
    recorded = line_of(root) is not None
    seen = "; run the program under `with ag.record_lines():` to have the place named"
    seen = "" if recorded else seen
    start = _beginning(graph)
    if below:
        last = below[-1]
        how = "detach(), no_grad(), .data or a comparison"
        place = Cut(how, _own_name(last), last.module, line_of(last))
        text = f"the path ends after {_own_name(last)}, of which the result uses at most the data"
        return f"{text}{start}{seen}", line_of(last), place
    if recorded:  # which notes every cut
        text = (
            "the result was not computed from it, and nothing cut it off: its layer was not called"
        )
        return f"{text}{start}", line_of(root), None
    text = (
        "the result was not computed from it: its layer was not called, or detach(), no_grad(), "
        ".data or a comparison cut the path"
    )
    return f"{text}{start}{seen}", line_of(root), None


def _alive_below(node: Node, graph: list[Node]) -> list[Node]:
    """What was computed from a node and still is in memory, outside of a graph; oldest first."""
    inside = set(graph)
    alive = [x for x in gc.get_objects() if isinstance(x, Node) and x not in inside]
    later = [x for x in alive if x.number > node.number and x.op is not None]
    return sorted((x for x in later if node in set(ancestors([x]))), key=lambda x: x.number)


def _through_data(nodes: list[Node], graph: list[Node]) -> Why | None:
    """Where a graph took the data of a node outside of it, the first of which is asked about."""
    # Two Values of 2.0 written in one program may well share one Python float.
    cut_off = {id(x._data): x for x in nodes if type(x._data) is not float and np.size(x._data)}
    for other in graph:
        source = next(
            (cut_off[id(d)] for d in (other._data, *other.saved) if id(d) in cut_off), None
        )
        if source is None or source is other:
            continue
        how = "detach()" if other.op is None else "no_grad(), .data or detach()"
        place = Cut(how, _own_name(source), source.module, line_of(other))
        text = f"the result was computed from its data, cut off by {how}"
        if source is not nodes[0]:
            text = f"the path ends where {place}"
        return text, line_of(other), place
    return None


def _beginning(graph: list[Node]) -> str:
    """Where the graph of a result begins: the first operation, and the plain data it was given."""
    first = next((x for x in graph if x.op is not None), None)
    if first is None:
        return ""
    given = [d for x, d in zip(first.inputs, first.saved, strict=True) if x is None or x.op is None]
    shapes = [str(np.shape(d)) for d in given if not getattr(d, "requires_grad", False)]
    plain = f", from data of shape {shapes[0]}" if shapes else ""
    return f"; the graph of the result begins at {_own_name(first)}{plain}"


def _own_name(node: Node) -> str:
    name = node.name or (node.op.name if node.op is not None else "leaf")
    return f"{name} in module {node.module}" if node.module else name
