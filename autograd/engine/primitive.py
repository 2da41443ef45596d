"""Primitive: a kernel on plain data and one derivative rule per argument; calling one makes a node.

A primitive is data, not a class. An operation is its kernel and its rules; how nodes are made is
the same for all operations and stands here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from autograd.engine.cotangents import Cotangents, add
from autograd.engine.graph import Node, constant, make_node
from autograd.engine.note import PLAIN as PLAIN_NOTE
from autograd.engine.note import QUIET
from autograd.engine.recording import OFF, current, note_if_off
from autograd.engine.unrolled import binary, pull_one, pull_two, unary
from autograd.errors import counted, kind, message

Rule = Callable[..., Any]

# Types of plain data, known not to be nodes; backends add theirs.
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
        variadic: whether it takes any number of arguments, with one rule for all, which gets the
            position of its argument as `argument=`.
        at_once: for a variadic primitive that moves entries only, whether its rule returns the
            gradients of all arguments, in their order; then n arguments take n steps, not n².
        add_to: for a primitive of one argument that reads a part of it: `add_to(total, g, x)` adds
            the gradient for the argument to an array in place. Reading many parts of one array then
            allocates no array of its size for each.
        formula: the operation as a textbook writes it.
        symbol: what a drawing writes for it, such as "×"; by default the name.
        labels: what its arguments are called, such as ("base", "exponent"), where their order
            matters; empty where it does not.
        analytic: whether the kernel also computes with complex numbers as an analytic function
            does, so that its derivative can be checked by a complex step.
        step: whether it is a step function, whose slope is 0 wherever there is one.

    Raises:
        TypeError: there is not one rule for each argument of the kernel.

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
        at_once: bool = False,
        add_to: Callable[..., None] | None = None,
        formula: str = "",
        symbol: str = "",
        labels: tuple[str, ...] = (),
        analytic: bool = True,
        step: bool = False,
    ) -> None:
        check_parts(name, kernel, rules, labels, variadic)
        self.name = self.__name__ = name
        self.kernel = kernel
        self.rules: Any = rules
        if variadic:
            self.rules = _AtOnce(rules[0]) if at_once else _ForAll(rules[0])
        self.at_once = at_once
        self.scalar = scalar
        self.elementwise = elementwise
        self.variadic = variadic
        self.n_ary = variadic or len(rules) > 2
        self.pull: Callable[[Any, Any, Cotangents, set[Node]], None] = (
            pull_at_once if at_once else pull
        )
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
        try:
            for x in args:
                cls = type(x)
                if cls in calls and (not static or len(args) == 1):
                    out = calls[cls](x, static=static) if static else calls[cls](*args)
                    if out is not NotImplemented:
                        return out
                if cls not in PLAIN and isinstance(x, Node):
                    backend = x._backend
                    if self._unrolls and cls not in calls:
                        one = len(self.rules) == 1
                        calls[cls] = unary(self, backend) if one else binary(self, backend)[0]
                    return record(self, backend, args, static)
            if self.elementwise:  # its arguments may be numbers, or object arrays of nodes
                return Primitive.compute(self, args, static)
            return self.kernel(*args, **static)
        except (TypeError, IndexError):
            if self.variadic or len(args) == len(self.rules):
                raise
            got, expected = counted(len(args), "argument"), str(len(self.rules))
            raise TypeError(message(self.name, got, expected)) from None


def check_parts(
    name: str,
    kernel: Callable[..., Any],
    rules: tuple[Rule | None, ...],
    labels: tuple[str, ...],
    variadic: bool,
) -> None:
    """Raise TypeError unless there is one rule for each argument, or one for all."""
    what = f"Primitive {name!r}"
    if not callable(kernel):
        raise TypeError(message(what, f"{kind(kernel)} as its kernel", "a function"))
    for argument, rule in enumerate(rules):
        if rule is not None and not callable(rule):
            got = f"{kind(rule)} as the rule for argument {argument}"
            raise TypeError(message(what, got, "a function, or None if no gradient flows"))
    if variadic:
        if len(rules) != 1 or rules[0] is None:
            got = f"variadic=True and {counted(len(rules), 'rule')}"
            raise TypeError(message(what, got, "one rule, which serves all arguments"))
        return
    if not takes(kernel, len(rules)):
        given = counted(len(rules), "rule")
        got = f"{given} for a kernel that takes a different number of arguments"
        hint = "write None in place of a rule if no gradient flows to its argument"
        raise TypeError(message(what, got, "one rule for each argument", hint))
    if labels and len(labels) != len(rules):
        got = f"labels={labels!r} and {counted(len(rules), 'rule')}"
        raise TypeError(message(what, got, "one label for each rule"))
    for argument, rule in enumerate(rules):
        if rule is not None and not takes(rule, 2 + len(rules)):
            got = f"a rule for argument {argument} that takes a different number of arguments"
            expected = f"{2 + len(rules)}: the cotangent, the result and every argument"
            raise TypeError(message(what, got, expected))


def takes(function: Any, n: int) -> bool:
    """Whether a function can be called with `n` arguments by position, as far as can be told."""
    code = getattr(function, "__code__", None)
    if code is None:
        return bool(getattr(function, "nin", n) == n)  # `nin`: of a NumPy ufunc
    most = code.co_argcount - hasattr(function, "__self__")
    fewest = most - len(function.__defaults__ or ())
    return bool(fewest <= n and (n <= most or code.co_flags & inspect.CO_VARARGS))


class _ForAll:
    """The rules of a primitive with any number of arguments."""

    __slots__ = ("rule",)

    def __init__(self, rule: Any) -> None:
        self.rule = rule

    def __getitem__(self, argument: int) -> Rule:
        return partial(self.rule, argument=argument)


class _AtOnce(_ForAll):
    """The same, from one that returns the gradients of all arguments."""

    __slots__ = ()

    def __getitem__(self, argument: int) -> Rule:
        return lambda *args, **static: next(islice(self.rule(*args, **static), argument, None))


# --- Forward: making a node -----------------------------------------------------------------------


def record(op: Primitive, backend: Any, args: tuple[Any, ...], static: dict[str, Any]) -> Any:
    """Run `op` on arguments, at least one a node of this backend, and make the resulting node."""
    rules, kind = op.rules, backend.node
    data: list[Any] = []
    inputs: list[Any] = []
    recorded = cut = False
    for argument, x in enumerate(args):
        if isinstance(x, kind):
            data.append(x._data)
            if rules[argument] is None:
                x = None
            elif x.requires_grad:
                recorded = True
            elif x.note is QUIET:
                cut = True
            inputs.append(x)
        else:
            datum = backend.operand(op, x)
            if datum is NotImplemented:
                raise backend.type_error(op, x)
            data.append(datum)
            inputs.append(None)
    out = backend.run(op, data, static)
    if not recorded:
        return constant(backend, out, QUIET if cut else PLAIN_NOTE)
    if current.get() is OFF and note_if_off() is OFF:
        return constant(backend, out, QUIET)
    keep = backend.keep
    saved = [d if x is not None else keep(d) for x, d in zip(inputs, data, strict=True)]
    return make_node(backend, out, op, tuple(inputs), tuple(saved), static or None)


# --- Backward: handing on a cotangent -------------------------------------------------------------


def pull(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """Hand a node's cotangent on: each input that has a turn gets what the rule for it returns.

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


def pull_at_once(node: Any, g: Any, cotangents: Cotangents, owned: set[Node]) -> None:
    """The same, where one rule returns the gradients of all inputs."""
    saved, fit = node.saved, node._backend.fit
    for argument, x, c in contributions(node, g, node._data, saved, cotangents):
        add(cotangents, owned, x, fit(node, argument, c, saved[argument]))


def contributions(
    node: Any, g: Any, out: Any, saved: tuple[Any, ...], cotangents: Cotangents
) -> Iterator[tuple[int, Any, Any]]:
    """For each input that has a turn: its position, itself, and what its rule returns."""
    op, static = node.op, node.static or {}
    if not op.at_once:
        for argument, x in enumerate(node.inputs):
            if x in cotangents:
                yield argument, x, op.rules[argument](g, out, *saved, **static)
        return
    gradients = op.rules.rule(g, out, *saved, **static)
    for argument, (x, c) in enumerate(zip(node.inputs, gradients, strict=True)):
        if x in cotangents:
            yield argument, x, c
