"""Passes by the laws of arithmetic that hold to the last bit, for nan, inf and -0 too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.passes.rewrite import (
    Context,
    Pass,
    constant,
    instead,
    number,
    rewrite,
    weak,
)
from autograd.compile.program import Instruction, Program, Variable, of_ufunc

ADD, SUBTRACT, MULTIPLY = of_ufunc(np.add), of_ufunc(np.subtract), of_ufunc(np.multiply)
Law = Callable[[Instruction, Context], Variable | Instruction | None]


def like(x: Any, i: Instruction) -> Variable | None:
    """An argument that can stand for the result: of its shape and dtype."""
    if type(x) is not Variable or x.weak is not i.result.weak:
        return None
    return x if (x.shape, x.dtype) == (i.result.shape, i.result.dtype) else None


def _negated(x: Any) -> Any:
    """A constant with the other sign; None if it is none, or an integer that may wrap."""
    value = number(x)
    if value is None or type(value) is not float:
        return None
    return -x if weak(x) or isinstance(x, np.generic) else constant(-x.value)


# --- neutral elements -----------------------------------------------------------------------------


def _neutral_add(i: Instruction, context: Context) -> Variable | None:
    """x + -0 → x; x + 0 is not x where x is -0. Of integers there is one 0."""
    for x, y in (i.args, i.args[::-1]):
        value = number(y)
        if value == 0 and (i.result.dtype.kind in "iu" or math.copysign(1, value) < 0):
            return like(x, i)
    return None


def _neutral_subtract(i: Instruction, context: Context) -> Variable | None:
    x, y = i.args
    value = number(y)
    if value == 0 and (i.result.dtype.kind in "iu" or math.copysign(1, value) > 0):
        return like(x, i)
    return None


def _neutral_multiply(i: Instruction, context: Context) -> Variable | None:
    x, y = i.args
    return like(x, i) if number(y) == 1 else like(y, i) if number(x) == 1 else None


def neutral_second(i: Instruction, context: Context) -> Variable | None:
    """x / 1 → x, as any operation that a 1 in second place leaves as it is."""
    return like(i.args[0], i) if number(i.args[1]) == 1 else None


# --- signs ----------------------------------------------------------------------------------------


def _negative(i: Instruction, context: Context) -> Variable | Instruction | None:
    """-(-x) → x; -(x · c) → x · (-c); -(x / c) → x / (-c); -(x - y) stays, because of x = y."""
    inner = context.maker(i.args[0], "negative")
    if inner is not None and not inner.kwargs:
        return like(inner.args[0], i)
    inner = context.maker(i.args[0], "multiply", "divide")
    if inner is None or inner.kwargs or not context.once(i.args[0]):
        return None
    return _with_other_sign(i, inner, range(len(inner.args)))


def _with_other_sign(i: Instruction, of: Instruction, places: Any) -> Instruction | None:
    for n in places:
        other = _negated(of.args[n])
        if other is not None:
            args = (*of.args[:n], other, *of.args[n + 1 :])
            return instead(i, of.operation, *args)
    return None


def _signed_factor(i: Instruction, context: Context) -> Instruction | None:
    """(-x) · c → x · (-c); (-x) / c → x / (-c)."""
    for n, x in enumerate(i.args):
        inner = context.maker(x, "negative")
        if inner is None or inner.kwargs or not context.once(x):
            continue
        of = instead(i, i.operation, *i.args[:n], inner.args[0], *i.args[n + 1 :])
        return _with_other_sign(i, of, [m for m in range(2) if m != n])
    return None


def _signed_add(i: Instruction, context: Context) -> Instruction | None:
    """x + (-y) → x - y; (-x) + y → y - x."""
    for x, y in (i.args, i.args[::-1]):
        inner = context.maker(y, "negative")
        if inner is not None and not inner.kwargs and i.result.dtype.kind == "f":
            return instead(i, SUBTRACT, x, inner.args[0])
    return None


def _signed_subtract(i: Instruction, context: Context) -> Instruction | None:
    """x - (-y) → x + y."""
    inner = context.maker(i.args[1], "negative")
    if inner is None or inner.kwargs or i.result.dtype.kind != "f":
        return None
    return instead(i, ADD, i.args[0], inner.args[0])


# --- division -------------------------------------------------------------------------------------


def _by_a_power_of_two(i: Instruction, context: Context) -> Instruction | None:
    """x / 32 → x · 0.03125, which is faster; only where 1 / c is a number of the dtype exactly."""
    x, y = i.args
    value, kind = number(y), i.result.dtype
    if value is None or type(x) is not Variable or x.dtype != kind or kind.char not in "fd":
        return None
    value = float(value)
    if value == 0 or not math.isfinite(value) or abs(math.frexp(value)[0]) != 0.5:
        return None
    if not float(np.finfo(kind).tiny) <= abs(1.0 / value) <= 1.0 / float(np.finfo(kind).tiny):
        return None
    factor = 1.0 / value
    shape = y.shape if type(y) is Variable else ()
    return instead(i, MULTIPLY, x, factor if weak(y) else constant(np.full(shape, factor, kind)))


# --- equal arguments ------------------------------------------------------------------------------


def _idempotent(i: Instruction, context: Context) -> Variable | None:
    """maximum(x, x) → x."""
    return like(i.args[0], i) if i.args[0] is i.args[1] else None


def _chosen(i: Instruction, context: Context) -> Variable | None:
    """where(c, x, x) → x."""
    return like(i.args[1], i) if len(i.args) == 3 and i.args[1] is i.args[2] else None


LAWS: dict[str, tuple[Law, ...]] = {
    "add": (_neutral_add, _signed_add),
    "subtract": (_neutral_subtract, _signed_subtract),
    "multiply": (_neutral_multiply, _signed_factor),
    "divide": (neutral_second, _signed_factor),
    "negative": (_negative,),
    "maximum": (_idempotent,),
    "minimum": (_idempotent,),
    "numpy.where": (_chosen,),
}


def by(laws: dict[str, tuple[Law, ...]]) -> Pass:
    """A pass that applies the first law that says something."""

    def rule(i: Instruction, context: Context) -> Variable | Instruction | None:
        if i.kwargs:
            return None
        for law in laws.get(i.operation.name, ()):
            made = law(i, context)
            if made is not None:
                return made
        return None

    return lambda program: rewrite(program, rule)


_apply = by(LAWS)


def algebra(program: Program) -> Program:
    """`x · 1` → `x`, `x + (-y)` → `x - y` and their kin, to the last bit."""
    return _apply(program)


_multiply = by({"divide": (_by_a_power_of_two,)})


def powers_of_two(program: Program) -> Program:
    """`x / 4` → `x · 0.25`, to the last bit."""
    return _multiply(program)


# --- How large a value can be ---------------------------------------------------------------------

Range = tuple[float, float]
EVERYTHING: Range = (-math.inf, math.inf)


class Ranges:
    """Bounds of the entries of a variable that are not nan, found from how it was made."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.known: dict[Variable, Range] = {}

    def of(self, x: Any, depth: int = 12) -> Range:
        """(lowest, largest) of an argument."""
        value = number(x)
        if value is not None:
            return (value, value) if value == value else EVERYTHING
        if type(x) is not Variable or not depth:
            return EVERYTHING
        found = self.known.get(x)
        if found is None:
            made = self.context.maker(x)
            rule = RANGES.get(made.operation.name) if made is not None else None
            found = rule(self, made, depth - 1) if rule is not None and made else EVERYTHING
            self.known[x] = found
        return found


