"""Primitives of arithmetic, elementwise: one line each, with the longer rules above the table.

A rule takes (g, out, x, y): the cotangent, the result, the arguments. On floats, `*`, `+` and `-`
never raise; where `/` does, the engine repeats the pass in IEEE arithmetic. The facts on a line,
such as symbol and labels, are described at `Primitive`.
"""

import math
import operator
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive


def elementwise(name: str, kernel: Any, *rules: Any, **facts: Any) -> Primitive:
    """An elementwise primitive; `facts` are what `Primitive` takes by keyword."""
    return Primitive(name, kernel, *rules, elementwise=True, **facts)


def zero_rule(g: Any, out: Any, *inputs: Any, **static: Any) -> Any:
    """The slope of a step function, 0; not None, because floor(x) + x must still have slope 1."""
    return zeros_like(g)


# --- the longer rules ---


def _larger(x: Any, y: Any) -> Any:
    """1 where x is larger, 0.5 at a tie."""
    return (x > y) + 0.5 * (x == y)


def _larger_or_alone(x: Any, y: Any) -> Any:
    """1 where x is larger or y is nan, 0.5 at a tie."""
    return _larger(x, y) + (y != y)


def _smaller_or_alone(x: Any, y: Any) -> Any:
    """1 where x is smaller or y is nan, 0.5 at a tie."""
    return _larger(y, x) + (y != y)


def _hypot_rule(g: Any, out: Any, x: Any) -> Any:
    """x / hypot(x, y), and 0 at the origin, where any slope from -1 to 1 would be right."""
    return g * (x / where(out == 0, 1.0, out))


def _reciprocal(x: float) -> float:
    return 1.0 / x


def _larger_float(x: float, y: float) -> float:
    return x if x > y or x != x else y


def _smaller_float(x: float, y: float) -> float:
    return x if x < y or x != x else y


def _fmax_float(x: float, y: float) -> float:
    return x if x >= y or y != y else y


def _fmin_float(x: float, y: float) -> float:
    return x if x <= y or y != y else y


def _clip_float(x: float, low: float, high: float) -> float:
    return _smaller_float(_larger_float(x, low), high)


def _floor_float(x: float) -> float:
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x  # -0.0 stays -0.0


def _trunc_float(x: float) -> float:
    return math.copysign(math.trunc(x), x) if math.isfinite(x) else x


def _ceil_float(x: float) -> float:
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x  # of -0.5 it is -0.0


def _rint_float(x: float) -> float:
    return math.copysign(round(x), x) if math.isfinite(x) else x


def _sign_float(x: float) -> float:
    return float((x > 0) - (x < 0)) if x == x else x


# fmt: off
positive: Primitive   = elementwise("positive",   np.positive,   lambda g, out, x: g,                     scalar=operator.pos, formula="x")
neg: Primitive        = elementwise("neg",        np.negative,   lambda g, out, x: -g,                    scalar=operator.neg, formula="-x", symbol="−")
abs_: Primitive       = elementwise("abs",        np.absolute,   lambda g, out, x: g * sign(x),           scalar=abs,          formula="|x|", analytic=False)
sign: Primitive       = elementwise("sign",       np.sign,       zero_rule,                                scalar=_sign_float,  formula="sign(x)", step=True, analytic=False)
square: Primitive     = elementwise("square",     np.square,     lambda g, out, x: g * (2.0 * x),         scalar=lambda x: x * x, formula="x²")
sqrt: Primitive       = elementwise("sqrt",       np.sqrt,       lambda g, out, x: g * 0.5 / out,         scalar=math.sqrt,    formula="√x")
cbrt: Primitive       = elementwise("cbrt",       np.cbrt,       lambda g, out, x: g / (3.0 * out * out), scalar=math.cbrt,    formula="∛x", analytic=False)
reciprocal: Primitive = elementwise("reciprocal", np.reciprocal, lambda g, out, x: -g * (out * out),      scalar=_reciprocal,  formula="1 / x")
floor: Primitive      = elementwise("floor",      np.floor,      zero_rule,                                scalar=_floor_float, formula="⌊x⌋", step=True, analytic=False)
ceil: Primitive       = elementwise("ceil",       np.ceil,       zero_rule,                                scalar=_ceil_float,  formula="⌈x⌉", step=True, analytic=False)
rint: Primitive       = elementwise("rint",       np.rint,       zero_rule,                                scalar=_rint_float,  formula="x rounded to the nearest even integer", step=True, analytic=False)
trunc: Primitive      = elementwise("trunc",      np.trunc,      zero_rule,                                scalar=_trunc_float, formula="x without its fraction", step=True, analytic=False)
relu: Primitive       = elementwise("relu",       lambda x: np.maximum(x, 0), lambda g, out, x: g * (x > 0), scalar=lambda x: _larger_float(x, 0.0), formula="max(x, 0)")

