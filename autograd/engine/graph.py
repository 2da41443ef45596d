"""The graph: nodes, what each remembers, and their order.

Read it first, then `backward.py`. The engine knows neither floats nor arrays: anything that depends
on the kind of data is asked of the node's `Backend`.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from autograd.engine.note import PLAIN, QUIET, Note, Scope, noted
from autograd.engine.recording import OFF, current, note_if_off
from autograd.errors import DTypeError, GraphError, described, kind, message

# --- A node ---------------------------------------------------------------------------------------
#
# A program that computes with nodes leaves a graph behind: every result remembers the primitive it
# came from, the nodes that went in, and the very data that the primitive was given. Arrows point
# from results to inputs only, so dropping the last result frees the whole graph, without the cyclic
# collector.

next_number = itertools.count().__next__


class Node:
    """A number or an array in a graph. `Value` and `Tensor` are its two kinds.

    Attributes:
        data: the number or array.
        grad: the gradient that `backward()` accumulated, as plain data. Before a pass, and where
            the differentiated result does not depend on the node, it is 0.0 on a Value and None on
            a Tensor.
        requires_grad: whether gradients flow to or through this node.
        op: the primitive that computed it; None for a leaf.
        inputs: what the primitive was given: nodes, and None in place of plain data.
        saved: the data that the primitive was given, constants included.
        static: the facts about the call that are not data (axis, shape, index); None if there are
            none.
        number: counts up at creation. An input is always older than its result.
        note: name, hooks and the like; None for most nodes.
    """

    __slots__ = (
        "_cotangent",
        "_data",
        "_first",
        "_first_data",
        "_grad",
        "_rest",
        "_second",
        "_second_data",
        "note",
        "number",
        "op",
        "requires_grad",
        "static",
    )

    _data: Any
    _grad: Any
    requires_grad: bool
    op: Any
    # The first two inputs and their data have slots of their own, because a tuple for each node
    # is one more object for Python's cyclic collector to visit: a fifth of the time of a network of
    # floats. A leaf leaves all five unset.
    _first: Node | None
    _first_data: Any
    _second: Node | None
    _second_data: Any  # None if there is no second input
    _rest: tuple[tuple[Node | None, ...], tuple[Any, ...]] | None  # further inputs, and their data
    _cotangent: Any  # used by `unrolled.walk_numbers` alone
    static: dict[str, Any] | None
    number: int
    note: Note | Scope | None

    _backend: ClassVar[Any]  # the Backend of the kind of data

    __hash__ = object.__hash__  # `==` compares data, but sets and dictionaries go by identity

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The nodes that the primitive was given, with None in place of plain data."""
        if self.op is None:
            return ()
        if self._second_data is None:
            return (self._first,)
        rest = self._rest
        return (
            (self._first, self._second) if rest is None else (self._first, self._second, *rest[0])
        )

    @property
    def saved(self) -> tuple[Any, ...]:
        """The data that the primitive was given, constants included."""
        if self.op is None:
            return ()
        if self._second_data is None:
            return (self._first_data,)
        two, rest = (self._first_data, self._second_data), self._rest
        return two if rest is None else (*two, *rest[1])

    def _set_data(self, data: Any) -> None:
        if self.op is not None:
            raise GraphError(
                message(
                    "data",
                    f"an assignment to a node that {self.op.name} computed",
                    "a leaf",
                    "detach() gives a leaf with the same data",
                )
            )
        self._data = self._backend.accept(self, data)

    data = property(
        operator.attrgetter("_data"),
        _set_data,
        doc="The number or array. Assign one of the same shape and dtype to replace it; graphs "
        "that exist keep what they were given.",
    )

    def _set_grad(self, gradient: Any) -> None:
        if gradient is None:
            self._grad = self._backend.no_gradient
        else:
            self._grad = self._backend.gradient(f"grad of {label(self)}", gradient, self)

    grad = property(
        operator.attrgetter("_grad"),
        _set_grad,
        doc="The accumulated gradient, as plain data. Assign one of the node's shape and dtype to "
        "replace it, or None to clear it.",
    )

    @property
    def name(self) -> str | None:
        """A label for drawings and messages."""
        return self.note.label if self.note is not None else None

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and not isinstance(name, str):
            got = f"name={described(name)}"
            raise DTypeError(message(type(self).__name__, got, "a text or None"))
        self.note = noted(self.note, label=name)

    @property
    def module(self) -> str:
        """The path of the module that computed the node, such as "encoder.0.linear", or ""."""
        scope = self.note.scope if self.note is not None else None
        return scope.path if scope is not None else ""

    @property
    def is_leaf(self) -> bool:
        """Whether the node was given rather than computed."""
        return self.op is None

    def zero_grad(self) -> None:
        """Forget the accumulated gradient: `.grad` is 0.0 again on a Value, None on a Tensor."""
        self._grad = self._backend.no_gradient

    def register_hook(self, hook: Callable[[Any], Any]) -> Callable[[], None]:
        """Call `hook(gradient)` whenever a backward pass has this node's whole gradient.

        The hook gets a read-only array, a float for a Value, or a node with `create_graph`. What it
        returns, if not None, replaces the gradient from there on; it must have the gradient's shape
        and dtype. The same function may be registered several times.

        Returns:
            a function that removes this registration; calling it again does nothing.

        Raises:
            TypeError: the hook is not callable.
            ShapeError, DTypeError: in a pass, when the hook returns something that does not fit.

        Example:
            >>> import autograd as ag
            >>> x = ag.Value(3.0)
            >>> remove = x.register_hook(lambda g: 10.0 * g)
            >>> (x * x).backward()
            >>> x.grad
            60.0
        """
        if not callable(hook):
            raise TypeError(
                message("register_hook", f"{kind(hook)}, {described(hook)}", "a function")
            )
        key = next_number()  # tells two registrations of one function apart
        hooks = self.note.hooks if self.note is not None else {}
        self.note = noted(self.note, hooks={**hooks, key: hook})

        def remove() -> None:
            if self.note is not None and key in self.note.hooks:
                left = {k: h for k, h in self.note.hooks.items() if k != key}
                self.note = noted(self.note, hooks=left)

        return remove

    def detach(self) -> Any:
        """A constant with the same data: no gradient flows back through it."""
        return detached(self)


