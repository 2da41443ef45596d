"""Where the numbers of a plan are in one array of float64."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from autograd.compile.scalars import operations as ops
from autograd.compile.scalars.lanes import Places, Vector
from autograd.compile.scalars.plan import Lanes, Pack, Plan

LINE = 8  # numbers in a cache line, at which vectors begin


class Memory:
    """Inputs first, then outputs, constants and single numbers, then vectors.

    Attributes:
        size: how many numbers there are.
        inputs, outputs: how many inputs there are, and where the outputs are.
        image: the array before a call, with the constants in it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.numbers = plan, plan.program.numbers
        self.inputs = self.size = plan.program.inputs
        self.outputs = slice(self.size, self.size + len(plan.program.outputs))
        self.size = self.outputs.stop
        self.slots: dict[int, int] = {}
        self.constants: dict[bytes, int] = {}
        self.values: list[tuple[int, float]] = []
        self.bases: dict[Vector | Pack, int] = {}
        for kernel in plan.kernels:
            for unit in kernel.units:
                if isinstance(unit, Pack):
                    self.bases[unit] = self.base_of_pack(unit.members)
                elif isinstance(unit, Lanes) and unit.vector in plan.stored:
                    self.bases[unit.vector] = self.vector(unit.vector.family.lanes)

    def image(self) -> np.ndarray:
        """The array before a call: constants, and zeros."""
        out = np.zeros(self.size + LINE)
        for slot, value in self.values:
            out[slot] = value
        return out

    def vector(self, lanes: int) -> int:
        """Room for lanes, rounded up to whole registers."""
        self.size += -self.size % LINE
        base, self.size = self.size, self.size + lanes + -lanes % LINE
        return base

    def constant(self, value: float) -> int:
        """The slot of a constant."""
        key = struct.pack("d", value)
        slot = self.constants.get(key)
        if slot is None:
            slot = self.constants[key] = self.size
            self.size += 1
            self.values.append((slot, value))
        return slot

    def slot(self, place: int) -> int:
        """Where a number is."""
        operation, *args = self.numbers[place]
        if operation is ops.INPUT:
            return int(args[0])
        if operation is ops.CONSTANT:
            return self.constant(args[0])
        vector = self.plan.rolled.vectors[place]
        if vector is not None:
            return self.bases[vector] + self.plan.rolled.lanes[place]
        slot = self.slots.get(place)
        if slot is None:
            slot = self.slots[place] = self.size
            self.size += 1
        return slot

    def base_of_pack(self, members: Places) -> int:
        """Room for numbers side by side: inputs that are so already are where they are."""
        first = self.numbers[members[0]]
        if first[0] is ops.INPUT and all(
            self.numbers[k] == (ops.INPUT, first[1] + n) for n, k in enumerate(members)
        ):
            return int(first[1])
        base = self.vector(len(members))
        for lane, place in enumerate(members):
            operation, *args = self.numbers[place]
            if operation is ops.CONSTANT:
                self.values.append((base + lane, args[0]))
        return base

    def copies(self, packs: Sequence[Pack]) -> list[tuple[int, int]]:
        """Where packs are written, and from where; constants are there already."""
        found: list[tuple[int, int]] = []
        for pack in packs:
            base = self.bases[pack]
            for lane, place in enumerate(pack.members):
                if self.numbers[place][0] is not ops.CONSTANT:
                    found.append((base + lane, self.slot(place)))
        return [(to, at) for to, at in found if to != at]
