"""The Python number that flows through a traced step on Values: arithmetic on it is written down.

It stands for a float, an int or a truth value, and is none of them to C code, which has to ask.
Unlike in a step on arrays, a comparison is an operation: a rule such as `g * (x > 0)` must hold on
either side. Only whoever asks for its truth is noted.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.scalars import operations as ops
from autograd.compile.trace.number import PLAIN, Number
from autograd.compile.trace.tape import tree


class Scalar(Number):
    """A float, an int or a bool of a step on Values.

    Attributes:
        _mark: the tape's mark, whose references tell how many numbers there are.
    """

    __slots__ = ("_mark",)

    _mark: object

    __hash__ = Number.__hash__

    def __bool__(self) -> bool:
        """Only the truth is looked at, not the number."""
        out = bool(self._value)
        if self._tape.lost:
            return out
        truth: Any = self
        if type(self._value) not in BOOLS:
            truth = _written(operator.ne, ops.NE, self, 0)
        return self._tape.look(truth, "bool", out)  # type: ignore[no-any-return]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """The operators of NumPy's numbers; other functions of NumPy's look at the number."""
        found = OF_UFUNCS.get(ufunc) if method == "__call__" and not kwargs else None
        if found is not None and all(type(x) in KNOWN for x in inputs):
            return _written(*found, *inputs)
        given = [x.seen() if type(x) is Scalar else x for x in inputs]
        return getattr(ufunc, method)(*given, **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """A function of NumPy's looks at the numbers among its arguments."""
        return func(*tree(_seen, args), **tree(_seen, kwargs))


def _seen(x: Any) -> Any:
    return x.seen() if type(x) is Scalar else x


FLOATS = frozenset({float, np.float64})
INTS = frozenset({int, np.int64})
BOOLS = frozenset({bool, np.bool_})
KNOWN = frozenset({Scalar, *FLOATS, *INTS, *BOOLS})

# Operators whose result is an int if both operands are, and then exact as a float.
INTEGRAL = frozenset({ops.ADD, ops.SUB, ops.MUL, ops.REMAINDER, ops.FLOOR_DIVIDE})
COMPARED = frozenset({ops.LT, ops.LE, ops.EQ, ops.NE})
LOGICAL = frozenset({ops.AND, ops.OR})
# Where Python raises, and where NumPy's numbers may have another last bit.
RAISING = frozenset({ops.DIV, ops.REMAINDER, ops.FLOOR_DIVIDE, ops.POW})
PYTHONS = frozenset({ops.REMAINDER, ops.FLOOR_DIVIDE, ops.POW})


def _written(function: Callable[[Any, Any], Any], operation: ops.Operation, x: Any, y: Any) -> Any:
    """Compute as Python does, and write down what single floats can say."""
    a = x._value if type(x) is Scalar else x
    b = y._value if type(y) is Scalar else y
    out = function(a, b)
    tape: Any = x._tape if type(x) is Scalar else y._tape
    if tape.lost:
        return out
    kind = type(out)
    if operation in PYTHONS and not (type(a) in PLAIN and type(b) in PLAIN):
        pass
    elif kind in FLOATS:
        made = tape.write(out, operation, x, y)
        if operation in RAISING:
            tape.restrict(made)
        return made
    elif kind in BOOLS:
        if operation in COMPARED or (operation in LOGICAL and {type(a), type(b)} <= BOOLS):
            return tape.write(out, operation, x, y)
    elif kind in INTS and operation in INTEGRAL and max(abs(out), abs(a), abs(b)) <= 2**53:
        made = tape.write(out, ops.ADD, tape.write(out, operation, x, y), 0.0)  # ints have no -0.0
        tape.bound(made, operation, x, y)
        return made
    return function(_seen(x), _seen(y))


def _install(name: str, operation: ops.Operation, reflected: bool = True) -> None:
    """Give `Scalar` an operator, which writes an operation down."""
    function = getattr(operator, f"__{name}__")

    def forward(self: Any, other: Any) -> Any:
        return (
            _written(function, operation, self, other) if type(other) in KNOWN else NotImplemented
        )

    def backward(self: Any, other: Any) -> Any:
        return (
            _written(function, operation, other, self) if type(other) in KNOWN else NotImplemented
        )

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
        out._mark = tape.mark
        return out

    setattr(Scalar, f"__{name}__", forward)


for _name, _operation in (("add", ops.ADD), ("sub", ops.SUB), ("mul", ops.MUL)):
    _install_fast(_name, _operation)
for _name, _operation in (
    ("truediv", ops.DIV),
    ("mod", ops.REMAINDER),
    ("floordiv", ops.FLOOR_DIVIDE),
    ("pow", ops.POW),
):
    _install(_name, _operation)
for _name, _operation in (("lt", ops.LT), ("le", ops.LE), ("eq", ops.EQ), ("ne", ops.NE)):
    _install(_name, _operation, reflected=False)


def _install_swapped(name: str, mirrored: str) -> None:
    """`x > y` is written down as `y < x`."""
    given = getattr(Scalar, f"__{mirrored}__")

    def compared(self: Any, other: Any) -> Any:
        if type(other) is not Scalar:
            if type(other) not in KNOWN:
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
        if self._tape.lost:
            return out
        made = self._tape.write(out, operation, self)
        return made if type(out) in FLOATS else self._tape.write(out, ops.ADD, made, 0.0)

    setattr(Scalar, f"__{name}__", method)


for _name, _operation in (("neg", ops.NEG), ("abs", ops.ABS)):
    _install_unary(_name, _operation)


def _positive(self: Any) -> Any:
    return self + 0 if type(self._value) in BOOLS else self


setattr(Scalar, "__pos__", _positive)  # noqa: B010 - as its other operators are

OF_UFUNCS: dict[Any, tuple[Callable[[Any, Any], Any], ops.Operation]] = {
    np.add: (operator.add, ops.ADD),
    np.subtract: (operator.sub, ops.SUB),
    np.multiply: (operator.mul, ops.MUL),
    np.true_divide: (operator.truediv, ops.DIV),
    np.less: (operator.lt, ops.LT),
    np.less_equal: (operator.le, ops.LE),
    np.equal: (operator.eq, ops.EQ),
    np.not_equal: (operator.ne, ops.NE),
}
