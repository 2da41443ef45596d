"""Elementwise functions: how each is printed for numbers in registers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.compile.native.ir import Function, Operand, literal, type_of
from autograd.compile.native.terms import Term

# (function, dtype of the arguments, dtype of the result, arguments) -> result
Emit = Callable[[Function, Any, Any, list[Operand]], Operand]


@dataclass(frozen=True)
class Elementwise:
    """An elementwise function.

    Attributes:
        emit: its instructions.
        kinds: of the dtypes that its arguments may have.
        dear: whether it takes much longer than reading a number from memory.
    """

    emit: Emit
    kinds: str
    dear: bool = False


def _signed(dtype: Any) -> bool:
    return bool(np.dtype(dtype).kind == "i")


def _arithmetic(of_floats: str, of_integers: str) -> Emit:
    # Of the fast-math flags only `contract`, which allows x · y + z to be rounded once.
    def emit(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
        how = f"{of_floats} contract" if given.kind == "f" else of_integers
        return f.let(f"{how} {type_of(given)} {args[0]}, {args[1]}")

    return emit


def _divide(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    return f.let(f"fdiv {type_of(given)} {args[0]}, {args[1]}")


def _comparison(of_floats: str, of_integers: str) -> Emit:
    def emit(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
        if given.kind == "f":
            return f.let(f"fcmp {of_floats} {type_of(given)} {args[0]}, {args[1]}")
        order = (
            of_integers if of_integers in ("eq", "ne") else "su"[not _signed(given)] + of_integers
        )
        return f.let(f"icmp {order} {type_of(given)} {args[0]}, {args[1]}")

    return emit


def is_number(operand: Operand) -> bool:
    """Whether an operand is a literal that is not nan."""
    if operand.startswith("%"):
        return False
    return not (operand.startswith("0x") and _is_nan(operand))


def _is_nan(operand: Operand) -> bool:
    value = np.uint64(int(operand, 16)).view(np.float64)
    return bool(value != value)


def _extremum(of_floats: str, of_integers: str) -> Emit:
    """The larger or smaller one; of 0 and -0 the second. nan is the result where one is nan."""

    def emit(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
        kind, (x, y) = type_of(given), args
        if given.kind != "f":
            order = ("s" if _signed(given) else "u") + of_integers
            first = f.let(f"icmp {order} {kind} {x}, {y}")
            return f.let(f"select i1 {first}, {kind} {x}, {kind} {y}")
        if is_number(x):
            x, y = y, x
        # An unordered comparison is true of nan: x is kept if it is nan.
        first = f.let(f"fcmp u{of_floats} {kind} {x}, {y}")
        chosen = f.let(f"select i1 {first}, {kind} {x}, {kind} {y}")
        if is_number(y):
            return chosen
        nan = f.let(f"fcmp uno {kind} {y}, {y}")
        return f.let(f"select i1 {nan}, {kind} {y}, {kind} {chosen}")

    return emit


def _ignoring_nan(extremum: Emit) -> Emit:
    """fmax and fmin: the other one where one is nan."""

    def emit(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
        if given.kind != "f":
            return extremum(f, given, out, args)
        kind, (x, y) = type_of(given), args
        chosen = extremum(f, given, out, args)
        for one, other in ((x, y), (y, x)):
            nan = f.let(f"fcmp uno {kind} {one}, {one}")
            chosen = f.let(f"select i1 {nan}, {kind} {other}, {kind} {chosen}")
        return chosen

    return emit


def _logical(name: str) -> Emit:
    def emit(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
        return f.let(f"{name} i1 {args[0]}, {args[1]}")

    return emit


def _not(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    return f.let(f"xor i1 {args[0]}, true")


def _negative(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    kind = type_of(given)
    return f.let(f"fneg {kind} {args[0]}" if given.kind == "f" else f"sub {kind} 0, {args[0]}")


def _square(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    return _arithmetic("fmul", "mul")(f, given, out, [args[0], args[0]])


def _reciprocal(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    return f.let(f"fdiv {type_of(given)} {literal(1, given)}, {args[0]}")


def _absolute(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    if given.kind == "f":
        return f.intrinsic("fabs", given, args)
    kind = type_of(given)
    below = f.let(f"icmp slt {kind} {args[0]}, 0")
    negated = f.let(f"sub {kind} 0, {args[0]}")
    return f.let(f"select i1 {below}, {kind} {negated}, {kind} {args[0]}")


def _sign(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    kind, (x,) = type_of(given), args
    above = f.let(f"fcmp ogt {kind} {x}, {literal(0, given)}")
    below = f.let(f"fcmp olt {kind} {x}, {literal(0, given)}")
    zero = f.let(f"fcmp oeq {kind} {x}, {literal(0, given)}")
    found = f.let(f"select i1 {zero}, {kind} {literal(0, given)}, {kind} {x}")  # nan stays nan
    found = f.let(f"select i1 {above}, {kind} {literal(1, given)}, {kind} {found}")
    return f.let(f"select i1 {below}, {kind} {literal(-1, given)}, {kind} {found}")


def _isnan(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    return f.let(f"fcmp uno {type_of(given)} {args[0]}, {args[0]}")


def _size(order: str) -> Emit:
    def emit(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
        size = f.intrinsic("fabs", given, args)
        return f.let(f"fcmp {order} {type_of(given)} {size}, {literal(math.inf, given)}")

    return emit


def _intrinsic(name: str) -> Emit:
    return lambda f, given, out, args: f.intrinsic(name, given, args)


def _elementary(name: str) -> Emit:
    return lambda f, given, out, args: f.elementary(name, given, args)


def _where(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    kind = type_of(out)
    return f.let(f"select i1 {args[0]}, {kind} {args[1]}, {kind} {args[2]}")


def _cast(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    source, target, (x,) = type_of(given), type_of(out), args
    if given == out:
        return x
    if out.kind == "b":
        how = "fcmp une" if given.kind == "f" else "icmp ne"
        return f.let(f"{how} {source} {x}, {literal(0, given)}")
    if given.kind == "f":
        if out.kind == "f":
            how = "fpext" if out.itemsize > given.itemsize else "fptrunc"
        else:
            how = "fptosi" if _signed(out) else "fptoui"
            name = f"llvm.{how}.sat.{target}.f{8 * given.itemsize}"
            f.needed[f"declare {target} @{name}({source})"] = None
            return f.let(f"call {target} @{name}({source} {x})")
    elif out.kind == "f":
        how = "sitofp" if _signed(given) else "uitofp"
    elif out.itemsize == given.itemsize and given.kind != "b":
        return x
    elif out.itemsize < given.itemsize:
        how = "trunc"
    else:
        how = "sext" if _signed(given) else "zext"
    return f.let(f"{how} {source} {x} to {target}")


def _bits(f: Function, given: Any, out: Any, args: list[Operand]) -> Operand:
    return args[0]


MATH = (
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh"),
    *("tanh", "arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "erf", "cbrt"),
    *("power", "arctan2", "hypot", "logaddexp"),
)

FUNCTIONS: dict[str, Elementwise] = {
    "add": Elementwise(_arithmetic("fadd", "add"), "fiu"),
    "subtract": Elementwise(_arithmetic("fsub", "sub"), "fiu"),
    "multiply": Elementwise(_arithmetic("fmul", "mul"), "fiu"),
    "divide": Elementwise(_divide, "f", dear=True),
    "negative": Elementwise(_negative, "fi"),
    "square": Elementwise(_square, "fiu"),
    "reciprocal": Elementwise(_reciprocal, "f", dear=True),
    "absolute": Elementwise(_absolute, "fi"),
    "sign": Elementwise(_sign, "f"),
    "sqrt": Elementwise(_intrinsic("sqrt"), "f", dear=True),
    "floor": Elementwise(_intrinsic("floor"), "f"),
    "ceil": Elementwise(_intrinsic("ceil"), "f"),
    "rint": Elementwise(_intrinsic("rint"), "f"),
    "trunc": Elementwise(_intrinsic("trunc"), "f"),
    "copysign": Elementwise(_intrinsic("copysign"), "f"),
    "maximum": Elementwise(_extremum("gt", "gt"), "fiu"),
    "minimum": Elementwise(_extremum("lt", "lt"), "fiu"),
    "fmax": Elementwise(_ignoring_nan(_extremum("gt", "gt")), "fiu"),
    "fmin": Elementwise(_ignoring_nan(_extremum("lt", "lt")), "fiu"),
    "greater": Elementwise(_comparison("ogt", "gt"), "fiu"),
    "greater_equal": Elementwise(_comparison("oge", "ge"), "fiu"),
    "less": Elementwise(_comparison("olt", "lt"), "fiu"),
    "less_equal": Elementwise(_comparison("ole", "le"), "fiu"),
    "equal": Elementwise(_comparison("oeq", "eq"), "fiub"),
    "not_equal": Elementwise(_comparison("une", "ne"), "fiub"),
    "logical_and": Elementwise(_logical("and"), "b"),
    "logical_or": Elementwise(_logical("or"), "b"),
    "logical_xor": Elementwise(_logical("xor"), "b"),
    "logical_not": Elementwise(_not, "b"),
    "isnan": Elementwise(_isnan, "f"),
    "isinf": Elementwise(_size("oeq"), "f"),
    "isfinite": Elementwise(_size("olt"), "f"),
    "where": Elementwise(_where, "fiub"),
    "cast": Elementwise(_cast, "fiub"),
    "bits": Elementwise(_bits, "iu"),
    **{name: Elementwise(_elementary(name), "f", dear=True) for name in MATH},
}


def is_dear(term: Term) -> bool:
    """Whether a term takes much longer than reading its result from memory."""
    return term.op == "map" and FUNCTIONS[term.static["function"]].dear
