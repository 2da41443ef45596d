"""Re-rolling: numbers that are computed alike become the lanes of vectors.

A loop over samples leaves its body in the trace once for each sample. Two numbers are alike if they
are computed by the same operations, whatever numbers these start from. Where a sum has many terms
that are alike, each term is a lane, and so is whatever the terms are computed from in parallel: all
lanes are walked at once, from results to arguments. An argument that is one number for all lanes,
such as a weight, is shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.program import LEAVES, Instruction, Program, moved

LEAST = 16  # lanes of a vector; fewer are as quick one by one
LEAST_OF_FEW = 8  # vectors that make a sum with fewer than `MANY` terms worth a family of its own
MANY = 32
LOOKED_AT = 64  # tuples of numbers that are searched for lanes which are known already

Places = tuple[int, ...]


class Family:
    """Vectors whose lanes belong together: lane k of one is computed from lane k of others."""

    def __init__(self, lanes: int) -> None:
        self.lanes = lanes
        self.vectors: list[Vector] = []


class Vector:
    """An operation on lanes.

    Attributes:
        family: the vectors with the same lanes.
        members: the place of each lane's number.
        colour: the same for vectors that are computed alike.
    """

    __slots__ = ("colour", "family", "members")

    def __init__(self, family: Family, members: Places, colour: int) -> None:
        self.family, self.members, self.colour = family, members, colour


Part = list[int] | tuple[Vector, bool]  # terms, or all lanes of a vector and whether backwards


class Colours:
    """For each place a number: the same where the same is computed, from any inputs or constants.
    Those of arguments are smaller than those of results."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self.known: dict[Instruction, int] = {}

    def append(self, instruction: Instruction) -> None:
        """Find the colour of the next place."""
        operation, *args = instruction
        if operation in LEAVES:
            self.found.append(0)
            return
        found = self.found
        key = (operation, *[found[k] for k in args])
        found.append(self.known.setdefault(key, len(self.known) + 1))


def split(parts: list[Part], now: list[int], at: int) -> Iterator[Instruction]:
    """The instructions of a sum that was taken apart.

    Args:
        parts: the sum's terms.
        now: the new place of each term.
        at: the place of the first instruction.
    """
    total: int | None = None
    for part in parts:
        if isinstance(part, tuple):
            vector, backwards = part
            lanes = vector.members[::-1] if backwards else vector.members
            yield (ops.TOTAL, *([] if total is None else [total]), *[now[k] for k in lanes])
        else:
            terms = [now[k] for k in part] if total is None else [total, *[now[k] for k in part]]
            if len(terms) == 1:
                total = terms[0]
                continue
            yield (ops.ADD if len(terms) == 2 else ops.FOLD, *terms)
        total = at
        at += 1


