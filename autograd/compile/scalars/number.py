"""The Python number that flows through a traced step on Values: arithmetic on it is written down.

It stands for a float, an int or a truth value, and is none of them to C code, which has to ask.
Unlike in a step on arrays, a comparison is an operation: a rule such as `g * (x > 0)` must hold on
either side. Only whoever asks for its truth is noted.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd.compile.scalars import operations as ops
from autograd.compile.trace.number import PLAIN, Number

EXACT = 2.0**53  # up to which a float is any int


class Scalar(Number):
    """A float, an int or a bool of a step on Values."""

    __slots__ = ()

    __hash__ = Number.__hash__

    def __bool__(self) -> bool:
        """Only the truth is looked at, not the number."""
        out = bool(self._value)
        if self._tape.lost:
            return out
        truth = self if type(self._value) is bool else self != 0
        return self._tape.look(truth, "bool", out)  # type: ignore[no-any-return]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """NumPy's scalars have arithmetic of their own, which is not written down."""
        given = [x.seen() if type(x) is Scalar else x for x in inputs]
        return getattr(ufunc, method)(*given, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise TypeError(f"{func.__name__} of a number")


# Operators whose result is an int if both operands are, and then exact as a float.
INTEGRAL = frozenset({ops.ADD, ops.SUB, ops.MUL, ops.REMAINDER, ops.FLOOR_DIVIDE})


def _written(
    function: Callable[[Any, Any], Any], operation: ops.Operation, raises: bool, x: Any, y: Any
) -> Any:
    """Compute as Python does, and write down."""
    a = x._value if type(x) is Scalar else x
    b = y._value if type(y) is Scalar else y
    out = function(a, b)
    tape = (x if type(x) is Scalar else y)._tape
    if tape.lost:
        return out
    kind = type(out)
    if kind is float:
        made = tape.write(out, operation, x, y)
        if raises:
            tape.restrict(made)
        return made
    if kind is bool and (operation not in LOGICAL or type(a) is type(b) is bool):
        return tape.write(out, operation, x, y)
    if kind is int and operation in INTEGRAL and max(abs(out), abs(a), abs(b)) <= EXACT:
        made = tape.write(out, operation, x, y)
        size = tape.write(abs(out), ops.ABS, made)
        tape.look(tape.write(True, ops.LE, size, EXACT), "bool", True)
        return made
    return function(*(e.seen() if type(e) is Scalar else e for e in (x, y)))


def _install(
    name: str, operation: ops.Operation, raises: bool = False, reflected: bool = True
) -> None:
    """Give `Scalar` an operator.

    Args:
        name: of the operator.
        operation: what is written down.
        raises: whether Python raises where the operation gives inf or nan.
        reflected: whether there is one for a number on the left.
    """
    function = getattr(operator, f"__{name}__")

    def forward(self: Any, other: Any) -> Any:
        if type(other) is not Scalar and type(other) not in PLAIN:
            return NotImplemented
        return _written(function, operation, raises, self, other)

    def backward(self: Any, other: Any) -> Any:
        if type(other) not in PLAIN:
            return NotImplemented
        return _written(function, operation, raises, other, self)

    setattr(Scalar, f"__{name}__", forward)
    if reflected:
        setattr(Scalar, f"__r{name}__", backward)


def _install_fast(name: str, operation: ops.Operation) -> None:
    """An operator of two floats, written out: half of what is recorded are products, and the
    profile function that watches a trace sees every call."""
    function, new = getattr(operator, f"__{name}__"), object.__new__
    _install(name, operation)
    slow = getattr(Scalar, f"__{name}__")

    def forward(self: Any, other: Any) -> Any:
        if type(other) is Scalar:
            y, b = other._value, other._variable
        elif type(other) is float and other:
            y = other
            try:
                b = self._tape.places[ops.CONSTANT, other]
            except KeyError:
                return slow(self, other)
        else:
            return slow(self, other)
        x, tape = self._value, self._tape
        if type(x) is not float or type(y) is not float or tape.lost:
            return slow(self, other)
        key = (operation, self._variable, b)
        places = tape.places
        try:
            place = places[key]
        except KeyError:
            place = places[key] = tape.count
            tape.count += 1
        out = new(Scalar)
        out._tape, out._value, out._variable = tape, function(x, y), place
        return out

    setattr(Scalar, f"__{name}__", forward)


LOGICAL = frozenset({ops.AND, ops.OR})
for _name, _operation in (("add", ops.ADD), ("sub", ops.SUB), ("mul", ops.MUL)):
    _install_fast(_name, _operation)
for _name, _operation in (
    ("truediv", ops.DIV),
    ("mod", ops.REMAINDER),
    ("floordiv", ops.FLOOR_DIVIDE),
    ("pow", ops.POW),
):
    _install(_name, _operation, raises=True)
for _name, _operation in (("lt", ops.LT), ("le", ops.LE), ("eq", ops.EQ), ("ne", ops.NE)):
    _install(_name, _operation, reflected=False)


def _install_swapped(name: str, mirrored: str) -> None:
    """`x > y` is written down as `y < x`."""
    given = getattr(Scalar, f"__{mirrored}__")

    def compared(self: Any, other: Any) -> Any:
        if type(other) is not Scalar:
            if type(other) not in PLAIN:
                return NotImplemented
            other = self._tape.scalar(other, self._tape.place(other))
        return given(other, self)

    setattr(Scalar, f"__{name}__", compared)


_install_swapped("gt", "lt")
_install_swapped("ge", "le")
for _name, _operation in (("and", ops.AND), ("or", ops.OR)):
    _install(_name, _operation)


def _install_unary(name: str, operation: ops.Operation) -> None:
    function = getattr(operator, f"__{name}__")

    def method(self: Any) -> Any:
        out = function(self._value)
        return out if self._tape.lost else self._tape.write(out, operation, self)

    setattr(Scalar, f"__{name}__", method)


for _name, _operation in (("neg", ops.NEG), ("abs", ops.ABS)):
    _install_unary(_name, _operation)


def _positive(self: Any) -> Any:
    return self if type(self._value) is not bool else self + 0


Scalar.__pos__ = _positive  # type: ignore[attr-defined]
