"""Changes of one rule: a factor dropped, a sign flipped, a value taken from elsewhere.

The sources of the rules are changed by the operators that `tests/mutation` plants mistakes with.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from autograd import primitives
from autograd.engine.primitive import Primitive
from autograd.testing.examine.flow import Edge, Flow, Spot
from autograd.testing.examine.hypothesis import (
    Hypothesis,
    Named,
    arrays_of,
    at_edge,
    described,
    step_of,
    value_of,
)
from autograd.testing.mutation import operators as o
from autograd.testing.mutation import rules as r

Array = Any

KINDS = {
    "sign flipped": "sign",
    "factor dropped": "slope missing",
    "term dropped": "term missing",
    "operands exchanged": "operands exchanged",
    "wrong axis": "summed over the wrong axis",
    "transpose skipped": "transposed",
    "condition inverted": "mask",
    "branches exchanged": "mask",
    "saved value swapped": "wrong point",
}
WORDS = {
    "sign": "has a wrong sign in the step {step}",
    "slope missing": "lacks a factor of the slope of {step}",
    "term missing": "lacks a term of the step {step}",
    "operands exchanged": "has the operands of {step} in the wrong order",
    "summed over the wrong axis": "is summed over the wrong axis in the step {step}",
    "transposed": "lacks a transpose in the step {step}",
    "mask": "has the mask of {step} inverted",
    "wrong point": "takes a part of the slope of {step} at another array",
    "wrong operand": "multiplies by another array than {step} needs",
    "upstream ignored": "does not multiply the slope of {step} by the gradient that comes to it",
}
PRODUCTS = frozenset({"mul", "matmul", "inner", "einsum", "div"})
CHOICES = frozenset(
    {"relu", "where", "maximum", "minimum", "clip", "abs", "max", "min", "hypot", "sign"}
)


ELEMENTARY = frozenset({"power", "log", "exp", "sqrt", "cos", "sin", "hypot", "where", "abs"})


class Variant(NamedTuple):
    """A rule with one change.

    Attributes:
        kind: of mistake.
        change: what was changed, as source.
        rule: the changed rule.
        inside: whether the change is inside of an elementary function, where few people err.
    """

    kind: str
    change: str
    rule: Any
    inside: bool


def variants(op: Primitive, argument: int, module: ModuleType | None = None) -> list[Variant]:
    """The rule of a primitive for one argument, with every change that an operator makes of it."""
    return list(_variants(op, argument, module))


@cache
def _variants(op: Primitive, argument: int, module: ModuleType | None) -> tuple[Variant, ...]:
    modules = primitives.TABLES if module is None else (module,)
    found: list[Variant] = []
    for home in modules:
        table = r.table_of(home)
        if op in table.rules:
            for text in _texts(home):
                if op in text.users and (text.is_rule or home is not module):
                    found += _of_text(text, op, argument)
    return tuple(found)


@cache
def _texts(home: ModuleType) -> tuple[r.Text, ...]:
    return tuple(r.texts_of(r.table_of(home)))


def _of_text(text: r.Text, op: Primitive, argument: int) -> Iterator[Variant]:
    own = f"{op.name}[{0 if op.variadic else argument}]"
    if isinstance(text.tree, ast.Lambda) and text.name != own:
        return
    inside = {
        node
        for call in ast.walk(text.tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ELEMENTARY
        for argument in call.args
        for node in ast.walk(argument)
    }
    for place, node in enumerate(ast.walk(text.tree)):
        if isinstance(node, ast.Name) and (node.id == "g" or not isinstance(node.ctx, ast.Load)):
            continue
        for name, kind in KINDS.items():
            if kind == "wrong point" and op.name in CHOICES:  # `swaps` has those
                continue
            for new in o.ON_ANY_NODE[name](node, text):
                tree = r.changed(text.tree, place, new)
                rule = _compiled(text, tree, op, argument)
                change = f"{ast.unparse(node)} → {ast.unparse(new)}"
                yield Variant(_kind(kind, text, tree, op), change, rule, node in inside)


def _kind(kind: str, text: r.Text, tree: r.Tree, op: Primitive) -> str:
    """The kind of mistake that a change of a rule is."""
    body: Any = tree.body if isinstance(tree, ast.Lambda) else tree
    uses = {n.id for n in ast.walk(body) if isinstance(n, ast.Name)}
    if kind in ("slope missing", "wrong point") and "g" in text.parameters and "g" not in uses:
        return "upstream ignored"
    if kind == "wrong point":
        return kind_at(op)
    return kind


def kind_at(op: Primitive) -> str:
    """What it is called when a rule reads another array."""
    if op.name in PRODUCTS:
        return "wrong operand"
    return "mask" if op.name in CHOICES else "wrong point"


def _compiled(text: r.Text, tree: r.Tree, op: Primitive, argument: int) -> Any:
    if isinstance(tree, ast.Lambda):
        code = compile(ast.Expression(copy.deepcopy(tree)), "<rule>", "eval")
        return eval(code, vars(text.module) | r.TOOLS)
    return r.rules_with(text, tree)[op][argument]


def changes_of_rules(flow: Flow) -> Iterator[Hypothesis]:
    """Every change of every rule of a backward pass."""
    for edge in flow.edges():
        node = flow.nodes[edge[0]]
        for variant in variants(node.op, edge[1]):
            text = WORDS[variant.kind].format(step=step_of(flow, node))
            cost = 2.5 if variant.inside else 2.3 if variant.kind.startswith("wrong ") else 2.0
            group = node.op, edge[1], variant.change
            yield at_edge(variant.kind, cost, text, edge, _ruled(variant.rule), group)


def _ruled(rule: Any) -> Any:
    def modify(spot: Spot) -> Array:
        node = spot.node
        raw = rule(spot.g, node._data, *node.saved, **(node.static or {}))
        return fitted(spot, raw)

    return modify


def fitted(spot: Spot, raw: Any) -> Array:
    """Summed down to the input's shape, where the step broadcast it."""
    node, shape = spot.node, np.shape(spot.right)
    raw = np.asarray(raw, float)
    if raw.shape == shape:
        return raw
    if node.op.elementwise:
        try:
            wide = np.broadcast_to(raw, np.shape(node._data))
            return node._backend.fit(node, spot.argument, np.array(wide), node.saved[spot.argument])
        except ValueError:
            return raw
    return raw


