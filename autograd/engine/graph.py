"""The engine: nodes, and the one backward pass.

Read it top to bottom as the explanation of reverse-mode differentiation. It knows neither floats
nor arrays; what only a kind of number can say (is it nan, does a gradient fit) it asks the node's
class.
"""

from __future__ import annotations

import contextlib
import itertools
import operator
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar

from autograd.engine.note import Note, Scope, noted
from autograd.engine.recording import current
from autograd.errors import GraphError

# --- A node ---------------------------------------------------------------------------------------
#
# A program that computes with nodes leaves a graph behind: every result remembers the primitive it
# came from, the nodes that went in, and the very data that the primitive was given. Arrows point
# from results to inputs only, so dropping the last result frees the whole graph, without the cyclic
# collector.

next_number = itertools.count().__next__


class Node:
    """One number or array in a graph. `Value` and `Tensor` are its two kinds.

    Attributes:
        data: the number or array.
        grad: the gradient that `backward()` accumulated, as plain data. Before a pass, and where
            the differentiated result does not depend on the node, it is 0.0 on a Value and None on
            a Tensor.
        requires_grad: whether gradients flow to or through this node.
        op: the primitive that computed it; None for a leaf.
        inputs: what the primitive was given; nodes, and None where plain data came.
        saved: the plain data that it was given, constants included.
        static: the facts about the call that are not data (axis, shape, index); None if there are
            none.
        number: counts up at creation. An input is always older than its result.
        note: name, hooks and the like; None for most nodes.
    """

    __slots__ = (
        "_a",
        "_b",
        "_cotangent",
        "_data",
        "_x",
        "_y",
        "grad",
        "note",
        "number",
        "op",
        "requires_grad",
        "static",
    )

    _data: Any
    grad: Any
    requires_grad: bool
    op: Any
    # Two inputs and their data, None for none: without tuples, which Python's cyclic collector has
    # to look through, a network of floats takes a fifth less time. Where the primitive is `wide`,
    # taking more than two, `_x` is a tuple of all inputs and `_a` of all their data.
    _x: Any
    _y: Any
    _a: Any
    _b: Any
    _cotangent: Any  # what a backward pass that is under way has for this node; else None
    static: dict[str, Any] | None
    number: int
    note: Note | Scope | None

    # What a kind of node tells the engine.
    _kind: ClassVar[type[Node]]  # the class of results, for subclasses such as a parameter
    _identity: ClassVar[Any]  # the primitive that hands its input on
    _keeps_every_grad: ClassVar[bool]
    _has_shape: ClassVar[bool]  # whether its data is an array
    _initial_grad: ClassVar[Any] = None  # `.grad` before a backward pass

    __hash__ = object.__hash__  # `==` compares data, sets and dictionaries go by identity

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What the primitive was given; nodes, and None where plain data came."""
        if self.op is None:
            return ()
        if self.op.wide:
            return self._x  # type: ignore[no-any-return]
        return (self._x,) if self._b is None else (self._x, self._y)

    @property
    def saved(self) -> tuple[Any, ...]:
        """The plain data that the primitive was given, constants included."""
        if self.op is None:
            return ()
        if self.op.wide:
            return self._a  # type: ignore[no-any-return]
        return (self._a,) if self._b is None else (self._a, self._b)

    def _set_data(self, data: Any) -> None:
        if self.op is not None:
            raise GraphError(
                f"data: this node was computed by {self.op.name}; assign to a leaf instead, "
                "or take detach() of the node for a new leaf"
            )
        self._data = self._accept(data)

    data = property(
        operator.attrgetter("_data"),
        _set_data,
        doc="The number or array. Assigning replaces it; graphs already built keep what they were "
        "given.",
    )

    @property
    def name(self) -> str | None:
        """A label for drawings and messages."""
        return self.note.label if self.note is not None else None

    @name.setter
    def name(self, name: str | None) -> None:
        self.note = noted(self.note, label=name)

    @property
    def module(self) -> str:
        """The path of the module that computed the node, such as "encoder.0.linear"; "" for
        none."""
        scope = self.note.scope if self.note is not None else None
        return scope.path if scope is not None else ""

    @property
    def is_leaf(self) -> bool:
        """Whether the node was given rather than computed."""
        return self.op is None

    def backward(self, gradient: Any = None) -> None:
        """Add the gradient of this node to the `.grad` of everything it was computed from.

        Args:
            gradient: the cotangent to start from, of this node's shape; 1 if the node is one
                number.
        """
        backward(self, gradient)

    def zero_grad(self) -> None:
        """Forget the accumulated gradient: `.grad` is 0.0 again on a Value, None on a Tensor."""
        self.grad = self._initial_grad

    def register_hook(self, hook: Callable[[Any], Any]) -> Callable[[], None]:
        """Call `hook(gradient)` whenever a backward pass has this node's whole gradient.

        What the hook returns, if not None, replaces the gradient from there on.

        Returns:
            a function that removes the hook.
        """
        self.note = noted(self.note, hooks=(*(self.note.hooks if self.note else ()), hook))

        def remove() -> None:
            left = tuple(h for h in self.note.hooks if h is not hook) if self.note else ()
            self.note = noted(self.note, hooks=left)

        return remove

    def _accept(self, data: Any) -> Any:
        raise NotImplementedError

    def _seed(self, gradient: Any, create_graph: bool) -> Any:
        raise NotImplementedError

    @classmethod
    def _constant(cls, data: Any) -> Any:
        return make_node(cls._kind, data, None, (), (), None)

    def detach(self) -> Any:
        """A constant with the same data: no gradient flows back through it."""
        return self._constant(self._data)

    @staticmethod
    def _quiet() -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext()

    @staticmethod
    def _any_nan(gradients: Collection[Any]) -> bool:
        raise NotImplementedError

    @staticmethod
    def _carefully(
        op: Any, argument: int, g: Any, out: Any, saved: tuple[Any, ...], static: dict[str, Any]
    ) -> Any:
        raise NotImplementedError

    @staticmethod
    def _fit(node: Node, argument: int, gradient: Any, datum: Any) -> Any:
        raise NotImplementedError

    @staticmethod
    def _accumulate(nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        for node, gradient in zip(nodes, gradients, strict=True):
            previous = node.grad
            # Not `previous + gradient` throughout: 0.0 + -0.0 would lose the sign of -0.0.
            node.grad = previous + gradient if previous else gradient


def make_node(
    kind: type[Node],
    data: Any,
    op: Any,
    inputs: tuple[Any, ...],
    saved: tuple[Any, ...],
    static: dict[str, Any] | None,
) -> Any:
    """A node of `kind`; with an `op` it is part of a graph, without one it is a constant."""
    node = object.__new__(kind)
    node._data = data
    node.grad, node._cotangent = kind._initial_grad, None
    node.requires_grad = op is not None
    node.op = op
    node._x = node._y = node._a = node._b = None
    if op is not None and op.wide:
        node._x, node._a = inputs, saved
    elif inputs:
        node._x, node._a = inputs[0], saved[0]
        if len(inputs) == 2:
            node._y, node._b = inputs[1], saved[1]
    node.static = static
    node.number = next_number()
    node.note = current.get() if op is not None else None
    return node


# --- The order of nodes ---------------------------------------------------------------------------
#
# A gradient may be handed on only when it is complete, that is, after every consumer of the node
# has had its turn. Results are younger than their inputs, so "youngest first" is such an order, and
# there is nothing to search: collect what can be reached, sort by number.

_by_number = operator.attrgetter("number")


def ancestors(roots: Iterable[Node]) -> list[Node]:
    """All nodes that `roots` were computed from, constants too, and the roots; oldest first.

    Example:
        >>> import autograd as ag
        >>> x, y = ag.Value(2.0, name="x"), ag.Value(3.0, name="y")
        >>> [node.name or node.op.name for node in ag.ancestors([x * y + x])]
        ['x', 'y', 'mul', 'add']
    """
    seen = set(roots)
    stack = list(seen)
    while stack:
        for node in stack.pop().inputs:
            if node is not None and node not in seen:
                seen.add(node)
                stack.append(node)
    return sorted(seen, key=_by_number)


# --- The backward pass ----------------------------------------------------------------------------
#
# The cotangent of a node is the derivative of the root with respect to it. The root's own is the
# seed. Walking from the root down, each node hands to each of its inputs a contribution: the rule
# for that argument, applied to the node's cotangent. An input that feeds several consumers adds up
# what it gets: while a pass is under way, each node on its way holds its cotangent, as far as it
# has come. Before and after, it holds none.
#
# An entry whose cotangent is exactly zero contributes exactly zero, even where the local derivative
# is infinite or nan: in where(x > 0, log(x), 0) at x = 0 the branch not taken must not turn 0 * inf
# into nan, nor may 0 / 0 on Python floats raise. To look after that at every step costs time, so a
# pass runs without, and only where a nan arrives at its end, or arithmetic raises, is it run again
# carefully.


def _collect(root: Node, waiting: object) -> list[Node]:
    """The nodes that gradients of `root` flow to, `root` included, youngest first and leaves last;
    they are `waiting` from now on."""
    found: list[Node] = []
    leaves: list[Node] = []
    stack: list[Any] = [root]
    push, pop = stack.append, stack.pop
    root._cotangent = waiting
    while stack:
        node = pop()
        op = node.op
        if op is None:
            leaves.append(node)
            continue
        found.append(node)
        if op.wide:
            for x in node._x:
                if x is not None and x._cotangent is not waiting and x.requires_grad:
                    x._cotangent = waiting
                    push(x)
            continue
        x = node._x  # the same, unrolled for one input and for two
        if x is not None and x._cotangent is not waiting and x.requires_grad:
            x._cotangent = waiting
            push(x)
        x = node._y
        if x is not None and x._cotangent is not waiting and x.requires_grad:
            x._cotangent = waiting
            push(x)
    found.sort(key=_by_number, reverse=True)
    return found + leaves


def _leading_to(targets: Collection[Node], nodes: list[Node]) -> list[Node]:
    """Of the nodes, youngest first, those that lead to a target; the others no longer wait."""
    leading: set[Node] = set()
    for node in reversed(nodes):
        if node in targets or not leading.isdisjoint(node.inputs):
            leading.add(node)
        else:
            node._cotangent = None
    return [node for node in nodes if node in leading]


def _walk(
    root: Node,
    seed: Any,
    nodes: list[Node],
    waiting: object,
    wanted: Collection[Node] | None,
    create_graph: bool,
    careful: bool,
    hooked: dict[Node, Any],
) -> tuple[list[Node], list[Any]] | None:
    """Leaves, nodes that retain their gradients, and those wanted, which None calls all, and their
    cotangents; or None if this has to be done again carefully."""
    found: tuple[list[Node], list[Any]] = [], []
    keep, keep_gradient = found[0].append, found[1].append
    keep_all = wanted is None
    fit, have_shapes = root._fit, root._has_shape
    plainly = not careful and not create_graph
    owned: set[Node] = set()  # whose cotangents are sums made here, free to be added to in place

    def merge(x: Node, total: Any, c: Any) -> Any:
        if x in owned:
            total += c
            return total
        owned.add(x)
        return total + c

    if nodes:
        root._cotangent = seed
    for node in nodes:
        g = node._cotangent
        node._cotangent = None
        op, note, retains = node.op, node.note, keep_all
        if note is not None and note.acts:
            if note.hooks:
                if not careful and root._any_nan(_plain([g], create_graph)):
                    return None
                if node not in hooked:
                    hooked[node] = _call_hooks(node, g)
                g = hooked[node]
            retains = retains or note.retains
        if op is None:
            keep(node)
            keep_gradient(g)
            continue
        if retains or (wanted and node in wanted):
            keep(node)
            keep_gradient(g)
        static, rules, out = node.static, op.rules, node._data
        if plainly and not op.wide:  # the loop below, unrolled for one input and for two
            x, a, b = node._x, node._a, node._b
            total = x._cotangent if x is not None else None
            if total is not None:
                if b is None:
                    if op.add_to is not None and x in owned:
                        op.add_to(total, g, a, **(static or {}))
                        continue
                    c = rules[0](g, out, a) if static is None else rules[0](g, out, a, **static)
                elif static is None:
                    c = rules[0](g, out, a, b)
                else:
                    c = rules[0](g, out, a, b, **static)
                if have_shapes and (
                    type(c) is not type(a) or c.shape != a.shape or c.dtype is not a.dtype
                ):
                    c = fit(node, 0, c, a)
                if total is waiting:
                    x._cotangent = c
                else:
                    x._cotangent = merge(x, total, c) if have_shapes else total + c
                if b is None and op.add_to is not None:
                    owned.add(x)
            x = node._y
            total = x._cotangent if x is not None else None
            if total is not None:
                c = rules[1](g, out, a, b) if static is None else rules[1](g, out, a, b, **static)
                if have_shapes and (
                    type(c) is not type(b) or c.shape != b.shape or c.dtype is not b.dtype
                ):
                    c = fit(node, 1, c, b)
                if total is waiting:
                    x._cotangent = c
                else:
                    x._cotangent = merge(x, total, c) if have_shapes else total + c
            continue
        inputs, saved = node.inputs, node.saved
        if create_graph:
            saved, out = tuple(map(_as_given, inputs, saved)), node
        for argument, x in enumerate(inputs):
            total = x._cotangent if x is not None else None
            if total is not None:
                if careful:
                    c = root._carefully(op, argument, g, out, saved, static or {})
                else:
                    c = rules[argument](g, out, *saved, **(static or {}))
                if have_shapes:
                    c = fit(node, argument, c, saved[argument])
                if total is waiting:
                    x._cotangent = c
                else:
                    x._cotangent = merge(x, total, c) if have_shapes else total + c
    if not careful and root._any_nan(_plain(found[1], create_graph)):
        return None
    return found


def _plain(gradients: Collection[Any], are_nodes: bool) -> Collection[Any]:
    return [g._data for g in gradients] if are_nodes else gradients


def _as_given(x: Node | None, datum: Any) -> Any:
    """The input `x` as a rule on nodes must see it: with the datum that the primitive was given."""
    if x is None or not x.requires_grad:
        return datum
    if x._data is datum:
        return x
    return make_node(x._kind, datum, x._identity, (x,), (datum,), None)


def _call_hooks(node: Node, gradient: Any) -> Any:
    for hook in node.note.hooks if node.note is not None else ():
        replacement = hook(gradient)
        if replacement is not None:
            gradient = replacement
    return gradient


# What looks at a result before its gradients are computed; None while nobody does.
backward_watch: ContextVar[Callable[[Node, Any], None] | None] = ContextVar("watch", default=None)


# One pass is under way at a time, or several in one thread, each begun in the middle of another by
# a hook or a rule.
_passing = threading.RLock()
_under_way = 0


def _cotangents(
    root: Node, wanted: Collection[Node] | None, seed: Any, create_graph: bool
) -> tuple[list[Node], list[Any]]:
    """What `_walk` finds, at the first attempt or at the careful one."""
    global _under_way
    watch = backward_watch.get()
    if watch is not None:
        watch(root, seed)
    seed = root._seed(seed, create_graph)
    if create_graph and not isinstance(seed, Node):
        seed = root._constant(seed)
    # What the pass around this one has at the same nodes is put back in the end.
    aside = [(node, node._cotangent) for node in ancestors([root])] if _under_way else []
    nodes: list[Node] = []
    waiting = object()
    hooked: dict[Node, Any] = {}
    found: tuple[list[Node], list[Any]] | None = None
    _under_way += 1
    try:
        nodes = _collect(root, waiting)
        if wanted:
            nodes = _leading_to(wanted, nodes)
        with root._quiet():
            try:
                found = _walk(root, seed, nodes, waiting, wanted, create_graph, False, hooked)
            except (ArithmeticError, ValueError):
                found = None
            if found is None:
                for node in nodes:
                    node._cotangent = waiting
                found = _walk(root, seed, nodes, waiting, wanted, create_graph, True, hooked)
    finally:
        if found is None:
            for node in nodes:
                node._cotangent = None
        for node, cotangent in aside:
            node._cotangent = cotangent
        _under_way -= 1
    assert found is not None
    return found


def gradients(
    root: Node, wrt: Sequence[Node], *, seed: Any = None, create_graph: bool = False
) -> list[Any]:
    """The derivative of `root` with respect to each node of `wrt`; no `.grad` is touched.

    Args:
        root: what to differentiate.
        wrt: the nodes to differentiate by, leaves or not.
        seed: the cotangent to start from, of the root's shape; 1 if the root is one number.
        create_graph: whether the gradients are nodes themselves, to be differentiated again.

    Returns:
        a list in the order of `wrt`: floats or arrays, or nodes with `create_graph`; None where the
        root does not depend on the node.

    Example:
        >>> import autograd as ag
        >>> x, y = ag.Value(3.0), ag.Value(4.0)
        >>> ag.gradients(x * x * y, [x, y])
        [24.0, 9.0]
        >>> [dx] = ag.gradients(x * x * y, [x], create_graph=True)
        >>> ag.gradients(dx, [x])
        [8.0]

    Source: Griewank and Walther, Evaluating Derivatives, 2nd ed., chapter 3.
    """
    targets = set(wrt)
    if not root.requires_grad or not targets:
        return [None] * len(wrt)
    with _passing:
        found = dict(zip(*_cotangents(root, targets, seed, create_graph), strict=True))
    return [found.get(node) for node in wrt]


def backward(root: Node, seed: Any = None) -> None:
    """Add the derivative of `root` to the `.grad` of the leaves it was computed from.

    A `Value` adds to the `.grad` of every node on the way, a `Tensor` to those that asked by
    `retain_grad()`.
    """
    if not root.requires_grad:
        raise GraphError(
            "backward: this node does not require a gradient, so there is none to compute; create "
            "its inputs with requires_grad=True, and compute it outside no_grad() and without "
            "detach()"
        )
    with _passing:
        nodes, found = _cotangents(root, None if root._keeps_every_grad else (), seed, False)
        root._accumulate(nodes, found)
