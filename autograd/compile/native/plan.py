"""The plan of a program: its terms, their schedule, and where each lies in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograd.compile.native.lower import Lowering
from autograd.compile.native.memory import aligned, placed
from autograd.compile.native.schedule import Nest, Schedule, is_computed
from autograd.compile.native.terms import MOVES, Term, Unsupported, in_order, root
from autograd.compile.native.updates import Updates
from autograd.compile.native.views import View
from autograd.compile.program import Check, Program, Variable

OUTSIDE = ("input", "constant", "foreign")  # what does not lie in the arena


@dataclass
class Output:
    """What becomes of an output of the program.

    Attributes:
        term: what is computed; None if only Python can hold it.
        leaf: where it is written: an input whose place it takes, or an array of its own.
        is_update: whether it takes the place of an input.
    """

    variable: Variable
    term: Term | None = None
    leaf: Term | None = None
    is_update: bool = False


@dataclass
class Plan:
    """A program, ready to be printed.

    Attributes:
        outputs: one for each output of the program.
        flags: terms with the truth that each must have, or nothing is committed.
        checks: checks that only Python can make, on the values of their variables.
        seen: the terms of those values.
        offsets: the place of each buffer in the arena, in bytes.
        size, zeros: of the arena, and of its begin, which stays zero where nothing is written.
    """

    program: Program
    lowering: Lowering
    outputs: list[Output]
    flags: list[tuple[Term, bool]]
    checks: list[Check]
    schedule: Schedule
    homes: dict[Term, View] = field(default_factory=dict)
    offsets: dict[Term, int] = field(default_factory=dict)
    seen: dict[Variable, Term] = field(default_factory=dict)
    size: int = 0
    zeros: int = 0

    def home(self, term: Term) -> View:
        """Where the entries of a term are."""
        found = self.homes.get(term)
        if found is None:
            if term.op in MOVES:
                inner = self.home(term.args[0]).of(term)
                if inner is None:
                    raise Unsupported(f"a view that strides cannot say: {term}")
                found = inner
            else:
                found = View.whole(term)
            self.homes[term] = found
        return found


def planned(program: Program, updates: Mapping[int, Variable]) -> Plan:
    """Plan a program.

    Args:
        program: after all passes.
        updates: outputs, by their position, that take the place of an input.
    """
    low = Lowering(program)
    flags, checks = _flags(low)
    roots = _Roots(low, updates)
    merged = Updates(low, roots.terms, flags)
    for n, leaf in roots.late.items():
        product = merged.into_product(roots.terms[n], leaf)
        if product is not None:
            roots.replace(n, product)
    flags = merged.flags
    of_python = [low.of.get(c.variable) or low.holders.get(c.variable) for c in checks]
    looked = [low.stored(t) if t.op != "foreign" else t for t in of_python if t is not None]
    terms = [*roots.terms, *(t for t, _ in flags), *looked, *low.draws[-1:]]
    schedule = Schedule(terms, roots.late, low.turn)
    plan = Plan(program, low, roots.outputs, flags, checks, schedule)
    found = iter(schedule.outputs)
    for out in roots.distinct.values():
        out.term = next(found)
        if out.leaf is not None:
            plan.homes[out.term] = View.whole(out.leaf, out.term.shape)
    plan.flags = [(next(found), value) for _, value in flags]
    for check, before in zip(checks, of_python, strict=True):
        if before is not None:
            plan.seen[check.variable] = next(found)
    _lay_pieces(plan)
    _lay_out(plan)
    return plan


class _Roots:
    """What is computed for the outputs of a program, and where each goes."""

    def __init__(self, low: Lowering, updates: Mapping[int, Variable]) -> None:
        self.low, self.updates = low, updates
        self.read = {a for t in in_order(low.of.values()) for a in t.args}
        self.taken: set[Term] = set()
        self.terms: list[Term] = []
        self.late: dict[int, Term] = {}
        self.distinct: dict[Variable, Output] = {}
        self.outputs = [self.output(n, v) for n, v in enumerate(low.program.outputs)]

    def output(self, n: int, v: Variable) -> Output:
        """An output; the same again where two places hold one array, as in eager steps."""
        known = self.distinct.get(v)
        if known is not None:
            return known
        out = self.distinct[v] = Output(v, self.low.of.get(v) or self.low.holders.get(v))
        if out.term is None:
            out.term = self.low.leaf(v)
        if out.term.op != "foreign" and not v.weak:
            self.place(out, n)
        self.terms.append(out.term)
        return out

    def replace(self, n: int, term: Term) -> None:
        """Compute an output by another term."""
        for out in self.distinct.values():
            if out.term is self.terms[n]:
                out.term = term
        self.terms[n] = term

    def place(self, out: Output, n: int) -> None:
        """Say where an output is written, if need be by a term that copies it there."""
        term = out.term
        assert term is not None
        leaf = _replaced(self.low, self.updates.get(n), term)
        if leaf is None or leaf in self.taken or leaf not in self.read:
            leaf = Term("input", (), term.shape, term.dtype, output=n)
            own = _is_own(term) and term not in self.taken
        else:
            out.is_update = True
            self.late[len(self.terms)] = leaf
            own = _in_place(term, leaf) and term not in self.taken | self.read
        out.leaf = leaf
        out.term = term if own else Term("store", [term], term.shape, term.dtype)
        self.taken |= {leaf, out.term}


def _replaced(low: Lowering, variable: Variable | None, term: Term) -> Term | None:
    """The input whose place a term takes."""
    leaf = low.of.get(variable) if variable is not None else None
    if leaf is None or leaf.op != "input":
        return None
    return leaf if (leaf.shape, leaf.dtype) == (term.shape, term.dtype) else None


def _in_place(term: Term, leaf: Term) -> bool:
    """Whether a term can be written over an input, entry by entry, by the nest that computes it."""
    return term.op == "map" and all(
        a.shape == term.shape if a is leaf else root(a) is not leaf for a in _nearby(term)
    )


def _nearby(term: Term) -> list[Term]:
    """What an elementwise expression reads."""
    found: list[Term] = []
    for a in term.args:
        found += _nearby(a) if a.op == "map" else [a]
    return found


def _is_own(term: Term) -> bool:
    """Whether a term is computed as a whole, in C order."""
    return is_computed(term) or term.op in ("product", "scatter", "fold", "gather")


def _flags(low: Lowering) -> tuple[list[tuple[Term, bool]], list[Check]]:
    """Checks of truth values, which native code makes, and the others."""
    flags = [(t, True) for t in low.checks]
    others: list[Check] = []
    for check in low.program.checks:
        term = low.of.get(check.variable)
        if (
            check.how == "bool"
            and term is not None
            and term.op != "foreign"
            and term.dtype == bool
            and term.size == 1
        ):
            flags.append((low.shaped(term, ()), check.value))
        elif check.how in ("shape", "dtype") and term is not None and term.op != "foreign":
            if getattr(term, check.how) != check.value:
                raise Unsupported("a shape that differs from the one that was recorded")
        else:
            others.append(check)
    return flags, others


def _lay_pieces(plan: Plan) -> None:
    """Parts that are computed are written where they lie in the whole."""
    for term in reversed(plan.schedule.order):
        if term.op != "pieces":
            continue
        whole = plan.home(term)
        for part, (offset, shape, strides) in zip(term.args, term.static["slots"], strict=True):
            assert whole.is_contiguous()
            plan.homes[part] = View(whole.base, whole.offset + offset, shape, strides)


def _lay_out(plan: Plan) -> None:
    """Give each buffer a place in the arena."""
    spans = _spans(plan)
    zeros = {t for t in spans if t.op == "pieces" and not t.static["covered"]}
    for t in sorted(zeros, key=lambda t: t.serial):
        plan.offsets[t] = plan.zeros
        plan.zeros += aligned(t.nbytes)
    sizes = {t: t.nbytes for t in spans if t not in zeros}
    offsets, size = placed(sizes, {t: spans[t] for t in sizes})
    plan.offsets |= {t: plan.zeros + offset for t, offset in offsets.items()}
    plan.size = plan.zeros + size


def _spans(plan: Plan) -> dict[Term, tuple[int, int]]:
    """The first and the last unit that uses each buffer."""
    schedule = plan.schedule
    spans: dict[Term, tuple[int, int]] = {}

    def use(term: Term, n: int) -> None:
        base = plan.home(term).base
        if base.op not in OUTSIDE:
            first, last = spans.get(base, (n, n))
            spans[base] = (min(first, n), max(last, n))

    held = set(plan.lowering.holders.values())

    def read(term: Term, n: int) -> None:
        source = root(term)
        if source in held:  # a list that Python holds may be of views of what it was made of
            for a in source.args:
                read(a, n)
        elif source.op != "counter" and (not is_computed(source) or source in schedule.stored):
            use(source, n)

    for n, unit in enumerate(schedule.sequence):
        for term in unit.members if isinstance(unit, Nest) else [unit]:
            if not isinstance(unit, Nest) or term in schedule.stored:
                use(term, n)
            for a in term.args:
                read(a, n)
    for term, _ in plan.flags:
        use(term, len(schedule.sequence))
    return spans