# --- a value taken from elsewhere -----------------------------------------------------------------


def of_squares(flow: Flow) -> Iterator[Hypothesis]:
    """The slope of |x| at a square: the sign of x, with or without the 2 of 2x."""
    for edge in flow.edges():
        node = flow.nodes[edge[0]]
        exponent = node.saved[1] if node.op.name == "pow" else 2.0
        is_square = node.op.name in ("square", "pow") and np.ndim(exponent) == 0
        if is_square and edge[1] == 0 and float(exponent) == 2.0:
            text = f"uses the sign, the slope of |x|, where that of {step_of(flow, node)} belongs"
            for factor in (1.0, 0.5):
                yield at_edge("wrong point", 2.25, text, edge, _with_sign(factor))


def _with_sign(factor: float) -> Any:
    return lambda spot: factor * spot.right / np.abs(spot.node.saved[0])


def swaps(flow: Flow) -> Iterator[Hypothesis]:
    """A rule that reads another array than the one it should."""
    arrays = list(arrays_of(flow))
    for edge in flow.edges():
        yield from _swaps_at(flow, edge, arrays)


def _swaps_at(flow: Flow, edge: Edge, arrays: list[Named]) -> Iterator[Hypothesis]:
    node, argument = flow.nodes[edge[0]], edge[1]
    reads = read_by(node.op, argument)
    slots = [(k, x) for k, x in enumerate((node._data, *node.saved)) if k in reads and np.ndim(x)]
    step = step_of(flow, node)
    for named in arrays:
        cost = 2.3 if named.key[0] == "gradient" else 2.2
        for k, x in slots:
            if named.array is not x and may_stand_for(node.op, named.array, x):
                kind, text = _kind_of_swap(flow, node, k, named, step)
                yield at_edge(kind, cost, text, edge, _swapped((k,), named.key))
        is_value = named.key[0] != "gradient"
        if (
            is_value
            and node.op.name in PRODUCTS
            and np.shape(named.array) == np.shape(node._data)
            and np.ndim(named.array)
        ):
            text = (
                f"uses {described(flow, named.key)} where {step} needs the gradient of its output"
            )
            yield at_edge("wrong operand", 2.45, text, edge, _other_gradient(named.key))
        if len(node.saved) == 1 and np.shape(named.array) == np.shape(node._data):
            kind, text = _kind_of_swap(flow, node, 1, named, step)
            if named.array is not node.saved[0]:
                yield at_edge(kind, cost + 0.05, text, edge, _moved_point(named.key))


