"""Views: where the entries of a term lie, as an offset and strides into a buffer, in entries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.compile.native.terms import Term


def contiguous(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of an array in C order."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


@dataclass(frozen=True)
class View:
    """Entry i of `shape` is entry `offset + Σ iₖ · stridesₖ` of the buffer of `base`."""

    base: Term
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @staticmethod
    def whole(term: Term, shape: Sequence[int] | None = None) -> View:
        """A whole buffer, in C order."""
        shape = term.shape if shape is None else tuple(shape)
        return View(term, 0, shape, contiguous(shape))

    def is_contiguous(self) -> bool:
        """Whether the entries lie one after the other."""
        pairs = zip(self.shape, self.strides, contiguous(self.shape), strict=True)
        return all(n == 1 or s == t for n, s, t in pairs)

    def of(self, move: Term) -> View | None:
        """This view after a move; None if strides cannot say it."""
        if move.op == "reshape":
            return self.reshaped(move.shape)
        if move.op == "transpose":
            strides = tuple(self.strides[a] for a in move.static["axes"])
            return View(self.base, self.offset, move.shape, strides)
        if move.op == "broadcast":
            return self.broadcast(move.shape)
        if move.op == "slice":
            return self._cut(move)
        size, stride, dilation = (move.static[k] for k in ("size", "stride", "dilation"))
        outer, inner = self.strides[: -len(size)], self.strides[-len(size) :]
        steps = [s * t for s, t in zip(inner, stride, strict=True)]
        within = [s * d for s, d in zip(inner, dilation, strict=True)]
        return View(self.base, self.offset, move.shape, (*outer, *steps, *within))

    def broadcast(self, shape: Sequence[int]) -> View:
        """Entries repeated by strides of 0."""
        pad = len(shape) - len(self.shape)
        strides = [0 if n == 1 else s for n, s in zip(self.shape, self.strides, strict=True)]
        return View(self.base, self.offset, tuple(shape), (0,) * pad + tuple(strides))

    def _cut(self, move: Term) -> View:
        """Entries from `start` in steps of `step` along each axis, and then in `shape`."""
        offset, strides = self.offset, []
        for (start, _, step), s in zip(move.static["box"], self.strides, strict=True):
            offset += start * s
            strides.append(step * s)
        kept = [s for s, keep in zip(strides, move.static["kept"], strict=True) if keep]
        for axis in move.static["new"]:
            kept.insert(axis, 0)
        return View(self.base, offset, move.shape, tuple(kept))

    def reshaped(self, shape: Sequence[int]) -> View | None:
        """The same entries in another shape; None if strides cannot say it."""
        old = [(n, s) for n, s in zip(self.shape, self.strides, strict=True) if n != 1]
        new = [n for n in shape if n != 1]
        found: list[int] = []
        i = j = 0
        while i < len(old) and j < len(new):
            last_i, last_j = i + 1, j + 1
            a, b = old[i][0], new[j]
            while a != b:
                if a < b:
                    if last_i == len(old):
                        return None
                    a, last_i = a * old[last_i][0], last_i + 1
                else:
                    if last_j == len(new):
                        return None
                    b, last_j = b * new[last_j], last_j + 1
            merged = zip(old[i : last_i - 1], old[i + 1 : last_i], strict=True)
            if any(outer[1] != inner[0] * inner[1] for outer, inner in merged):
                return None
            step, part = old[last_i - 1][1], []
            for n in reversed(new[j:last_j]):
                part.append(step)
                step *= n
            found += reversed(part)
            i, j = last_i, last_j
        if i < len(old) or j < len(new):
            return None
        strides = iter(found)
        full = tuple(0 if n == 1 else next(strides) for n in shape)
        return View(self.base, self.offset, tuple(shape), full)

    def size(self) -> int:
        """How many entries there are."""
        return math.prod(self.shape)

    def fits_product(self) -> bool:
        """Whether BLAS takes the last two axes as a matrix or as its transpose."""
        (m, n), (r, c) = self.shape[-2:], self.strides[-2:]
        by_rows = (c == 1 or n == 1) and (r >= n or m == 1)
        by_columns = (r == 1 or m == 1) and (c >= m or n == 1)
        return by_rows or by_columns
