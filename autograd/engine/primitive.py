"""Primitive: a kernel on plain data and one derivative rule per argument; calling one makes a node.

A primitive is data, not a class. Everything that is particular to an operation stands in its kernel
and its rules; how nodes are made is the same for all and stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.graph import Node, make_node, next_number
from autograd.engine.recording import OFF, current

Rule = Callable[..., Any]

NUMBERS = frozenset((float, int, bool))
ndarray = np.ndarray  # a name of its own: to look it up in NumPy takes 15 ns, at every argument


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
        self.wide = variadic or len(rules) > 2
        self.add_to = add_to
        self.formula = formula
        self.symbol = symbol or name
        self.labels = labels
        self.analytic = analytic
        self.step = step
        self._unrolls = bool(rules) and not self.wide and None not in rules
        self._calls: dict[Any, Callable[..., Any]] = {}
        self.__doc__ = f"{name}: {formula}" if formula else f"{name}, a primitive"

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *args: Any, **static: Any) -> Any:
        """The result for `args`: a node if any of them is one, else plain data."""
        calls, are_numbers = self._calls, True
        for x in args:
            kind = type(x)
            if kind in calls and (not static or len(args) == 1):
                out = calls[kind](x, static=static) if static else calls[kind](*args)
                if out is not NotImplemented:
                    return out
            if kind is ndarray:
                are_numbers = False
            elif kind not in NUMBERS:
                are_numbers = False
                if isinstance(x, Node):
                    if self._unrolls and kind not in calls:
                        one = len(self.rules) == 1
                        calls[kind] = unary(self, x._kind) if one else binary(self, x._kind)[0]
                    return record(self, x._kind, args, static)
        if are_numbers and not static:
            return self.on_floats(*args)
        if self.elementwise:
            for x in args:
                if type(x) is ndarray and x.dtype.hasobject:
                    return np.frompyfunc(partial(self, **static), len(args), 1)(*args)
        return self.kernel(*args, **static)

    def on_floats(self, *args: float) -> float:
        """The result on Python numbers, as IEEE 754 defines it where Python would raise: 1 / 0 is
        inf."""
        if self.scalar is not None:
            try:
                return self.scalar(*args)
            except (ArithmeticError, ValueError):
                pass
        with np.errstate(all="ignore"):
            return float(self.kernel(*map(np.float64, args)))


class _ForAll:
    """The rules of a primitive with any number of arguments."""

    __slots__ = ("rule",)

    def __init__(self, rule: Rule | None) -> None:
        assert rule is not None
        self.rule = rule

    def __getitem__(self, argument: int) -> Rule:
        return partial(self.rule, argument=argument)


# --- Making a node --------------------------------------------------------------------------------


def record(op: Primitive, kind: type[Any], args: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """Run `op` on arguments, at least one a node of `kind`, and make the resulting node."""
    rules, keep = op.rules, kind._keep
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
            datum = kind._admit(op, x)
            if datum is NotImplemented:
                raise kind._foreign(op, x)
            data.append(datum)
            inputs.append(None)
    out = kind._run(op, data, static)
    if not recorded or current.get() is OFF:
        return make_node(kind, out, None, (), (), None)
    saved = [d if x is not None else keep(d) for x, d in zip(inputs, data, strict=True)]
    return make_node(kind, out, op, tuple(inputs), tuple(saved), static or None)


# The same, unrolled for the operators, where a float's whole budget is a microsecond: measured at
# 0.45 against 1.1 for `record` on a product of two Values.


def unary(op: Primitive, kind: type[Any]) -> Callable[..., Any]:
    """`op`, which takes one argument, as a method of `kind`."""
    run, rescue, new, note_of_new = kind._operator(op), kind._rescue, object.__new__, current.get
    initial_grad = kind._initial_grad

    def call(x: Any, *, static: dict[str, Any] | None = None) -> Any:
        a = x._data
        if static:
            out = kind._run(op, (a,), static)
        else:
            try:
                out = run(a)
            except Exception as error:
                out = rescue(op, error, (a,))
        node = new(kind)
        node._data = out
        node.grad = initial_grad
        node._cotangent = node._y = node._b = None
        node.number = next_number()
        note = note_of_new()
        if x.requires_grad and note is not OFF:
            node.requires_grad = True
            node.op = op
            node._x = x
            node._a = a
            node.static = static
            node.note = note
        else:
            node.requires_grad = False
            node.op = node.note = node.static = node._x = node._a = None
        return node

    return call


def binary(
    op: Primitive, kind: type[Any]
) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """`op` as a pair of operator methods of `kind`: the forward one and the reflected one."""
    run, rescue, new, note_of_new = kind._operator(op), kind._rescue, object.__new__, current.get
    admit, keep, initial_grad = kind._admit, kind._keep, kind._initial_grad

    def call(x: Any, y: Any) -> Any:
        recorded = False
        if type(x) is kind or isinstance(x, kind):
            a = x._data
            recorded = x.requires_grad
        else:
            a = admit(op, x)
            if a is NotImplemented:
                return a
            x = None
        if type(y) is kind or isinstance(y, kind):
            b = y._data
            recorded = recorded or y.requires_grad
        elif type(y) is float:
            b, y = y, None
        else:
            b = admit(op, y)
            if b is NotImplemented:
                return b
            y = None
        try:
            out = run(a, b)
        except Exception as error:
            out = rescue(op, error, (a, b))
        node = new(kind)
        node._data = out
        node.grad = initial_grad
        node._cotangent = node.static = None
        node.number = next_number()
        note = note_of_new()
        if recorded and note is not OFF:
            node.requires_grad = True
            node.op = op
            node._x = x
            node._y = y
            node._a = a if x is not None else keep(a)
            node._b = b if y is not None else keep(b)
            node.note = note
        else:
            node.requires_grad = False
            node.op = node.note = node._x = node._y = node._a = node._b = None
        return node

    def reflected(y: Any, x: Any) -> Any:
        return call(x, y)

    return call, reflected
