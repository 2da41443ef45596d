"""Numbers that write down, in LLVM IR, what is computed with them.

A formula in Python's operators becomes straight-line code on scalars; with `where` in place of
branches, LLVM's loop vectorizer turns a loop over it into vector code.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

WIDTH = {"float": 32, "double": 64}
INTEGER = {"float": "i32", "double": "i64"}
LONG = 7  # coefficients
REAL = {np.dtype(np.float32): "float", np.dtype(np.float64): "double"}


class Definition(NamedTuple):
    """A function in LLVM IR.

    Attributes:
        symbol: its name in the text, without the @.
        text: its definition.
        declarations: the lines that declare what the text calls, each once in a module.
        symbols: addresses of the functions and tables outside that the text names.
    """

    symbol: str
    text: str
    declarations: tuple[str, ...]
    symbols: Mapping[str, int]


class Function:
    """A function on scalars in the making: its lines, and what it calls and reads outside."""

    def __init__(self, symbol: str, types: Sequence[str]) -> None:
        self.symbol = symbol
        self.arguments = [Scalar(self, kind, f"%x{i}") for i, kind in enumerate(types)]
        self.lines: list[str] = []
        self.declarations: dict[str, None] = {}
        self.symbols: dict[str, int] = {}

    def let(self, kind: str, text: str) -> Scalar:
        """A new value of the type, computed by an instruction."""
        name = f"%v{len(self.lines)}"
        self.lines.append(f"  {name} = {text}")
        return Scalar(self, kind, name)

    def call(self, symbol: str, *arguments: Scalar) -> Scalar:
        """The result of a function outside on values of one type."""
        kind = arguments[0].kind
        types = ", ".join([kind] * len(arguments))
        self.declarations[f"declare {kind} @{symbol}({types})"] = None
        values = ", ".join(f"{kind} {x.text}" for x in arguments)
        return self.let(kind, f"call {kind} @{symbol}({values})")

    def intrinsic(self, name: str, *arguments: Scalar) -> Scalar:
        """The result of LLVM's own function on values of one type."""
        return self.call(f"llvm.{name}.f{WIDTH[arguments[0].kind]}", *arguments)

    def load(self, table: str, address: int, index: Scalar) -> Scalar:
        """An entry of a constant array of doubles outside."""
        self.symbols[table] = address
        self.declarations[f"@{table} = external constant double"] = None
        at = self.let("ptr", f"getelementptr double, ptr @{table}, {index.kind} {index.text}")
        return self.let("double", f"load double, ptr {at.text}")

    def definition(self, result: Scalar) -> Definition:
        """The whole function, which LLVM inlines wherever it is called."""
        arguments = ", ".join(f"{x.kind} {x.text}" for x in self.arguments)
        head = f"define internal {result.kind} @{self.symbol}({arguments}) alwaysinline nounwind"
        end = f"  ret {result.kind} {result.text}"
        text = "\n".join([f"{head} {{", *self.lines, end, "}", ""])
        return Definition(self.symbol, text, tuple(self.declarations), self.symbols)


