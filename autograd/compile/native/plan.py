"""The plan of a program: its terms, their schedule, and where each lies in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograd.compile.native.lower import Lowering
from autograd.compile.native.memory import aligned, placed
from autograd.compile.native.schedule import Nest, Schedule, Unit, is_computed
from autograd.compile.native.terms import MOVES, Term, Unsupported, in_order, root
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
    outputs = [Output(v, low.of.get(v)) for v in program.outputs]
    flags, checks = _flags(low)
    roots: list[Term] = []
    late: dict[int, Term] = {}
    taken: set[Term] = set()
    read = {a for t in in_order(t for t in low.of.values()) for a in t.args}
    known_outputs: dict[Variable, Output] = {}
    for n, out in enumerate(outputs):
        if out.variable in known_outputs:
            outputs[n] = known_outputs[out.variable]  # one array, as in eager steps
            continue
        known_outputs[out.variable] = out
        term = out.term = out.term or low.holders.get(out.variable)
        if term is None or term.op == "foreign" or out.variable.weak:
            pass  # Python returns it as it is
        else:
            leaf = _replaced(low, updates.get(n), term)
            if leaf is None or leaf in taken or leaf not in read:
                leaf = Term("input", (), term.shape, term.dtype, output=n)
                own = _is_own(term) and term not in taken
            else:
                out.is_update = True
                late[len(roots)] = leaf
                own = _in_place(term, leaf) and term not in taken | read
            out.leaf = leaf
            out.term = term if own else Term("store", [term], term.shape, term.dtype)
            taken |= {leaf, out.term}
        if out.term is not None:
            roots.append(out.term)
    roots += [t for t, _ in flags]
    of_python = [low.of.get(c.variable) or low.holders.get(c.variable) for c in checks]
    looked = [low.stored(t) if t.op != "foreign" else t for t in of_python if t is not None]
    roots += looked + low.draws[-1:]
    schedule = Schedule(roots, late, low.turn)
    plan = Plan(program, low, outputs, flags, checks, schedule)
    found = iter(schedule.outputs)
    for out in known_outputs.values():
        if out.term is not None:
            out.term = next(found)
            if out.leaf is not None:
                plan.homes[out.term] = View.whole(out.leaf)
    plan.flags = [(next(found), value) for _, value in flags]
    for check, before in zip(checks, of_python, strict=True):
        if before is not None:
            plan.seen[check.variable] = next(found)
    _lay_pieces(plan)
    _lay_out(plan)
    return plan


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
    schedule = plan.schedule
    at: dict[Unit, int] = {u: n for n, u in enumerate(schedule.sequence)}
    spans: dict[Term, tuple[int, int]] = {}

    def use(base: Term, n: int) -> None:
        if base.op in OUTSIDE:
            return
        first, last = spans.get(base, (n, n))
        spans[base] = (min(first, n), max(last, n))

    held = set(plan.lowering.holders.values())

    def read(term: Term, n: int) -> None:
        source = root(term)
        if source in held:  # a list that Python holds may be of views of what it was made of
            for a in source.args:
                read(a, n)
        elif source.op != "counter" and (not is_computed(source) or source in schedule.stored):
            use(plan.home(source).base, n)

    for unit in schedule.sequence:
        for term in unit.members if isinstance(unit, Nest) else [unit]:
            if not isinstance(unit, Nest) or term in schedule.stored:
                use(plan.home(term).base, at[unit])
            for a in term.args:
                read(a, at[unit])
    end = len(at)
    for term, _ in plan.flags:
        use(plan.home(term).base, end)
    zeros = {t for t in spans if t.op == "pieces" and not t.static["covered"]}
    for t in sorted(zeros, key=lambda t: t.when):
        plan.offsets[t] = plan.zeros
        plan.zeros += aligned(t.nbytes)
    sizes = {t: t.nbytes for t in spans if t not in zeros}
    offsets, size = placed(sizes, {t: spans[t] for t in sizes})
    plan.offsets |= {t: plan.zeros + offset for t, offset in offsets.items()}
    plan.size = plan.zeros + size
