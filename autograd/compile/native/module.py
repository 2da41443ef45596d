"""The module of a plan: its functions as LLVM IR, and what Python does between them.

The functions take the address of a table. Its first entry is the address of the arena, and each of
the others is a number, or the address of an array object, whose memory NumPy keeps behind a fixed
offset.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compile.native import math
from autograd.compile.native.blas import Blas
from autograd.compile.native.ir import Function, Operand, memory_type, type_of
from autograd.compile.native.nests import NestFunction
from autograd.compile.native.plan import Plan
from autograd.compile.native.products import Matrix, Product, by_blas, small
from autograd.compile.native.schedule import Nest, Unit
from autograd.compile.native.terms import Term
from autograd.compile.native.views import View
from autograd.errors import message

DATA = 16  # the offset in NumPy's array object that its macro PyArray_DATA reads
SIMPLE = 0x0101  # of NumPy's flags of an array: C order, and aligned
ARRAYS = (np.zeros(3), np.ones((2, 2), np.float32).T)  # to see whether it is there
MISSED = 1  # the result of a function if a check failed
ADDING = "define internal void @NAME(ptr noalias %out, ptr noalias readonly %x) noinline nounwind"


def unreadable(arrays: Sequence[Any] = ARRAYS) -> str:
    """Why native code cannot read NumPy's arrays here; "" if it can.

    In a Python without its global lock, or with another layout of objects, the address of the
    numbers stands elsewhere.
    """
    for array in arrays:
        found = ctypes.c_void_p.from_address(id(array) + DATA).value
        if found != array.ctypes.data:
            got = "a Python whose array objects have another layout"
            return message("native", got, "CPython with its global lock", "use backend='numpy'")
    return ""


class Module:
    """The text of a plan.

    Attributes:
        text: of the module.
        names: of its functions, in the order in which they are called, and for each instruction
            that NumPy runs in between, its term.
        slots: the entry of the table for each term that lies outside the arena.
        read_late: those that are read or written after the checks.
        kernels: how many functions of loop nests and of small products there are, and are called.
    """

    def __init__(self, plan: Plan, blas: Blas | None) -> None:
        self.plan, self.blas = plan, blas
        self.slots: dict[Term, int] = {}
        self.read_late: set[Term] = set()
        self.functions: dict[str, str] = {}
        self.needed: dict[Any, None] = {}
        self.calls: dict[str, int] = {}
        self.parts: list[str] = []
        self.steps: list[str | Term] = []
        self.f: Function | None = None
        self.checked = False
        for unit in plan.schedule.sequence:
            if plan.schedule.is_late(unit) and not self.checked:
                self.check()
            self.unit(unit)
        if not self.checked:
            self.check()
        self.end()
        self.text = "\n".join([*self.declarations(), *self.functions.values(), *self.parts])

    # --- functions that Python calls ---

    def begin(self) -> Function:
        """The function that is being written, or a new one."""
        if self.f is None:
            self.f = Function("")
            self.f.entry.append("  %arena = load ptr, ptr %table")
            self.bases: dict[Term, Operand] = {}
        return self.f

    def end(self, result: str = "ret i64 0") -> None:
        """No more for the function that is being written."""
        if self.f is None:
            return
        name = f"step{len(self.parts)}"
        self.f.head = f"define i64 @{name}(ptr %table) nounwind"
        self.parts.append(self.f.text(result))
        self.needed |= self.f.needed
        self.steps.append(name)
        self.f = None

    def check(self) -> None:
        """Compare what was looked at; nothing of the call is committed before."""
        self.checked = True
        if self.plan.flags:
            f = self.begin()
            holds = "true"
            for term, value in self.plan.flags:
                home = self.plan.home(term)
                known = f.load(bool, f.address(self.base(home.base), "i8", home.offset))
                known = known if value else f.let(f"xor i1 {known}, true")
                holds = f.let(f"and i1 {holds}, {known}")
            self.end(f"ret i64 {f.let(f'select i1 {holds}, i64 0, i64 {MISSED}')}")
        else:
            self.end()
        self.steps.append("")  # here the checks of Python follow

    def slot(self, term: Term) -> int:
        """The entry of the table for a term."""
        if self.checked:
            self.read_late.add(term)
        return self.slots.setdefault(term, 1 + len(self.slots))

    def base(self, term: Term) -> Operand:
        """The address of a term's buffer."""
        known = self.bases.get(term)
        if known is not None:
            return known
        assert self.f is not None
        f = self.f
        name = f"%b{len(self.bases)}"
        offset = self.plan.offsets.get(term)
        if offset is not None:
            f.entry.append(f"  {name} = getelementptr inbounds i8, ptr %arena, i64 {offset}")
        else:
            at = self.slot(term)
            f.entry.append(f"  {name}.at = getelementptr inbounds i64, ptr %table, i64 {at}")
            if is_number(term):
                f.entry.append(f"  {name} = getelementptr inbounds i8, ptr {name}.at, i64 0")
            else:
                f.entry += [
                    f"  {name}.object = load ptr, ptr {name}.at",
                    f"  {name}.data = getelementptr inbounds i8, ptr {name}.object, i64 {DATA}",
                    f"  {name} = load ptr, ptr {name}.data",
                ]
        self.bases[term] = name
        return name

    # --- units ---

    def unit(self, unit: Unit) -> None:
        """The instructions of a unit."""
        if isinstance(unit, Nest):
            self.nest(unit)
        elif unit.op == "foreign":
            self.end()
            self.steps.append(unit)
        elif unit.op != "pieces":
            getattr(self, f"_{unit.op}")(unit)

    def call(self, kind: str, text: str, args: list[Operand]) -> None:
        """Call a function, which is written once if it occurs again."""
        name = self.functions.get(text)
        if text not in self.functions:
            name = f"{kind}{len(self.functions)}"
            self.functions[text] = text.replace("@NAME", f"@{name}")
        else:
            name = re.search(r"@(\w+)\(", self.functions[text])[1]  # type: ignore[index]
        self.calls[kind] = self.calls.get(kind, 0) + 1
        self.begin().put(f"call void @{name}({', '.join(f'ptr {a}' for a in args)})")

    def at(self, base: Term, offset: int) -> Operand:
        """The address of an entry of a buffer."""
        f = self.begin()
        return f.address(self.base(base), memory_type(base.dtype), offset)

    def nest(self, nest: Nest) -> None:
        """A loop nest."""
        self.begin()
        function = NestFunction(nest, self.plan.home, self.plan.schedule.stored)
        self.needed |= function.f.needed
        self.call("nest", function.text, [self.at(base, n) for base, n in function.parameters])

    def _product(self, term: Term) -> None:
        self.multiply(term, self.plan.home(term), 1.0, 0.0)

    def _update(self, term: Term) -> None:
        self.multiply(term, self.plan.home(term), term.static["alpha"], 1.0)

    def multiply(self, term: Term, out: View, alpha: float, beta: float) -> None:
        """A product, or a stack of them, added to what is there."""
        x, y = (self.plan.home(a) for a in term.args[-2:])
        shape, strides = out.shape, out.strides
        m, n, k = shape[-2], shape[-1], x.shape[-1]
        leading = strides[-2] if m > 1 else n
        kind = type_of(term.dtype)
        p = Product(kind, m, n, k, Matrix.of(x), Matrix.of(y), leading, alpha, beta)
        f, batch = self.begin(), shape[:-2]
        views = (x.broadcast((*batch, *x.shape[-2:])), y.broadcast((*batch, *y.shape[-2:])), out)
        bases = [self.base(v.base) for v in views]

        def multiplied(index: list[Operand]) -> None:
            if len(index) < len(batch):
                f.loop(batch[len(index)], lambda i: multiplied([*index, i]))
                return
            places = [
                f.address(b, kind, v.offset, index, v.strides[:-2])
                for b, v in zip(bases, views, strict=True)
            ]
            if p.is_small or self.blas is None:
                self.call("product", small(p), places)
            else:
                self.calls["BLAS"] = self.calls.get("BLAS", 0) + 1
                at, at_y, into = places
                by_blas(f, p, at, at_y, into, self.blas.integer)

        multiplied([])

    def _gather(self, term: Term) -> None:
        """Rows picked by an index, which is in range."""
        x, index = (self.plan.home(a) for a in term.args)
        count, width = index.size(), term.size // index.size()
        f, kind = self.begin(), memory_type(term.dtype)
        out = self.plan.home(term)
        bases = [self.base(v.base) for v in (out, x, index)]
        f.needed["declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"] = None

        def row(r: Operand) -> None:
            k = self.index(f, bases[2], index, r, x.shape[0])
            source = f.address(bases[1], kind, x.offset, [k], [width])
            target = f.address(bases[0], kind, out.offset, [r], [width])
            if width == 1:
                f.put(f"store {kind} {f.let(f'load {kind}, ptr {source}')}, ptr {target}")
            else:
                size = width * term.dtype.itemsize
                args = f"ptr {target}, ptr {source}, i64 {size}, i1 false"
                f.put(f"call void @llvm.memcpy.p0.p0.i64({args})")

        f.loop(count, row)

    def index(self, f: Function, base: Operand, index: View, r: Operand, n: int) -> Operand:
        """An entry of an index; one out of range, which fails a check later, counts as 0."""
        k = f.let(f"load i64, ptr {f.address(base, 'i64', index.offset, [r], [1])}")
        inside = f.let(f"icmp ult i64 {k}, {n}")
        return f.let(f"select i1 {inside}, i64 {k}, i64 0")

    def _scatter(self, term: Term) -> None:
        """Rows added to those that an index names, in order."""
        x, index = (self.plan.home(a) for a in term.args)
        count, width = index.size(), term.size // term.shape[0]
        f, kind = self.begin(), memory_type(term.dtype)
        out = self.plan.home(term)
        bases = [self.base(v.base) for v in (out, x, index)]
        self.clear(out, term)
        add = Function(ADDING)

        def entry(c: Operand) -> None:
            at = add.address("%out", kind, 0, [c], [1])
            value = add.let(f"load {kind}, ptr {add.address('%x', kind, 0, [c], [1])}")
            total = add.let(f"load {kind}, ptr {at}")
            how = "fadd" if term.dtype.kind == "f" else "add"
            total = add.let(f"{how} {kind} {total}, {value}")
            add.put(f"store {kind} {total}, ptr {at}")

        add.loop(width, entry)
        text = add.text()

        def row(r: Operand) -> None:
            k = self.index(f, bases[2], index, r, term.shape[0])
            target = f.address(bases[0], kind, out.offset, [k], [width])
            source = f.address(bases[1], kind, x.offset, [r], [width])
            self.call("scatter", text, [target, source])

        f.loop(count, row)

    def clear(self, out: View, term: Term) -> None:
        """Zeros in a whole buffer."""
        f = self.begin()
        f.needed["declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)"] = None
        at = self.at(out.base, out.offset)
        f.put(f"call void @llvm.memset.p0.i64(ptr {at}, i8 0, i64 {term.nbytes}, i1 false)")

    def _fold(self, term: Term) -> None:
        """Windows added to their places: one loop nest for each place in the window."""
        x, out = self.plan.home(term.args[0]), self.plan.home(term)
        self.clear(out, term)
        size, stride, dilation = (term.static[k] for k in ("size", "stride", "dilation"))
        n = len(size)
        kind = memory_type(term.dtype)
        add = Function(ADDING)
        outer = len(out.shape) - n
        counts, steps = x.shape[: outer + n], out.strides[outer:]
        target = (*out.strides[:outer], *(s * t for s, t in zip(steps, stride, strict=True)))

        def entry(index: list[Operand], into: int, of: int) -> None:
            at = add.address("%out", kind, into, index, target)
            source = add.address("%x", kind, of, index, x.strides[: outer + n])
            value = add.let(f"load {kind}, ptr {source}")
            total = add.let(f"load {kind}, ptr {at}")
            how = "fadd" if term.dtype.kind == "f" else "add"
            total = add.let(f"{how} {kind} {total}, {value}")
            add.put(f"store {kind} {total}, ptr {at}")

        def entries(index: list[Operand], into: int, of: int) -> None:
            if len(index) < len(counts):
                add.loop(counts[len(index)], lambda i: entries([*index, i], into, of))
            else:
                entry(index, into, of)

        # In the order in which the windows lie, so that they are read one after the other.
        by_stride = sorted(range(outer), key=lambda a: -x.strides[a])

        def images(known: dict[int, Operand]) -> None:
            if len(known) < outer:
                axis = by_stride[len(known)]
                add.loop(counts[axis], lambda i: images({**known, axis: i}))
                return
            index = [known[a] for a in range(outer)]
            for place in np.ndindex(*size):  # inside, so that an image stays in the nearest cache
                into = sum(p * d * s for p, d, s in zip(place, dilation, steps, strict=True))
                of = sum(p * s for p, s in zip(place, x.strides[outer + n :], strict=True))
                entries(index, int(into), int(of))

        images({})
        self.call("fold", add.text(), [self.at(out.base, out.offset), self.at(x.base, x.offset)])

    # --- what the functions call ---

    def declarations(self) -> Iterator[str]:
        """Intrinsics, BLAS, and the elementary functions that occur."""
        functions = [need for need in self.needed if isinstance(need, tuple)]
        text, self.symbols = math.definitions(functions)
        yield text
        seen = {line for line in text.splitlines() if line.startswith("declare ")}
        for need in self.needed:
            if isinstance(need, tuple):
                continue
            if need.startswith("blas "):
                assert self.blas is not None
                name = need.removeprefix("blas ")
                self.symbols[name] = self.blas.address[name]
                yield self.blas.declaration(name)
            elif need not in seen:
                seen.add(need)
                yield need


def is_number(term: Term) -> bool:
    """Whether a term is a Python number, which lies in the table itself."""
    instruction = term.static.get("instruction")
    variable = instruction.result if instruction is not None else term.static.get("variable")
    return variable is not None and bool(variable.weak)
