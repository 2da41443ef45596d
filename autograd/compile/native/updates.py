"""Updates that go into the product that makes the gradient: `p -= c · (x @ y)` as one call of BLAS.

The gradient itself is then nowhere, and cannot be searched for nan. But a product of finite numbers
is finite if they are not too large, and that is checked before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from autograd.compile.native.copies import LARGE
from autograd.compile.native.lower import Lowering
from autograd.compile.native.reductions import reduced
from autograd.compile.native.terms import (
    MOVES,
    Term,
    constant,
    in_order,
    mapped,
    number,
    reshaped,
    root,
)

Flags = list[tuple[Term, bool]]


class Updates:
    """Which updates go into a product.

    Args:
        roots: all terms that are needed.
        flags: terms with the truth that each must have.

    Attributes:
        flags: the same, where a product that is not kept counts as searched for nan.
    """

    def __init__(self, low: Lowering, roots: Iterable[Term], flags: Flags) -> None:
        self.low, self.flags = low, list(flags)
        self.users: dict[Term, list[Term]] = {}
        for term in in_order([*roots, *(t for t, _ in flags)]):
            for a in term.args:
                self.users.setdefault(a, []).append(term)
        self.roots = set(roots)

    def into_product(self, term: Term, leaf: Term) -> Term | None:
        """An update as one product, or None."""
        if term.op != "map" or term.static["function"] != "subtract" or term.args[0] is not leaf:
            return None
        step = term.args[1]
        if step.op != "map" or step.static["function"] != "multiply" or self.is_read(step, [term]):
            return None
        for c, g in (step.args, step.args[::-1]):
            factor, made = number(c), root(g)
            if factor is None or not self.is_worthwhile(made):
                continue
            searches = self.searches(g, made, step)
            if searches is None or any(m.op not in ("reshape", "product") for m in _chain(g)):
                continue
            x, y = made.args
            finite = self.finite(x, y)
            self.flags = [f for f in self.flags if root(f[0]) not in searches] + [(finite, True)]
            flat = reshaped(leaf, made.shape)
            update = Term("update", [flat, x, y], made.shape, made.dtype, alpha=-float(factor))
            return update
        return None

    def is_worthwhile(self, made: Term) -> bool:
        """Whether a gradient is large, and what it is made of is not much larger."""
        if made.op != "product" or len(made.shape) != 2 or made in self.roots:
            return False
        return made.nbytes >= LARGE and sum(a.nbytes for a in made.args) <= 2 * made.nbytes

    def is_read(self, term: Term, but: Sequence[Term]) -> bool:
        """Whether anything else reads a term."""
        return term in self.roots or any(u not in but for u in self.users.get(term, ()))

    def searches(self, g: Term, made: Term, step: Term) -> set[Term] | None:
        """The searches of a gradient for nan; None if it is read otherwise, too."""
        found: set[Term] = set()
        of_flags = {root(t) for t, value in self.flags if value is False}
        for part in _chain(g):
            for user in self.users.get(part, ()):
                if user is step or user in _chain(g):
                    continue
                isnan = user.op == "map" and user.static["function"] == "isnan"
                readers = self.users.get(user, [])
                if not isnan or not all(r in of_flags and r.op == "reduce" for r in readers):
                    return None
                found |= set(readers)
        return found

    def finite(self, x: Term, y: Term) -> Term:
        """Whether no sum of products can overflow; false where an entry is nan."""
        largest = [self.largest(a) for a in (x, y)]
        bound = float(np.finfo(x.dtype).max) / (4 * x.shape[-1])
        both = mapped("multiply", largest, x.dtype)
        return mapped("less", [both, constant(bound, x.dtype)], bool)

    def largest(self, x: Term) -> Term:
        """The largest size of an entry."""
        x = root(x)
        axes = tuple(range(len(x.shape)))
        return reduced(self.low, mapped("absolute", [x], x.dtype), "max", axes)


def _chain(term: Term) -> list[Term]:
    """A term and what it is a view of."""
    found = [term]
    while term.op in MOVES:
        term = term.args[0]
        found.append(term)
    return found
