"""Passes for formulas: what a person would write otherwise than NumPy has to compute it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.passes.algebra import by
from autograd.compile.passes.cleaning import common_subexpressions, dead_code
from autograd.compile.passes.pipeline import readable
from autograd.compile.passes.rewrite import Context, instead, number, rewrite
from autograd.compile.program import Instruction, Program, of_ufunc
from autograd.derivation.boxes import SIGMOID

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


def _over_number(i: Instruction, context: Context) -> Instruction | None:
    """(c · x) / d → (c / d) · x for numbers whose quotient is short."""
    inner, d = context.maker(i.args[0], "multiply"), number(i.args[1])
    if inner is None or not d or not context.once(i.args[0]):
        return None
    for c, x in (inner.args, inner.args[::-1]):
        value = number(c)
        if value is not None and value != 1 and float(value / d).is_integer():
            return instead(i, MULTIPLY, x, value / d)
    return None


def _sign_before_sum(i: Instruction, context: Context) -> Instruction | None:
    """Σ(-x) → -Σx."""
    inner = context.maker(i.args[0], "negative")
    if inner is None or not context.once(i.args[0]):
        return None
    total = context.call(i.operation, inner.args, dict(i.kwargs), i.result.shape, i)
    return instead(i, NEGATIVE, total)


def _sign_before_quotient(i: Instruction, context: Context) -> Instruction | None:
    """(-x) / y → -(x / y)."""
    inner = context.maker(i.args[0], "negative")
    if inner is None or i.kwargs or not context.once(i.args[0]):
        return None
    quotient = context.call(i.operation, (*inner.args, i.args[1]), {}, i.result.shape, i)
    return instead(i, NEGATIVE, quotient)


def _signs(i: Instruction, context: Context) -> Instruction | None:
    rule = {"add.reduce": _sign_before_sum, "divide": _sign_before_quotient}.get(i.operation.name)
    return rule(i, context) if rule is not None else None


_rules = by(
    {
        "divide": (_sigmoid, _over_number),
        "multiply": (_squared,),
        "negative": (_sign_out,),
    }
)


def for_people(program: Program) -> Program:
    """The readable program, further simplified; it may round otherwise, and is only printed."""
    while True:
        after = dead_code(common_subexpressions(rewrite(_rules(readable(program)), _signs)))
        if after is program or len(after.instructions) == len(program.instructions):
            return after
        program = after


