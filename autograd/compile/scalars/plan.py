"""The plan of a scalar program: what runs after what, as kernels over lanes or single numbers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Family, Places, Rolled, Vector
from autograd.compile.scalars.operations import Operation
from autograd.compile.scalars.program import LEAVES


@dataclass(eq=False)
class Single:
    """One operation on single numbers: `place = operation(*args)`."""

    place: int
    operation: Operation
    args: Places


@dataclass(eq=False)
class Total:
    """A sum over the lanes of a vector, in their order or backwards, added to `start`."""

    place: int
    start: int | None
    vector: Vector
    backwards: bool


@dataclass(eq=False)
class Pack:
    """Numbers from anywhere, side by side."""

    members: Places


Operand = Vector | Pack | int  # an int is the place of a number that all lanes share


@dataclass(eq=False)
class Lanes:
    """One operation on all lanes of a family."""

    vector: Vector
    operation: Operation
    operands: list[Operand]


Unit = Single | Total | Pack | Lanes


@dataclass(eq=False)
class Kernel:
    """What runs together: a loop over the lanes of a family, or without one single numbers."""

    family: Family | None
    units: list[Unit] = field(default_factory=list)


class Plan:
    """Kernels in the order in which they run.

    Attributes:
        program, rolled: what they compute.
        kernels: in order.
        stored: the vectors that something outside of their kernel reads.
    """

    def __init__(self, rolled: Rolled) -> None:
        self.rolled, self.program = rolled, rolled.program
        self.packs: dict[Places, Pack] = {}
        self.units: list[Unit] = []
        self.makers: dict[int, Unit] = {}  # of single numbers
        self.keys: dict[Unit, tuple[int, int]] = {}
        self.of_vector: dict[Vector, Lanes] = {}
        seen: set[Vector] = set()
        for place, (operation, *args) in enumerate(self.program.numbers):
            vector = rolled.vectors[place]
            if operation in LEAVES:
                continue
            if vector is None:
                self.add_single(place, operation, tuple(args))
            elif vector not in seen:
                seen.add(vector)
                self.add_lanes(vector, operation)
        for pack in self.packs.values():
            self.units.append(pack)
            made = [self.keys[x] for k in pack.members if (x := self.maker(k)) is not None]
            self.keys[pack] = max(made, default=(0, 0))
        self.kernels = self.ordered()
        for kernel in self.kernels:
            kernel.units.sort(key=self.keys.__getitem__)
        self.stored = self.read_outside()

    # --- units ---

    def add_single(self, place: int, operation: Operation, args: Places) -> None:
        """A single number, or a sum over lanes."""
        if operation is not ops.TOTAL:
            self.note(Single(place, operation, args), (place, 0))
            return
        vector = self.rolled.vectors[args[-1]]
        assert vector is not None
        start = args[0] if len(args) > vector.family.lanes else None
        backwards = args[-1] == vector.members[0]
        self.note(Total(place, start, vector, backwards), (vector.members[0], 1))

    def note(self, unit: Single | Total, key: tuple[int, int]) -> None:
        """A unit that makes a single number, and its place in the order of the trace."""
        self.units.append(unit)
        self.keys[unit] = key
        self.makers[unit.place] = unit

    def add_lanes(self, vector: Vector, operation: Operation) -> None:
        """An operation on all lanes."""
        operands = [self.operand(vector, t) for t in self.rolled.arguments(vector.members)]
        made = self.of_vector[vector] = Lanes(vector, operation, operands)
        self.units.append(made)
        self.keys[made] = (vector.members[0], 0)

    def operand(self, vector: Vector, members: Places) -> Operand:
        """What the lanes of a vector read in one argument."""
        if members.count(members[0]) == len(members):
            return members[0]
        other = self.rolled.vectors[members[0]]
        if other is not None and other.family is vector.family and other.members == members:
            return other
        return self.packs.setdefault(members, Pack(members))

    # --- order ---

    def maker(self, place: int) -> Unit | None:
        """The unit that makes a number; None for a leaf."""
        vector = self.rolled.vectors[place]
        return self.makers.get(place) if vector is None else self.of_vector[vector]

    def needs(self, unit: Unit) -> list[tuple[Unit, bool]]:
        """The units before a unit, and whether they may run in the same kernel."""
        found: dict[Unit, bool] = {}
        for x in self.reads(unit):
            if isinstance(x, int):
                made = self.maker(x)
                if made is not None and found.get(made) is not False:
                    found[made] = kind_of(unit) is None and kind_of(made) is None
            elif isinstance(x, Pack):
                found[x] = kind_of(unit) is None
            else:
                found.setdefault(self.of_vector[x], True)
        return list(found.items())

    def reads(self, unit: Unit) -> list[Operand]:
        """What a unit reads."""
        if isinstance(unit, Single):
            return list(unit.args)
        if isinstance(unit, Total):
            return [unit.vector] if unit.start is None else [unit.vector, unit.start]
        if isinstance(unit, Pack):
            return list(unit.members)
        return unit.operands

    def ordered(self) -> list[Kernel]:
        """Kernels as large as possible; that of the largest family waits for all others."""
        waits: dict[Unit, int] = {}
        users: dict[Unit, list[tuple[Unit, bool]]] = defaultdict(list)
        ready: dict[Family | None, list[Unit]] = defaultdict(list)
        for unit in self.units:
            needed = self.needs(unit)
            waits[unit] = len(needed)
            for other, together in needed:
                users[other].append((unit, together))
            if not needed:
                ready[kind_of(unit)].append(unit)
        kernels: list[Kernel] = []
        while ready:
            family = min(ready, key=lambda f: 0 if f is None else len(f.vectors))
            kernel = Kernel(family, ready.pop(family))
            later: list[Unit] = []
            for unit in kernel.units:  # the list grows meanwhile
                for user, together in users[unit]:
                    if together:
                        waits[user] -= 1
                        if not waits[user]:
                            kernel.units.append(user)
                    else:
                        later.append(user)
            for user in later:
                waits[user] -= 1
                if not waits[user]:
                    ready[kind_of(user)].append(user)
            kernels.append(kernel)
        assert not any(waits.values()), "a scalar program waits for itself"
        return kernels

    def read_outside(self) -> set[Vector]:
        """The vectors that something outside of their kernel reads, or that hold a result."""
        at = {unit: n for n, kernel in enumerate(self.kernels) for unit in kernel.units}
        found = {v for k in self.program.roots() if (v := self.rolled.vectors[k]) is not None}
        for unit, n in at.items():
            for x in self.reads(unit):
                if isinstance(x, int):
                    if (v := self.rolled.vectors[x]) is not None:
                        found.add(v)
                elif isinstance(x, Vector) and at[self.of_vector[x]] != n:
                    found.add(x)
        return found


def kind_of(unit: Unit) -> Family | None:
    """The family over whose lanes a unit runs."""
    if isinstance(unit, Total):
        return unit.vector.family
    return unit.vector.family if isinstance(unit, Lanes) else None