add: Primitive       = elementwise("add",       np.add,          lambda g, out, x, y: g,               lambda g, out, x, y: g,                scalar=operator.add,     formula="x + y", symbol="+")
sub: Primitive       = elementwise("sub",       np.subtract,     lambda g, out, x, y: g,               lambda g, out, x, y: -g,               scalar=operator.sub,     formula="x - y", symbol="−", labels=("x", "y"))
mul: Primitive       = elementwise("mul",       np.multiply,     lambda g, out, x, y: g * y,           lambda g, out, x, y: g * x,            scalar=operator.mul,     formula="x · y", symbol="×")
div: Primitive       = elementwise("div",       np.true_divide,  lambda g, out, x, y: g / y,           lambda g, out, x, y: -g * (out / y),   scalar=operator.truediv, formula="x / y", symbol="÷", labels=("x", "y"))
maximum: Primitive   = elementwise("maximum",   np.maximum,      lambda g, out, x, y: g * _larger(x, y), lambda g, out, x, y: g * _larger(y, x), scalar=_larger_float,  formula="max(x, y)")
minimum: Primitive   = elementwise("minimum",   np.minimum,      lambda g, out, x, y: g * _larger(y, x), lambda g, out, x, y: g * _larger(x, y), scalar=_smaller_float, formula="min(x, y)")
fmax: Primitive      = elementwise("fmax",      np.fmax,         lambda g, out, x, y: g * _larger_or_alone(x, y), lambda g, out, x, y: g * _larger_or_alone(y, x), scalar=_fmax_float, formula="max(x, y), without nan")
fmin: Primitive      = elementwise("fmin",      np.fmin,         lambda g, out, x, y: g * _smaller_or_alone(x, y), lambda g, out, x, y: g * _smaller_or_alone(y, x), scalar=_fmin_float, formula="min(x, y), without nan")
copysign: Primitive  = elementwise("copysign",  np.copysign,     lambda g, out, x, y: g * (sign(x) * sign(out)), zero_rule,  scalar=math.copysign,    formula="|x| with the sign of y", labels=("size", "sign"), analytic=False)
fmod: Primitive      = elementwise("fmod",      np.fmod,         lambda g, out, x, y: g,               lambda g, out, x, y: -g * rint((x - out) / y), scalar=math.fmod,       formula="x - trunc(x / y) · y", labels=("x", "y"), analytic=False)
remainder: Primitive = elementwise("remainder", np.remainder,    lambda g, out, x, y: g,               lambda g, out, x, y: -g * floor_divide(x, y), scalar=operator.mod,    formula="x - ⌊x / y⌋ · y", labels=("x", "y"), analytic=False)
floor_divide: Primitive = elementwise("floor_divide", np.floor_divide, zero_rule, zero_rule,             scalar=operator.floordiv, formula="⌊x / y⌋", labels=("x", "y"), step=True, analytic=False)
hypot: Primitive     = elementwise("hypot",     np.hypot,        lambda g, out, x, y: _hypot_rule(g, out, x), lambda g, out, x, y: _hypot_rule(g, out, y), scalar=math.hypot, formula="√(x² + y²)", analytic=False)

where: Primitive = elementwise("where", np.where, None, lambda g, out, c, x, y: where(c, g, 0.0), lambda g, out, c, x, y: where(c, 0.0, g), scalar=lambda c, x, y: x if c else y, formula="x if c else y", labels=("if", "then", "else"))
clip: Primitive  = elementwise("clip",  np.clip,  lambda g, out, x, low, high: where((x >= low) & (x <= high), g, 0.0), lambda g, out, x, low, high: where((x < low) & (low <= high), g, 0.0), lambda g, out, x, low, high: where((x > high) | (low > high), g, 0.0), scalar=_clip_float, formula="min(max(x, low), high)", labels=("x", "low", "high"))
zeros_like: Primitive = elementwise("zeros_like", np.zeros_like, None, scalar=lambda x: 0.0, formula="0")
# fmt: on
