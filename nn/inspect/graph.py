"""Reading the graph of a loss: softmaxes, their logarithms, errors against targets, picked classes.

Compositions are recognized by how their nodes are connected and by what they hold, so those that a
user writes by hand are found too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd import Node, ancestors, data_of, gradients

VIEWS = {"reshape", "transpose", "cast", "broadcast_to"}
LINEAR = {*VIEWS, "neg", "mean", "sum", "mul", "div", "add", "sub", "getitem", "concatenate"}
T = TypeVar("T")
AFFINE = {*LINEAR, "windows", "fold"}


class Softmax(NamedTuple):
    """A softmax, or the logarithm of its denominator.

    Attributes:
        node: its result.
        source: the logits.
        axes: the axes along which it is normalized.
    """

    node: Any
    source: Any
    axes: tuple[int, ...]


class Error(NamedTuple):
    """An output minus its target, or the reverse.

    Attributes:
        node: the difference.
        output: the node that depends on parameters.
        target: the plain data it is compared with.
    """

    node: Any
    output: Any
    target: Any


class Pick(NamedTuple):
    """Entries picked by integers.

    Attributes:
        node: the result.
        of: what they were picked from.
        places: an array of integers for each axis of it.
        axis: the axis of the classes.
    """

    node: Any
    of: Any
    places: tuple[Any, ...]
    axis: int

    @property
    def classes(self) -> Any:
        """The class numbers."""
        return self.places[self.axis]


def _once(find: Callable[[LossGraph], Iterator[T]]) -> Callable[[LossGraph], tuple[T, ...]]:
    """A search of a graph that is made once, because many questions begin with it."""

    @functools.wraps(find)
    def found(self: LossGraph) -> tuple[T, ...]:
        if find not in self.found:
            self.found[find] = tuple(find(self))
        return self.found[find]

    return found


class LossGraph:
    """The graph of a loss, divided into the model and what computes the loss from its outputs.

    Args:
        root: the loss.
        outputs: the nodes that the model returned.
        owners: for several models, the names of those that made them.
    """

    def __init__(
        self, root: Node, outputs: Iterable[Node] = (), owners: Iterable[str] = ()
    ) -> None:
        self.root: Any = root
        self.found: dict[Any, tuple[Any, ...]] = {}  # by searches of this graph
        self.nodes: list[Any] = ancestors([root])
        self.outputs: list[Any] = [x for x in outputs if isinstance(x, Node)]
        inside: set[Any] = set(ancestors(self.outputs))
        self.model: list[Any] = [x for x in self.nodes if x in inside]
        self.loss: list[Any] = [x for x in self.nodes if x not in inside]
        self.owner: dict[Any, str] = {}
        for name, out in zip(owners, self.outputs, strict=False):
            if name:  # what an earlier model made stays its own, as what a generator made
                self.owner |= {x: name for x in ancestors([out]) if x not in self.owner}
        self.users: dict[Any, list[Any]] = {}
        for node in self.nodes:
            for x in dict.fromkeys(node.inputs):
                if x is not None:
                    self.users.setdefault(x, []).append(node)

    def place(self, node: Any) -> str:
        """The path of a node's module, with the name of its model if there are several."""
        path, model = str(node.module), self.owner.get(node, "")
        return f"{model}.{path}".rstrip(".") if model else path

    def leaves(self) -> list[Any]:
        """The leaves that gradients flow to."""
        return [x for x in self.nodes if x.op is None and x.requires_grad]

    @_once
    def softmaxes(self) -> Iterator[Softmax]:
        """e^x over its own sum."""
        for node in self.nodes:
            if name(node) != "div":
                continue
            above, below = node.inputs
            total = behind(below, VIEWS)
            if name(above) == "exp" and name(total) == "sum" and name(total.inputs[0]) == "exp":
                yield Softmax(node, _logits(above.inputs[0]), axes_of(total))

    @_once
    def normalizers(self) -> Iterator[Softmax]:
        """The logarithm of the sum of e^x."""
        for node in self.nodes:
            if name(node) == "logsumexp":
                yield Softmax(node, _logits(node.inputs[0]), axes_of(node))
            elif name(node) == "log" and name(node.inputs[0]) == "sum":
                total = node.inputs[0]
                if name(total.inputs[0]) == "exp":
                    yield Softmax(node, _logits(total.inputs[0].inputs[0]), axes_of(total))

    @_once
    def errors(self) -> Iterator[Error]:
        """Differences between what depends on parameters and plain data, as a loss takes them."""
        for node in self.loss:
            if name(node) != "sub" or not node.requires_grad:
                continue
            given = [x is not None and x.requires_grad for x in node.inputs]
            if sum(given) == 1 and any(map(_measures, self.users.get(node, ()))):
                at = given.index(True)
                yield Error(node, node.inputs[at], node.saved[1 - at])

    @_once
    def picks(self) -> Iterator[Pick]:
        """Entries picked by integers, as a loss picks the scores of the true classes."""
        for node in self.loss:
            if name(node) != "getitem" or node.inputs[0] is None:
                continue
            index, of = (node.static or {}).get("index"), node.inputs[0]
            if not isinstance(index, tuple) or len(index) != of.ndim or of.ndim < 2:
                continue
            if all(map(is_integers, index)):
                axis = next((a for a, i in enumerate(index) if not _counts(i)), of.ndim - 1)
                axis = 1 if of.ndim == 2 else axis
                yield Pick(node, of, index, axis)

    def gradient(self, node: Any) -> Any:
        """The gradient of the loss with respect to a node."""
        found = gradients(self.root, [node])[0]
        return np.zeros(node.shape) if found is None else found

    def is_linear_to_root(self, node: Any) -> bool:
        """Whether the loss is a weighted sum of a node's entries, by one path."""
        while node is not self.root:
            users = self.users.get(node, [])
            if len(users) != 1 or not is_affine(users[0], LINEAR):
                return False
            node = users[0]
        return True