def shifted_by_maximum(x: Any, context: Context) -> tuple[Variable, tuple[int, ...]] | None:
    """(z, axis) where x is z - max(z, axis, keepdims=True), whose largest entry is 0 or nan."""
    made = context.maker(x, "subtract")
    peak = context.maker(made.args[1], "maximum.reduce") if made is not None else None
    if made is None or peak is None or not peak.kwargs.get("keepdims"):
        return None
    if peak.args[0] is not made.args[0] or "initial" in peak.kwargs:
        return None
    return made.args[0], peak.kwargs["axis"]


def _difference(r: Ranges, i: Instruction, depth: int) -> Range:
    if shifted_by_maximum(i.result, r.context):
        return (-math.inf, 0.0)
    (a, b), (c, d) = (r.of(x, depth) for x in i.args)
    return _without_nan(a - d, b - c)


def _without_nan(low: float, high: float) -> Range:
    return (-math.inf if low != low else low, math.inf if high != high else high)


def _sum(r: Ranges, i: Instruction, depth: int) -> Range:
    (a, b), (c, d) = (r.of(x, depth) for x in i.args)
    return _without_nan(a + c, b + d)


def _exponential(r: Ranges, i: Instruction, depth: int) -> Range:
    return (0.0, 1.0 if r.of(i.args[0], depth)[1] <= 0 else math.inf)


def _total(r: Ranges, i: Instruction, depth: int) -> Range:
    """A sum of what is not negative is not less than any of it: rounding keeps the order."""
    x = i.args[0]
    axis = i.kwargs["axis"] if i.operation.name == "add.reduce" else i.args[1]
    made = r.context.maker(x, "exp")
    shifted = shifted_by_maximum(made.args[0], r.context) if made is not None else None
    if shifted is not None and shifted[1] == axis:
        return (1.0, math.inf)
    low = r.of(x, depth)[0]
    return (0.0, math.inf) if low >= 0 else EVERYTHING


def _logarithm(r: Ranges, i: Instruction, depth: int) -> Range:
    return (0.0, math.inf) if r.of(i.args[0], depth)[0] >= 1 else EVERYTHING


