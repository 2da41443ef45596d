"""Where the numbers that a step takes from arrays are: many of one array are read at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.program import GETITEM, Program, Variable


class Entries:
    """The entries of arrays that a scalar program reads.

    `for row in X: for x in row` takes them one by one, with an index each; here an array is read in
    one go.

    Args:
        wanted: the variables of the entries.
        program: what computes them.

    Attributes:
        arrays: the arrays, each with the places of its entries, flat; a variable that is no entry
            of an array stands for itself.
        order: the variables, in the order in which they are read.
    """

    def __init__(self, wanted: list[Variable], program: Program) -> None:
        made = {i.result: i for i in program.instructions if i.operation is GETITEM}
        groups: dict[Variable, list[tuple[int, Variable]]] = {}
        for variable in wanted:
            base, index = variable, ()
            while base in made and is_index(made[base].args[1]):
                source, at = made[base].args
                index = (*(at if type(at) is tuple else (at,)), *index)
                base = source
            flat = int(np.ravel_multi_index(wrapped(index, base.shape), base.shape)) if index else 0
            groups.setdefault(base, []).append((flat, variable))
        self.arrays = [(base, np.array([k for k, _ in found])) for base, found in groups.items()]
        self.order = [variable for found in groups.values() for _, variable in found]


def is_index(x: Any) -> bool:
    """Whether an index picks one place along each axis that it names."""
    return type(x) is int or (type(x) is tuple and all(type(e) is int for e in x))


def wrapped(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """An index without negative numbers."""
    return tuple(k % n for k, n in zip(index, shape, strict=True))


def read(array: Any, flat: Any) -> list[float]:
    """Entries of an array, or of a number, as floats."""
    found: list[float] = np.asarray(array, float).ravel()[flat].tolist()
    return found
