"""Instructions of LLVM IR: the body of a function on single numbers, or on registers of them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.operations import Operation


def bits(x: float) -> int:
    """A float64 as an int of the same bits."""
    return int(struct.unpack("<q", struct.pack("<d", x))[0])


class Kind:
    """What LLVM calls numbers, one by one or `lanes` in a register."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.words = {"T": "double", "B": "i1", "S": "f64", "ONE": "1.0", "ZERO": "0.0"}
        if lanes > 1:
            self.words = {
                **{"T": f"<{lanes} x double>", "B": f"<{lanes} x i1>", "S": f"v{lanes}f64"},
                **{"ONE": self.repeated(1.0), "ZERO": "zeroinitializer"},
            }

    def repeated(self, x: float) -> str:
        """A constant in all lanes."""
        one = f"double 0x{bits(x) & (2**64 - 1):016X}"
        if self.lanes == 1:
            return one.removeprefix("double ")
        return f"<{', '.join([one] * self.lanes)}>"


class Body:
    """The instructions of one function, as they come.

    Args:
        kind: of the numbers.
        function: gives the name of a function for an operation that has no instruction.
    """

    def __init__(self, kind: Kind, function: Callable[[Operation, int], str]) -> None:
        self.kind, self.function = kind, function
        self.lines: list[str] = []
        self.count = 0

    def fresh(self) -> str:
        """A name for a result."""
        self.count += 1
        return f"%v{self.count}"

    def put(self, text: str) -> str:
        """An instruction, and the name of its result."""
        name = self.fresh()
        self.lines.append(f"{name} = {text}")
        return name

    def address(self, slot: int, index: str = "") -> str:
        """Where a number is; `index` is added to the slot."""
        at = self.put(f"getelementptr double, ptr %m, i64 {slot}")
        return self.put(f"getelementptr double, ptr {at}, i64 {index}") if index else at

    def load(self, slot: int, index: str = "", single: bool = False) -> str:
        """A number, or as many as a register holds."""
        kind = "double" if single else self.kind.words["T"]
        return self.put(f"load {kind}, ptr {self.address(slot, index)}, align 8")

    def store(self, x: str, slot: int, index: str = "", single: bool = False) -> None:
        """Put it into memory."""
        kind = "double" if single else self.kind.words["T"]
        self.lines.append(f"store {kind} {x}, ptr {self.address(slot, index)}, align 8")

    def repeated(self, x: str) -> str:
        """One number in all lanes."""
        kind, n = self.kind.words["T"], self.kind.lanes
        one = self.put(f"insertelement {kind} poison, double {x}, i32 0")
        return self.put(f"shufflevector {kind} {one}, {kind} poison, <{n} x i32> zeroinitializer")

    def operation(self, operation: Operation, args: Sequence[str]) -> str:
        """An operation on numbers or registers."""
        if operation is ops.FOLD:
            total = args[0]
            for x in args[1:]:
                total = self.operation(ops.ADD, [total, x])
            return total
        if not operation.llvm:
            return self.called(operation, args)
        name = self.fresh()
        self.lines.append(operation.llvm.format(*args, r=name, **self.kind.words))
        return name

    def called(self, operation: Operation, args: Sequence[str]) -> str:
        """A function of single numbers, lane by lane."""
        name = self.function(operation, len(args))
        if self.kind.lanes == 1:
            return self.put(f"call double {name}({', '.join(f'double {x}' for x in args)})")
        kind, out = self.kind.words["T"], "poison"
        for lane in range(self.kind.lanes):
            given = [self.put(f"extractelement {kind} {x}, i32 {lane}") for x in args]
            made = self.put(f"call double {name}({', '.join(f'double {x}' for x in given)})")
            out = self.put(f"insertelement {kind} {out}, double {made}, i32 {lane}")
        return out
