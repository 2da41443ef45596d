"""A loop over the lanes of a family in LLVM IR, a register full at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Family, Vector
from autograd.compile.scalars.llvm_body import Body, Kind
from autograd.compile.scalars.plan import Kernel, Lanes, Operand, Pack, Total

if TYPE_CHECKING:
    from autograd.compile.scalars.llvm_source import LlvmSource

CHUNK = 400  # operations in a function


class Loop:
    """A loop over the lanes of a family, a register full at a time.

    Sums over lanes are made in the loop, if it runs in their direction, or after it.
    """

    def __init__(self, source: LlvmSource, kernel: Kernel, family: Family) -> None:
        self.source, self.kernel, self.family = source, kernel, family
        self.memory, self.plan = source.memory, source.plan
        self.kind = Kind(source.width)
        totals = [x for x in kernel.units if isinstance(x, Total)]
        self.backwards = 2 * sum(x.backwards for x in totals) > len(totals)
        made = {x.vector for x in kernel.units if isinstance(x, Lanes)}
        here = [x.backwards == self.backwards and x.vector in made for x in totals]
        self.inside = {x for x, now in zip(totals, here, strict=True) if now}
        for x in totals:
            if x not in self.inside and x.vector not in self.memory.bases:
                self.memory.bases[x.vector] = self.memory.vector(family.lanes)
        self.deferred = self.read_once()
        self.chunks = self.cut()
        self.scratch = self.shared_between_chunks()
        self.print()
        for x in totals:
            if x not in self.inside:
                self.print_total(x)

    def read_once(self) -> dict[Vector, Lanes]:
        """Terms of a sum that nothing else reads: they are computed where they are added."""
        uses: dict[Vector, int] = {}
        terms: set[Vector] = set()
        lanes = {x.vector: x for x in self.kernel.units if isinstance(x, Lanes)}
        for unit in self.kernel.units:
            for x in self.plan.reads(unit):
                if isinstance(x, Vector):
                    uses[x] = uses.get(x, 0) + 1
                    if unit in self.inside or (
                        isinstance(unit, Lanes) and unit.operation is ops.FOLD
                    ):
                        terms.add(x)
        return {
            v: x
            for v, x in lanes.items()
            if v in terms
            and uses[v] == 1
            and x.operation is not ops.FOLD
            and v not in self.memory.bases
        }

    def cut(self) -> list[list[Lanes | Total]]:
        """The units, in pieces of a few hundred operations."""
        chunks: list[list[Lanes | Total]] = [[]]
        size = 0
        for unit in self.kernel.units:
            if isinstance(unit, Lanes) and unit.vector in self.deferred:
                continue
            if isinstance(unit, Total) and unit not in self.inside:
                continue
            assert isinstance(unit, (Lanes, Total))
            if size > CHUNK:
                chunks.append([])
                size = 0
            chunks[-1].append(unit)
            size += len(unit.operands) if isinstance(unit, Lanes) else self.kind.lanes
        return chunks

    def shared_between_chunks(self) -> dict[Vector, int]:
        """Room for the vectors that another function reads, for one register of lanes."""
        home = {x.vector: n for n, c in enumerate(self.chunks) for x in c if isinstance(x, Lanes)}
        found: dict[Vector, int] = {}
        for n, chunk in enumerate(self.chunks):
            for unit in chunk:
                for vector in self.inner_reads(unit):
                    if vector in home and home[vector] != n and vector not in found:
                        found[vector] = self.memory.vector(self.kind.lanes)
        return found

    def inner_reads(self, unit: Lanes | Total) -> list[Vector]:
        """The vectors that a unit reads, itself or in what is computed where it is added."""
        found: list[Vector] = []
        for x in self.plan.reads(unit):
            if isinstance(x, Vector):
                inner = self.deferred.get(x)
                found += [x] if inner is None else self.inner_reads(inner)
        return found

    def print(self) -> None:
        """The loop, and before it the starts of sums."""
        slot = self.memory.slot
        self.source.calls.append(
            self.source.copy(
                [
                    (
                        slot(x.place),
                        self.memory.constant(-0.0) if x.start is None else slot(x.start),
                    )
                    for x in self.kernel.units
                    if x in self.inside and isinstance(x, Total)
                ]
            )
        )
        names = [self.print_chunk(chunk) for chunk in self.chunks]
        width = self.kind.lanes
        last = (self.family.lanes - 1) // width * width
        first, step, end = (last, -width, -width) if self.backwards else (0, width, last + width)
        calls = "\n  ".join(f"call void {name}(ptr %m, i64 %i)" for name in names)
        loop = f"""br label %loop
