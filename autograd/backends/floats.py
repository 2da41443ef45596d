"""Python floats as a backend: IEEE 754 arithmetic where Python itself would raise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from autograd.engine.backend import Backend, rule_error
from autograd.engine.graph import Node, constant, label
from autograd.engine.primitive import PLAIN, Primitive
from autograd.errors import DTypeError, described, kind, message
from autograd.primitives.arithmetic import positive

NUMBERS = frozenset((float, int, bool))
PLAIN.update(NUMBERS)


def is_scalar(data: Any) -> bool:
    """Whether `data` is one real number, Python's or NumPy's."""
    if isinstance(data, (np.generic, np.ndarray)):
        return data.ndim == 0 and data.dtype.kind in "biuf"
    return isinstance(data, (float, int))


def as_float(data: Any, operation: str) -> float:
    """A number of any kind as a float.

    Raises:
        DTypeError: `data` is not a real number.
    """
    if is_scalar(data):
        return float(data)
    got, hint = f"{kind(data)}, {data!r}", ""
    if isinstance(data, Node):
        got = kind(data)
        hint = "use one kind of node throughout, or the other's .data for a constant"
    elif isinstance(data, np.ndarray):
        got = f"an array of shape {data.shape} and dtype {data.dtype}"
        hint = "ag.Tensor holds arrays"
    raise DTypeError(message(operation, got, "one number", hint))


def on_floats(op: Primitive, *args: float) -> float:
    """The result as IEEE 754 defines it, where Python would raise: 1 / 0 is inf."""
    if op.scalar is not None:
        try:
            return op.scalar(*args)
        except (ArithmeticError, ValueError):
            pass
    with np.errstate(all="ignore"):
        return float(op.kernel(*map(np.float64, args)))


class Floats(Backend):
    """The data of a Value."""

    identity = positive
    no_gradient = 0.0  # as in micrograd, where `.grad` is always a number
    keeps_every_grad = True
    has_shape = False

    def operand(self, op: Primitive, x: Any) -> Any:
        """A number as a float."""
        if type(x) is float:
            return x
        if type(x) is int:
            return float(x)
        if isinstance(x, np.ndarray) and x.ndim > 0:
            return NotImplemented
        return as_float(x, f"{op.name} of a Value")

    def type_error(self, op: Primitive, x: Any) -> DTypeError:
        """A Value with an array."""
        return DTypeError(
            message(
                op.name,
                f"a Value and an array of shape {x.shape}",
                hint="use a Tensor for arrays, or an object array of Values",
            )
        )

    def keep(self, datum: Any) -> Any:
        """A float cannot change."""
        return datum

    def accept(self, node: Any, data: Any) -> float:
        """Any number."""
        return as_float(data, f"data of {label(node)}")

    def gradient(self, operation: str, x: Any, node: Any) -> float:
        """Any number; True and False are none, as in a Tensor's gradient."""
        if isinstance(x, bool) or (isinstance(x, np.generic | np.ndarray) and x.dtype.kind == "b"):
            raise DTypeError(message(operation, f"{described(x)}, a bool", "one number"))
        return as_float(x._data if isinstance(x, self.node) else x, operation)

    def run(self, op: Primitive, data: Collection[float], static: dict[str, Any]) -> float:
        """The primitive's function of floats."""
        if not op.elementwise or static:
            raise DTypeError(message(op.name, "a Value", "an array", "use ag.Tensor"))
        return on_floats(op, *data)

    def operator(self, op: Primitive) -> Callable[..., float]:
        """Python's own arithmetic, which may raise."""
        return op.scalar or (lambda *args: on_floats(op, *args))

    def recover(self, op: Primitive, error: Exception, data: tuple[Any, ...]) -> float:
        """inf or nan where Python raises."""
        return on_floats(op, *data)

    def seed(self, node: Any, gradient: Any, create_graph: bool) -> Any:
        """1, or any number."""
        if gradient is None:
            return 1.0
        if isinstance(gradient, self.node):
            return gradient if create_graph else gradient._data
        return as_float(gradient, "backward")

    def fit(
        self, node: Any, argument: int, gradient: Any, datum: Any, on_nodes: bool = False
    ) -> Any:
        """A number, as a float."""
        if type(gradient) is float:
            return gradient
        if isinstance(gradient, self.node):
            return gradient if on_nodes else gradient._data
        if not is_scalar(gradient):
            got = (
                f"{kind(gradient)} of shape {gradient.shape}"
                if (isinstance(gradient, np.ndarray))
                else kind(gradient)
            )
            raise rule_error(node, argument, got, "one number")
        return float(gradient)

    def safe_rule(self, node: Any, argument: int, g: Any, out: Any, saved: Sequence[Any]) -> Any:
        """The rule in NumPy's floats, which follow IEEE 754."""
        rule = node.op.rules[argument]
        if isinstance(g, Node):
            return rule(g, out, *saved) if g._data != 0 else constant(self, 0.0)
        if g == 0:
            return 0.0
        with np.errstate(all="ignore"):
            return rule(np.float64(g), *map(np.float64, (out, *saved)))

    def read_only(self, gradient: Any) -> Any:
        """A float cannot change."""
        return gradient

    def seen(self, gradient: Any) -> Any:
        """A float cannot change."""
        return gradient

    def has_nan(self, gradients: Collection[Any]) -> bool:
        """The sum is nan if any of them is, and not a float if one is not a real number."""
        total = sum(gradients, 0.0)
        return type(total) is not float or total != total

    def separate(self, gradients: Sequence[Any]) -> Sequence[Any]:
        """Floats cannot change."""
        return gradients

    def accumulate(self, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Add to every node."""
        for node, gradient in zip(nodes, gradients, strict=True):
            previous = node._grad
            # Not `previous + gradient` throughout: 0.0 + -0.0 would lose the sign of -0.0.
            node._grad = previous + gradient if previous else gradient


FLOATS = Floats()
