"""Python's operators for both kinds of nodes, and the primitive behind each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn, Self

from autograd.engine.backward import backward
from autograd.engine.graph import Node, data_of
from autograd.engine.recording import is_recording, tracing
from autograd.engine.unrolled import binary, unary
from autograd.errors import GraphError, UnsupportedError, kind, message
from autograd.names import Elsewhere, visible
from autograd.nodes.callers import assigned, formatted, raise_in
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e

UNARY = {"neg": a.neg, "pos": a.positive, "abs": a.abs_}
BINARY = {
    "add": a.add,
    "sub": a.sub,
    "mul": a.mul,
    "truediv": a.div,
    "floordiv": a.floor_divide,
    "mod": a.remainder,
    "pow": e.power,
}
SYMBOLS = {"add": "+=", "sub": "-=", "mul": "*=", "truediv": "/="}


class _NoMask(Elsewhere):
    """np.ma takes the `_data` of any object, and then asks for its mask: here it is refused."""

    __slots__ = ()

    def __get__(self, node: Any, owner: type | None = None) -> NoReturn:
        if node is None or not node.requires_grad or not (tracing.get() or is_recording()):
            raise AttributeError(self._name)
        got = f"{kind(node)} that requires a gradient, which a masked array would drop"
        hint = "use ag.where(mask, x, y) and where= of ag.sum and ag.mean, or pass its data"
        raise UnsupportedError(message("np.ma", got, hint=hint))


class Operators(Node):
    """A node with arithmetic; comparisons look at the data and give plain booleans."""

    __slots__ = ()
    _mask, mask = (_NoMask("np.ma", name, "") for name in ("_mask", "mask"))
    __hash__ = Node.__hash__
    __dir__ = visible

    def __bool__(self) -> bool:
        return bool(self._data)

    if TYPE_CHECKING:

        def __neg__(self) -> Self: ...
        def __pos__(self) -> Self: ...
        def __abs__(self) -> Self: ...
        def __add__(self, other: Any) -> Self: ...
        def __radd__(self, other: Any) -> Self: ...
        def __sub__(self, other: Any) -> Self: ...
        def __rsub__(self, other: Any) -> Self: ...
        def __mul__(self, other: Any) -> Self: ...
        def __rmul__(self, other: Any) -> Self: ...
        def __truediv__(self, other: Any) -> Self: ...
        def __rtruediv__(self, other: Any) -> Self: ...
        def __floordiv__(self, other: Any) -> Self: ...
        def __rfloordiv__(self, other: Any) -> Self: ...
        def __mod__(self, other: Any) -> Self: ...
        def __rmod__(self, other: Any) -> Self: ...
        def __pow__(self, other: Any) -> Self: ...
        def __rpow__(self, other: Any) -> Self: ...

    def backward(
        self, gradient: Any = None, *, retain_graph: bool | None = None, create_graph: bool = False
    ) -> None:
        """Add the gradient of this node to the `.grad` of everything it was computed from.

        Args:
            gradient: the cotangent to start from, of this node's shape; 1 if the node is one
                number.
            retain_graph: accepted for compatibility with PyTorch; graphs are always kept.
            create_graph: must be False; `ag.gradients(y, xs, create_graph=True)` returns gradients
                that can be differentiated.

        Raises:
            GraphError: the node requires no gradient, or is not one number and has no `gradient`.
        """
        if create_graph:
            hint = "ag.gradients(y, xs, create_graph=True) returns gradients to differentiate"
            raise TypeError(message("backward", "create_graph=True", hint=hint))
        backward(self, gradient)

    def __eq__(self, other: object) -> Any:
        return self._data == data_of(other)

    def __ne__(self, other: object) -> Any:
        return self._data != data_of(other)

    def __lt__(self, other: Any) -> Any:
        return self._data < data_of(other)

    def __le__(self, other: Any) -> Any:
        return self._data <= data_of(other)

    def __gt__(self, other: Any) -> Any:
        return self._data > data_of(other)

    def __ge__(self, other: Any) -> Any:
        return self._data >= data_of(other)

    # --- conversions to plain numbers, which drop the gradient ---

    def _as_number(self, what: str) -> Any:
        """The number of a node without gradient, for a function that needs a plain one."""
        caller = sys._getframe(2)
        if self.requires_grad and (tracing.get() or is_recording()) and not formatted(caller):
            raise_in(caller, plain_number(self, what, assigned(caller)))
        return self.item()

    def item(self) -> Any:
        """The number itself, without gradient."""
        raise NotImplementedError

    def __float__(self) -> float:
        return float(self._as_number("float, math or an array's element"))

    def __int__(self) -> int:
        return int(self._as_number("int"))

    __trunc__ = __int__

    def __complex__(self) -> complex:
        return complex(self._as_number("complex"))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._as_number("round"), digits)

    def _inplace(self, name: str, result: Any) -> Any:
        raise NotImplementedError


def plain_number(node: Any, what: str, to_entry: bool) -> GraphError:
    """The error for a number or an array without the gradient of a node.

    Args:
        node: the node.
        what: the operation.
        to_entry: whether the statement assigns to an entry of an array, which it then names.
    """
    if to_entry:
        got = f"an assignment of {kind(node)} that requires a gradient, which the array would drop"
        hint = (
            "use ag.stack([t1, t2]) or ag.concatenate to make a Tensor of results, or "
            "t = t.at[i].set(v) for a new one with an entry changed; item() is the number alone"
        )
        return GraphError(message("array[i] = t", got, hint=hint))
    got = f"{kind(node)} that requires a gradient, which a plain number would drop"
    use = "use item() for the number alone, or functions of ag and np to keep the gradient"
    return GraphError(message(what, got, hint=use))


def no_copy(node: Node) -> GraphError:
    """The error for copying or pickling a node that was computed."""
    got = f"{kind(node)} computed by {node.op.name}, which is part of a graph"
    return GraphError(message("copy", got, "a leaf", "copy or pickle detach() instead"))


def install_operators(cls: Any) -> None:
    """Give a kind of node the unrolled operators."""
    for name, op in UNARY.items():
        setattr(cls, f"__{name}__", unary(op, cls._backend))
    for name, op in BINARY.items():
        forward, reflected = binary(op, cls._backend)
        setattr(cls, f"__{name}__", forward)
        setattr(cls, f"__r{name}__", reflected)
        if name in SYMBOLS:
            setattr(cls, f"__i{name}__", _inplace(SYMBOLS[name], forward))


def _inplace(name: str, forward: Any) -> Any:
    def update(self: Any, other: Any) -> Any:
        result = forward(self, other)
        return result if result is NotImplemented else self._inplace(name, result)

    return update
