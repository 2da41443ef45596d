"""The Python number that flows through a traced step, such as a learning rate or a step count."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Operation, of_operator
from autograd.compile.trace.tape import plain, traces
from autograd.compile.trace.traced import Recording

PLAIN = (bool, int, float)


class Number(Recording):
    """A float or an int: arithmetic is written down, and whoever looks at the value is noted."""

    __slots__ = ()

    __class__ = property(lambda self: type(self._value))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._looked("number"), dtype)

    def _looked(self, how: str) -> Any:
        return self._tape.look(self, how, self._value)

    def seen(self) -> Any:
        """The number itself, which is looked at thereby."""
        return self._looked("number")

    def __float__(self) -> float:
        return float(self._looked("number"))

    def __int__(self) -> int:
        return int(self._looked("number"))

    def __index__(self) -> int:
        return operator.index(self._looked("number"))

    def __complex__(self) -> complex:
        return complex(self._looked("number"))

    def __hash__(self) -> int:
        return hash(self._looked("number"))

    def __repr__(self) -> str:
        return repr(self._looked("number"))

    def __str__(self) -> str:
        return str(self._looked("number"))

    def __format__(self, spec: str) -> str:
        return format(self._looked("number"), spec)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self._value), (self._looked("number"),)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __bool__(self) -> bool:
        return bool(recorded_number(operator.ne, self, 0))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(self._value, name):
            raise AttributeError(f"{type(self._value).__name__!r} has no attribute {name!r}")
        return getattr(self._looked("number"), name)


def recorded_number(
    function: Callable[..., Any], *args: Any, operation: Operation | None = None
) -> Any:
    """Compute as Python does, and write down."""
    out = function(*plain(args))
    tape = traces(args)
    if tape is None or type(out) not in PLAIN:
        for x in args:
            if isinstance(x, Number):
                x._looked("number")
        return out
    made = tape.emit(operation or of_operator(function), args, {}, out)
    return tape.look(made, "bool", out) if type(out) is bool else made


def _install(name: str, function: Callable[..., Any], reflected: bool) -> None:
    def forward(self: Number, other: Any) -> Any:
        if type(other) not in PLAIN and type(other) is not Number:
            return NotImplemented
        return recorded_number(function, self, other)

    def backward(self: Number, other: Any) -> Any:
        return recorded_number(function, other, self) if type(other) in PLAIN else NotImplemented

    setattr(Number, f"__{name}__", forward)
    if reflected:
        setattr(Number, f"__r{name}__", backward)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    _install(_name, getattr(operator, f"__{_name}__"), True)
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    _install(_name, getattr(operator, f"__{_name}__"), False)
for _name, _function in {
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": builtins.abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
}.items():

    def _unary(self: Number, function: Any = _function) -> Any:
        return recorded_number(function, self)

    setattr(Number, f"__{_name}__", _unary)


def _round(self: Number, digits: int | None = None) -> Any:
    return (
        recorded_number(builtins.round, self)
        if digits is None
        else recorded_number(round, self, digits)
    )


Number.__round__ = _round  # type: ignore[attr-defined]


def _divmod(self: Any, other: Any) -> Any:
    known = type(other) in PLAIN or type(other) is Number
    return (self // other, self % other) if known else NotImplemented


def _rdivmod(self: Any, other: Any) -> Any:
    return (other // self, other % self) if type(other) in PLAIN else NotImplemented


setattr(Number, "__divmod__", _divmod)  # noqa: B010
setattr(Number, "__rdivmod__", _rdivmod)  # noqa: B010
