"""Where a program's values are kept between calls: which arrays, and when each is free again.

The interpreter runs the program once on arrays of ones. What it makes shows the layout of every
result, and which results are views of others: those need no code at all when the program runs,
because the arrays they look into stay where they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.compile.program import Instruction, Program, Variable, tree_map, value_in


class Place(NamedTuple):
    """An array inside a block of memory."""

    block: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: Any


class Block:
    """Memory that arrays take turns in."""

    def __init__(self, size: int, zero: bool) -> None:
        self.size, self.zero = size, zero  # zero: made of zeros, and for one array only


def sample(v: Variable) -> Any:
    """Something of the kind of an input."""
    if v.dtype == object:
        return np.random.default_rng(0)
    if v.weak:
        return v.dtype.type(1).item()
    return (np.ones if v.dtype.kind in "fc" else np.zeros)(v.shape, v.dtype)


def sampled(program: Program) -> dict[Variable, Any]:
    """A value for every variable, as the interpreter makes it."""
    values: dict[Variable, Any] = {v: sample(v) for v in program.inputs}
    value_of = partial(value_in, values)

    with np.errstate(all="ignore"):
        for i in program.instructions:
            v = i.result
            try:
                made = i.operation.compute(
                    *tree_map(value_of, i.args), **tree_map(value_of, i.kwargs)
                )
                if type(made) not in (tuple, list) and np.shape(made) != v.shape:
                    made = np.zeros(v.shape, v.dtype)
            except Exception:  # such as a solver's, of a matrix of ones
                made = np.zeros(v.shape, v.dtype or object)
            values[v] = made
    return values


class Buffers:
    """The plan: an owner of memory for each variable, and places for those that can have one.

    Args:
        program: what will run.
        can_write: whether an instruction can write its result into an array that is there.
        over: whether it may do so over "any" argument, entry by entry, or over its "first".
        spare: an array of the kind that it needs room for meanwhile, or None.
    """

    def __init__(
        self,
        program: Program,
        can_write: Callable[[Instruction, Any], bool],
        over: Callable[[Instruction], str],
        spare: Callable[[Instruction], Any],
    ) -> None:
        self.program, self.over, self.room = program, over, spare
        self.values = sampled(program)
        self.owner: dict[Variable, Variable] = {}
        for v in program.inputs:
            self.owner[v] = v
        for i in program.instructions:
            self.owner[i.result] = self.owner_of(i)
        self.last: dict[Variable, int] = {}
        for n, i in enumerate(program.instructions):
            for v in (i.result, *i.inputs()):
                self.last[self.own(v)] = n
        self.fresh = {self.own(v) for v in program.roots()}
        self.places: dict[Variable, Place] = {}
        self.blocks: list[Block] = []
        self.free: list[int] = []
        self.spare: dict[Variable, Place] = {}
        for n, i in enumerate(program.instructions):
            self.settle(n, i, can_write)

    def own(self, v: Variable) -> Variable:
        """The variable whose memory this one looks into."""
        return self.owner.get(v, v)

    def owner_of(self, i: Instruction) -> Variable:
        """The variable whose memory the result is in."""
        made = self.values[i.result]
        if type(made) is np.ndarray:  # of no axes too: x.reshape(()) looks into x
            for v in i.inputs():
                given = v.value if v.kind == "constant" else self.values[v]
                if type(given) is np.ndarray and np.may_share_memory(made, given):
                    return self.own(v)
        return i.result

    # --- places ---

    def settle(self, n: int, i: Instruction, can_write: Callable[[Instruction, Any], bool]) -> None:
        """Find the place of a result, and free those that were read for the last time."""
        v, made = i.result, self.values[i.result]
        dying = {self.own(x) for x in i.inputs()}
        dying = {x for x in dying if x in self.places and self.last[x] == n}
        wants = type(made) is np.ndarray and made.ndim and made.size
        if wants and self.own(v) is v and v not in self.fresh and can_write(i, made):
            taken = self.taken_over(i, dying)
            if taken is not None:
                self.places[v] = self.places[taken]
                dying.discard(taken)
            else:
                self.places[v] = self.placed(made, needs_zeros(i))
            room = self.room(i)
            if room is not None:
                self.spare[v] = self.placed(room)
                self.release(self.spare[v])
        for x in sorted(dying, key=lambda x: self.places[x].block):
            self.release(self.places[x])

    def taken_over(self, i: Instruction, dying: set[Variable]) -> Variable | None:
        """An argument whose place the result takes, because nothing reads it later."""
        how = self.over(i)
        candidates: Iterable[Any] = i.args[:1] if how == "first" else i.args if how == "any" else ()
        made = self.values[i.result]
        for x in candidates:
            if type(x) is not Variable or x not in dying or self.blocks[self.places[x].block].zero:
                continue
            place = self.places[x]
            same = (place.shape, place.strides, place.dtype) == (
                made.shape,
                made.strides,
                made.dtype,
            )
            alone = [y for y in i.inputs() if self.own(y) is x]
            if same and (len(alone) == 1 or (how == "any" and all(y is x for y in alone))):
                return x
        return None

    def placed(self, like: Any, zero: bool = False) -> Place:
        """A place for an array of this layout."""
        block = self.block(max(like.nbytes, 1), zero)
        return Place(block, 0, like.shape, like.strides, like.dtype)

    def block(self, size: int, zero: bool = False) -> int:
        """A block of at least this size: the smallest free one, or another."""
        if not zero:
            fitting = [
                b for b in self.free if size <= self.blocks[b].size <= max(4 * size, size + 4096)
            ]
            if fitting:
                found = min(fitting, key=lambda b: self.blocks[b].size)
                self.free.remove(found)
                return found
            smaller = [b for b in self.free if size // 4 <= self.blocks[b].size < size]
            if smaller:
                found = max(smaller, key=lambda b: self.blocks[b].size)
                self.free.remove(found)
                self.blocks[found].size = size
                return found
        self.blocks.append(Block(size, zero))
        return len(self.blocks) - 1

    def release(self, place: Place) -> None:
        """The place is free again."""
        if not self.blocks[place.block].zero:
            self.free.append(place.block)

    def place(self, v: Variable) -> Place | None:
        """Where a variable is, also one that is a view."""
        found = self.places.get(v)
        if found is not None or self.own(v) not in self.places:
            return found
        owner, view = self.own(v), self.values[v]
        at = view.__array_interface__["data"][0]
        start = self.values[owner].__array_interface__["data"][0]
        outer = self.places[owner]
        return Place(outer.block, outer.offset + at - start, view.shape, view.strides, view.dtype)

    def memory(self) -> int:
        """Bytes of all blocks."""
        return sum(b.size for b in self.blocks)

    def workspace(self) -> Callable[[Place], Any]:
        """Memory for one call at a time, and a function that gives the arrays in it."""
        blocks = [(np.zeros if b.zero else np.empty)(b.size, np.uint8) for b in self.blocks]

        def array(p: Place) -> Any:
            return np.ndarray(p.shape, p.dtype, blocks[p.block], p.offset, p.strides)

        return array


def needs_zeros(i: Instruction) -> bool:
    """Whether entries outside the parts of a buffer must be 0."""
    return i.operation.name == "pieces" and not covers(i)


def covers(i: Instruction) -> bool:
    """Whether the parts of a buffer, which lie apart, leave no entry out."""
    shape, _, _, *parts = i.args
    return bool(sum(math.prod(p.shape) for p in parts) == math.prod(shape))