def label(node: Node) -> str:
    """What a message calls a node: its name, or what computed it."""
    computed = f"the result of {node.op.name}" if node.op is not None else "a leaf without a name"
    return node.name or computed


def data_of(x: Any) -> Any:
    """The data of a node; anything else as it is.

    Example:
        >>> import autograd as ag
        >>> ag.data_of(ag.Value(2.0)), ag.data_of(3.0)
        (2.0, 3.0)
    """
    return x._data if isinstance(x, Node) else x


# --- Making nodes ---------------------------------------------------------------------------------


def become_leaf(node: Node, backend: Any, data: Any, requires_grad: bool) -> None:
    """Fill the slots of a new node that was given, not computed."""
    node._data = data
    node._grad = backend.no_gradient
    node._cotangent = node.op = node.static = node.note = None
    node.requires_grad = requires_grad
    node.number = next_number()


def constant(backend: Any, data: Any, note: Note | None = PLAIN) -> Any:
    """A node without a gradient, which was computed."""
    node = object.__new__(backend.node)
    become_leaf(node, backend, data, False)
    node.note = note
    return node


def detached(node: Node) -> Any:
    """A constant with the data of a node."""
    is_cut = node.requires_grad or node.note is QUIET
    return constant(node._backend, node._data, QUIET if is_cut else PLAIN)


def make_node(
    backend: Any,
    data: Any,
    op: Any,
    inputs: tuple[Any, ...],
    saved: tuple[Any, ...],
    static: dict[str, Any] | None,
) -> Any:
    """The node that `op` computed; `unrolled.py` has the same for one input and for two."""
    node = object.__new__(backend.node)
    become_leaf(node, backend, data, True)
    note = current.get()
    node.op, node.static = op, static
    node.note = note if note is not OFF else note_if_off()
    node._first, node._first_data = inputs[0], saved[0]
    node._second = node._second_data = node._rest = None
    if len(inputs) > 1:
        node._second, node._second_data = inputs[1], saved[1]
    if len(inputs) > 2:
        node._rest = inputs[2:], saved[2:]
    return node


# --- The order of nodes ---------------------------------------------------------------------------
#
# A gradient may be handed on only when it is complete, that is, after every consumer of the node
# has had its turn. Results are younger than their inputs, so "youngest first" is such an order, and
# there is nothing to search: collect what can be reached, sort by number.

by_number = operator.attrgetter("number")


def ancestors(roots: Iterable[Node]) -> list[Node]:
    """All nodes that `roots` were computed from, constants too, and the roots; oldest first.

    Example:
        >>> import autograd as ag
        >>> x, y = ag.Value(2.0, name="x"), ag.Value(3.0, name="y")
        >>> [node.name or node.op.name for node in ag.ancestors([x * y + x])]
        ['x', 'y', 'mul', 'add']
    """
    if isinstance(roots, Node) or not isinstance(roots, Iterable):
        hint = "write ag.ancestors([node])"
        raise DTypeError(message("ancestors", kind(roots), "a list of nodes", hint))
    stack = list(roots)
    for node in stack:
        if not isinstance(node, Node):
            raise DTypeError(message("ancestors", kind(node), "Values or Tensors"))
    seen = set(stack)
    while stack:
        for node in stack.pop().inputs:
            if node is not None and node not in seen:
                seen.add(node)
                stack.append(node)
    return sorted(seen, key=by_number)
