"""Find where a slope is a convention: at a kink, at a tie, or where 0 · inf counts as 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.debug.replay import Step, replay
from autograd.debug.source_lines import SourceLine, line_of
from autograd.engine.graph import Node, ancestors
from autograd.engine.primitive import Primitive
from autograd.errors import counted
from autograd.primitives import arithmetic as a
from autograd.primitives import (
    collective,
    contraction,
    indexing,
    linalg,
    reduction,
    shaping,
    window,
)
from autograd.primitives import elementary as e


class Convention(NamedTuple):
    """A node whose slope is a convention at some of its entries.

    Attributes:
        operation: the primitive; "norm" or "std" for their corner.
        module: the path of the module, "" for none.
        line: the line of the program that made the node, if lines were recorded.
        entries: how many entries are at such a point.
        decision: what was decided.
    """

    operation: str
    module: str
    line: SourceLine | None
    entries: int
    decision: str

    def __str__(self) -> str:
        where = f" in module {self.module}" if self.module else ""
        line = f", at {self.line}" if self.line is not None else ""
        return f"{DECIDED}: {self.operation}{where}, {told(self.entries, self.decision)}{line}"


DECIDED = "a convention decided here"


def told(entries: int, decision: str) -> str:
    """The number of entries at such a point, and what was decided there."""
    return f"{counted(entries, 'entry')}: {decision}"


def find_conventions(root: Node, seed: Any = None) -> list[Convention]:
    """The nodes between a result and its leaves whose slope is a convention, oldest first.

    Args:
        root: the result; build it under `record_lines()` to know the lines.
        seed: the cotangent to start from; 1 if the root is one number.

    Example:
        >>> from autograd.debug.conventions import find_conventions
        >>> x = ag.Tensor([0.0, 2.0], requires_grad=True)
        >>> for found in find_conventions((ag.relu(x) + ag.exp(ag.log(x))).sum()):
        ...     print(found)
        a convention decided here: relu, 1 entry: the slope at 0 is 0
        a convention decided here: log, 1 entry: its slope is infinite or nan where its cotangent \
