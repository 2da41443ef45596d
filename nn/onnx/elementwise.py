"""Elementwise operations of the program as operators of ONNX: one line each, the longer ones above.

Each function takes the builder and an instruction, and returns the name of the result. Where ONNX
lacks a function, what stands here is as accurate as the function itself: `exp(x) - 1` would lose
all digits of expm1 near 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.onnx.builder import Builder, bound, common, dtype_of

Emitter = Callable[[Builder, Any], str]


class Terms:
    """Values of one dtype, with the operators that a formula needs."""

    def __init__(self, b: Builder, dtype: Any) -> None:
        self.b, self.dtype = b, np.dtype(dtype)

    def __call__(self, kind: str, *inputs: Any, **attributes: Any) -> str:
        """A node; numbers among the inputs become constants."""
        return self.b.node(kind, *(self.of(x) for x in inputs), **attributes)

    def of(self, x: Any) -> str:
        """A value by its name, or numbers of this dtype."""
        return x if isinstance(x, str) else self.b.constant(np.array(x, self.dtype))


def unary(kind: str) -> Emitter:
    """An operator of ONNX that does the same, in the dtype of the result."""

    def emit(b: Builder, i: Any) -> str:
        (x,) = bound(i, "x")
        return b.node(kind, b.value(x, i.result.dtype))

    return emit


def binary(kind: str) -> Emitter:
    """The same for two arguments."""

    def emit(b: Builder, i: Any) -> str:
        x, y = bound(i, "x", "y")
        return b.node(kind, b.value(x, i.result.dtype), b.value(y, i.result.dtype))

    return emit


def comparison(kind: str) -> Emitter:
    """A comparison, in the dtype in which NumPy compares; ONNX orders no truth values."""

    def emit(b: Builder, i: Any) -> str:
        x, y = bound(i, "x", "y")
        dtype = common(x, y)
        dtype = np.dtype(np.int32) if dtype == np.bool_ and kind != "Equal" else dtype
        return b.node(kind, b.value(x, dtype), b.value(y, dtype))

    return emit


def formula(write: Callable[..., str], arguments: int = 1) -> Emitter:
    """A function that is written with several operators, in the dtype of the result."""

    def emit(b: Builder, i: Any) -> str:
        given = bound(i, *"xyz"[:arguments])
        return write(Terms(b, i.result.dtype), *(b.value(x, i.result.dtype) for x in given))

    return emit


def bits(on_truths: str, on_ints: str) -> Emitter:
    """An operation on truth values, or on the bits of integers."""

    def emit(b: Builder, i: Any) -> str:
        kind = on_truths if i.result.dtype == np.bool_ else on_ints
        return b.node(kind, *(b.value(x, i.result.dtype) for x in i.args))

    return emit


# --- the longer ones ---


def log1p(t: Terms, x: str) -> str:
    """x · ln(u) / (u - 1) with u = 1 + x, whose two errors of rounding cancel (Kahan)."""
    u = t("Add", x, 1.0)
    d = t("Sub", u, 1.0)
    direct = t("Or", t("Equal", d, 0.0), t("IsInf", x))
    ratio = t("Div", t("Log", u), t("Where", direct, t.of(1.0), d))
    return t("Where", direct, x, t("Mul", x, ratio))


def expm1(t: Terms, x: str) -> str:
    """tanh(x/2) · (eˣ + 1)."""
    return t("Mul", t("Tanh", t("Mul", x, 0.5)), t("Add", t("Exp", x), 1.0))


def logaddexp(t: Terms, x: str, y: str) -> str:
    """max(x, y) + ln(1 + e^-|x-y|)."""
    same = t("Equal", x, y)  # also where both are infinite
    d = t("Where", same, t.of(0.0), t("Abs", t("Sub", x, y)))
    return t("Add", t("Max", x, y), log1p(t, t("Exp", t("Neg", d))))


def sigmoid(t: Terms, x: str) -> str:
    """1 / (1 + e⁻ˣ)."""
    return t("Div", 1.0, t("Add", t("Exp", t("Neg", x)), 1.0))


def hypot(t: Terms, x: str, y: str) -> str:
    """|x| · √(1 + (y/x)²) with |x| ≥ |y|."""
    x, y = t("Abs", x), t("Abs", y)
    large, small = t("Max", x, y), t("Min", x, y)
    zero = t("Equal", large, 0.0)
    ratio = t("Div", small, t("Where", zero, t.of(1.0), large))
    return t("Mul", large, t("Sqrt", t("Add", t("Mul", ratio, ratio), 1.0)))


def arctan2(t: Terms, y: str, x: str) -> str:
    """The arctangent of the smaller ratio, moved to its quadrant."""
    ax, ay = t("Abs", x), t("Abs", y)
    large, small = t("Max", ax, ay), t("Min", ax, ay)
    large = t("Where", t("Equal", large, 0.0), t.of(1.0), large)
    angle = t("Atan", t("Div", small, large))
    angle = t("Where", t("Greater", ay, ax), t("Sub", math.pi / 2, angle), angle)
    angle = t("Where", t("Less", x, 0.0), t("Sub", math.pi, angle), angle)
    return t("Where", t("Less", y, 0.0), t("Neg", angle), angle)


def fmod(t: Terms, x: str, y: str) -> str:
    """The remainder with the sign of x."""
    return t("Mod", x, y, fmod=1)


def remainder(t: Terms, x: str, y: str) -> str:
    """The remainder with the sign of y."""
    if t.dtype.kind in "iu":
        return t("Mod", x, y)
    r = fmod(t, x, y)
    off = t("Less", t("Mul", t("Sign", r), t("Sign", y)), 0.0)
    return t("Where", off, t("Add", r, y), r)


def floor_divide(t: Terms, x: str, y: str) -> str:
    """(x - remainder) / y, which is a whole number."""
    q = t("Div", t("Sub", x, remainder(t, x, y)), y)
    return q if t.dtype.kind in "iu" else t("Round", q)


def without_nan(kind: str) -> Callable[..., str]:
    """fmax or fmin: of two entries, the one that is a number."""

    def write(t: Terms, x: str, y: str) -> str:
        out = t(kind, x, y)
        if t.dtype.kind != "f":
            return out
        return t("Where", t("IsNaN", x), y, t("Where", t("IsNaN", y), x, out))

    return write


def copysign(t: Terms, x: str, y: str) -> str:
    """|x| with the sign of y, which a zero shows in 1 / y; a nan counts as positive."""
    size = t("Abs", x)
    below = t("Or", t("Less", y, 0.0), t("Less", t("Reciprocal", y), 0.0))
    return t("Where", below, t("Neg", size), size)


def erfc(t: Terms, x: str) -> str:
    """1 - erf(x) below 1/2, and above, where that would lose all digits, an integral.

    It is x e^-x² / π times that of e^-u² / (x² + u²) over all u, by the trapezoidal rule with steps
    of 1/2, which is too large by 2 / (e^4πx - 1) up to x = 2π, and by nothing above (Hunter and
    Regan, 1972).
    """
    y = t("Min", t("Max", x, 0.5), 30.0)
    u = np.arange(14) / 2
    weights = np.where(u == 0.0, 0.5, 1.0) * np.exp(-u * u) / math.pi
    squares = t("Unsqueeze", t("Mul", y, y), t.b.ints(-1))
    heights = t("Div", t.of(weights), t("Add", squares, t.of(u * u)))
    rule = t("Mul", y, t("ReduceSum", heights, t.b.ints(-1), keepdims=0))
    head = t("Mul", t("Floor", t("Mul", y, 16.0)), 1 / 16)  # its square is exact
    rest = t("Mul", t("Sub", head, y), t("Add", head, y))
    rule = t("Mul", rule, t("Mul", t("Exp", t("Neg", t("Mul", head, head))), t("Exp", rest)))
    error = t("Div", 2.0, t("Sub", t("Exp", t("Mul", y, 4 * math.pi)), 1.0))
    error = t("Where", t("Less", y, 2 * math.pi), error, t.of(0.0))
    return t("Where", t("Less", x, 0.5), t("Sub", 1.0, t("Erf", x)), t("Sub", rule, error))


def sinc(t: Terms, x: str) -> str:
    """sin(πx) / (πx), and 1 at 0."""
    zero = t("Equal", x, 0.0)
    y = t("Mul", t("Where", zero, t.of(1.0), x), math.pi)
    return t("Where", zero, t.of(1.0), t("Div", t("Sin", y), y))


def where(b: Builder, i: Any) -> str:
    """numpy.where."""
    c, x, y = bound(i, "condition", "x", "y")
    dtype = i.result.dtype
    return b.node("Where", b.value(c, np.bool_), b.value(x, dtype), b.value(y, dtype))


def clip(b: Builder, i: Any) -> str:
    """numpy.clip: NumPy gives the upper limit where it is below the lower one."""
    x, low, high = bound(i, "x", "low", "high", low=None, high=None)
    out, dtype = b.value(x, i.result.dtype), i.result.dtype
    for kind, limit in (("Max", low), ("Min", high)):
        if limit is not None:
            out = b.node(kind, out, b.value(limit, dtype))
    return out


def absolute(b: Builder, i: Any) -> str:
    """|x|."""
    return b.node("Abs", b.value(i.args[0], i.result.dtype))


def negated_equal(b: Builder, i: Any) -> str:
    """not_equal."""
    return b.node("Not", comparison("Equal")(b, i))


def identity(b: Builder, i: Any) -> str:
    """A copy, in the dtype of the result."""
    x = i.args[0]
    name = b.value(x, i.result.dtype)
    return b.node("Identity", name) if name not in {n.output for n in b.nodes[-1:]} else name


def of_bool(kind: str) -> Emitter:
    """A question about floats; integers and truth values are never nan or infinite."""

    def emit(b: Builder, i: Any) -> str:
        x = i.args[0]
        dtype = dtype_of(x) if dtype_of(x).kind == "f" else np.dtype(np.float64)
        return b.node(kind, b.value(x, dtype))

    return emit


# fmt: off
ELEMENTWISE: dict[str, Emitter] = {
    "positive":      unary("Identity"),
    "negative":      unary("Neg"),
    "absolute":      absolute,
    "sign":          unary("Sign"),
    "square":        formula(lambda t, x: t("Mul", x, x)),
    "sqrt":          unary("Sqrt"),
    "cbrt":          formula(lambda t, x: t("Mul", t("Sign", x), t("Pow", t("Abs", x), 1 / 3))),
    "reciprocal":    unary("Reciprocal"),
    "floor":         unary("Floor"),
    "ceil":          unary("Ceil"),
    "rint":          unary("Round"),
    "trunc":         formula(lambda t, x: t("Mul", t("Sign", x), t("Floor", t("Abs", x)))),
    "exp":           unary("Exp"),
    "exp2":          formula(lambda t, x: t("Pow", 2.0, x)),
    "expm1":         formula(expm1),
    "log":           unary("Log"),
    "log2":          formula(lambda t, x: t("Mul", t("Log", x), 1 / math.log(2.0))),
    "log10":         formula(lambda t, x: t("Mul", t("Log", x), 1 / math.log(10.0))),
    "log1p":         formula(log1p),
    "sin":           unary("Sin"),
    "cos":           unary("Cos"),
    "tan":           unary("Tan"),
    "arcsin":        unary("Asin"),
    "arccos":        unary("Acos"),
    "arctan":        unary("Atan"),
    "sinh":          unary("Sinh"),
    "cosh":          unary("Cosh"),
    "tanh":          unary("Tanh"),
    "arcsinh":       unary("Asinh"),
    "arccosh":       unary("Acosh"),
    "arctanh":       unary("Atanh"),
    "numpy.sinc":    formula(sinc),
    "kernel.erf_of_entries": unary("Erf"),
    "kernel.erfc_of_entries": formula(erfc),
    "kernel.sigmoid": formula(sigmoid),
    "isnan":         of_bool("IsNaN"),
    "isinf":         of_bool("IsInf"),
    "add":           binary("Add"),
    "subtract":      binary("Sub"),
    "multiply":      binary("Mul"),
    "divide":        binary("Div"),
    "power":         binary("Pow"),
    "maximum":       binary("Max"),
    "minimum":       binary("Min"),
    "fmax":          formula(without_nan("Max"), 2),
    "fmin":          formula(without_nan("Min"), 2),
    "copysign":      formula(copysign, 2),
    "fmod":          formula(fmod, 2),
    "remainder":     formula(remainder, 2),
    "floor_divide":  formula(floor_divide, 2),
    "hypot":         formula(hypot, 2),
    "arctan2":       formula(arctan2, 2),
    "logaddexp":     formula(logaddexp, 2),
    "equal":         comparison("Equal"),
    "not_equal":     negated_equal,
    "less":          comparison("Less"),
    "less_equal":    comparison("LessOrEqual"),
    "greater":       comparison("Greater"),
    "greater_equal": comparison("GreaterOrEqual"),
    "logical_not":   formula(lambda t, x: t("Not", x)),
    "invert":        bits("Not", "BitwiseNot"),
    "bitwise_and":   bits("And", "BitwiseAnd"),
    "bitwise_or":    bits("Or", "BitwiseOr"),
    "logical_and":   formula(lambda t, x, y: t("And", x, y), 2),
    "logical_or":    formula(lambda t, x, y: t("Or", x, y), 2),
    "numpy.where":   where,
    "numpy.clip":    clip,
    "astype":        identity,
    "copy":          identity,
    "ndarray.copy":  identity,
    "kernel.relaid": identity,
}
# fmt: on