def name(node: Any) -> str:
    """The name of a node's primitive; "" for a leaf and for None."""
    return node.op.name if node is not None and node.op is not None else ""


def axes_of(node: Any) -> tuple[int, ...]:
    """The axes over which a node reduces, counted from 0."""
    axis, ndim = (node.static or {}).get("axis"), np.ndim(node.saved[0])
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,)))


def is_integers(x: Any) -> bool:
    """Whether an index is an array of integers."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "iu" and x.ndim >= 1


def _counts(index: Any) -> bool:
    """Whether an index is 0, 1, 2, ..., which picks from every row."""
    flat = np.ravel(index)
    return bool(np.array_equal(flat, np.arange(flat.size)))


def is_affine(node: Any, operations: set[str]) -> bool:
    """Whether a node is affine in its one input that is not plain data."""
    if name(node) not in operations:
        return False
    attached = [x is not None and x.requires_grad for x in node.inputs]
    return sum(attached) == 1 and not (name(node) == "div" and attached[-1])


def behind(node: Any, operations: set[str]) -> Any:
    """The node of which others are only views."""
    while name(node) in operations and node.inputs[0] is not None:
        node = node.inputs[0]
    return node


def attached(node: Any) -> Any:
    """The one input of a node that gradients flow to; None for none or several."""
    found = [x for x in node.inputs if x is not None and x.requires_grad]
    return found[0] if len(found) == 1 else None


def is_distribution(data: Any, axes: tuple[int, ...]) -> bool:
    """Whether entries are not negative and sum to 1 along some axes, of more than one entry."""
    array = np.asarray(data_of(data), float)
    if not array.size or any(a >= array.ndim for a in axes):
        return False
    if int(np.prod([array.shape[a] for a in axes])) < 2 or float(array.min()) < 0.0:
        return False
    return bool(np.allclose(array.sum(axis=axes), 1.0, atol=1e-4))


def _logits(node: Any) -> Any:
    """What a softmax was asked for, before a constant was subtracted against overflow."""
    node = behind(node, VIEWS)
    while name(node) == "sub" and (node.inputs[1] is None or not node.inputs[1].requires_grad):
        node = behind(node.inputs[0], VIEWS)
    return node


def _measures(node: Any) -> bool:
    """Whether a node turns a difference into an error that is not negative."""
    if name(node) in {"square", "abs"}:
        return True
    if name(node) == "pow":
        return float(np.ravel(np.asarray(node.saved[1], float))[0]) in (2.0, 4.0)
    return name(node) == "mul" and node.inputs[0] is node.inputs[1]