is 0, and the product counts as 0
    """
    found = [_convention(*choice) for choice in choices_met(root)]
    if root.requires_grad:
        found += [c for step in reversed(replay(root, seed).steps) for c in _masked(step)]
    return list(dict.fromkeys(found))  # sqrt(x) * sqrt(x) is reported once


def choices_met(root: Node) -> Iterator[tuple[Node, int, str, str]]:
    """The nodes at a kink or a tie: node, number of entries, what was decided, and by what.

    The rules of a norm make more nodes with its condition, which are no choices of their own.
    """
    roots: list[Any] = []
    for node in ancestors([root]):
        if node.op is a.where and node.requires_grad:
            name = _root_name(node)
            if name:
                at = np.asarray(node.saved[0]) == 0
                roots.append(node.saved[0])
                if at.any():
                    yield node, int(np.count_nonzero(at)), CORNER, name
            if name or any(np.array_equal(node.saved[0], other) for other in roots):
                continue
        choice = CHOICES.get(node.op) if node.op is not None and node.requires_grad else None
        if choice is not None:
            with np.errstate(all="ignore"):
                entries = int(np.count_nonzero(choice.at(node)))
            if entries:
                yield node, entries, choice.decision, node.op.name


def _root_name(node: Any) -> str:
    """What a `where` is part of that avoids √0: "norm" or "std"; "" for any other.

    Their root is where(x != 0, sqrt(where(x != 0, x, 1)), 0).
    """
    inner = node.inputs[1]
    guard = inner.inputs[0] if inner is not None and inner.op is a.sqrt else None
    if guard is None or guard.op is not a.where:
        return ""
    if not np.array_equal(guard.saved[0], node.saved[0]):
        return ""
    squares = guard.inputs[1]
    while squares is not None and squares.op is shaping.reshape:
        squares = squares.inputs[0]
    return "std" if squares is not None and squares.op is a.div else "norm"


def _masked(step: Step) -> list[Convention]:
    """Entries for which a rule gave inf or nan, and the engine 0 because the cotangent is 0."""
    entries = 0
    for c in step.contributions:
        raw, value = np.asarray(c.raw), np.asarray(c.value)
        if raw.dtype.kind == "f" and np.isfinite(value).all():
            entries = max(entries, int(np.count_nonzero(~np.isfinite(raw))))
    return [_convention(step.node, entries, MASKED, step.node.op.name)] if entries else []


def _convention(node: Node, entries: int, decision: str, name: str) -> Convention:
    return Convention(name, node.module, line_of(node), entries, decision)


# --- What was decided, and where ------------------------------------------------------------------

MASKED = "its slope is infinite or nan where its cotangent is 0, and the product counts as 0"
CORNER = "the slope at 0, where all entries are equal or 0, is 0"
STEP = "the slope of a step is 0, even where it jumps"


class Choice(NamedTuple):
    """Where the slope of a primitive is a convention, as a mask, and what was decided."""

    at: Callable[[Any], Any]
    decision: str


def _at_zero(node: Any) -> Any:
    return np.asarray(node.saved[0]) == 0


def _at_integers(node: Any) -> Any:
    x = np.asarray(node.saved[0])
    return np.isfinite(x) & (np.floor(x) == x)


def _at_nonzero_integers(node: Any) -> Any:
    return _at_integers(node) & ~_at_zero(node)


def _at_halves(node: Any) -> Any:
    x = np.asarray(node.saved[0])
    return x - np.floor(x) == 0.5


def _at_multiples(node: Any) -> Any:
    x, y = (np.asarray(datum) for datum in node.saved)
    return (np.fmod(x, y) == 0) & (x != 0)


def _equal(node: Any) -> Any:
    return np.equal(node.saved[0], node.saved[1])


def _at_ends(node: Any) -> Any:
    x, low, high = node.saved
    return np.equal(x, low) | np.equal(x, high)


def _at_origin(node: Any) -> Any:
    return np.asarray(node._data) == 0


def _where_signs_meet(node: Any) -> Any:
    return np.equal(node.saved[0], 0) | np.equal(node.saved[1], 0)


def _both_zero(node: Any) -> Any:
    return np.equal(node.saved[0], 0) & np.equal(node.saved[1], 0)


def _power_of_zero(node: Any) -> Any:
    x, y = (np.asarray(datum) for datum in node.saved)
    by_exponent = node.inputs[1] is not None and node.inputs[1].requires_grad
    return (x == 0) & ((y == 0) | by_exponent)


def _tied(node: Any) -> Any:
    """The entries that share an extremum with others."""
    x, axis = np.asarray(node.saved[0]), node.static["axis"]
    out = node.op.kernel(x, axis=axis, keepdims=True)
    extreme = x == out
    return extreme & (np.sum(extreme, axis=axis, keepdims=True) > 1)


def _switched(node: Any) -> Any:
    """The entries where both branches are equal, or where one replaces a point without a slope.

    The first is a kink, such as leaky_relu at 0. The second is how a program avoids √0, as in
    where(x != 0, f(where(x != 0, x, 1)), 0).
    """
    condition, x, y = (np.asarray(datum) for datum in node.saved)
    at = np.equal(x, y)
    for argument, taken in ((1, condition == 0), (2, condition != 0)):
        inner = node.inputs[argument]
        if inner is not None and inner.op is not None:
            guard = inner.inputs[0]
            if guard is not None and guard.op is a.where:
                same = np.array_equal(guard.saved[0], node.saved[0])
                at = at | (taken if same else False)
    return at


KINK_AT_0 = Choice(_at_zero, "the slope at 0 is 0")
TIE = Choice(_equal, "a tie shares the slope evenly")
TIES = Choice(_tied, "a tie shares the slope evenly")
REMAINDER = Choice(_at_multiples, "the slopes are those beside the jump")

CHOICES: dict[Primitive, Choice | None] = {
    **dict.fromkeys((a.abs_, a.relu), KINK_AT_0),
    a.sign: Choice(_at_zero, STEP),
    **dict.fromkeys((a.floor, a.ceil), Choice(_at_integers, STEP)),
    a.trunc: Choice(_at_nonzero_integers, STEP),
    a.rint: Choice(_at_halves, STEP),
    a.floor_divide: Choice(_at_multiples, STEP),
    **dict.fromkeys((a.fmod, a.remainder), REMAINDER),
    **dict.fromkeys((a.maximum, a.minimum, a.fmax, a.fmin), TIE),
    a.copysign: Choice(_where_signs_meet, "the slopes at 0 are 0"),
    **dict.fromkeys((reduction.max_, reduction.min_), TIES),
    a.clip: Choice(_at_ends, "the slope at both ends is 1"),
    a.hypot: Choice(_at_origin, "the slopes at the origin are 0"),
    e.arctan2: Choice(_both_zero, "the slopes at the origin are nan"),
    a.where: Choice(_switched, "the slope is that of the branch taken"),
    e.power: Choice(_power_of_zero, "the slopes of 0⁰, and of 0ʸ with respect to y, are 0"),
    **dict.fromkeys((a.positive, a.neg, a.square, a.sqrt, a.cbrt, a.reciprocal, a.zeros_like)),
    **dict.fromkeys((a.add, a.sub, a.mul, a.div)),
    **dict.fromkeys((e.exp, e.exp2, e.expm1, e.log, e.log2, e.log10, e.log1p)),
    **dict.fromkeys((e.sin, e.cos, e.tan, e.arcsin, e.arccos, e.arctan)),
    **dict.fromkeys((e.sinh, e.cosh, e.tanh, e.arcsinh, e.arccosh, e.arctanh)),
    **dict.fromkeys((e.sigmoid, e.softplus, e.erf, e.sinc, e.logaddexp)),
    **dict.fromkeys((e.erfc, e.erfinv, e.gammaln, e.digamma, e.polygamma)),
    **dict.fromkeys((reduction.sum_, reduction.mean, reduction.logsumexp, reduction.prod)),
    **dict.fromkeys((reduction.cumsum, reduction.cumprod, reduction.broadcast_to)),
    **dict.fromkeys((shaping.reshape, shaping.transpose, shaping.cast, shaping.concatenate)),
    **dict.fromkeys((indexing.getitem, indexing.scatter_add, window.windows, window.fold)),
    **dict.fromkeys((contraction.matmul, contraction.inner, contraction.einsum)),
    **dict.fromkeys((linalg.inv, linalg.det, linalg.cofactors, linalg.log_abs_det)),
    **dict.fromkeys((linalg.nuclear, linalg.polar)),
    **dict.fromkeys((linalg.pinv, linalg.solve, linalg.cholesky, linalg.eigh, linalg.svd)),
    **dict.fromkeys((collective.all_reduce, collective.all_gather, collective.reduce_scatter)),
    **dict.fromkeys((collective.broadcast_from, collective.reduce_to)),
}
