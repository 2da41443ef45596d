"""Terms: a program in the few operations that the native back end knows, as a graph of data.

An elementwise term broadcasts its arguments as NumPy does. A move is a view of its argument.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

# Views of an argument, which cost nothing.
MOVES = frozenset({"reshape", "transpose", "broadcast", "slice", "windows"})
# What is there before the program runs.
LEAVES = frozenset({"input", "constant", "counter"})
# What is more than a loop over entries, and reads its arguments from memory.
WHOLE = frozenset({"product", "gather", "scatter", "pieces", "fold", "foreign", "update"})

_numbers = itertools.count()


class Unsupported(Exception):
    """The native back end cannot do this; the text says what."""


class Term:
    """A value: computed once, of a shape and a dtype.

    Attributes:
        op: a name in one of the sets above, "map" for an elementwise function, "reduce" or "store".
        args: the terms that it is computed from.
        static: facts about the operation.
        shape, dtype: of the array.
        serial: how many terms were made before it.
        when: its place in the order of the program, by which computation is laid out.
    """

    __slots__ = ("args", "dtype", "op", "serial", "shape", "static", "when")

    def __init__(
        self,
        op: str,
        args: Iterable[Term],
        shape: Iterable[int],
        dtype: Any,
        **static: Any,
    ) -> None:
        self.op, self.args, self.static = op, tuple(args), static
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)
        self.serial = next(_numbers)
        self.when: float = self.serial
        if self.dtype.kind not in "fiub" or self.dtype.itemsize > 8 or self.dtype == np.float16:
            raise Unsupported(f"arrays of {self.dtype}")
        if self.size == 0:
            raise Unsupported("arrays without entries")

    @property
    def size(self) -> int:
        """How many entries there are."""
        return int(math.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """How much memory the entries take."""
        return self.size * int(self.dtype.itemsize)

    def __repr__(self) -> str:
        return f"<{self.op} {self.static.get('function', '')} {self.dtype}{list(self.shape)}>"


def root(term: Term) -> Term:
    """What a chain of moves begins with."""
    while term.op in MOVES:
        term = term.args[0]
    return term


def number(term: Term) -> Any:
    """The number that a constant term is at every entry; None if it is none."""
    if term.op != "constant":
        return None
    value = term.static["value"]
    return value.reshape(-1)[0].item() if value.size == 1 else None


def constant(value: Any, dtype: Any = None) -> Term:
    """A term of known value."""
    array = np.asarray(value, dtype)
    return Term("constant", (), array.shape, array.dtype, value=array)


def mapped(function: str, args: Iterable[Term], dtype: Any, shape: Any = None) -> Term:
    """An elementwise function of terms that broadcast."""
    args = tuple(args)
    if shape is None:
        shape = np.broadcast_shapes(*(a.shape for a in args))
    return Term("map", args, shape, dtype, function=function)


def cast(term: Term, dtype: Any) -> Term:
    """The same entries in another dtype."""
    dtype = np.dtype(dtype)
    if term.dtype == dtype:
        return term
    value = number(term)
    if value is not None:
        with np.errstate(all="ignore"):
            return constant(term.static["value"].astype(dtype))
    return mapped("cast", [term], dtype)


def moved(op: str, term: Term, shape: Iterable[int], **static: Any) -> Term:
    """A view of a term."""
    return Term(op, [term], shape, term.dtype, **static)


def reshaped(term: Term, shape: Iterable[int]) -> Term:
    """The same entries in another shape."""
    shape = tuple(shape)
    return term if shape == term.shape else moved("reshape", term, shape)


def transposed(term: Term, axes: Iterable[int]) -> Term:
    """The axes in another order."""
    axes = tuple(axes)
    if axes == tuple(range(len(axes))):
        return term
    return moved("transpose", term, [term.shape[a] for a in axes], axes=axes)


def broadcast(term: Term, shape: Iterable[int]) -> Term:
    """Repeated along axes that are new or of length 1."""
    shape = tuple(shape)
    return term if shape == term.shape else moved("broadcast", term, shape)


def in_order(outputs: Iterable[Term]) -> list[Term]:
    """All terms that outputs depend on, arguments first, else by their place in the program."""
    seen: set[Term] = set()
    stack = list(outputs)
    while stack:
        term = stack.pop()
        if term not in seen:
            seen.add(term)
            stack += term.args
    return sorted(seen, key=lambda t: (t.when, t.serial))