loop:
  %i = phi i64 [{first}, %0], [%i2, %loop]
  {calls}
  %i2 = add i64 %i, {step}
  %done = icmp eq i64 %i2, {end}
  br i1 %done, label %end, label %loop
end:"""
        self.source.calls.append(f"call void {self.source.define([loop])}(ptr %m)")

    def print_chunk(self, chunk: list[Lanes | Total]) -> str:
        """A function of a few hundred operations; returns its name."""
        body = Body(self.kind, self.source.function)
        known: dict[Vector, str] = {}
        mask = ""
        if self.family.lanes % self.kind.lanes and any(isinstance(x, Total) for x in chunk):
            mask = self.mask(body)
        for unit in chunk:
            if isinstance(unit, Total):
                self.add_up(body, unit, known, mask)
                continue
            made = known[unit.vector] = self.value(body, unit, known)
            if unit.vector in self.memory.bases:
                body.store(made, self.memory.bases[unit.vector], "%i")
            if unit.vector in self.scratch:
                body.store(made, self.scratch[unit.vector])
        return self.source.define(body.lines, "ptr %m, i64 %i")

    def value(self, body: Body, unit: Lanes, known: dict[Vector, str]) -> str:
        """The result of an operation on lanes; of a sum, term by term."""
        if unit.operation is not ops.FOLD:
            return body.operation(
                unit.operation, [self.operand(body, x, known) for x in unit.operands]
            )
        total = self.operand(body, unit.operands[0], known)
        for x in unit.operands[1:]:
            total = body.operation(ops.ADD, [total, self.operand(body, x, known)])
        return total

    def operand(self, body: Body, x: Operand, known: dict[Vector, str]) -> str:
        """A register of lanes."""
        if isinstance(x, int):
            operation, *args = self.plan.program.numbers[x]
            if operation is ops.CONSTANT:
                return body.kind.repeated(args[0])
            return body.repeated(body.load(self.memory.slot(x), single=True))
        if isinstance(x, Pack):
            return body.load(self.memory.bases[x], "%i")
        if x in known:
            return known[x]
        if x in self.deferred:
            return self.value(body, self.deferred[x], known)
        if x in self.scratch:
            known[x] = body.load(self.scratch[x])
            return known[x]
        return body.load(self.memory.bases[x], "%i")

    def mask(self, body: Body) -> str:
        """Which lanes of the register are lanes of the family."""
        n = self.kind.lanes
        kind = f"<{n} x i64>"
        one = body.put(f"insertelement {kind} poison, i64 %i, i32 0")
        all_ = body.put(f"shufflevector {kind} {one}, {kind} poison, <{n} x i32> zeroinitializer")
        count = ", ".join(f"i64 {k}" for k in range(n))
        at = body.put(f"add {kind} {all_}, <{count}>")
        limit = ", ".join([f"i64 {self.family.lanes}"] * n)
        return body.put(f"icmp ult {kind} {at}, <{limit}>")

    def add_up(self, body: Body, unit: Total, known: dict[Vector, str], mask: str) -> None:
        """Add the lanes of a register one by one; -0.0 added changes nothing."""
        x, kind, n = self.operand(body, unit.vector, known), self.kind.words["T"], self.kind.lanes
        if mask:
            none = self.kind.repeated(-0.0)
            x = body.put(f"select {self.kind.words['B']} {mask}, {kind} {x}, {kind} {none}")
        slot = self.memory.slot(unit.place)
        total = body.load(slot, single=True)
        for lane in range(n - 1, -1, -1) if self.backwards else range(n):
            one = body.put(f"extractelement {kind} {x}, i32 {lane}")
            total = body.put(f"fadd double {total}, {one}")
        body.store(total, slot, single=True)

    def print_total(self, unit: Total) -> None:
        """A sum over the lanes of a vector in memory."""
        lanes = self.family.lanes
        base = self.memory.bases[unit.vector]
        body = Body(Kind(1), self.source.function)
        first, step = (base + lanes - 1, -1) if unit.backwards else (base, 1)
        if unit.start is None:
            start = Kind(1).repeated(-0.0)
        else:
            start = self.source.single(body, unit.start, {})
        at = body.address(first)
        total = body.put(f"call double @total(ptr {at}, i64 {lanes}, i64 {step}, double {start})")
        body.store(total, self.memory.slot(unit.place))
        self.source.calls.append(f"call void {self.source.define(body.lines)}(ptr %m)")