class Scalar:
    """A float, double, integer or truth value of the function, or a constant.

    Comparisons with nan are false, except `!=`. Division and `>>` of integers are unsigned.
    """

    __slots__ = ("function", "kind", "text")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, function: Function, kind: str, text: str) -> None:
        self.function, self.kind, self.text = function, kind, text

    @property
    def is_real(self) -> bool:
        """Whether it is a float or a double."""
        return self.kind in WIDTH

    def like(self, x: Scalar | float) -> Scalar:
        """The number as a constant of this value's type; a Scalar as it is."""
        return x if isinstance(x, Scalar) else constant(self.function, self.kind, x)

    def _by(self, real: str, whole: str, x: Scalar | float, swap: bool = False) -> Scalar:
        a, b = self, self.like(x)
        if swap:
            a, b = b, a
        instruction = real if self.is_real else whole
        return self.function.let(self.kind, f"{instruction} {self.kind} {a.text}, {b.text}")

    def __add__(self, x: Scalar | float) -> Scalar:
        return self._by("fadd", "add", x)

    def __radd__(self, x: float) -> Scalar:
        return self._by("fadd", "add", x, swap=True)

    def __sub__(self, x: Scalar | float) -> Scalar:
        return self._by("fsub", "sub", x)

    def __rsub__(self, x: float) -> Scalar:
        return self._by("fsub", "sub", x, swap=True)

    def __mul__(self, x: Scalar | float) -> Scalar:
        return self._by("fmul", "mul", x)

    def __rmul__(self, x: float) -> Scalar:
        return self._by("fmul", "mul", x, swap=True)

    def __truediv__(self, x: Scalar | float) -> Scalar:
        return self._by("fdiv", "udiv", x)

    def __rtruediv__(self, x: float) -> Scalar:
        return self._by("fdiv", "udiv", x, swap=True)

    def __and__(self, x: Scalar | float) -> Scalar:
        return self._by("", "and", x)

    def __or__(self, x: Scalar | float) -> Scalar:
        return self._by("", "or", x)

    def __xor__(self, x: Scalar | float) -> Scalar:
        return self._by("", "xor", x)

    def __lshift__(self, x: int) -> Scalar:
        return self._by("", "shl", x)

    def __rshift__(self, x: int) -> Scalar:
        return self._by("", "lshr", x)

    def __neg__(self) -> Scalar:
        return self.function.let(self.kind, f"fneg {self.kind} {self.text}")

    def __invert__(self) -> Scalar:
        return self ^ 1

    def __abs__(self) -> Scalar:
        return self.function.intrinsic("fabs", self)

    def _is(self, real: str, whole: str, x: Scalar | float) -> Scalar:
        how = f"fcmp {real}" if self.is_real else f"icmp {whole}"
        return self.function.let("i1", f"{how} {self.kind} {self.text}, {self.like(x).text}")

    def __lt__(self, x: Scalar | float) -> Scalar:
        return self._is("olt", "slt", x)

    def __le__(self, x: Scalar | float) -> Scalar:
        return self._is("ole", "sle", x)

    def __gt__(self, x: Scalar | float) -> Scalar:
        return self._is("ogt", "sgt", x)

    def __ge__(self, x: Scalar | float) -> Scalar:
        return self._is("oge", "sge", x)

    def __eq__(self, x: Scalar | float) -> Scalar:  # type: ignore[override]
        return self._is("oeq", "eq", x)

    def __ne__(self, x: Scalar | float) -> Scalar:  # type: ignore[override]
        return self._is("une", "ne", x)

    def bits(self) -> Scalar:
        """The bits of a float or double as an integer."""
        whole = INTEGER[self.kind]
        return self.function.let(whole, f"bitcast {self.kind} {self.text} to {whole}")

    def real(self) -> Scalar:
        """The float or double with the bits of this integer."""
        kind = "float" if self.kind == "i32" else "double"
        return self.function.let(kind, f"bitcast {self.kind} {self.text} to {kind}")

    def double(self) -> Scalar:
        """A float as a double, which is exact."""
        return self.function.let("double", f"fpext float {self.text} to double")

    def float(self) -> Scalar:
        """A double rounded to a float."""
        return self.function.let("float", f"fptrunc double {self.text} to float")


def constant(function: Function, kind: str, x: float) -> Scalar:
    """A constant of the type; a float is written by the bits of the double that equals it."""
    if kind in WIDTH:
        value = float(np.float32(x)) if kind == "float" else float(x)
        return Scalar(function, kind, f"0x{struct.pack('>d', value).hex().upper()}")
    return Scalar(function, kind, str(int(x)))


def where(condition: Scalar, a: Scalar, b: Scalar | float) -> Scalar:
    """a where the condition holds, else b; both are computed."""
    b = a.like(b)
    return condition.function.let(
        a.kind, f"select i1 {condition.text}, {a.kind} {a.text}, {b.kind} {b.text}"
    )


def muladd(a: Scalar, b: Scalar | float, c: Scalar | float) -> Scalar:
    """a b + c, rounded once where the processor can, else twice."""
    return a.function.intrinsic("fmuladd", a, a.like(b), a.like(c))


def fma(a: Scalar, b: Scalar | float, c: Scalar | float) -> Scalar:
    """a b + c, rounded once; slow on a processor without such an instruction."""
    return a.function.intrinsic("fma", a, a.like(b), a.like(c))


def polynomial(x: Scalar, coefficients: Sequence[float]) -> Scalar:
    """The polynomial with these coefficients, lowest power first.

    By Horner's rule; a long one in two halves, the even and the odd powers, because each step waits
    for the one before: erf in float64 takes 1.5 ns instead of 2.1.
    """
    if len(coefficients) > LONG:
        square = x * x
        even, odd = (polynomial(square, coefficients[start::2]) for start in (0, 1))
        return muladd(odd, x, even)
    total = x.like(coefficients[-1])
    for c in coefficients[-2::-1]:
        total = muladd(total, x, c)
    return total


def copysign(x: Scalar, sign: Scalar) -> Scalar:
    """x with the sign of the other, also of -0."""
    return x.function.intrinsic("copysign", x, sign)


def sqrt(x: Scalar) -> Scalar:
    """The square root, correctly rounded."""
    return x.function.intrinsic("sqrt", x)
