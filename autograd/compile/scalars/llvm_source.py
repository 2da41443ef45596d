"""A plan as LLVM IR: loops over lanes in explicit vectors, single numbers straight on.

No flag allows LLVM to change a bit: products and sums are not fused, and sums keep their order.
Code is cut into functions of some hundred operations, because code generators take more than twice
as long for functions of twice the length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Family, Vector
from autograd.compile.scalars.libm import Function, function_of
from autograd.compile.scalars.memory import Memory
from autograd.compile.scalars.operations import Operation
from autograd.compile.scalars.plan import Kernel, Lanes, Operand, Pack, Plan, Single, Total

CHUNK = 400  # operations in a function

HELPERS = """
define internal void @copy(ptr %m, ptr %t, i64 %n) {
entry:
  br label %loop
loop:
  %k = phi i64 [0, %entry], [%k2, %body]
  %more = icmp ult i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %at = shl i64 %k, 1
  %pt = getelementptr i32, ptr %t, i64 %at
  %to = load i32, ptr %pt
  %pf = getelementptr i32, ptr %pt, i64 1
  %from = load i32, ptr %pf
  %to2 = zext i32 %to to i64
  %from2 = zext i32 %from to i64
  %a = getelementptr double, ptr %m, i64 %from2
  %x = load double, ptr %a
  %b = getelementptr double, ptr %m, i64 %to2
  store double %x, ptr %b
  %k2 = add i64 %k, 1
  br label %loop
end:
  ret void
}

define internal double @total(ptr %p, i64 %n, i64 %step, double %start) {
entry:
  br label %loop
loop:
  %k = phi i64 [0, %entry], [%k2, %body]
  %q = phi ptr [%p, %entry], [%q2, %body]
  %s = phi double [%start, %entry], [%s2, %body]
  %more = icmp ult i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %x = load double, ptr %q
  %s2 = fadd double %s, %x
  %q2 = getelementptr double, ptr %q, i64 %step
  %k2 = add i64 %k, 1
  br label %loop
end:
  ret double %s
}

define internal i64 @all_finite(ptr %m, ptr %t, i64 %n) {
entry:
  br label %loop
loop:
  %k = phi i64 [0, %entry], [%k2, %body]
  %s = phi double [0.0, %entry], [%s2, %body]
  %more = icmp ult i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %pt = getelementptr i32, ptr %t, i64 %k
  %at = load i32, ptr %pt
  %at2 = zext i32 %at to i64
  %a = getelementptr double, ptr %m, i64 %at2
  %x = load double, ptr %a
  %d = fsub double %x, %x
  %s2 = fadd double %s, %d
  %k2 = add i64 %k, 1
  br label %loop
end:
  %ok = fcmp ord double %s, %s
  %out = zext i1 %ok to i64
  ret i64 %out
}

