"""Primitive: a kernel on plain data and one derivative rule per argument; calling one makes a node.

A primitive is data, not a class. Everything that is particular to an operation stands in its kernel
and its rules; how nodes are made is the same for all and stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from autograd.engine.cotangents import Cotangents, add
from autograd.engine.graph import Node, constant, make_node
from autograd.engine.recording import OFF, current
from autograd.engine.unrolled import binary, pull_one, pull_two, unary

Rule = Callable[..., Any]

# Types of plain data, which need not be asked whether they are nodes; backends add theirs.
PLAIN: set[type[Any]] = set()


class Primitive:
    """An operation that can be differentiated: a name, a kernel and one rule per argument.

    Args:
        name: what drawings and messages call it.
        kernel: computes the result from plain data by position and static facts by keyword. Written
            with functions that dispatch on their argument, it runs on arrays of any kind.
        rules: one per argument, `rule(g, out, *inputs, **static)`: the gradient for that argument,
            given the cotangent `g` of the result. None where no gradient flows (a mask, a count).
            Rules are written with operators and primitives only: on plain data they compute, on
            nodes they record, and that is all that higher derivatives need.
        scalar: the kernel for a Python float, where that is another function (`math.exp` beside
            `np.exp`).
        elementwise: whether the kernel broadcasts its arguments. Then a rule may return a gradient
            of the result's shape, and the engine sums it down to the argument's.
        variadic: whether there are any number of arguments and one rule for all, which is told by
            `argument=` which one is meant.
        add_to: for a primitive of one argument that reads a part of it: `add_to(total, g, x)`,
            which adds the gradient for the argument to an array in place. Many parts of one array
            then cost no array of its size each.
        formula: the operation as a textbook writes it.
        symbol: what a drawing writes for it, such as "×"; by default the name.
        labels: what its arguments are called, such as ("base", "exponent"), where their order
            matters; empty where it does not.
        analytic: whether the kernel also computes with complex numbers as an analytic function
            does, so that its derivative can be checked by a complex step.
        step: whether it is a step function, whose slope is 0 wherever there is one.

    Example:
        >>> import numpy as np
        >>> import autograd as ag
        >>> swish = ag.Primitive(
        ...     "swish",
        ...     lambda x: x / (1 + np.exp(-x)),
        ...     lambda g, out, x: g * (out + ag.sigmoid(x) * (1 - out)),
        ...     elementwise=True,
        ... )
        >>> x = ag.Tensor([0.0, 1.0], requires_grad=True)
        >>> swish(x).sum().backward()
        >>> x.grad
        array([0.5       , 0.92767051])
    """

    compute: ClassVar[Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]]  # on plain data

    def __init__(
        self,
        name: str,
        kernel: Callable[..., Any],
        *rules: Rule | None,
        scalar: Callable[..., float] | None = None,
        elementwise: bool = False,
        variadic: bool = False,
        add_to: Callable[..., None] | None = None,
        formula: str = "",
        symbol: str = "",
        labels: tuple[str, ...] = (),
        analytic: bool = True,
        step: bool = False,
    ) -> None:
        self.name = self.__name__ = name
        self.kernel = kernel
        self.rules: Any = _ForAll(rules[0]) if variadic else rules
        self.scalar = scalar
        self.elementwise = elementwise
        self.variadic = variadic
        self.n_ary = variadic or len(rules) > 2
        self.pull: Callable[[Any, Any, Cotangents, set[Node]], None] = pull
        if not self.n_ary and rules:
            self.pull = pull_one if len(rules) == 1 else pull_two
        self.add_to = add_to
        self.formula = formula
        self.symbol = symbol or name
        self.labels = labels
        self.analytic = analytic
        self.step = step
        self._unrolls = bool(rules) and not self.n_ary and None not in rules
        self._calls: dict[Any, Callable[..., Any]] = {}
        self.__doc__ = f"{name}: {formula}" if formula else f"{name}, a primitive"

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *args: Any, **static: Any) -> Any:
        """The result for `args`: a node if any of them is one, else plain data."""
        calls = self._calls
        for x in args:
            kind = type(x)
            if kind in calls and (not static or len(args) == 1):
                out = calls[kind](x, static=static) if static else calls[kind](*args)
                if out is not NotImplemented:
                    return out
            if kind not in PLAIN and isinstance(x, Node):
                backend = x._backend
                if self._unrolls and kind not in calls:
                    one = len(self.rules) == 1
                    calls[kind] = unary(self, backend) if one else binary(self, backend)[0]
                return record(self, backend, args, static)
        if self.elementwise:  # its arguments may be numbers, or object arrays of nodes
            return Primitive.compute(self, args, static)
        return self.kernel(*args, **static)


class _ForAll:
    """The rules of a primitive with any number of arguments."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule | None) -> None:
        assert rule is not None
        self.rule = rule

    def __getitem__(self, argument: int) -> Rule:
        return partial(self.rule, argument=argument)


# --- Forward: making a node -----------------------------------------------------------------------


def record(op: Primitive, backend: Any, args: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """Run `op` on arguments, at least one a node of this backend, and make the resulting node."""
    rules, kind = op.rules, backend.node
    data: list[Any] = []
    inputs: list[Any] = []
    recorded = False
    for argument, x in enumerate(args):
        if isinstance(x, kind):
            data.append(x._data)
            if rules[argument] is None:
                x = None
            elif x.requires_grad:
                recorded = True
            inputs.append(x)
        else:
            datum = backend.operand(op, x)
            if datum is NotImplemented:
                raise backend.type_error(op, x)
            data.append(datum)
            inputs.append(None)
    out = backend.run(op, data, static)
    if not recorded or current.get() is OFF:
        return constant(backend, out)
    keep = backend.keep
    saved = [d if x is not None else keep(d) for x, d in zip(inputs, data, strict=True)]
    return make_node(backend, out, op, tuple(inputs), tuple(saved), static or None)


# --- Backward: handing on a cotangent -------------------------------------------------------------


def pull(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """Hand the cotangent `g` of a node on: to each input that has a turn, what the rule for that
    argument makes of it.

    Args:
        node: the node whose turn it is.
        g: its cotangent.
        cotangents: the nodes that have a turn, each with its cotangent so far; None for none yet.
        owned: the nodes whose cotangents are sums made in this pass; see `add`.
    """
    op, saved, static = node.op, node.saved, node.static or {}
    for argument, x in enumerate(node.inputs):
        if x in cotangents:
            c = op.rules[argument](g, node._data, *saved, **static)
            add(cotangents, owned, x, node._backend.fit(node, argument, c, saved[argument]))
