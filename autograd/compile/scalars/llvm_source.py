"""A plan as LLVM IR: loops over lanes in explicit vectors, single numbers straight on.

No flag allows LLVM to change a bit: products and sums are not fused, and sums keep their order.
Code is cut into functions of some hundred operations, because code generators take more than twice
as long for functions of twice the length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd.compile.native.llvm import Effort
from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.libm import Function, function_of
from autograd.compile.scalars.llvm_body import Body, Kind, bits
from autograd.compile.scalars.llvm_loop import CHUNK, Loop
from autograd.compile.scalars.memory import Memory
from autograd.compile.scalars.operations import Operation
from autograd.compile.scalars.plan import Kernel, Pack, Plan, Single

MANY = 20_000  # single operations, from which on the code generator is to hurry

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
            body = Body(Kind(1), self.function)
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


def effort_of(plan: Plan) -> Effort:
    """How much time compiling may take. The optimizer would double it and find nothing: the program
    has been simplified, and its loops are vectors already."""
    singles = sum(isinstance(x, Single) for kernel in plan.kernels for x in kernel.units)
    return Effort(2 if singles < MANY else 0, optimizes=False)
