"""The schedule: which terms are computed together in one loop nest, and in which order.

A nest walks over rows, any number of leading axes, and inside a row over columns. Each term has a
role in its nest:

    full    one value for each row and column
    row     one value for each row
    along   a reduction along each row: a row value, after which the row is walked over again
    down    a reduction over rows: one value for each column, or for some rows and each column
    total   a reduction to one value
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from autograd.compile.native.copies import LARGE, with_copies
from autograd.compile.native.terms import (
    LEAVES,
    MOVES,
    Term,
    Unsupported,
    in_order,
    root,
)

RECENT = 4  # nests that read the same value and are tried


class Nest:
    """Terms that one loop nest computes.

    Attributes:
        rows, columns: lengths of the loops.
        members: the terms, each after those it reads.
        roles: the role of each.
    """

    def __init__(self, rows: Iterable[int], columns: int) -> None:
        self.rows, self.columns = tuple(n for n in rows if n != 1), columns
        self.members: list[Term] = []
        self.roles: dict[Term, str] = {}

    def shape_role(self, shape: Sequence[int]) -> str:
        """Whether values of a shape are full or one for each row; "" if neither."""
        rows, size = math.prod(self.rows), math.prod(shape)
        if size == rows * self.columns and (shape[-1] if shape else 1) == self.columns:
            return "full"
        return "row" if self.columns > 1 and size == rows > 1 else ""

    def role(self, term: Term) -> str:
        """The role that a term would have; "" for none."""
        if term.op != "reduce":
            role = self.shape_role(term.shape)
            counts = any(a.op == "counter" for a in term.args)  # columns, which a row has not
            return "" if counts and role == "row" else role
        shape = term.args[0].shape
        if self.shape_role(shape) != "full":
            return ""
        last = len(shape) - 1
        live = [a for a in term.static["axes"] if shape[a] != 1]
        if term.size == 1:
            return "total"
        if live == [last]:
            return "along"
        return "down" if last not in live else ""


Unit = Nest | Term


def is_computed(term: Term) -> bool:
    """Whether a nest computes a term."""
    return term.op in ("map", "reduce", "store")


def reads_elsewhere(term: Term, leaf: Term | None) -> bool:
    """Whether a term reads other entries of an input than the one of its own place."""
    return any(root(a) is leaf and (a is not leaf or a.shape != term.shape) for a in term.args)


class Schedule:
    """Units in order, and which terms have memory.

    Args:
        outputs: terms that are needed when the program ends.
        updates: those that take the place of an input, by their position, with that input.
        turn: the place in the program at which the backward pass begins.

    Attributes:
        outputs: the same, over copies of cheap terms.
        order: all terms.
        users: those that read each.
        updates: which input each update takes the place of.
        late: terms that only updates read: they are computed after all checks.
        unit: the nest or the term itself that computes each.
        stored: members of nests that are written to memory.
        sequence: the units in order, the late ones at the end.
    """

    def __init__(self, outputs: Sequence[Term], updates: Mapping[int, Term], turn: float) -> None:
        self.turn = turn
        self.outputs = with_copies(outputs)
        self.order = in_order(self.outputs)
        self.users: dict[Term, list[Term]] = defaultdict(list)
        for term in self.order:
            for a in term.args:
                self.users[a].append(term)
        self.updates = {self.outputs[n]: leaf for n, leaf in updates.items()}
        self.late = self.find_late()
        self.unit: dict[Term, Unit] = {}
        self.before: dict[Unit, set[Unit]] = {}
        self.nests: list[Nest] = []
        self.group()
        self.stored = set(self.find_stored())
        self.sequence = self.ordered()

    def find_late(self) -> set[Term]:
        """Updates, and what nothing else reads."""
        found: set[Term] = set()
        early = set(self.outputs) - set(self.updates)
        for term in reversed(self.order):
            users = self.users[term]
            only = users and all(u in found for u in users) and term not in early
            if term in self.updates or (only and term.op in ("map", "store", *MOVES)):
                found.add(term)
        return found

    def is_late(self, unit: Unit) -> bool:
        """Whether a unit runs after all checks."""
        return (unit.members[0] if isinstance(unit, Nest) else unit) in self.late

    # --- nests ---

    def group(self) -> None:
        """Put each computed term into a nest that computes or reads what it reads, or a new one."""
        touched: dict[Term, list[Nest]] = defaultdict(list)
        for term in self.order:
            if term.op in LEAVES or term.op in MOVES:
                continue
            if not is_computed(term):
                self.settle(term, term)
                continue
            sources = [root(a) for a in term.args if root(a).op != "counter"]
            tried: dict[Nest, None] = {}
            for a in reversed(sources):
                unit = self.unit.get(a)
                if isinstance(unit, Nest):
                    tried[unit] = None
            for a in reversed(sources):
                if a.size > 1:
                    tried |= dict.fromkeys(reversed(touched[a][-RECENT:]))
            tried |= dict.fromkeys(reversed(self.nests[-2:]))
            nest = next((n for n in tried if self.may_join(term, n, sources)), None)
            if nest is None:
                shape = term.args[0].shape if term.op == "reduce" else term.shape
                nest = Nest(shape[:-1], shape[-1] if shape else 1)
                self.nests.append(nest)
            self.join(term, nest)
            for a in sources:
                touched[a].append(nest)

    def may_join(self, term: Term, nest: Nest, sources: Sequence[Term]) -> bool:
        """Whether the nest can compute the term too."""
        role = nest.role(term)
        if not role or self.rows_for(term, role, nest) is None:
            return False
        if (term in self.late) is not self.is_late(nest):
            return False
        if term.nbytes >= LARGE and nest.members[0].when < self.turn <= term.when:
            return False  # it would be kept for the whole of the backward pass
        for a in term.args:
            if not self.reads_in_place(a, role, nest):
                return False
        if term in self.late and not self.updates_apart(term, role, nest):
            return False
        for a in sources:
            unit = self.unit.get(a)
            if unit is not None and unit is not nest and nest in self.before[unit]:
                return False
        return True

    def updates_apart(self, term: Term, role: str, nest: Nest) -> bool:
        """Whether no entry is written that another place of the nest reads."""
        if role != "full":
            return False
        return not any(
            reads_elsewhere(one, self.updates.get(other))
            for member in nest.members
            for one, other in ((term, member), (member, term))
        )

    def reads_in_place(self, a: Term, role: str, nest: Nest) -> bool:
        """Whether what the nest itself computes is read entry by entry where it is computed."""
        source = root(a)
        if self.unit.get(source) is not nest:
            return True
        own = nest.roles[source]
        if own in ("down", "total"):
            return False
        have = "row" if own in ("row", "along") else "full"
        between = a
        while between is not source:
            if between.op != "reshape":
                return False
            between = between.args[0]
        if role != "row" and have == "row":
            return bool(a.shape) and a.shape[-1] == 1 and a.size == math.prod(nest.rows)
        return nest.shape_role(a.shape) == have

    def rows_for(self, term: Term, role: str, nest: Nest) -> tuple[int, ...] | None:
        """The rows of the nest, as finely divided as the term needs; None if they do not fit."""
        shape = term.args[0].shape if term.op == "reduce" else term.shape
        return refined(nest.rows, shape if role == "row" else shape[:-1])

    def join(self, term: Term, nest: Nest) -> None:
        """The nest computes the term."""
        role = nest.role(term)
        rows = self.rows_for(term, role, nest)
        assert role and rows is not None, (term, nest.rows, nest.columns)
        nest.rows = rows
        nest.members.append(term)
        nest.roles[term] = role
        self.settle(term, nest)

    def settle(self, term: Term, unit: Unit) -> None:
        """Note what must come before the unit; and before those that the unit comes before."""
        self.unit[term] = unit
        known = self.before.setdefault(unit, set())
        more: set[Unit] = set()
        for a in term.args:
            source = self.unit.get(root(a))
            if source is not None and source is not unit:
                more |= {source} | self.before[source]
        if more <= known:
            return
        known |= more
        for others in self.before.values():
            if unit in others:
                others |= more

    # --- memory and order ---

    def find_stored(self) -> Iterator[Term]:
        """Members that somebody outside their nest reads."""
        needed = {root(t) for t in self.outputs}
        for nest in self.nests:
            for term in nest.members:
                total = nest.roles[term] in ("down", "total") or term.op == "store"
                if total or term in needed or self.is_read_outside(term, nest):
                    yield term

    def is_read_outside(self, term: Term, nest: Nest) -> bool:
        """Whether another unit reads a term, perhaps by a view."""
        for user in self.users[term]:
            if user.op in MOVES:
                if self.is_read_outside(user, nest):
                    return True
            elif self.unit.get(user) is not nest:
                return True
        return False

    def ordered(self) -> list[Unit]:
        """Units, each after what it needs, otherwise by their place in the program.

        NumPy's own come as soon as they can, so that as few as possible interrupt native code.
        """
        first = {
            u: min((t.when, t.serial) for t in (u.members if isinstance(u, Nest) else [u]))
            for u in self.before
        }
        for term, leaf in self.updates.items():
            own = self.unit[term]
            for reader in self.readers(leaf):
                if reader is not own:
                    self.before[own] |= {reader}
        native = {u for u in self.before if isinstance(u, Nest) or u.op != "foreign"}
        left = sorted(
            self.before,
            key=lambda u: (self.is_late(u), bool(native & (self.before[u] | {u})), first[u]),
        )
        done: set[Unit] = set()
        found: list[Unit] = []
        while left:
            ready = next((u for u in left if self.before[u] <= done), None)
            if ready is None:
                raise Unsupported("updates that read each other's old values")
            left.remove(ready)
            done.add(ready)
            found.append(ready)
        return found

    def readers(self, leaf: Term) -> set[Unit]:
        """The units that read an input, perhaps by views."""
        found: set[Unit] = set()
        for user in self.users[leaf]:
            if user.op in MOVES:
                found |= self.readers(user)
            else:
                found.add(self.unit[user])
        return found


def refined(rows: Sequence[int], other: Sequence[int]) -> tuple[int, ...] | None:
    """Axes fine enough for two shapes; None if none divides both."""
    a, b = [n for n in rows if n != 1], [n for n in other if n != 1]
    found: list[int] = []
    while a and b:
        x, y = a.pop(0), b.pop(0)
        small = min(x, y)
        if x % small or y % small:
            return None
        found.append(small)
        if x > small:
            a.insert(0, x // small)
        if y > small:
            b.insert(0, y // small)
    return None if a or b else tuple(found)