class Rolled:
    """A program, and the vectors in it.

    Attributes:
        program: the program, in which sums over lanes stand apart.
        vectors: for each place, the vector that it is a lane of, or None.
        lanes: for each place, which lane.
        families: all families.
    """

    def __init__(self, program: Program, least: int = LEAST) -> None:
        self.program, self.least = program, least
        colours = Colours()
        for instruction in program.numbers:
            colours.append(instruction)
        self.colours = colours.found
        self.vectors: list[Vector | None] = [None] * len(program.numbers)
        self.lanes: list[int] = [0] * len(program.numbers)
        self.families: list[Family] = []
        for terms in sorted(self.runs(), key=len, reverse=True):
            self.try_terms(terms)
        self.take_apart()
        for members in self.alike():
            self.add(members)

    # --- where lanes may be ---

    def runs(self) -> Iterator[Places]:
        """The terms of sums that stand together and are alike."""
        for operation, *args in self.program.numbers:
            if operation is not ops.FOLD or len(args) < self.least:
                continue
            start = 0
            for stop in range(1, len(args) + 1):
                if stop < len(args) and self.colours[args[stop]] == self.colours[args[start]]:
                    continue
                if stop - start >= self.least and self.colours[args[start]]:
                    yield tuple(args[start:stop])
                start = stop

    def alike(self) -> Iterator[Places]:
        """Other numbers that are alike, results before arguments."""
        classes: dict[int, list[int]] = defaultdict(list)
        for place, colour in enumerate(self.colours):
            if colour:
                classes[colour].append(place)
        for colour in sorted(classes, reverse=True):
            if len(classes[colour]) < self.least:
                continue
            left = [k for k in classes[colour] if self.vectors[k] is None]
            if len(left) >= self.least:
                yield tuple(left)

    def parts(self, terms: Places) -> list[Part]:
        """The terms of a sum: one by one, or all lanes of a vector."""
        found: list[Part] = []
        at = 0
        while at < len(terms):
            vector = self.vectors[terms[at]]
            run = terms[at : at + vector.family.lanes] if vector else ()
            if vector is not None and run in (vector.members, vector.members[::-1]):
                found.append((vector, run != vector.members))
                at += len(run)
                continue
            if not found or isinstance(found[-1], tuple):
                found.append([])
            found[-1].append(terms[at])  # type: ignore[union-attr]
            at += 1
        return found

    def take_apart(self) -> None:
        """Split sums over the lanes of a vector from the terms before and after."""
        now: list[int] = []
        numbers: list[Instruction] = []
        colours = Colours()
        for place, (operation, *args) in enumerate(self.program.numbers):
            given = args if operation in LEAVES else [now[k] for k in args]
            parts = self.parts(tuple(args)) if operation is ops.FOLD else []
            if any(isinstance(x, tuple) for x in parts) and self.vectors[place] is None:
                for made in split(parts, now, len(numbers)):
                    numbers.append(made)
                    colours.append(made)
            else:
                numbers.append((operation, *given))
                colours.append(numbers[-1])
            now.append(len(numbers) - 1)
        self.program, self.colours = moved(self.program, numbers, now), colours.found
        self.vectors, self.lanes = [None] * len(numbers), [0] * len(numbers)
        for vector in (v for f in self.families for v in f.vectors):
            vector.members = tuple(now[k] for k in vector.members)
            vector.colour = self.colours[vector.members[0]]
            self.note(vector)

    # --- making vectors ---

    def try_terms(self, terms: Places) -> None:
        """Make vectors of the terms of a sum, if that is worth it."""
        made, is_new = self.add(terms)
        if is_new and len(terms) < MANY and len(made) < LEAST_OF_FEW:
            self.families.pop()
            for vector in made:
                for place in vector.members:
                    self.vectors[place] = None

    def add(self, members: Places) -> tuple[list[Vector], bool]:
        """Make vectors of numbers that are alike, and of what they are computed from.

        Returns:
            the vectors, and whether their family is new.
        """
        if not self.are_free(members):
            return [], False
        found = self.known_lanes(members)
        is_new = found is None
        if found is None:
            self.families.append(Family(len(members)))
            found = self.families[-1], members
        family, members = found
        made: list[Vector] = []
        waiting = [members]
        while waiting:
            members = waiting.pop()
            if not self.are_free(members):
                continue
            vector = Vector(family, members, self.colours[members[0]])
            made.append(vector)
            self.note(vector)
            waiting += self.arguments(members)
        family.vectors += made
        return made, is_new

    def note(self, vector: Vector) -> None:
        """Note for each number which lane it is."""
        for lane, place in enumerate(vector.members):
            self.vectors[place], self.lanes[place] = vector, lane

    def arguments(self, members: Places) -> list[Places]:
        """For each argument, the places that it has in all lanes."""
        numbers = self.program.numbers
        return list(zip(*(numbers[k] for k in members), strict=True))[1:]

    def are_free(self, members: Places) -> bool:
        """Whether numbers are computed, each another one, none is in a vector, and none is a sum
        over the lanes of one."""
        if not self.colours[members[0]] or members[0] == members[1]:
            return False
        if self.program.numbers[members[0]][0] is ops.TOTAL:
            return False
        return not any(self.vectors[k] for k in members) and len(set(members)) == len(members)

    def known_lanes(self, members: Places) -> tuple[Family, Places] | None:
        """The family of which numbers are computed, and the numbers in the order of its lanes.

        A backward pass goes through the samples in the other direction.
        """
        waiting = [members]
        for looked_at in waiting:  # the list grows meanwhile
            vector = self.vectors[looked_at[0]]
            if vector is not None:
                if all(self.vectors[k] is vector for k in looked_at):
                    lanes = [self.lanes[k] for k in looked_at]
                    if sorted(lanes) == list(range(vector.family.lanes)):
                        by_lane = dict(zip(lanes, members, strict=True))
                        return vector.family, tuple(by_lane[k] for k in range(len(lanes)))
            elif self.colours[looked_at[0]] and len(waiting) < LOOKED_AT:
                more = self.arguments(looked_at)[: LOOKED_AT - len(waiting)]
                waiting += [t for t in more if t[0] != t[1]]
        return None
