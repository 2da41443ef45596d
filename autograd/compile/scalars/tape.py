"""The tape of a step on Values: single numbers as tuples, arrays as on any tape."""

from __future__ import annotations

import gc
import math
import sys
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from autograd.compile.program import Check, Variable
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.number import BOOLS, KNOWN, Scalar
from autograd.compile.trace.tape import Stand, Tape
from autograd.compile.trace.traced import Traced

EXACT = 2.0**53  # up to which a float is any int
Instruction = tuple[Any, ...]  # an operation, and the numbers of its arguments


class ScalarTape(Tape):
    """Instructions on numbers, each of which is written down once.

    A graph of Values has some hundred thousand numbers, so an instruction is a tuple, and a number
    is known by its place in the list.

    Attributes:
        places: the instructions, and the place of each, in order.
        count: how many there are.
        entries: for each input number, the variable that it is: an input, or computed from arrays.
        finite: the numbers that must be neither inf nor nan.
        mark: an object that each number refers to, and nothing else.
    """

    def __init__(self, replaced: AbstractContextManager[None]) -> None:
        super().__init__(Traced, Scalar)
        self.replaced = replaced
        self.places: dict[Instruction, int] = {}
        self.count = 0
        self.entries: list[Variable] = []
        self.inputs_at: dict[Any, Variable] = {}  # the same by place
        self.finite: list[int] = []
        self.sizes: dict[Any, float] = {}  # what an int cannot exceed, by place
        self.mark = object()
        self.unmarked = sys.getrefcount(self.mark)

    # --- making numbers ---

    def stand(self, value: Any, variable: Variable) -> Any:
        """What stands for a variable: for a number, an input of the scalar program."""
        if type(value) not in KNOWN:
            return super().stand(value, variable)
        place = self.known((ops.INPUT, len(self.entries)))
        self.entries.append(variable)
        self.inputs_at[place] = variable
        out = self.scalar(value, place)
        self.created.append(weakref.ref(out))
        return out

    def known(self, instruction: Instruction) -> int:
        """The place of an instruction, which is written down if it is new."""
        place = self.places.setdefault(instruction, self.count)
        self.count += place == self.count
        return place

    def scalar(self, value: Any, place: int) -> Any:
        """What stands for the number at a place."""
        out = object.__new__(Scalar)
        out._tape, out._value, out._variable = self, value, place  # type: ignore[assignment]
        out._mark = self.mark
        return out

    def place(self, x: Any) -> int:
        """The place of a number, which is a constant if it does not come from the step."""
        if type(x) is Scalar:
            if x._tape is self:
                return x._variable  # type: ignore[return-value]
            x = x._value
        x = float(x)
        # -0.0 equals 0.0, and nan nothing.
        return self.known((ops.CONSTANT, x) if x else (ops.CONSTANT, x, repr(x)))

    def numbers(self) -> list[Instruction]:
        """The instructions."""
        return [x[:2] if x[0] is ops.CONSTANT else x for x in self.places]

    def spread(self, marks: dict[Any, int]) -> dict[Any, int]:
        """The marks of variables and numbers, on all that is computed from them."""
        found = super().spread(marks)
        for place, (operation, *args) in enumerate(self.places):
            if operation is ops.INPUT:
                args = [self.entries[args[0]]]
            elif operation is ops.CONSTANT:
                continue
            bits = found.get(place, 0)
            for k in args:
                bits |= found.get(k, 0)
            if bits:
                found[place] = bits
        return found

    def write(self, value: Any, operation: ops.Operation, *args: Any) -> Any:
        """What stands for the result of an operation on numbers.

        Args:
            value: the result, as Python computes it.
            operation, args: the operation; stands and plain numbers.
        """
        made = self.scalar(value, self.known((operation, *map(self.place, args))))
        if type(value) in BOOLS:
            self.sizes[made._variable] = 1.0
        return made

    def primitive(self, op: Any, args: tuple[Any, ...], compute: Callable[..., float]) -> Any:
        """What stands for the result of a primitive on numbers."""
        out = compute(op, *[x._value if type(x) is Scalar else x for x in args])
        if self.lost:
            return out
        expand = ops.EXPANSIONS.get(op)
        given = [float(x) if type(x) is not Scalar else x for x in args]
        if expand is None:
            return self.write(out, ops.operation_of(op), *given)
        made = expand(self.put, *given)
        if type(made) is not Scalar:
            return made
        return self.scalar(out, self.place(made))

    def followed(self, function: Callable[..., Any], args: list[Any]) -> Any:
        """A function of Python's on numbers: `float`, or one of `math` that a primitive calls."""
        values = [x._value if type(x) is Scalar else x for x in args]
        out = function(*values)  # raises, or does not
        if self.lost or not all(type(x) in KNOWN for x in args):
            return out if self.lost else function(*args)
        if function is float:
            return self.scalar(out, self.place(args[0]))
        op = ops.OF_MATH.get((function, len(args)))
        if op is None:
            return function(*args)
        made = self.primitive(op, tuple(args), lambda *_: out)
        self.restrict(made)
        return made

    def put(self, operation: ops.Operation, *args: Any) -> Any:
        """An operation of an expansion."""
        values = [x._value if type(x) is Scalar else x for x in args]
        return self.write(operation.compute(*values), operation, *args)

    # --- what must hold ---

    def restrict(self, x: Any) -> None:
        """The program holds only where a number is finite: elsewhere eager execution raises, or
        repeats a backward pass with care."""
        if type(x) is not Scalar or self.lost:
            return
        if not math.isfinite(x._value):
            self.lose("a number is inf or nan where eager execution takes care of it")
        self.finite.append(self.place(x))

    def bound(self, made: Any, operation: ops.Operation, x: Any, y: Any) -> None:
        """An int that may become too large for a float to be exact is checked; a count is not."""
        sizes = [
            self.sizes.get(e._variable, EXACT) if type(e) is Scalar else abs(e) for e in (x, y)
        ]
        size = sizes[0] * sizes[1] if operation is ops.MUL else sizes[0] + sizes[1]
        if size >= EXACT:
            truth = self.write(True, ops.LE, self.write(0, ops.ABS, made), EXACT)
            self.look(truth, "bool", True)
        self.sizes[made._variable] = min(size, EXACT)

    def look(self, x: Stand, how: str, value: Any) -> Any:
        """Python looks at a number, or at an array."""
        super().look(x, how, value)
        last = self.checks[-1] if self.checks else None
        if last is not None and last.variable in self.inputs_at:
            entry = self.inputs_at[last.variable]
            self.checks[-1] = Check(entry, last.value, last.how, last.line)  # it cannot be one
        return value

    def variable_of(self, x: Any) -> Any:
        """What stands in an instruction on arrays for a value; a number that the step computed is
        looked at."""
        if type(x) is not Scalar:
            return super().variable_of(x)
        entry = self.inputs_at.get(x._variable) if x._tape is self else None
        return x.seen() if entry is None else entry

    def note_cotangent(self, g: Any, data: Any) -> None:
        """A scalar program names none."""

    def alive(self) -> list[Stand]:
        """The stands that something still holds, for which the heap is searched only if a number
        is among them that did not come from outside."""
        known = super().alive()
        inputs = {id(x) for x in known if type(x) is Scalar}
        if sys.getrefcount(self.mark) - self.unmarked == len(inputs):
            return known
        gc.collect()
        numbers = [x for x in gc.get_objects() if type(x) is Scalar and x._tape is self]
        return known + [x for x in numbers if id(x) not in inputs]