def _same(r: Ranges, i: Instruction, depth: int) -> Range:
    return r.of(i.args[0], depth)


def _larger(r: Ranges, i: Instruction, depth: int) -> Range:
    (a, b), (c, d) = (r.of(x, depth) for x in i.args)
    return (max(a, c), max(b, d))


def _smaller(r: Ranges, i: Instruction, depth: int) -> Range:
    (a, b), (c, d) = (r.of(x, depth) for x in i.args)
    return (min(a, c), min(b, d))


def _square(r: Ranges, i: Instruction, depth: int) -> Range:
    return (0.0, math.inf)


RANGES: dict[str, Callable[[Ranges, Instruction, int], Range]] = {
    "subtract": _difference,
    "add": _sum,
    "exp": _exponential,
    "log": _logarithm,
    "maximum": _larger,
    "minimum": _smaller,
    "square": _square,
    "sqrt": _square,
    "absolute": _square,
    **dict.fromkeys(("add.reduce", "kernel.sum_of_few"), _total),
    **dict.fromkeys(("reshape", "transpose", "broadcast", "copy"), _same),
}


def _idle_clamp(i: Instruction, context: Context) -> Variable | None:
    name = i.operation.name
    if name not in ("maximum", "minimum") or i.kwargs:
        return None
    ranges = Ranges(context)
    for x, bound in (i.args, i.args[::-1]):
        value = number(bound)
        if value is None or value != value or like(x, i) is None:
            continue
        low, high = ranges.of(x)
        never = -math.inf if name == "maximum" else math.inf
        if value == never or ((value < low) if name == "maximum" else (value > high)):
            return like(x, i)  # the bound itself stays: of 0 and -0 either may come out
    return None


def idle_clamps(program: Program) -> Program:
    """`maximum(x, c)` → `x` where x is never below c, as for c = -inf; nan stays nan."""
    return rewrite(program, _idle_clamp)


def _second_shift(i: Instruction, context: Context) -> Instruction | None:
    """sum(exp(x - m)) with m = max(x), where the largest of x is 0 already."""
    if i.operation.name not in ("add.reduce", "kernel.sum_of_few"):
        return None
    axis = i.kwargs.get("axis") if i.operation.name == "add.reduce" else i.args[1]
    power = context.maker(i.args[0], "exp")
    difference = context.maker(power.args[0], "subtract") if power is not None else None
    if power is None or difference is None or power.kwargs or not context.once(i.args[0]):
        return None
    x, shift = difference.args
    if not zero_or_nan(shift, x, axis, context):
        return None
    made = context.call(power.operation, (x,), {}, x.shape, power)
    return instead(i, i.operation, made, *i.args[1:], **i.kwargs)


def zero_or_nan(shift: Any, x: Any, axis: Any, context: Context) -> bool:
    """Whether a shift is the largest entry of x, which is 0, or nan where entries of x are nan."""
    while (made := context.maker(shift, "minimum", "maximum")) is not None:
        bounds = [number(a) for a in made.args]
        at = next((n for n, b in enumerate(bounds) if b is not None), None)
        if at is None or (bounds[at] < 0) is not (made.operation.name == "maximum"):
            return False
        shift = made.args[1 - at]
    peak = context.maker(shift, "maximum.reduce")
    if peak is None or peak.args[0] is not x or peak.kwargs.get("axis") != axis:
        return False
    initial = peak.kwargs.get("initial")
    if initial is not None and not (number(initial) is not None and number(initial) < 0):
        return False
    shifted = shifted_by_maximum(x, context)
    return shifted is not None and shifted[1] == axis


def _adds_a_zero(i: Instruction, context: Context) -> Variable | None:
    """log(sum(exp(x))) + max(x) where the largest of x is 0: the logarithm alone."""
    if i.operation.name != "add" or i.kwargs:
        return None
    for x, y in (i.args, i.args[::-1]):
        moved = context.maker(x, "reshape")
        log = context.maker(x if moved is None else moved.args[0], "log")
        total = context.maker(log.args[0], "add.reduce", "kernel.sum_of_few") if log else None
        power = context.maker(total.args[0], "exp") if total else None
        if total is None or power is None:
            continue
        axis = total.kwargs.get("axis") if total.operation.name == "add.reduce" else total.args[1]
        shift = y
        while (shaped := context.maker(shift, "reshape")) is not None:
            shift = shaped.args[0]
        if zero_or_nan(shift, power.args[0], axis, context):
            return like(x, i)
    return None


def second_shifts(program: Program) -> Program:
    """A maximum that is taken out twice → taken out once.

    In log(sum(exp(x - m))) + m with m = max(x), where x = z - max(z), m is 0; or, where z has a nan
    or an inf, nan like the sum.
    """
    return rewrite(rewrite(program, _second_shift), _adds_a_zero)
