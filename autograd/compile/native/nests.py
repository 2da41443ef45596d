"""Nests printed: one LLVM function for each loop nest.

A row is walked over in stages: a reduction along the row ends one, and what depends on its result
is the next walk over the same row, which is in the nearest cache by then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compile.native.functions import FUNCTIONS, is_dear
from autograd.compile.native.ir import Function, Operand, literal, memory_type, type_of
from autograd.compile.native.schedule import Nest
from autograd.compile.native.terms import Term, number, root
from autograd.compile.native.views import View

Homes = Callable[[Term], View]  # where the entries of a term are, in memory

# -0 is what leaves every number as it is: 0 + -0 is 0.
NEUTRAL = {"sum": -0.0, "prod": 1, "max": -math.inf, "min": math.inf, "any": 0, "all": 1}


def neutral(function: str, dtype: Any) -> Operand:
    """What a reduction begins with."""
    if function in ("max", "min") and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return literal(limits.min if function == "max" else limits.max, dtype)
    if dtype.kind == "b":
        return "true" if function == "all" else "false"
    return literal(NEUTRAL[function], dtype)


def combined(f: Function, function: str, dtype: Any, total: Operand, value: Operand) -> Operand:
    """One step of a reduction. Only sums and products may be reordered, so that they vectorize."""
    kind = type_of(dtype)
    if function in ("max", "min"):
        name = "maximum" if function == "max" else "minimum"
        return FUNCTIONS[name].emit(f, dtype, dtype, [value, total])
    if function in ("any", "all"):
        return f.let(f"{'or' if function == 'any' else 'and'} {kind} {total}, {value}")
    name = "add" if function == "sum" else "mul"
    how = f"f{name} reassoc contract" if dtype.kind == "f" else name
    return f.let(f"{how} {kind} {total}, {value}")


class Accumulator:
    """Where a reduction is added up in a register.

    The largest of some floats is found among integers in the same order, because LLVM vectorizes
    that of floats only if it may take none of them for nan.
    """

    def __init__(self, f: Function, function: str, dtype: Any) -> None:
        self.f, self.function, self.dtype = f, function, dtype
        self.keyed = dtype.kind == "f" and function in ("max", "min")
        self.kind = f"i{8 * dtype.itemsize}" if self.keyed else type_of(dtype)
        self.slot = f.room(self.kind)
        self.start()

    def start(self) -> None:
        """Begin again."""
        begin = neutral(self.function, self.dtype)
        if self.keyed:
            bits = self.dtype.type(NEUTRAL[self.function]).view(f"i{self.dtype.itemsize}")
            begin = str(int(bits) ^ self.low if bits < 0 else int(bits))
        self.f.put(f"store {self.kind} {begin}, ptr {self.slot}")

    @property
    def low(self) -> int:
        """All bits but the sign."""
        return int(2 ** (8 * self.dtype.itemsize - 1) - 1)

    def add(self, value: Operand) -> None:
        """One more value."""
        f = self.f
        total = f.let(f"load {self.kind}, ptr {self.slot}")
        if not self.keyed:
            new = combined(f, self.function, self.dtype, total, value)
        else:
            kind = type_of(self.dtype)
            bits = (
                value
                if value.startswith("%")
                else f.let(f"fadd {kind} {value}, {literal(-0.0, self.dtype)}")
            )
            nan = f.let(f"fcmp uno {kind} {bits}, {bits}")
            key = self.mirrored(f.let(f"bitcast {kind} {bits} to {self.kind}"))
            extreme = self.low if self.function == "max" else -self.low - 1
            key = f.let(f"select i1 {nan}, {self.kind} {extreme}, {self.kind} {key}")
            new = f.integers(f"s{self.function}", self.kind, [total, key])
        f.put(f"store {self.kind} {new}, ptr {self.slot}")

    def mirrored(self, bits: Operand) -> Operand:
        """The bits of floats as integers in the same order, and back again."""
        f = self.f
        sign = f.let(f"ashr {self.kind} {bits}, {8 * self.dtype.itemsize - 1}")
        mask = f.let(f"and {self.kind} {sign}, {self.low}")
        return f.let(f"xor {self.kind} {bits}, {mask}")

    def result(self) -> Operand:
        """What has been added up."""
        total = self.f.let(f"load {self.kind}, ptr {self.slot}")
        if not self.keyed:
            return total
        return self.f.let(f"bitcast {self.kind} {self.mirrored(total)} to {type_of(self.dtype)}")


class NestFunction:
    """The function of a nest.

    Attributes:
        parameters: the buffers that it is called with, each with an offset in entries.
        text: LLVM IR, with NAME where the name of the function stands.
    """

    def __init__(self, nest: Nest, homes: Homes, stored: set[Term]) -> None:
        self.nest, self.homes, self.stored = nest, homes, stored
        self.domain = (*nest.rows, nest.columns)
        self.level = self.levels()
        self.temporary = self.temporaries()
        self.seen: set[tuple[int, ...]] = set()
        self.groups: list[list[int]] = [[a] for a in range(len(self.domain))]
        self.write()
        self.groups = self.mergeable()
        self.write()
        self.text = self.f.text()

    # --- the shape of the loops ---

    def levels(self) -> dict[Term, int]:
        """How many reductions along the row come before each member."""
        found: dict[Term, int] = {}
        for term in self.nest.members:
            level = max((found.get(root(a), 0) for a in term.args), default=0)
            found[term] = level + (self.nest.roles[term] == "along")
        return found

    def temporaries(self) -> set[Term]:
        """Members that take long and that a later stage reads: a row of them is kept."""
        found: set[Term] = set()
        dear: dict[Term, bool] = {}
        for term in self.nest.members:
            inner = [root(a) for a in term.args]
            dear[term] = is_dear(term) or any(
                dear.get(r, False) and r not in self.stored and self.nest.roles[r] == "full"
                for r in inner
            )

        def visit(term: Term, stage: int) -> None:
            for r in map(root, term.args):
                if self.nest.roles.get(r) != "full" or r in self.stored or self.level[r] >= stage:
                    continue
                if dear[r]:
                    found.add(r)
                else:
                    visit(r, stage)

        for term in self.nest.members:
            if self.nest.roles[term] != "row":
                visit(term, self.stage(term))
        return found

    def stage(self, term: Term) -> int:
        """The walk over the row in which a member is computed first."""
        return self.level[term] - (self.nest.roles[term] == "along")

    def mergeable(self) -> list[list[int]]:
        """Axes that lie one in the other in every array, and so are one loop."""
        roles = set(self.nest.roles.values())
        counted = any(a.op == "counter" for t in self.nest.members for a in t.args)
        flat = roles <= {"full", "total"} and not counted
        groups: list[list[int]] = []
        for a in range(len(self.domain)):
            last = a == len(self.domain) - 1
            joins = groups and (flat or not last) and all(
                s[a - 1] == s[a] * self.domain[a] for s in self.seen
            )  # fmt: skip
            if joins:
                groups[-1].append(a)
            else:
                groups.append([a])
        return groups

    # --- memory ---

    def parameter(self, base: Term, offset: int) -> Operand:
        """A pointer to where a view begins, so that nests that are alike are one function."""
        key = (base, offset)
        if key not in self.places:
            self.places[key] = len(self.places)
        return f"%p{self.places[key]}"

    def address(self, view: View, role: str, written: bool = False) -> Operand:
        """The address of the entry of this row and column."""
        target = self.domain if role == "full" else (*self.domain[:-1], 1)
        at = view.reshaped(target)
        assert at is not None, (view, target)
        self.seen.add(at.strides)
        parameter = self.parameter(at.base, at.offset)
        if written:
            self.written.add(parameter)
        strides = [at.strides[group[-1]] for group in self.groups]
        kind = memory_type(at.base.dtype)
        return self.f.address(parameter, kind, 0, [*self.index, self.column], strides)

    # --- printing ---

    def write(self) -> None:
        """Print the function; the first time only to see the strides."""
        self.places: dict[tuple[Term, int], int] = {}
        self.written: set[Operand] = set()
        self.f = Function("")
        self.index: list[Operand] = []
        self.column: Operand = "0"
        self.rows: dict[Term, Operand] = {}
        self.slots: dict[Term, Accumulator] = {}
        self.values: dict[Term, Operand] = {}
        self.lengths = [math.prod(self.domain[a] for a in group) for group in self.groups]
        members, roles = self.nest.members, self.nest.roles
        self.rooms = {
            t: self.f.room(memory_type(t.dtype), self.lengths[-1])
            for t in members
            if t in self.temporary
        }
        for term in members:
            if roles[term] in ("total", "along"):
                self.slots[term] = Accumulator(self.f, term.static["function"], term.dtype)
            elif roles[term] == "down":
                self.clear(term)
        self.loops(0)
        for term in members:
            if roles[term] == "total":
                value = self.slots[term].result()
                home = self.homes(term)
                parameter = self.parameter(home.base, home.offset)
                self.written.add(parameter)
                self.f.store(term.dtype, value, parameter)
        arguments = [
            f"ptr noalias nocapture{'' if f'%p{n}' in self.written else ' readonly'} %p{n}"
            for n in range(len(self.places))
        ]
        self.f.head = f"define internal void @NAME({', '.join(arguments)}) noinline nounwind"
        self.parameters = list(self.places)

    def clear(self, term: Term) -> None:
        """Fill the result of a reduction over rows with what it begins with."""
        f, home = self.f, self.homes(term)
        parameter = self.parameter(home.base, home.offset)
        self.written.add(parameter)

        def fill(axis: int, index: list[Operand]) -> None:
            if axis < len(home.shape):
                f.loop(home.shape[axis], lambda i: fill(axis + 1, [*index, i]))
                return
            at = f.address(parameter, memory_type(term.dtype), 0, index, home.strides)
            f.store(term.dtype, neutral(term.static["function"], term.dtype), at)

        fill(0, [])

    def loops(self, depth: int) -> None:
        """The loops over rows, and in them the stages."""
        if depth < len(self.lengths) - 1:

            def body(i: Operand) -> None:
                self.index.append(i)
                self.loops(depth + 1)
                self.index.pop()

            self.f.loop(self.lengths[depth], body)
            return
        for stage in range(max(self.level.values()) + 1):
            self.walk(stage)

    def walk(self, stage: int) -> None:
        """One stage: values of the row, then a loop over its columns."""
        roles = self.nest.roles
        for term in self.nest.members:
            if roles[term] == "row" and self.level[term] == stage:
                self.rows[term] = self.applied(term, "row")
            elif roles[term] == "along" and self.level[term] == stage:
                self.rows[term] = self.slots[term].result()
            else:
                continue
            if term in self.stored:
                self.put(term, self.rows[term], "row")
        here = [t for t in self.nest.members if self.stage(t) == stage and self.has_effect(t)]
        for term in here:
            if roles[term] == "along":
                self.slots[term].start()
        if here:

            def body(column: Operand) -> None:
                self.column, self.values, self.now = column, {}, stage
                self.pending: list[tuple[Term, Operand]] = []
                for term in here:
                    self.effect(term)
                for term, value in self.pending:  # after all reads, because some are updates
                    self.put(term, value, "full")
                self.column = "0"

            self.f.loop(self.lengths[-1], body)

    def has_effect(self, term: Term) -> bool:
        """Whether a member is written or added up, and not only read by others."""
        role = self.nest.roles[term]
        if role == "full":
            return term in self.stored or term in self.temporary
        return role != "row"

    def put(self, term: Term, value: Operand, role: str) -> None:
        """Write a value to memory."""
        self.f.store(term.dtype, value, self.address(self.homes(term), role, written=True))

    def effect(self, term: Term) -> None:
        """Compute a member at this row and column."""
        f, role = self.f, self.nest.roles[term]
        if role == "full":
            value = self.value(term)
            if term in self.temporary:
                kind = memory_type(term.dtype)
                f.store(term.dtype, value, f.address(self.rooms[term], kind, 0, [self.column], [1]))
            if term in self.stored:
                self.pending.append((term, value))
            return
        x, function = term.args[0], term.static["function"]
        value = self.operand(x, x.shape, "full")
        if role == "down":
            at = self.address(self.down(term), "full", written=True)
            f.store(
                term.dtype, combined(f, function, term.dtype, f.load(term.dtype, at), value), at
            )
            return
        self.slots[term].add(value)

    def down(self, term: Term) -> View:
        """The result of a reduction over rows, repeated for each of them."""
        home, shape = self.homes(term), term.args[0].shape
        kept = iter(home.strides)
        strides = [0 if a in term.static["axes"] else next(kept) for a in range(len(shape))]
        return View(home.base, home.offset, shape, tuple(strides))

    # --- values ---

    def value(self, term: Term) -> Operand:
        """A full member at this column: computed, or read where an earlier stage left it."""
        known = self.values.get(term)
        if known is None:
            if self.level[term] < self.now and term in self.stored:
                known = self.f.load(term.dtype, self.address(self.homes(term), "full"))
            elif self.level[term] < self.now and term in self.temporary:
                kind = memory_type(term.dtype)
                at = self.f.address(self.rooms[term], kind, 0, [self.column], [1])
                known = self.f.load(term.dtype, at)
            else:
                known = self.applied(term, "full")
            self.values[term] = known
        return known

    def applied(self, term: Term, role: str) -> Operand:
        """The function of a term on its arguments."""
        if term.op == "reduce":  # of one value along the row
            return self.operand(term.args[0], term.args[0].shape, role)
        args = [self.operand(a, term.shape, role) for a in term.args]
        if term.op == "store":
            return args[0]
        given = term.args[-1].dtype if term.static["function"] == "where" else term.args[0].dtype
        return FUNCTIONS[term.static["function"]].emit(self.f, given, term.dtype, args)

    def operand(self, a: Term, shape: Sequence[int], role: str) -> Operand:
        """An argument, broadcast to a shape, at this row and column."""
        known = number(root(a))
        source = root(a)
        if known is not None:
            return ("true" if known else "false") if a.dtype == bool else literal(known, a.dtype)
        if source.op == "counter":
            return self.column
        if source in self.nest.roles:
            if self.nest.roles[source] in ("row", "along"):
                return self.rows[source]
            return self.value(source)
        view = self.homes(a).broadcast(shape)
        return self.f.load(a.dtype, self.address(view, role))
