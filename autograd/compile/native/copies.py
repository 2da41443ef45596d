"""Copies of cheap terms: a mask, or what one large array makes, is computed again for each reader,
because memory is slower than arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from autograd.compile.native.functions import is_dear
from autograd.compile.native.terms import LEAVES, MOVES, WHOLE, Term, in_order, root

CHEAP = 3  # operations: what so few make of values in memory is computed again for each reader
DEMANDING = 24  # and so many if it is a large array, where one that takes long counts for several
DEAR = 8
LARGE = 1 << 17  # bytes


def with_copies(outputs: Sequence[Term]) -> list[Term]:
    """The terms, with a copy of each cheap one for each of its readers.

    A mask is computed again from the values in memory, which the backward pass reads anyway; and a
    large array that takes some more operations, because memory is slower.
    """
    order = in_order(outputs)
    cheap = _cheap(order, outputs)
    new: dict[Term, Term] = {}

    def copied(term: Term, when: float, known: dict[Term, Term]) -> Term:
        if term not in cheap:
            return new[term]
        made = known.get(term)
        if made is None:
            made = known[term] = _with_args(
                term, tuple(copied(a, when - 1e-3, known) for a in term.args)
            )
            made.when = when
        made.when = min(when, made.when)
        return made

    for term in order:
        if term not in cheap:
            known: dict[Term, Term] = {}
            args = tuple(copied(a, term.when - 1e-3, known) for a in term.args)
            new[term] = term if args == term.args else _with_args(term, args)
    return [new[t] for t in outputs]


def _with_args(term: Term, args: tuple[Term, ...]) -> Term:
    """The same operation on other terms, at the same place in the program."""
    made = Term(term.op, args, term.shape, term.dtype, **term.static)
    made.when = term.when
    return made


def _cheap(order: Sequence[Term], outputs: Sequence[Term]) -> set[Term]:
    """Elementwise terms that are better computed again than kept."""
    users: dict[Term, list[Term]] = defaultdict(list)
    for term in order:
        for a in term.args:
            users[a].append(term)
    kept = _kept(order, outputs, users)
    cost: dict[Term, Cost] = {}
    for term in order:
        if term.op != "map" or term in kept or any(u.op in MOVES for u in users[term]):
            continue
        total = _total([_cost(a, term, cost, kept) for a in term.args])
        if total is None:
            continue
        operations, arrays = total[0] + (DEAR if is_dear(term) else 1), total[1]
        few = operations <= CHEAP and len(arrays) <= 2
        if few or (term.nbytes >= LARGE and operations <= DEMANDING and len(arrays) <= 1):
            cost[term] = operations, arrays
    return set(cost)


def _kept(
    order: Sequence[Term], outputs: Sequence[Term], users: Mapping[Term, Sequence[Term]]
) -> set[Term]:
    """Terms that are in memory in any case, and views of them."""
    kept: set[Term] = set(outputs)
    for term in reversed(order):
        readers = users.get(term, ())
        if any(u.op in WHOLE or u.op == "store" or (u.op in MOVES and u in kept) for u in readers):
            kept.add(term)
    return kept


def _total(parts: Sequence[Cost | None]) -> Cost | None:
    """The cost of several arguments; None if one of them is not to be had."""
    operations, arrays = 0, frozenset[Term]()
    for part in parts:
        if part is None:
            return None
        operations += part[0]
        arrays |= part[1]
    return operations, arrays


Cost = tuple[int, frozenset[Term]]  # operations, and the arrays that they read


def _cost(a: Term, reader: Term, cost: Mapping[Term, Cost], kept: set[Term]) -> Cost | None:
    """What it takes to have an argument again, from memory; None if it is not there."""
    if a in cost:
        return cost[a]
    source = root(a)
    if source.size * 8 <= reader.size:  # such as a mean of each row
        return 0, frozenset()
    there = source.op in LEAVES or source.op in WHOLE or (source is a and a in kept)
    return (0, frozenset([source])) if there else None
