"""LLVM IR as text: one function in the making, with loops and addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Operand = str  # a register such as %t3, or a literal


def type_of(dtype: Any) -> str:
    """The type of a number in a register."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return "float" if dtype.itemsize == 4 else "double"
    return "i1" if dtype.kind == "b" else f"i{8 * dtype.itemsize}"


def memory_type(dtype: Any) -> str:
    """The type of a number in memory, where a truth value takes a byte."""
    return "i8" if np.dtype(dtype).kind == "b" else type_of(dtype)


def literal(x: Any, dtype: Any) -> Operand:
    """A number as LLVM writes it: floats by their bits as a double."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        with np.errstate(all="ignore"):
            bits = np.float64(dtype.type(x)).view(np.uint64)
        return f"0x{bits:016X}"
    return str(int(dtype.type(x)))


class Function:
    """A function without a result, or with one of type i64.

    Attributes:
        needed: what it calls from outside: names of intrinsics and of elementary functions.
    """

    def __init__(self, head: str) -> None:
        self.head = head
        self.entry: list[str] = []
        self.lines: list[str] = []
        self.count = 0
        self.needed: dict[Any, None] = {}

    def register(self) -> Operand:
        """A name that is not taken."""
        self.count += 1
        return f"%t{self.count}"

    def put(self, text: str) -> None:
        """An instruction without a result."""
        self.lines.append(f"  {text}")

    def let(self, text: str) -> Operand:
        """An instruction, and the name of its result."""
        name = self.register()
        self.put(f"{name} = {text}")
        return name

    def label(self, name: str) -> None:
        """The begin of a block."""
        self.lines.append(f"{name}:")

    def room(self, kind: str, count: int = 1) -> Operand:
        """Memory of the function's own."""
        name = self.register()
        self.entry.append(f"  {name} = alloca {kind}, i64 {count}, align 64")
        return name

    def loop(self, count: int, body: Callable[[Operand], None]) -> None:
        """The body for 0, 1, ..., count - 1."""
        if count == 1:
            body("0")
            return
        self.count += 1
        n, at = self.count, self.room("i64")
        self.put(f"store i64 0, ptr {at}")
        self.put(f"br label %head{n}")
        self.label(f"head{n}")
        i = self.let(f"load i64, ptr {at}")
        body(i)
        following = self.let(f"add nuw nsw i64 {i}, 1")
        self.put(f"store i64 {following}, ptr {at}")
        more = self.let(f"icmp ult i64 {following}, {count}")
        self.put(f"br i1 {more}, label %head{n}, label %tail{n}")
        self.label(f"tail{n}")

    def address(
        self,
        base: Operand,
        kind: str,
        offset: int,
        index: Sequence[Operand] = (),
        strides: Sequence[int] = (),
    ) -> Operand:
        """The address of entry `offset + Σ index · stride`."""
        total: Operand | None = None
        for i, stride in zip(index, strides, strict=True):
            if stride == 0 or i == "0":
                continue
            part = i if stride == 1 else self.let(f"mul nsw i64 {i}, {stride}")
            total = part if total is None else self.let(f"add nsw i64 {total}, {part}")
        if total is None:
            total = str(offset)
        elif offset:
            total = self.let(f"add nsw i64 {total}, {offset}")
        return (
            base
            if total == "0"
            else self.let(f"getelementptr inbounds {kind}, ptr {base}, i64 {total}")
        )

    def load(self, dtype: Any, address: Operand) -> Operand:
        """A number from memory."""
        value = self.let(f"load {memory_type(dtype)}, ptr {address}")
        return self.let(f"icmp ne i8 {value}, 0") if np.dtype(dtype).kind == "b" else value

    def store(self, dtype: Any, value: Operand, address: Operand) -> None:
        """A number into memory."""
        if np.dtype(dtype).kind == "b":
            known = {"true": "1", "false": "0"}.get(value)
            value = known or self.let(f"zext i1 {value} to i8")
        self.put(f"store {memory_type(dtype)} {value}, ptr {address}")

    def intrinsic(self, name: str, dtype: Any, args: Sequence[Operand]) -> Operand:
        """A call of one of LLVM's own functions of numbers of one dtype."""
        kind = type_of(dtype)
        suffix = f"f{8 * np.dtype(dtype).itemsize}" if np.dtype(dtype).kind == "f" else kind
        self.needed[f"declare {kind} @llvm.{name}.{suffix}({', '.join([kind] * len(args))})"] = None
        given = ", ".join(f"{kind} {a}" for a in args)
        return self.let(f"call {kind} @llvm.{name}.{suffix}({given})")

    def integers(self, name: str, kind: str, args: Sequence[Operand]) -> Operand:
        """A call of one of LLVM's own functions of integers."""
        self.needed[f"declare {kind} @llvm.{name}.{kind}({', '.join([kind] * len(args))})"] = None
        return self.let(
            f"call {kind} @llvm.{name}.{kind}({', '.join(f'{kind} {a}' for a in args)})"
        )

    def elementary(self, name: str, dtype: Any, args: Sequence[Operand]) -> Operand:
        """A call of an elementary function of `math`."""
        kind = type_of(dtype)
        self.needed[name, np.dtype(dtype)] = None
        given = ", ".join(f"{kind} {a}" for a in args)
        return self.let(f"call {kind} @{symbol(name, dtype)}({given})")

    def text(self, result: str = "ret void") -> str:
        """The whole function."""
        body = "\n".join(["entry:", *self.entry, *self.lines, f"  {result}"])
        return f"{self.head} {{\n{body}\n}}\n"


def symbol(name: str, dtype: Any) -> str:
    """The name of an elementary function in a module."""
    return f"{name}.f{8 * np.dtype(dtype).itemsize}"
