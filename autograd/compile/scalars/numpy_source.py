"""A plan as Python source: vectors as rows of NumPy's arrays, single numbers as floats."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Family, Vector
from autograd.compile.scalars.operations import Operation
from autograd.compile.scalars.plan import Kernel, Lanes, Operand, Pack, Plan, Single, Total
from autograd.compile.scalars.program import same_bits


def each(function: Callable[..., float], *args: Any) -> Any:
    """A function of floats at every entry of arrays."""
    arrays = np.broadcast_arrays(*args)
    values = [*map(function, *(x.ravel().tolist() for x in arrays))]
    return np.array(values).reshape(arrays[0].shape)


def totals(rows: Any, start: Any, backwards: bool) -> list[float]:
    """The sum of each row added to its start, lane by lane: `np.sum` would add in another order."""
    rows = np.atleast_2d(rows)
    parts = np.empty((rows.shape[0], rows.shape[1] + 1))
    parts[:, 0] = start
    parts[:, 1:] = rows[:, ::-1] if backwards else rows
    out: list[float] = np.add.accumulate(parts, axis=1, out=parts)[:, -1].tolist()
    return out


def all_finite(*arrays: Any) -> bool:
    """Whether no entry is inf or nan."""
    return all(bool(np.isfinite(x).all()) for x in arrays)


class Batch:
    """Vectors that are computed alike, as rows of one array."""

    def __init__(self, name: str, units: list[Lanes]) -> None:
        self.name, self.units = name, units
        self.rows = {unit.vector: n for n, unit in enumerate(units)}


class Source:
    """The source of a plan.

    Attributes:
        space: the names that the source needs.
        lines: the body of the function.
        text: the whole source.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.numbers = plan, plan.program.numbers
        self.space: dict[str, Any] = {
            **{"np": np, "each": each, "totals": totals, "all_finite": all_finite},
            **{"same_bits": same_bits, "inf": math.inf, "nan": math.nan},
        }
        self.lines: list[str] = []
        self.singles: dict[int, str] = {}
        self.batches: dict[Vector, Batch] = {}
        self.sums: dict[int, tuple[str, int]] = {}  # lists of totals, and places in them
        self.indices: dict[Any, str] = {}
        self.count: dict[str, int] = defaultdict(int)
        for kernel in plan.kernels:
            if kernel.family is None:
                self.print_singles(kernel)
            else:
                self.print_lanes(kernel, kernel.family)
        self.print_checks()
        self.lines.append(f"return [{', '.join(map(self.number, plan.program.outputs))}]")
        body = "\n    ".join(self.lines)
        arrays = "    X = np.array(x)\n" if "X[" in body else ""
        self.text = f"def step(x):\n{arrays}    {body}\n"

    def function(self) -> Callable[[list[float]], list[float] | None]:
        """The source as a function, which returns None if a check fails."""
        exec(compile(self.text, "<scalars>", "exec"), self.space)
        run: Callable[[list[float]], list[float] | None] = self.space["step"]

        def step(x: list[float]) -> list[float] | None:
            with np.errstate(all="ignore"):
                return run(x)

        return step

    def fresh(self, letter: str) -> str:
        """A name that nothing has yet."""
        self.count[letter] += 1
        return f"{letter}{self.count[letter]}"

    def constant(self, letter: str, value: Any) -> str:
        """The name of an array that is known beforehand."""
        key = (value.dtype.str, value.shape, value.tobytes())
        name = self.indices.get(key)
        if name is None:
            name = self.indices[key] = self.fresh(letter)
            self.space[name] = value
        return name

    # --- single numbers ---

    def number(self, place: int) -> str:
        """The expression of a single number, a float."""
        known = self.singles.get(place)
        if known is not None:
            return known
        if place in self.sums:
            name, at = self.sums[place]
            return f"{name}[{at}]"
        operation, *args = self.numbers[place]
        if operation is ops.INPUT:
            return f"x[{args[0]}]"
        if operation is ops.CONSTANT:
            text = repr(args[0])
            return f"({text})" if text[0] == "-" else text
        vector = self.plan.rolled.vectors[place]
        assert vector is not None
        batch, lane = self.batches[vector], self.plan.rolled.lanes[place]
        row = "" if len(batch.units) == 1 else f"{batch.rows[vector]}, "
        return f"{batch.name}[{row}{lane}].item()"

    def print_singles(self, kernel: Kernel) -> None:
        """One number a line."""
        for unit in kernel.units:
            if isinstance(unit, Single):
                args = [self.number(k) for k in unit.args]
                name = self.fresh("t")
                self.lines.append(f"{name} = {self.scalar(unit.operation, args)}")
                self.singles[unit.place] = name

    def scalar(self, operation: Operation, args: list[str]) -> str:
        """The expression of an operation on floats."""
        if operation is ops.FOLD:
            return " + ".join(args)
        self.space.setdefault(operation.name, operation.compute)
        if operation.scalar:
            return operation.scalar.format(*args)
        return f"{operation.name}({', '.join(args)})"

    # --- vectors ---

    def print_lanes(self, kernel: Kernel, family: Family) -> None:
        """Vectors that are computed alike together, arguments first."""
        alike: dict[int, list[Lanes]] = defaultdict(list)
        sums: dict[Any, list[Total]] = defaultdict(list)
        for unit in kernel.units:
            if isinstance(unit, Lanes):
                alike[unit.vector.colour].append(unit)
            elif isinstance(unit, Total):
                sums[unit.vector.colour, unit.backwards, unit.start is None].append(unit)
        for _, units in sorted(alike.items()):
            self.print_batch(units, family)
        for (_, backwards, _), group in sums.items():
            self.print_totals(group, backwards)

    def print_batch(self, units: list[Lanes], family: Family) -> None:
        """One operation on rows of lanes."""
        operation, batch = units[0].operation, Batch(self.fresh("v"), units)
        shape = (len(units), family.lanes) if len(units) > 1 else (family.lanes,)
        args = [
            self.rows([unit.operands[n] for unit in units], shape)
            for n in range(len(units[0].operands))
        ]
        comment = f"  # {' × '.join(map(str, shape))}"
        if operation is ops.FOLD:
            text = " + ".join(args)
        elif operation.array:
            text = operation.array.format(*args)
        else:
            self.space.setdefault(operation.name, operation.compute)
            text = f"each({operation.name}, {', '.join(args)})"
        self.lines.append(f"{batch.name} = {text}{comment}")
        for unit in units:
            self.batches[unit.vector] = batch

    def rows(self, operands: Sequence[Operand], shape: tuple[int, ...]) -> str:
        """The expression of one argument of all vectors of a batch."""
        first = operands[0]
        if all(x == first for x in operands):
            return self.row(first)
        if all(isinstance(x, int) for x in operands):
            return f"{self.gathered(operands)}[:, None]"  # type: ignore[arg-type]
        if all(isinstance(x, Pack) for x in operands):
            members = [k for x in operands for k in x.members]  # type: ignore[union-attr]
            return f"{self.gathered(members)}.reshape{shape}"
        batches = {self.batches[x] if isinstance(x, Vector) else None for x in operands}
        if len(batches) == 1 and None not in batches:
            [batch] = batches
            assert batch is not None
            return batch.name + self.index([batch.rows[x] for x in operands], len(batch.units))  # type: ignore[index]
        rows = ", ".join(
            f"np.full({shape[-1]}, {self.row(x)})" if isinstance(x, int) else self.row(x)
            for x in operands
        )
        return f"np.stack([{rows}])"

    def row(self, x: Operand) -> str:
        """The expression of one argument of one vector."""
        if isinstance(x, int):
            return self.number(x)
        if isinstance(x, Pack):
            return self.gathered(x.members)
        batch = self.batches[x]
        return batch.name if len(batch.units) == 1 else f"{batch.name}[{batch.rows[x]}]"

    def index(self, at: Sequence[int], size: int) -> str:
        """The index of entries: none for all, a slice where it can be, else an array."""
        step = at[1] - at[0] if len(at) > 1 else 1
        if step and all(b - a == step for a, b in itertools.pairwise(at)):
            if step == 1 and len(at) == size:
                return ""
            start, stop = at[0], at[-1] + (1 if step > 0 else -1)
            by = "" if step == 1 else f":{step}"
            return f"[{start}:{stop if stop >= 0 else ''}{by}]"
        return f"[{self.constant('I', np.array(at))}]"

    def gathered(self, places: Sequence[int]) -> str:
        """The expression of an array of single numbers from anywhere."""
        kinds = {self.numbers[k][0] for k in places}
        if kinds == {ops.INPUT}:
            return "X" + (self.index([self.numbers[k][1] for k in places], -1) or "[:]")
        if kinds == {ops.CONSTANT}:
            return self.constant("C", np.array([self.numbers[k][1] for k in places]))
        whole = self.entries(places)
        if whole:
            return whole
        found = [self.sums.get(k) for k in places]
        names = {x[0] if x else None for x in found}
        if len(names) == 1 and None not in names:
            return f"np.array({names.pop()}){self.index([x[1] for x in found if x], -1)}"
        return f"np.array([{', '.join(map(self.number, places))}])"

    def entries(self, places: Sequence[int]) -> str:
        """The expression of lanes of vectors that are rows of one array; "" if they are not."""
        at: list[int] = []
        batch: Batch | None = None
        for k in places:
            vector = self.plan.rolled.vectors[k]
            if vector is None or (batch is not None and self.batches[vector] is not batch):
                return ""
            batch = self.batches[vector]
            at.append(batch.rows[vector] * vector.family.lanes + self.plan.rolled.lanes[k])
        assert batch is not None
        size = len(batch.units) * batch.units[0].vector.family.lanes
        flat = batch.name if len(batch.units) == 1 else f"{batch.name}.ravel()"
        return flat + self.index(at, size)

    def print_totals(self, group: list[Total], backwards: bool) -> None:
        """Sums over lanes."""
        rows = self.rows([x.vector for x in group], (len(group), group[0].vector.family.lanes))
        starts = [x.start for x in group if x.start is not None]
        start = "-0.0" if not starts else self.gathered(starts)
        name = self.fresh("s")
        self.lines.append(f"{name} = totals({rows}, {start}, {backwards})  # {len(group)}")
        for n, unit in enumerate(group):
            self.sums[unit.place] = name, n

    # --- checks ---

    def print_checks(self) -> None:
        """Return None where the program does not hold."""
        tests = [
            f"{self.number(place)} == {value!r}"
            if value == value and value != 0
            else f"same_bits({self.number(place)}, {value!r})"
            for place, value in self.plan.program.checks
        ]
        whole, single = self.wholes(self.plan.program.finite)
        if whole:
            tests.append(f"all_finite({', '.join(whole)})")
        if single:
            tests.append(f"all_finite([{', '.join(map(self.number, single))}])")
        for test in tests:
            self.lines.append(f"if not {test}: return None")

    def wholes(self, places: list[int]) -> tuple[list[str], list[int]]:
        """Arrays and lists all of whose entries are among some places, and the places that are
        left."""
        left = set(places)
        found: list[str] = []
        members: dict[str, set[int]] = defaultdict(set)
        for vector, batch in self.batches.items():
            members[batch.name] |= set(vector.members)
        for place, (name, _) in self.sums.items():
            members[name].add(place)
        for name, inside in members.items():
            if inside <= left:
                found.append(name)
                left -= inside
        return found, sorted(left)
