"""Passes for formulas: what a person would write otherwise than NumPy has to compute it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from autograd.compile.passes.algebra import by, powers_of_two
from autograd.compile.passes.cleaning import common_subexpressions, dead_code
from autograd.compile.passes.pipeline import EXACT, READING, simplified
from autograd.compile.passes.reading import divisors
from autograd.compile.passes.rewrite import Context, Pass, instead, number, rewrite
from autograd.compile.program import BROADCAST, RESHAPE, Instruction, Program, Variable, of_ufunc
from autograd.derivation.boxes import SIGMOID

Kept = set[Variable]  # what has a line of its own

SQUARE, DIVIDE, MULTIPLY = (of_ufunc(u) for u in (np.square, np.divide, np.multiply))
SUBTRACT, NEGATIVE = of_ufunc(np.subtract), of_ufunc(np.negative)


def _plus_one(x: Any, context: Context) -> Any:
    made = context.maker(x, "add")
    if made is None:
        return None
    for one, other in (made.args, made.args[::-1]):
        if number(one) == 1:
            return other
    return None


def _sigmoid(i: Instruction, context: Context) -> Instruction | None:
    """1 / (1 + exp(-x)) → σ(x), and 1 / (1 + exp(x)) → σ(-x)."""
    power = context.maker(_plus_one(i.args[1], context), "exp")
    if power is None or number(i.args[0]) is None:
        return None
    turned = context.maker(power.args[0], "negative")
    if number(i.args[0]) != 1 or turned is None or turned.args[0].shape != i.result.shape:
        return None
    return instead(i, SIGMOID, turned.args[0])


def _squared(i: Instruction, context: Context) -> Instruction | None:
    """x · x → x²."""
    return instead(i, SQUARE, i.args[0]) if i.args[0] is i.args[1] else None


def _sign_out(i: Instruction, context: Context) -> Instruction | None:
    """-(a - b) → b - a, which differs in the sign of a zero."""
    inner = context.maker(i.args[0], "subtract")
    if inner is None or not context.once(i.args[0]) or inner.kwargs:
        return None
    return instead(i, SUBTRACT, inner.args[1], inner.args[0])


def _is_short(value: float) -> bool:
    return float(f"{value:.2g}") == value


def _over_number(i: Instruction, context: Context) -> Instruction | None:
    """x / 10 → 0.1 · x where x has a factor already, and (c · x) / d → (c / d) · x."""
    inner, d = context.maker(i.args[0], "multiply"), number(i.args[1])
    if inner is None or not d or not context.once(i.args[0]):
        return None
    for c, x in (inner.args, inner.args[::-1]):
        value = number(c)
        if value is not None and value != 1 and _is_short(value / d):
            return instead(i, MULTIPLY, x, value / d)
    return None


def _factor(x: Any, context: Context, keep: Kept) -> tuple[Any, float] | None:
    """(y, c) where x is c · y with a number c, and is read nowhere else."""
    made = context.maker(x, "multiply")
    if made is None or not context.once(x) or x in keep:
        return None
    for c, y in (made.args, made.args[::-1]):
        value = number(c)
        if value is not None and type(y) is Variable and y.shape == x.shape:
            return y, float(value)
    return None


def _factor_out(i: Instruction, context: Context, keep: Kept) -> Instruction | None:
    """(c · x) ⊙ y → c · (x ⊙ y), and (c · x) / y → c · (x / y)."""
    if any(number(x) is not None for x in i.args):
        return None
    for n, x in enumerate(i.args[: 1 if i.operation is DIVIDE else 2]):
        found = _factor(x, context, keep)
        if found is not None:
            args = (*i.args[:n], found[0], *i.args[n + 1 :])
            inner = context.call(i.operation, args, {}, i.result.shape, i)
            return instead(i, MULTIPLY, inner, found[1])
    return None


def _always(i: Instruction, context: Context) -> Instruction | Variable | None:
    """where(c, x, y) with a c that always holds, or never."""
    if len(i.args) != 3 or number(i.args[0]) not in (0, 1):
        return None
    x = i.args[1] if number(i.args[0]) else i.args[2]
    if type(x) is not Variable:
        return None
    return x if x.shape == i.result.shape else instead(i, BROADCAST, x, i.result.shape)


def _doubled(i: Instruction, context: Context) -> Instruction | None:
    """x + x → 2 · x."""
    return instead(i, MULTIPLY, i.args[0], 2.0) if i.args[0] is i.args[1] else None


def _sign_before_sum(i: Instruction, context: Context, keep: Kept) -> Instruction | None:
    """Σ(-x) → -Σx."""
    inner = context.maker(i.args[0], "negative")
    if inner is None or not context.once(i.args[0]) or i.args[0] in keep:
        return None
    total = context.call(i.operation, inner.args, dict(i.kwargs), i.result.shape, i)
    return instead(i, NEGATIVE, total)


def _sign_before_quotient(i: Instruction, context: Context, keep: Kept) -> Instruction | None:
    """(-x) / y → -(x / y)."""
    inner = context.maker(i.args[0], "negative")
    if inner is None or i.kwargs or not context.once(i.args[0]) or i.args[0] in keep:
        return None
    quotient = context.call(i.operation, (*inner.args, i.args[1]), {}, i.result.shape, i)
    return instead(i, NEGATIVE, quotient)


def _sign_before_product(i: Instruction, context: Context, keep: Kept) -> Instruction | None:
    """(-x) ⊙ y → -(x ⊙ y)."""
    for n, x in enumerate(i.args):
        inner = context.maker(x, "negative")
        if inner is not None and context.once(x) and x not in keep and not i.kwargs:
            args = (*i.args[:n], *inner.args, *i.args[n + 1 :])
            return instead(i, NEGATIVE, context.call(i.operation, args, {}, i.result.shape, i))
    return None


HOISTED: dict[str, tuple[Any, ...]] = {
    "add.reduce": (_sign_before_sum,),
    "divide": (_sign_before_quotient, _factor_out),
    "multiply": (_sign_before_product, _factor_out),
}


def hoisted(program: Program) -> Program:
    """Signs and numbers to the front, but not out of what has a name: dy = 2·r stays a line."""
    uses = Counter(v for i in program.instructions for v in i.inputs())
    keep = {
        g
        for g, of in program.cotangents.items()
        if any(v.kind == "input" or v.name or uses[v] > 1 for v in of)
    }

    def rule(i: Instruction, context: Context) -> Instruction | None:
        found = (law(i, context, keep) for law in HOISTED.get(i.operation.name, ()))
        return next((made for made in found if made is not None), None)

    return rewrite(program, rule)


def _scaled_share(i: Instruction, context: Context) -> Instruction | None:
    """c · (1 / N) → c / N, and c · (x · (1 / N)) → x · (c / N)."""
    for c, x in (i.args, i.args[::-1]):
        value = number(c)
        if value is None:
            continue
        share, rest = _share_in(x, context)
        if share is None:
            continue
        above = number(share.args[0])
        if rest is None:
            return instead(i, DIVIDE, value * above, share.args[1])
        quotient = context.call(DIVIDE, (value * above, share.args[1]), {}, (), i)
        return instead(i, MULTIPLY, rest, quotient)
    return None


def _share_in(x: Any, context: Context) -> tuple[Instruction | None, Any]:
    """(c / N, y) where x is y · (c / N), or (c / N, None) where it is that itself."""
    share = context.maker(x, "divide")
    if share is not None and number(share.args[0]) is not None:
        return share, None
    product = context.maker(x, "multiply")
    if product is None or not context.once(x):
        return None, None
    for part, rest in (product.args, product.args[::-1]):
        share = context.maker(part, "divide")
        if share is not None and not part.shape and number(share.args[0]) is not None:
            return share, rest
    return None, None


def _divided_share(i: Instruction, context: Context) -> Instruction | None:
    """(c / N) / d → (c / d) / N where that is short."""
    share, d = context.maker(i.args[0], "divide"), number(i.args[1])
    above = number(share.args[0]) if share is not None else None
    if share is None or above is None or not d or not _is_short(above / d):
        return None
    return instead(i, DIVIDE, above / d, share.args[1])


def _one_less(i: Instruction, context: Context) -> Instruction | None:
    """x^(y - (y ≠ 0)) → x^(y - 1): where y is 0, a factor y stands before it."""
    less = context.maker(i.args[1], "subtract")
    unequal = context.maker(less.args[1], "not_equal") if less is not None else None
    if less is None or unequal is None or unequal.args[0] is not less.args[0]:
        return None
    exponent = context.call(SUBTRACT, (less.args[0], 1.0), {}, less.result.shape, i)
    return instead(i, i.operation, i.args[0], exponent)


def _without_corner(i: Instruction, context: Context) -> Instruction | None:
    """ln(1 where x = 0 and y ≥ 0, else x) → ln x: x^y stands before it, and is 0 there."""
    guarded = context.maker(i.args[0], "numpy.where")
    if guarded is None or len(guarded.args) != 3 or number(guarded.args[1]) != 1:
        return None
    if number(guarded.args[2]) is not None:
        return None if not number(guarded.args[2]) else instead(i, i.operation, guarded.args[2])
    corner = context.maker(guarded.args[0], "bitwise_and", "logical_and")
    zero = context.maker(corner.args[0], "equal") if corner is not None else None
    if zero is None or zero.args[0] is not guarded.args[2] or number(zero.args[1]) != 0:
        return None
    return instead(i, i.operation, guarded.args[2])


def _one_sum(i: Instruction, context: Context) -> Instruction | None:
    """Σᵢ Σⱼ x → Σᵢⱼ x."""
    inner = context.maker(i.args[0], "add.reduce")
    if inner is None or not context.once(i.args[0]) or len(inner.args) != 1 or len(i.args) != 1:
        return None
    if not {*i.kwargs, *inner.kwargs} <= {"axis", "keepdims"}:
        return None
    x = inner.args[0]
    first = _axes(inner.kwargs.get("axis"), len(x.shape))
    left = [k for k in range(len(x.shape)) if k not in first or inner.kwargs.get("keepdims")]
    second = [left[k] for k in _axes(i.kwargs.get("axis"), len(left))]
    axes = tuple(sorted({*first, *second}))
    shape = tuple(n for k, n in enumerate(x.shape) if k not in axes)
    facts: dict[str, Any] = {"axis": axes, "keepdims": False}
    if shape == i.result.shape:
        return instead(i, i.operation, x, **facts)
    return instead(i, RESHAPE, context.call(i.operation, (x,), facts, shape, i), i.result.shape)


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    places = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(k % ndim for k in places)


def sums(program: Program) -> Program:
    """One sum for each array that is added up along several axes in turn."""

    def rule(i: Instruction, context: Context) -> Instruction | None:
        return _one_sum(i, context) if i.operation.name == "add.reduce" else None

    return rewrite(program, rule)


_short_factors = by({"divide": (_over_number,)})
_rules = by(
    {
        "add": (_doubled,),
        "divide": (_sigmoid, _divided_share),
        "multiply": (_squared, _scaled_share),
        "negative": (_sign_out,),
        "power": (_one_less,),
        "log": (_without_corner,),
        "numpy.where": (_always,),
    }
)


READ = {name: rule for name, rule in (EXACT | READING).items() if rule is not powers_of_two}
RULES: dict[str, Pass] = {
    **READ,
    "for people": _rules,
    "signs and numbers": hoisted,
    "nothing twice": common_subexpressions,
}


def for_people(program: Program) -> Program:
    """The readable program, further simplified; it may round otherwise, and is only printed."""
    program = Program(program.inputs, program.instructions, program.outputs, [], program.cotangents)
    program, _ = simplified(program, RULES)
    return dead_code(_short_factors(divisors(dead_code(sums(program)))))