def may_stand_for(op: Primitive, other: Array, x: Array) -> bool:
    """Whether a program that multiplies by `other` instead of `x` would run."""
    if np.asarray(other).dtype.kind not in "fiub":
        return False
    if np.shape(other) == np.shape(x):
        return True
    return op.name in ("matmul", "inner") and np.ndim(other) == np.ndim(x) == 2


def _kind_of_swap(flow: Flow, node: Any, slot: int, named: Named, step: str) -> tuple[str, str]:
    other = described(flow, named.key)
    if slot == 0:
        own = value_of(flow, node)
    else:
        x = node.inputs[slot - 1]
        own = value_of(flow, x) if x is not None else "its constant"
    kind = kind_at(node.op)
    texts = {
        "wrong operand": f"multiplies by {other} where {step} needs {own}",
        "mask": f"takes the mask of {step} from {other}, not from {own}",
        "wrong point": f"takes the slope of {step} at {other}, not at {own}",
    }
    return kind, texts[kind]


def _swapped(slots: tuple[int, ...], key: tuple[Any, ...]) -> Any:
    from_key = Named(key, None)

    def modify(spot: Spot) -> Array:
        node = spot.node
        given = [node._data, *node.saved]
        for k in slots:
            given[k] = from_key.of(spot.flow)
        return fitted(spot, node.op.rules[spot.argument](spot.g, *given, **(node.static or {})))

    return modify


def _other_gradient(key: tuple[Any, ...]) -> Any:
    from_key = Named(key, None)

    def modify(spot: Spot) -> Array:
        node, g = spot.node, np.asarray(from_key.of(spot.flow), float)
        raw = node.op.rules[spot.argument](g, node._data, *node.saved, **(node.static or {}))
        return fitted(spot, raw)

    return modify


def _moved_point(key: tuple[Any, ...]) -> Any:
    """The slope at another argument, with the result that belongs to it."""
    from_key = Named(key, None)

    def modify(spot: Spot) -> Array:
        node = spot.node
        v = np.asarray(from_key.of(spot.flow), float)
        out = node.op.kernel(v, **(node.static or {}))
        return fitted(spot, node.op.rules[0](spot.g, out, v, **(node.static or {})))

    return modify


@cache
def read_by(op: Primitive, argument: int) -> frozenset[int]:
    """What a rule reads besides the cotangent: 0 for the result, then the arguments from 1."""
    everything = frozenset(range(9))
    for home in primitives.TABLES:
        table = r.table_of(home)
        if op in table.rules:
            rule = table.rules[op][0 if op.variadic else argument]
            if isinstance(rule, ast.Lambda):
                names = [a.arg for a in rule.args.args][1:]
                used = {n.id for n in ast.walk(rule.body) if isinstance(n, ast.Name)}
                if rule.args.vararg is None:
                    return frozenset(k for k, name in enumerate(names) if name in used)
    return everything