define internal i64 @all_same(ptr %m, ptr %t, ptr %v, i64 %n) {
entry:
  br label %loop
loop:
  %k = phi i64 [0, %entry], [%k2, %body]
  %s = phi i64 [0, %entry], [%s2, %body]
  %more = icmp ult i64 %k, %n
  br i1 %more, label %body, label %end
body:
  %pt = getelementptr i32, ptr %t, i64 %k
  %at = load i32, ptr %pt
  %at2 = zext i32 %at to i64
  %a = getelementptr double, ptr %m, i64 %at2
  %x = load i64, ptr %a
  %pv = getelementptr i64, ptr %v, i64 %k
  %y = load i64, ptr %pv
  %d = xor i64 %x, %y
  %s2 = or i64 %s, %d
  %k2 = add i64 %k, 1
  br label %loop
end:
  %ok = icmp eq i64 %s, 0
  %out = zext i1 %ok to i64
  ret i64 %out
}
"""


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
    """The instructions of one function, as they come."""

    def __init__(self, source: LlvmSource, kind: Kind) -> None:
        self.source, self.kind = source, kind
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
        name = self.source.function(operation, len(args))
        if self.kind.lanes == 1:
            return self.put(f"call double {name}({', '.join(f'double {x}' for x in args)})")
        kind, out = self.kind.words["T"], "poison"
        for lane in range(self.kind.lanes):
            given = [self.put(f"extractelement {kind} {x}, i32 {lane}") for x in args]
            made = self.put(f"call double {name}({', '.join(f'double {x}' for x in given)})")
            out = self.put(f"insertelement {kind} {out}, double {made}, i32 {lane}")
        return out


class LlvmSource:
    """The module of a plan: `i64 run(double *m)`, which returns 1 if all checks hold.

    Args:
        plan: the plan.
        width: how many numbers a register holds.

    Attributes:
        memory: what `m` points to.
        functions: the functions that the module declares, by name.
        text: the module.
    """

    def __init__(self, plan: Plan, width: int) -> None:
        self.plan, self.width = plan, width
        self.memory = Memory(plan)
        self.functions: dict[str, Function] = {}
        self.parts: list[str] = []
        self.calls: list[str] = []
        self.tables = 0
        for kernel in plan.kernels:
            if kernel.family is None:
                self.print_singles(kernel)
            else:
                Loop(self, kernel, kernel.family)
        self.print_run()
        declared = [
            f"declare double {name}({', '.join(['double'] * int(name.rpartition('.')[2]))})"
            for name in self.functions
        ]
        intrinsics = [
            f"declare {k.words['T']} @llvm.{name}.{k.words['S']}({k.words['T']})"
            for k in (Kind(1), Kind(width))
            for name in ("fabs", "sqrt", "floor", "ceil", "trunc", "roundeven")
        ]
        self.text = "\n".join([*declared, *intrinsics, HELPERS, *self.parts])

    def function(self, operation: Operation, arity: int) -> str:
        """The name of a function that is called."""
        name = f"@f.{operation.name}.{arity}"
        self.functions.setdefault(name, function_of(operation, arity))
        return name

    def table(self, entries: Iterable[int], kind: str = "i32") -> str:
        """The name of an array of ints."""
        values = list(entries)
        name = f"@t{self.tables}"
        self.tables += 1
        listed = ", ".join(f"{kind} {x}" for x in values)
        self.parts.append(f"{name} = internal constant [{len(values)} x {kind}] [{listed}]")
        return name

    def copy(self, pairs: Sequence[tuple[int, int]]) -> str:
        """The call that copies numbers."""
        if not pairs:
            return ""
        name = self.table(k for pair in pairs for k in pair)
        return f"call void @copy(ptr %m, ptr {name}, i64 {len(pairs)})"

    def define(self, lines: list[str], parameters: str = "ptr %m") -> str:
        """A function of its own; returns its name."""
        name = f"@g{len(self.parts)}"
        body = "\n  ".join(lines)
        head = f"define internal void {name}({parameters}) noinline nounwind"
        self.parts.append(f"{head} {{\n  {body}\n  ret void\n}}")
        return name

    # --- single numbers ---

    def print_singles(self, kernel: Kernel) -> None:
        """Functions of some hundred operations each, and what they leave for vectors."""
        singles = [x for x in kernel.units if isinstance(x, Single)]
        packs = [x for x in kernel.units if isinstance(x, Pack)]
        chunk_of = {x.place: n // CHUNK for n, x in enumerate(singles)}
        outside = self.read_elsewhere(singles, chunk_of)
        for at in range(0, len(singles), CHUNK):
            body = Body(self, Kind(1))
            known: dict[int, str] = {}
            for unit in singles[at : at + CHUNK]:
                args = [self.single(body, k, known) for k in unit.args]
                known[unit.place] = made = body.operation(unit.operation, args)
                if unit.place in outside:
                    body.store(made, self.memory.slot(unit.place))
            self.calls.append(f"call void {self.define(body.lines)}(ptr %m)")
        self.calls.append(self.copy(self.memory.copies(packs)))

    def read_elsewhere(self, singles: list[Single], chunk_of: dict[int, int]) -> set[int]:
        """The numbers that are read outside of their function."""
        found = set(self.plan.program.roots())
        for kernel in self.plan.kernels:
            for unit in kernel.units:
                if isinstance(unit, Single):
                    mine = chunk_of.get(unit.place)
                    found |= {k for k in unit.args if chunk_of.get(k) != mine}
                else:
                    found |= {x for x in self.plan.reads(unit) if isinstance(x, int)}
        return found

    def single(self, body: Body, place: int, known: dict[int, str]) -> str:
        """A single number: computed here, a constant, or from memory."""
        if place not in known:
            operation, *args = self.plan.program.numbers[place]
            if operation is ops.CONSTANT:
                known[place] = body.kind.repeated(args[0])
            else:
                known[place] = body.load(self.memory.slot(place), single=True)
        return known[place]

    # --- the whole ---

    def print_run(self) -> None:
        """The function that runs all kernels, makes the checks and puts outputs side by side."""
        program, slot = self.plan.program, self.memory.slot
        finite = self.table(slot(k) for k in program.finite)
        places = self.table(slot(k) for k, _ in program.checks)
        values = self.table((bits(x) for _, x in program.checks), "i64")
        outputs = enumerate(program.outputs, self.memory.outputs.start)
        calls = [*self.calls, self.copy([(to, slot(k)) for to, k in outputs])]
        body = "\n  ".join(x for x in calls if x)
        self.parts.append(
            f"""define i64 @run(ptr %m) nounwind {{
  {body}
  %a = call i64 @all_finite(ptr %m, ptr {finite}, i64 {len(program.finite)})
  %b = call i64 @all_same(ptr %m, ptr {places}, ptr {values}, i64 {len(program.checks)})
  %ok = and i64 %a, %b
  ret i64 %ok
}}"""
        )


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
        body = Body(self.source, self.kind)
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
        body = Body(self.source, Kind(1))
        first, step = (base + lanes - 1, -1) if unit.backwards else (base, 1)
        if unit.start is None:
            start = Kind(1).repeated(-0.0)
        else:
            start = self.source.single(body, unit.start, {})
        at = body.address(first)
        total = body.put(f"call double @total(ptr {at}, i64 {lanes}, i64 {step}, double {start})")
        body.store(total, self.memory.slot(unit.place))
        self.source.calls.append(f"call void {self.source.define(body.lines)}(ptr %m)")


def level_of(plan: Plan) -> int:
    """How much the code generator shall optimize: little where there is much straight code."""
    singles: list[Any] = [x for k in plan.kernels for x in k.units if isinstance(x, Single)]
    return 2 if len(singles) < 20_000 else 0
