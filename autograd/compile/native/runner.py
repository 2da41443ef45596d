"""The native back end: a program as machine code, and the Python function that calls it.

Arrays that a step replaces, such as parameters, are written in place, as long as nobody else holds
them: whoever kept `w.data` from an earlier step keeps its numbers.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.compile.guards import memory
from autograd.compile.native import blas, llvm
from autograd.compile.native.memory import Arenas
from autograd.compile.native.module import SIMPLE, Module, is_number
from autograd.compile.native.plan import Output, planned
from autograd.compile.native.terms import Term, root
from autograd.compile.printing.text import Names
from autograd.compile.program import Check, Instruction, Program, Variable
from autograd.errors import counted

EARLY = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
# Updates keep the interpreter's lock, so that no other thread begins to read what they write.
LATE = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)


KINDS = {"product": "small product", "BLAS": "BLAS product", "fold": "fold", "scatter": "scatter"}


class Missed(Exception):
    """A check of native code failed."""


class Native:
    """A program in machine code.

    Attributes:
        inputs: the variables that `early` takes, in order.
        checks: those that are left to Python, on the last results of `early`.
        early: the program up to its checks; it changes nothing that is seen from outside.
        late: updates in place, given the results of `early`.
        settle: to be called once what `late` returned is in its places.
        text: LLVM IR.
    """

    def __init__(
        self, program: Program, updates: Mapping[int, Variable], arenas: Arenas | None = None
    ) -> None:
        self.plan = planned(program, updates)
        self.module = Module(self.plan, blas.find())
        self.checks: list[Check] = self.plan.checks
        self.text = self.module.text
        names = [s for s in self.module.steps if isinstance(s, str) and s]
        self.library = llvm.load(self.text, names, self.module.symbols)
        self.arena = (arenas or Arenas()).arena(self.plan.size, self.plan.zeros)
        self.table = np.zeros(1 + len(self.module.slots), np.int64)
        self.table[0] = self.arena.ctypes.data
        self.constants = {
            t: np.ascontiguousarray(t.static["value"])
            for t in self.module.slots
            if t.op == "constant"
        }
        for term, array in self.constants.items():
            self.table[self.module.slots[term]] = id(array)
        self.inputs = self.used()
        writer = self._writer = _Writer(self)
        self.source = writer.source()
        exec(compile(self.source, "<ag.compile, native>", "exec"), writer.space)
        self.space = writer.space
        self.early: Callable[..., list[Any]] = writer.space["early"]
        self.late: Callable[[list[Any]], None] = writer.space["late"]
        self.settle: Callable[[list[Any]], None] = writer.space["settle"]

    def used(self) -> list[Variable]:
        """Inputs that anything reads, perhaps by a view."""
        by_python = [a for t in self.module.steps if isinstance(t, Term) for a in t.args]
        read = [*self.module.slots, *map(root, by_python), *map(root, self.plan.seen.values())]
        found = {t.static.get("variable") for t in read}
        for i in self.foreign():
            found |= set(i.inputs())
        found |= {v for v in self.plan.program.roots() if v.kind == "input"}
        return [v for v in self.plan.program.inputs if v in found]

    def foreign(self) -> list[Instruction]:
        """The instructions that NumPy runs."""
        return [t.static["instruction"] for t in self.module.steps if isinstance(t, Term)]

    # --- for steady calls ---

    def placing(self, inputs: list[Variable]) -> Callable[..., list[Any]]:
        """A function that puts these inputs into the table, in which the others are, and makes room
        for outputs; it returns the outputs that are not written where inputs are."""
        text = "\n".join(self._writer.placing(inputs))
        exec(compile(text, "<ag.compile, native>", "exec"), self.space)
        return self.space["placing"]  # type: ignore[no-any-return]

    def addresses(self) -> tuple[int, int]:
        """Of the code of `early` and of `late`; 0 where there is none."""
        at = self.module.steps.index("")
        parts = self.module.steps[:at], self.module.steps[at + 1 :]
        early, late = (sum(self.library.address[str(s)] for s in part) for part in parts)
        return early, late

    def written(self, at: int) -> Any:
        """The array that an output is written to, if that is one of the inputs."""
        out = self.plan.outputs[at]
        if not out.is_update or out.leaf is None:
            return None
        return self.space[f"o{self.module.slots[out.leaf]}"]

    def writes(self, inputs: list[Variable]) -> bool:
        """Whether any of these is written in place."""
        leaves = (o.leaf for o in self.plan.outputs if o.is_update and o.leaf is not None)
        return not {leaf.static.get("variable") for leaf in leaves}.isdisjoint(inputs)

    def held(self) -> list[memory.Word]:
        """How often the arrays are referred to that are written in place: by nobody else.

        Raises:
            Unwatched: someone else holds one, or that is not known.
        """
        words = []
        for out in {id(o): o for o in self.plan.outputs if o.is_update}.values():
            slot = self.module.slots[out.leaf]  # type: ignore[index]
            counted = self.space[f"n{slot}"]  # while the list of outputs held it too
            if not counted:
                raise memory.Unwatched
            others = memory.COUNTING + sum(o is out for o in self.plan.outputs)
            words.append(memory.expected(id(self.space[f"o{slot}"]), counted - others))
        return words

    def has(self, v: Variable, value: Any) -> bool:
        """Whether the table has an input that is this value."""
        slot = next((n for t, n in self.module.slots.items() if t.static.get("variable") is v), 0)
        if not slot or isinstance(value, np.ndarray):
            return not slot or int(self.table[slot]) == id(value)
        numbers = self.table.view(np.float64) if v.dtype.kind == "f" else self.table
        return bool(v.weak) and bool(numbers[slot] == value)

    def summary(self, size: int) -> str:
        """The functions, what NumPy runs, and the arena that results take turns in."""
        calls = self.module.calls
        parts = [f"{counted(calls.get('nest', 0), 'loop nest')}"]
        parts += [f"{counted(calls[k], f'{name}')}" for k, name in KINDS.items() if k in calls]
        names = sorted({i.operation.name for i in self.foreign()})
        by_numpy = f"; NumPy runs {', '.join(names)}" if names else ""
        memory = f"an arena of {self.plan.size:,} bytes for {size:,} of results"
        return f"{', '.join(parts)} in {len(self.module.functions)} functions, {memory}{by_numpy}"


class _Writer(Names):
    """Writes the Python function around native code."""

    def __init__(self, native: Native) -> None:
        super().__init__()
        self.native, self.plan, self.module = native, native.plan, native.module
        self.lines: list[str] = []
        self.seen: dict[Variable, Term] = dict(native.plan.seen)
        self.borrowed: set[Variable] = set()  # what may hold views of the arena
        table = memoryview(native.table.data)
        self.space |= {
            "q": table,
            "d": table.cast("B").cast("d"),
            "at": native.table.ctypes.data,
            "getrefcount": sys.getrefcount,
            "empty": np.empty,
            "simple": simple,
            "asarray": np.asarray,
            "may_share_memory": np.may_share_memory,
            "arena": native.arena,
            "Missed": Missed,
        }
        self.updated = {out.leaf: out for out in self.plan.outputs if out.is_update}
        for n, v in enumerate(native.inputs):
            self.names[v] = f"x{n}"
        self.globals: list[str] = []
        self.kept: list[str] = []  # copies that updates read: they live as long as the results

    def source(self) -> str:
        """The text of the three functions."""
        early = self.early()
        late, settle = self.late()
        return "\n\n".join(["\n".join(early), "\n".join(late), "\n".join(settle)]) + "\n"

    def placing(self, inputs: list[Variable]) -> list[str]:
        """The text of a function that puts inputs in their places and makes room for outputs."""
        self.lines = []
        slots = {t.static.get("variable"): (t, n) for t, n in self.module.slots.items()}
        for v in inputs:
            if v in slots:
                self.given(v, *slots[v])
        for n, out in enumerate(self.outputs()):
            self.room(n, out)
        names = [self.names[v] for v in inputs]
        results = ["None" if o.is_update else self.result(o) for o in self.plan.outputs]
        results += names  # some are copies, which native code reads after this
        head = [f"global {', '.join(self.globals)}"] if self.globals else []
        lines = [*head, *self.lines, f"return [{', '.join(results)}]"]
        return [f"def placing({', '.join(names)}):", *(f"    {line}" for line in lines)]

    # --- before the checks ---

    def early(self) -> list[str]:
        names = [self.names[v] for v in self.native.inputs]
        self.lines = []
        slots = {t.static.get("variable"): (t, n) for t, n in self.module.slots.items()}
        for v in self.native.inputs:
            if v in slots:
                self.given(v, *slots[v])
        for n, out in enumerate(self.outputs()):
            self.room(n, out)
        self.steps()
        results = [self.result(out) for out in self.plan.outputs]
        results += [self.value(check.variable) for check in self.plan.checks]
        results += self.kept
        lines = [*self.lines, f"return [{', '.join(results)}]"]
        head = [f"global {', '.join(self.globals)}"] if self.globals else []
        return [f"def early({', '.join(names)}):", *(f"    {line}" for line in [*head, *lines])]

    def outputs(self) -> list[Output]:
        """Outputs that native code writes, each once."""
        return list({id(o): o for o in self.plan.outputs if o.leaf is not None}.values())

    def given(self, v: Variable, term: Term, slot: int) -> None:
        """Put an input into the table."""
        x = self.names[v]
        if is_number(term):
            self.lines.append(f"{'d' if v.dtype.kind == 'f' else 'q'}[{slot}] = {x}")
            return
        if term in self.module.read_late and term not in self.updated:
            self.kept.append(x)
        if term in self.updated:
            o = f"o{slot}"
            self.globals += [o, f"n{slot}"]
            self.space |= {o: None, f"n{slot}": 0}
            self.lines += [
                f"if {x} is not {o}:",
                f"    {o} = simple({x})",
                f"    q[{slot}] = id({o})",
                f"    n{slot} = 0",
            ]
            return
        if v.shape:
            self.lines += [f"if {x}.flags.num & {SIMPLE} != {SIMPLE}:", f"    {x} = simple({x})"]
        else:
            self.lines.append(f"{x} = asarray({x})")
        self.lines.append(f"q[{slot}] = id({x})")

    def room(self, n: int, out: Output) -> None:
        """Memory for an output that is a new array at each call."""
        if out.is_update or out.leaf not in self.module.slots:
            return
        slot, v = self.module.slots[out.leaf], out.variable
        made = f"empty({v.shape}, {self.bind(v.dtype, 'dtype')})"
        if out.term is not None and out.term.nbytes >= 4096:
            # One that was handed out before serves again if nobody holds it.
            self.globals.append(f"spare{slot}")
            self.space[f"spare{slot}"] = np.empty(v.shape, v.dtype)
            self.lines += [
                f"y{slot} = spare{slot}",
                f"if getrefcount(y{slot}) > 3:",
                f"    y{slot} = spare{slot} = {made}",
            ]
        else:
            self.lines.append(f"y{slot} = {made}")
        self.lines.append(f"q[{slot}] = id(y{slot})")

    def steps(self) -> None:
        """Native code, and what NumPy does before and in between."""
        for step in self.module.steps:
            if step == "":
                break
            if isinstance(step, Term):
                self.by_numpy(step)
                continue
            self.space[step] = EARLY(self.native.library.address[step])
            self.lines += [f"if {step}(at):", "    raise Missed"]

    def by_numpy(self, term: Term) -> None:
        """A line for an instruction of NumPy's."""
        i: Instruction = term.static["instruction"]
        of = self.plan.lowering.of
        variables = [v for v in i.inputs() if v.kind != "constant"]
        given = [v for v in variables if v.kind != "input" or v in of]
        for v, a in zip(given, term.args, strict=False):
            if v not in self.names:
                self.seen[v] = a
        name = self.fresh("f")
        self.borrows = any(v in self.borrowed for v in given)
        args = [self.text_of(a) for a in i.args]
        args += [f"{k}={self.text_of(a)}" for k, a in i.kwargs.items()]
        self.names[i.result] = name
        self.lines.append(f"{name} = {self.bind(i.operation.compute, 'op')}({', '.join(args)})")
        if self.borrows and i.result not in of:
            self.borrowed.add(i.result)
        elif self.borrows and not i.result.weak:  # such as a diagonal, which is a view
            self.lines += [f"if may_share_memory({name}, arena):", f"    {name} = {name}.copy()"]
        slot = self.module.slots.get(term)
        if slot is None:
            return
        if i.result.weak:
            self.lines.append(f"{'d' if term.dtype.kind == 'f' else 'q'}[{slot}] = {name}")
            return
        self.lines += [
            f"if {name}.shape != {term.shape} or {name}.dtype != {self.bind(term.dtype, 'dtype')}:",
            "    raise Missed",
            f"{name}_ = simple(asarray({name}))",
            f"q[{slot}] = id({name}_)",
        ]
        if term in self.module.read_late:
            self.kept.append(f"{name}_")

    def text_of(self, x: Any) -> str:
        """An argument of an instruction."""
        if type(x) is Variable:
            return self.value(x)
        if type(x) is tuple:
            return "(" + "".join(f"{self.text_of(e)}, " for e in x) + ")"
        if type(x) is list:
            return "[" + ", ".join(map(self.text_of, x)) + "]"
        if type(x) is dict:
            return "{" + ", ".join(f"{k!r}: {self.text_of(e)}" for k, e in x.items()) + "}"
        if type(x) is slice:
            parts = (x.start, x.stop, x.step)
            return f"{self.bind(slice, 'slice')}({', '.join(map(self.text_of, parts))})"
        return repr(x) if type(x) in (int, bool, type(None), str) else self.bind(x, "k")

    def value(self, v: Variable) -> str:
        """A variable as Python sees it."""
        known = self.names.get(v)
        if known is not None:
            return known
        if v.kind == "constant":
            return self.bind(v.value, "c")
        term = self.seen[v]
        source = root(term)
        if source.op == "foreign":
            return self.reshaped(self.names[source.static["instruction"].result], v, source)
        if source.op == "input":
            return self.reshaped(self.names[source.static["variable"]], v, source)
        if source.op == "constant":
            return self.reshaped(self.bind(source.static["value"], "c"), v, source)
        base = self.plan.home(term).base
        if base.op == "input":  # an output, which is computed where it is handed out
            return self.reshaped(f"y{self.module.slots[base]}", v, base)
        return self.bind(self.arena_view(term), "view")

    def reshaped(self, text: str, v: Variable, source: Term) -> str:
        """An array that Python has, in the shape of a variable."""
        return text if source.shape == v.shape else f"asarray({text}).reshape({v.shape})"

    def arena_view(self, term: Term) -> Any:
        """An array over a place in the arena."""
        self.borrows = True
        home, size = self.plan.home(term), term.dtype.itemsize
        offset = self.plan.offsets[home.base] + home.offset * size
        strides = tuple(s * size for s in home.strides)
        view = np.ndarray(home.shape, term.dtype, self.native.arena, offset, strides)
        view.flags.writeable = False
        return view

    def result(self, out: Output) -> str:
        """An output in the list of results."""
        if out.leaf is None:
            if out.term is not None and out.term.op == "foreign":
                self.seen.setdefault(out.variable, out.term)
            return self.value(out.variable)
        slot = self.module.slots[out.leaf]
        return f"o{slot}" if out.is_update else f"y{slot}"

    # --- after the checks ---

    def late(self) -> tuple[list[str], list[str]]:
        """Updates in place, of arrays that nobody else holds."""
        lines, after = ["global unsettled"], ["global unsettled"]
        self.space["unsettled"] = False
        position = {id(o): n for n, o in reversed(list(enumerate(self.plan.outputs)))}
        for leaf, out in self.updated.items():
            assert leaf is not None
            slot = self.module.slots[leaf]
            o, n = f"o{slot}", f"n{slot}"
            where = [k for k, other in enumerate(self.plan.outputs) if other is out]
            lines += [
                f"if getrefcount({o}) > {n}:",
                f"    {o} = r[{position[id(out)]}] = {o}.copy()",
                *(f"    r[{k}] = {o}" for k in where[1:]),
                f"    q[{slot}] = id({o})",
                f"    {n}, unsettled = 0, True",
            ]
            after += [f"if not {n}:", f"    {n} = getrefcount({o})"]
            lines[0] += f", {o}, {n}"
            after[0] += f", {n}"
        at = self.module.steps.index("")
        for step in self.module.steps[at + 1 :]:
            assert isinstance(step, str)
            self.space[step] = LATE(self.native.library.address[step])
            lines.append(f"{step}(at)")
        after.append("unsettled = False")
        lines.append("return unsettled")
        return (
            ["def late(r):", *(f"    {line}" for line in lines)],
            ["def settle(r):", *(f"    {line}" for line in after)],
        )


def simple(x: Any) -> Any:
    """The array in C order and aligned; itself if it is.

    NumPy's scalars have such flags too, but no pointer to their number where an array has it.
    """
    return x if type(x) is np.ndarray and x.flags.num & SIMPLE == SIMPLE else np.array(x, order="C")
