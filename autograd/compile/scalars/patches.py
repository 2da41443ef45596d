"""What stands in for the engine's functions of floats while a step on Values is traced.

The operators of Value hold the functions of `math`, to which a stand is no number. So Value gets
operators that write a primitive down as a whole.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any

from autograd.backends import floats
from autograd.backends.floats import FLOATS, Floats
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.number import Scalar
from autograd.compile.scalars.tape import ScalarTape
from autograd.compile.trace.replacing import Replaced, Replacement
from autograd.compile.trace.tape import active
from autograd.engine import unrolled
from autograd.engine.graph import Node, ancestors
from autograd.engine.primitive import Primitive
from autograd.engine.unrolled import binary, unary
from autograd.nodes import value
from autograd.nodes.operators import BINARY
from autograd.primitives import arithmetic, elementary

_as_float, _on_floats = floats.as_float, floats.on_floats
_has_nan, _operator, _fit = Floats.has_nan, Floats.operator, Floats.fit
_walk_numbers = unrolled.walk_numbers
_max, _min, _compute = builtins.max, builtins.min, Primitive.compute


def tape_of(args: Collection[Any]) -> ScalarTape | None:
    """The tape of the stands among the arguments."""
    for x in args:
        if type(x) is Scalar:
            return x._tape  # type: ignore[return-value]
    return None


def on_floats(op: Primitive, *args: Any) -> Any:
    """A primitive on numbers, written down."""
    tape = tape_of(args)
    return _on_floats(op, *args) if tape is None else tape.primitive(op, args, _on_floats)


def as_float(data: Any, operation: str) -> Any:
    """A number as a float."""
    if type(data) is Scalar and not data._tape.lost:
        return data._tape.scalar(float(data._value), data._variable)  # type: ignore[attr-defined]
    return _as_float(data, operation)


def has_nan(self: Floats, gradients: Collection[Any]) -> bool:
    """Whether a pass has to run again: the program holds only where it need not."""
    tape = tape_of(gradients)
    if tape is None:
        return _has_nan(self, gradients)
    for g in gradients:
        tape.restrict(g)
    return _has_nan(self, [g._value if type(g) is Scalar else g for g in gradients])


def accumulate(self: Floats, nodes: Sequence[Any], gradients: Sequence[Any]) -> None:
    """Add to every node; whether its gradient is 0 must not become a check."""
    for node, gradient in zip(nodes, gradients, strict=True):
        previous = node._grad
        if type(previous) is Scalar and not previous._tape.lost:
            put = previous._tape.put  # type: ignore[attr-defined]
            total = put(ops.ADD, previous, gradient)
            node._grad = put(ops.SELECT, put(ops.NE, previous, 0.0), total, gradient)
        else:
            node._grad = previous + gradient if previous else gradient


def fit(
    self: Floats, node: Any, argument: int, gradient: Any, datum: Any, on_nodes: bool = False
) -> Any:
    """A rule's result as a float."""
    if type(gradient) is Scalar:
        return as_float(gradient, "")
    return _fit(self, node, argument, gradient, datum, on_nodes)


def operator(self: Floats, op: Primitive) -> Callable[..., Any]:
    """The function of floats of a primitive, which sees whether they are stands."""
    plain = _operator(self, op)

    def run(*args: Any) -> Any:
        return plain(*args) if tape_of(args) is None else on_floats(op, *args)

    return run


def _of_largest(original: Callable[..., Any], largest: bool) -> Callable[..., Any]:
    """`max` or `min`: which of the numbers it is must not become a check."""

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        tape = active.tape
        if not isinstance(tape, ScalarTape) or tape.lost or kwargs:
            return original(*args, **kwargs)
        found = list(args[0]) if len(args) == 1 else list(args)
        kinds = {type(x._value) if type(x) is Scalar else type(x) for x in found}
        if tape_of(found) is None or kinds != {float}:
            return original(found)
        total = found[0]
        for x in found[1:]:
            other = total < x if largest else x < total
            if type(other) is Scalar:
                total = tape.put(ops.SELECT, other, x, total)
            else:
                total = x if other else total
        return total

    return call


def _value_operators() -> list[Replacement]:
    """The operators and methods of Value, and what primitives remember of it."""
    found: list[Replacement] = []
    tracing = Floats()
    tracing.operator = functools.partial(operator, tracing)  # type: ignore[method-assign]
    kind = tracing.node = FLOATS.node
    for name, op in BINARY.items():
        if op not in OF_OPERATORS:
            forward, reflected = binary(op, tracing)
            found += [(kind, f"__{name}__", forward), (kind, f"__r{name}__", reflected)]
    for op in TABLES:
        found.append((op, "_calls", {}))
        if len(op.rules) == 1 and op.name in vars(kind) and op not in OF_OPERATORS:
            found.append((kind, op.name, unary(op, tracing)))
    return found


def walk_numbers(root: Any, seed: Any, hooked: dict[Node, Any]) -> Any:
    """The engine's walk, which nobody need watch where it runs rules of the engine's own."""
    watch = sys.getprofile() if isinstance(active.tape, ScalarTape) else None
    if watch is None:
        return _walk_numbers(root, seed, hooked)
    sys.setprofile(None)
    try:
        if not all(map(_is_plain, ancestors([root]))):
            sys.setprofile(watch)
        return _walk_numbers(root, seed, hooked)
    finally:
        sys.setprofile(watch)


def _is_plain(node: Node) -> bool:
    """Whether a node's turn runs the engine's own code alone."""
    return (node.op is None or node.op in TABLES) and (node.note is None or not node.note.hooks)


# Primitives whose function of floats is an operator, which a stand has too.
OF_OPERATORS = frozenset(
    {arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.neg, arithmetic.abs_}
)
TABLES = frozenset(
    op
    for table in (arithmetic, elementary)
    for op in vars(table).values()
    if isinstance(op, Primitive)
)


def _computed(op: Primitive, args: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """A primitive in a rule, on the numbers of a pass."""
    if not static and tape_of(args) is not None:
        return on_floats(op, *args)
    return _compute(op, args, static)


def _replacements() -> list[Replacement]:
    return [
        (Primitive, "compute", staticmethod(_computed)),
        (floats, "as_float", as_float),
        (value, "as_float", as_float),
        (floats, "on_floats", on_floats),
        (Floats, "has_nan", has_nan),
        (Floats, "operator", operator),
        (Floats, "fit", fit),
        (Floats, "accumulate", accumulate),
        (unrolled, "walk_numbers", walk_numbers),
        (FLOATS.node, "item", lambda self: self._data),
        (builtins, "max", _of_largest(_max, True)),
        (builtins, "min", _of_largest(_min, False)),
        *_value_operators(),
    ]


REPLACED = Replaced(_replacements())
