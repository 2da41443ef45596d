"""The mistakes to plant: each operator offers what might stand in place of a node of a rule.

An operator of the table is called for every node of the source. Those of `OF_A_GRADIENT` are for
what a rule returns.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from autograd.testing.mutation.rules import EnginePart, Text

Offer = Iterator[ast.AST]


def _expression(source: str, **parts: ast.AST) -> ast.expr:
    """An expression written down, with nodes in place of the names in `parts`."""

    class Fill(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.AST:
            return parts.get(name.id, name)

    filled: ast.expr = Fill().visit(ast.parse(source, mode="eval").body)
    return filled


def _is_call(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left, op, right)


# --- on any node of the source --------------------------------------------------------------------


def sign_flipped(node: Any, text: Text) -> Offer:
    """-x for x, a + b for a - b, and the reverse."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield _binary(node.left, ast.Sub(), node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield _binary(node.left, ast.Add(), node.right)


def factor_dropped(node: Any, text: Text) -> Offer:
    """Either factor of a product, numerator of a quotient, either factor of a matrix product."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        yield node.left
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield node.right
    if _is_call(node, "matmul"):
        yield from node.args
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield node.left
        yield node.right


def term_dropped(node: Any, text: Text) -> Offer:
    """Either term of a sum, either of a difference."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield node.left
        yield node.right


def value_swapped(node: Any, text: Text) -> Offer:
    """Another of what the rule was given: out for x, x for y, ..."""
    named = isinstance(node, ast.Name) and node.id in text.parameters
    if named and node not in text.places:
        for other in text.parameters:
            if other != node.id:
                yield ast.Name(other, ast.Load())


def operands_exchanged(node: Any, text: Text) -> Offer:
    """b - a, b / a, b @ a."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult)):
        yield _binary(node.right, node.op, node.left)
    if _is_call(node, "matmul", "solve"):
        yield ast.Call(node.func, node.args[::-1], [])


def unbroadcast_skipped(node: Any, text: Text) -> Offer:
    """What was to be summed down to a shape, or to be spread, as it is."""
    if _is_call(node, "unbroadcast", "broadcast_to"):
        yield node.args[0]


def wrong_axis(node: Any, text: Text) -> Offer:
    """Another axis, another order of axes."""
    if isinstance(node, ast.keyword) and node.arg in ("axis", "axes"):
        yield ast.keyword(node.arg, _expression("wrong_axis(v)", v=node.value))
    elif isinstance(node, ast.Call) and not _is_call(node, "len"):
        for i, x in enumerate(node.args):
            if isinstance(x, ast.Name) and x.id in ("axis", "axes"):
                wrong = _expression("wrong_axis(v)", v=x)
                yield ast.Call(
                    node.func, [*node.args[:i], wrong, *node.args[i + 1 :]], node.keywords
                )


def transpose_skipped(node: Any, text: Text) -> Offer:
    """A matrix in place of its transpose."""
    if _is_call(node, "transpose"):
        yield node.args[0]
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node.value


def off_by_one(node: Any, text: Text) -> Offer:
    """A whole number one larger, a window with one of its facts one larger."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)
    if _is_call(node, "fold", "windows"):
        for name in ("size", "stride", "dilation"):
            yield ast.Call(
                node.func,
                node.args,
                [_one_more(k, name) if k.arg is None else k for k in node.keywords],
            )


def _one_more(keyword: ast.keyword, name: str) -> ast.keyword:
    return ast.keyword(None, _expression(f"one_more(static, {name!r})", static=keyword.value))


def constant_changed(node: Any, text: Text) -> Offer:
    """A number, or a named one, one per cent larger; 0.01 for 0."""
    if isinstance(node, ast.Constant) and type(node.value) is float:
        yield ast.Constant(node.value * 1.01 or 0.01)
    named = isinstance(node, ast.Name) and type(vars(text.module).get(node.id)) is float
    if named or (isinstance(node, ast.Attribute) and ast.unparse(node) == "math.pi"):
        yield _expression("1.01 * c", c=node)


INVERSE: dict[type, type] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
AT_EQUALITY: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip


def condition_inverted(node: Any, text: Text) -> Offer:
    """x <= y for x > y, x for not x, and | for &."""
    if isinstance(node, ast.Compare):
        yield ast.Compare(node.left, [INVERSE[type(node.ops[0])]()], node.comparators)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        other = ast.BitOr() if isinstance(node.op, ast.BitAnd) else ast.BitAnd()
        yield _binary(node.left, other, node.right)
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def equality_moved(node: Any, text: Text) -> Offer:
    """x >= y for x > y, and the reverse."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in AT_EQUALITY:
        yield ast.Compare(node.left, [AT_EQUALITY[type(node.ops[0])]()], node.comparators)


def branches_exchanged(node: Any, text: Text) -> Offer:
    """where(c, y, x) for where(c, x, y)."""
    if _is_call(node, "where"):
        condition, x, y = node.args
        yield ast.Call(node.func, [condition, y, x], [])


ON_ANY_NODE: dict[str, Callable[[Any, Text], Offer]] = {
    "sign flipped": sign_flipped,
    "factor dropped": factor_dropped,
    "term dropped": term_dropped,
    "saved value swapped": value_swapped,
    "operands exchanged": operands_exchanged,
    "unbroadcast skipped": unbroadcast_skipped,
    "wrong axis": wrong_axis,
    "transpose skipped": transpose_skipped,
    "off by one": off_by_one,
    "constant changed": constant_changed,
    "condition inverted": condition_inverted,
    "equality moved": equality_moved,
    "branches exchanged": branches_exchanged,
}

# --- on the gradient that a rule returns ----------------------------------------------------------

OF_A_GRADIENT = {
    "sign flipped": "-c",
    "factor 2": "2.0 * c",
    "factor 1.01": "1.01 * c",
    "constant added": "c + 0.01",
    "transposed": "transposed(c)",
    "one entry zeroed": "one_zeroed(c)",
}


def spoiled_gradient(name: str, gradient: ast.expr) -> ast.AST:
    """What the operator of that name makes of a returned expression."""
    return _expression(OF_A_GRADIENT[name], c=gradient)


# --- on the engine --------------------------------------------------------------------------------


def sum_forgotten(node: Any, part: EnginePart) -> Offer:
    """`=` for `+=`: of what comes back over a fan-out the last replaces the others."""
    is_total = isinstance(node, ast.BinOp) and ast.unparse(node.left) == "total"
    if is_total and isinstance(node.op, ast.Add):
        yield node.right
    if isinstance(node, ast.AugAssign):
        yield ast.copy_location(ast.Assign([node.target], node.value), node)


def fit_skipped(node: Any, part: EnginePart) -> Offer:
    """A gradient that is not summed down to the shape that was broadcast."""
    if part.name in ("fit", "_broadcast") and _is_call(node, "unbroadcast", "broadcast_to"):
        yield node.args[0]


ON_THE_ENGINE: dict[str, Callable[[Any, EnginePart], Offer]] = {
    "`=` for `+=`": sum_forgotten,
    "unbroadcast skipped": fit_skipped,
}
