"""The operations of a scalar program, one a line, and how each is written for floats, for NumPy's
arrays and in LLVM IR.

Every form gives the very bits that eager execution gives. So exp, tanh and their kin are the C
functions that Python's `math` calls, one number at a time: NumPy's own differ in the last bit.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from autograd.backends.floats import on_floats
from autograd.engine.primitive import Primitive
from autograd.primitives import arithmetic as a
from autograd.primitives import elementary as e


class Operation:
    """An operation on single numbers; a truth value is 1.0 or 0.0.

    Attributes:
        name: what listings call it.
        compute: the result from floats, in IEEE arithmetic.
        scalar: the expression for floats; by default a call of `compute` by the name.
        array: the expression for arrays, if there is one with the same bits.
        llvm: the instructions. {0} to {2} are arguments, {r} is the result, {T} the type of
            numbers, {B} that of truth values, {S} the suffix of {T} in a function's name.
        libm: the C function that Python calls for it.
        carries: the arguments that make the result inf or nan if they are.
    """

    __slots__ = ("array", "carries", "compute", "libm", "llvm", "name", "scalar")

    def __init__(
        self,
        name: str,
        compute: Callable[..., float],
        scalar: str = "",
        array: str = "",
        llvm: str = "",
        libm: str = "",
        carries: tuple[int, ...] = (),
    ) -> None:
        self.name, self.compute, self.scalar, self.array = name, compute, scalar, array
        self.llvm, self.libm, self.carries = llvm, libm, carries

    def __repr__(self) -> str:
        return self.name


def of_primitive(op: Primitive, **facts: Any) -> Operation:
    """A primitive as it computes with floats."""
    return Operation(op.name, partial(on_floats, op), **facts)


def _both(text: str) -> dict[str, Any]:
    return {"scalar": text, "array": text}


def _compared(name: str, sign: str, function: Callable[[float, float], bool], of: str) -> Operation:
    return Operation(
        name,
        lambda x, y: float(function(x, y)),
        f"float({{0}} {sign} {{1}})",
        f"({{0}} {sign} {{1}}) * 1.0",
        f"{{r}}c = fcmp {of} {{T}} {{0}}, {{1}}\n{{r}} = select {{B}} {{r}}c, {{T}} {{ONE}}, {{T}} {{ZERO}}",
    )


def _picked(op: Primitive, sign: str, of: str) -> Operation:
    """The larger or the smaller one, and nan if the first is nan, or if only the second is."""
    return of_primitive(
        op,
        array=f"np.where(({{0}} {sign} {{1}}) | ({{0}} != {{0}}), {{0}}, {{1}})",
        llvm=f"{{r}}c = fcmp {of} {{T}} {{0}}, {{1}}\n{{r}}n = fcmp uno {{T}} {{0}}, {{0}}\n"
        "{r}o = or {B} {r}c, {r}n\n{r} = select {B} {r}o, {T} {0}, {T} {1}",
    )


def _whole(op: Primitive, name: str) -> Operation:
    """floor and its kin, which keep the sign of zero."""
    return of_primitive(
        op,
        array=f"np.{op.name}({{0}})",
        llvm=f"{{r}} = call {{T}} @llvm.{name}.{{S}}({{T}} {{0}})",
    )


def _fold(*terms: float) -> float:
    total = terms[0]
    for x in terms[1:]:
        total += x
    return total


# Python's own `**`, which unlike the primitive has no special case for a square root.
_raised = Primitive("raised", operator.pow, None, None, scalar=math.pow, elementwise=True)

INPUT = Operation("input", float)  # its argument is the number of the input
CONSTANT = Operation("constant", float)  # its argument is the number itself
FOLD = Operation("fold", _fold)  # a sum from left to right
TOTAL = Operation("total", _fold)  # the same over all lanes of a vector, after a start

# fmt: off
ADD    = Operation("add", operator.add, **_both("{0} + {1}"), llvm="{r} = fadd {T} {0}, {1}", carries=(0, 1))
SUB    = Operation("sub", operator.sub, **_both("{0} - {1}"), llvm="{r} = fsub {T} {0}, {1}", carries=(0, 1))
MUL    = Operation("mul", operator.mul, **_both("{0} * {1}"), llvm="{r} = fmul {T} {0}, {1}", carries=(0, 1))
NEG    = Operation("neg", operator.neg, **_both("-{0}"),      llvm="{r} = fneg {T} {0}",      carries=(0,))
ABS    = Operation("abs", abs,          **_both("abs({0})"),  llvm="{r} = call {T} @llvm.fabs.{S}({T} {0})", carries=(0,))
DIV    = of_primitive(a.div, scalar="({0} / {1} if {1} else div({0}, {1}))", array="{0} / {1}", llvm="{r} = fdiv {T} {0}, {1}", carries=(0,))
SQRT   = of_primitive(a.sqrt, array="np.sqrt({0})", llvm="{r} = call {T} @llvm.sqrt.{S}({T} {0})", carries=(0,))

LT     = _compared("lt", "<",  operator.lt, "olt")
LE     = _compared("le", "<=", operator.le, "ole")
EQ     = _compared("eq", "==", operator.eq, "oeq")
NE     = _compared("ne", "!=", operator.ne, "une")
AND    = Operation("and", lambda x, y: x * y, **_both("{0} * {1}"), llvm="{r} = fmul {T} {0}, {1}")
OR     = Operation("or", max, scalar="max({0}, {1})", array="np.maximum({0}, {1})", llvm="{r}c = fcmp ogt {T} {0}, {1}\n{r} = select {B} {r}c, {T} {0}, {T} {1}")
SELECT = Operation("select", lambda c, x, y: x if c else y, scalar="({1} if {0} else {2})", array="np.where({0}, {1}, {2})", llvm="{r}c = fcmp une {T} {0}, {ZERO}\n{r} = select {B} {r}c, {T} {1}, {T} {2}")

RELU    = of_primitive(a.relu, scalar="({0} if {0} > 0.0 or {0} != {0} else 0.0)", array="np.where({0} <= 0.0, 0.0, {0})", llvm="{r}c = fcmp ugt {T} {0}, {ZERO}\n{r} = select {B} {r}c, {T} {0}, {T} {ZERO}")
MAXIMUM = _picked(a.maximum, ">", "ogt")
MINIMUM = _picked(a.minimum, "<", "olt")
FLOOR   = _whole(a.floor, "floor")
CEIL    = _whole(a.ceil, "ceil")
TRUNC   = _whole(a.trunc, "trunc")
RINT    = _whole(a.rint, "roundeven")
REMAINDER    = of_primitive(a.remainder)
FLOOR_DIVIDE = of_primitive(a.floor_divide)
POW     = Operation("pow", partial(on_floats, _raised), libm="pow")
# fmt: on

# Primitives whose function of floats is one of C, by the name that `math` has for it.
LIBM = {
    op: of_primitive(op, libm={"fmod": "fmod", "arctan2": "atan2"}.get(op.name, function))
    for op, function in (
        (op, getattr(op.scalar, "__name__", ""))
        for op in (
            *(e.exp, e.exp2, e.expm1, e.log, e.log2, e.log10, e.log1p, e.sin, e.cos, e.tan),
            *(e.arcsin, e.arccos, e.arctan, e.sinh, e.cosh, e.tanh, e.arcsinh, e.arccosh),
            *(e.arctanh, e.erf, e.erfc, e.arctan2, a.cbrt, a.fmod),
        )
    )
}
EXP, LOG1P, SIN = LIBM[e.exp], LIBM[e.log1p], LIBM[e.sin]

# --- What a primitive is written down as ----------------------------------------------------------
#
# An expansion gets `put`, which writes an operation on numbers or variables down.

Put = Callable[..., Any]


def _sigmoid(put: Put, x: Any) -> Any:
    return put(DIV, 1.0, put(ADD, 1.0, put(EXP, put(NEG, x))))


def _softplus(put: Put, x: Any) -> Any:
    positive = put(SELECT, put(LT, x, 0.0), 0.0, x)  # as Python's max(x, 0.0), which keeps -0.0
    total = put(ADD, positive, put(LOG1P, put(EXP, put(NEG, put(ABS, x)))))
    return put(SELECT, put(EQ, x, x), total, x)


def _sinc(put: Put, x: Any) -> Any:
    y = put(MUL, x, math.pi)
    return put(SELECT, put(NE, y, 0.0), put(DIV, put(SIN, y), y), 1.0)


def _sign(put: Put, x: Any) -> Any:
    return put(SELECT, put(EQ, x, x), put(SUB, put(LT, 0.0, x), put(LT, x, 0.0)), x)


def _power(put: Put, x: Any, y: Any) -> Any:
    if type(y) is float and y != 0.5:
        return put(POW, x, y)
    root = put(SELECT, put(LE, 0.0, x), put(SQRT, x), math.nan)
    return root if type(y) is float else put(SELECT, put(EQ, y, 0.5), root, put(POW, x, y))


def _clip(put: Put, x: Any, low: Any, high: Any) -> Any:
    return put(MINIMUM, put(MAXIMUM, x, low), high)


EXPANSIONS: dict[Primitive, Callable[..., Any]] = {
    a.positive: lambda put, x: x,
    a.square: lambda put, x: put(MUL, x, x),
    a.reciprocal: lambda put, x: put(DIV, 1.0, x),
    a.sign: _sign,
    a.where: lambda put, c, x, y: put(SELECT, c, x, y),
    a.clip: _clip,
    a.zeros_like: lambda put, x: 0.0,
    e.sigmoid: _sigmoid,
    e.softplus: _softplus,
    e.sinc: _sinc,
    e.power: _power,
}

OPERATIONS: dict[Primitive, Operation] = {
    a.add: ADD,
    a.sub: SUB,
    a.mul: MUL,
    a.div: DIV,
    a.neg: NEG,
    a.abs_: ABS,
    a.relu: RELU,
    a.maximum: MAXIMUM,
    a.minimum: MINIMUM,
    a.sqrt: SQRT,
    a.floor: FLOOR,
    a.ceil: CEIL,
    a.trunc: TRUNC,
    a.rint: RINT,
    # Python's own algorithms, which are called.
    a.hypot: of_primitive(a.hypot),
    a.remainder: REMAINDER,
    a.floor_divide: FLOOR_DIVIDE,
    e.logaddexp: of_primitive(e.logaddexp),
    **{op: of_primitive(op) for op in (a.fmax, a.fmin, a.copysign)},
    # SciPy's, which are called.
    **{op: of_primitive(op) for op in (e.erfinv, e.gammaln, e.digamma, e.polygamma)},
    **LIBM,
}


def operation_of(op: Primitive) -> Operation:
    """The operation of a primitive; one of a user's is called as it is."""
    known = OPERATIONS.get(op)
    if known is None:
        known = OPERATIONS[op] = of_primitive(op)
    return known


# Functions of `math`, by how many numbers they take, and the primitives that call them.
OF_MATH: dict[tuple[Callable[..., float], int], Primitive] = {
    (op.scalar, len(op.rules)): op
    for op in OPERATIONS
    if getattr(op.scalar, "__module__", "") == "math" and op.scalar is not None
}
