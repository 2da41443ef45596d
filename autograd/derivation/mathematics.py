"""A program as mathematics: the compiler's printer, with formulas in place of Python's expressions.

What gets a line of its own, and what it is called, is decided as for the NumPy source. `formulas`
has the formula of each operation; `style` says whether that is text or LaTeX.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from autograd.compile.passes.rewrite import number
from autograd.compile.printing.naming import Role
from autograd.compile.program import Instruction, Program, Variable
from autograd.derivation.formulas import (
    ADD,
    COMPARISONS,
    FORMULAS,
    PRODUCT,
    Formula,
    any_function,
    is_condition,
    same_but_ones,
)
from autograd.derivation.notation import Style, rivals, without_d
from autograd.derivation.rewriting import for_people
from autograd.derivation.words import ROWS, AsGiven, Whiteboard, forward_of


class Mathematics(AsGiven):
    """The formulas of a program.

    Attributes:
        formulas: for each line, the name of what it computes, and the instruction.
        style: how they are written.
    """

    naming = Whiteboard
    words: Whiteboard
    width = 88

    def __init__(self, program: Program, roles: list[Role]) -> None:
        self.style = Style(True, set())
        self.rivals: set[str] = set()
        self.formulas: list[tuple[str, Instruction]] = []
        self.cotangents = {v for of in program.cotangents.values() for v in of}
        super().__init__(program, roles)
        self.gradients = {
            self.names[i.result] for _, i in self.formulas if self.is_gradient(i.result)
        }
        self.gradients |= {self.names[v] for v in self.inputs if v.name in self.seed_names}
        self.rivals = rivals(set(self.names.values()) - self.gradients)
        self.write(True)
        self.backward = self.gradients | {
            name for name, i in self.formulas if i.result not in self.forward
        }

    def write(self, flat: bool) -> Style:
        """Write text from now on, or LaTeX."""
        self.style = Style(flat, self.gradients, self.rivals)
        return self.style

    @functools.cached_property
    def forward(self) -> set[Variable]:
        """What the result is computed from."""
        return forward_of(self.program, self.program.outputs[: self.words.count])

    @property
    def seed_names(self) -> set[str]:
        """What the gradients are called that come in from outside."""
        return {f"d{path}" for kind, path in self.words.roles.values() if kind == "result"}

    def is_gradient(self, v: Variable) -> bool:
        """Whether a variable is "d of" another."""
        word = self.names.get(v, "")
        return word.startswith("d") and (
            v in self.program.cotangents or self.words.roles.get(v, ("",))[0] == "grad"
        )

    def of(self, name: str) -> str:
        """What a gradient is of: c for dc, also for a dc_2 whose dc comes from outside."""
        base = without_d(name)
        if base in self.names.values():
            return base
        found = [i.result for word, i in self.formulas if word == name]
        roles = [path for v in found for kind, path in [self.words.roles.get(v, ("", ""))] if kind]
        known = [
            self.names[x]
            for v in found
            for x in self.program.cotangents.get(v, ())
            if x in self.names
        ]
        fitting = [word for word in (*roles, *known) if base.startswith(f"{word}_")]
        return fitting[0] if fitting else base

    def simplified(self, program: Program) -> Program:
        """The program as a person writes it."""
        return for_people(program)

    def expression(self, i: Instruction) -> Formula:
        """The formula of an instruction."""
        return FORMULAS.get(i.operation.name, any_function)(self, i)

    def written(self, i: Instruction, name: str) -> list[str]:
        """One equation."""
        self.formulas.append((name, i))
        return [self.equation(name, i)]

    def equation(self, name: str, i: Instruction) -> str:
        """A line."""
        return f"{self.style.name(name)} = {self.expression(i)[0]}"

    # --- parts ---

    def variable(self, v: Variable, above: int = 0) -> str:
        """A name, a formula, or a constant."""
        if v in self.names:
            return self.style.name(self.names[v])
        if v in self.inline:
            text, level = self.expression(self.inline[v])
            return f"({text})" if level < above else text
        return self.constant(v, above)

    def constant(self, v: Variable, above: int) -> str:
        """A number; n for the row; I, tril or c for an array."""
        value = number(v)
        if value is not None:
            return self.number(value, above)
        if v.value.size == 1:
            return self.number(v.value.reshape(()), above)
        rows = v.value.reshape(-1)
        if rows.dtype.kind in "iu" and np.array_equal(rows, np.arange(len(rows))):
            return "n" if v.shape[0] == len(rows) else "j"
        if len(v.shape) == 1 and np.count_nonzero(rows) == 1 and rows.max() == 1:
            return self.style.function("onehot", str(int(rows.argmax())))
        matrix = (
            v.value.reshape(v.shape[-2:])
            if v.value.size == math.prod(v.shape[-2:]) and len(v.shape) > 1
            else None
        )
        return _pattern(matrix) if matrix is not None else "c"

    def number(self, x: Any, above: int = 0) -> str:
        """A number, in brackets where its sign would be read otherwise."""
        text = self.style.number(x)
        return f"({text})" if text.startswith(self.style.minus) and above > ADD else text

    def static(self, x: Any, above: int = 0) -> str:
        """A fact that is not an array."""
        if isinstance(x, (int, float, np.number)) and not isinstance(x, bool):
            return self.number(x, above)
        return str(x)

    def made_by(self, x: Any, *names: str) -> Instruction | None:
        """The instruction that makes an argument, if that is written where it is used."""
        made = self.inline.get(x) if type(x) is Variable else None
        return made if made is not None and (not names or made.operation.name in names) else None

    def factor(self, x: Any) -> str:
        """An argument of an elementwise product: a condition in Iverson's brackets."""
        if is_condition(x):
            return self.condition(x)
        return self.text(x, PRODUCT + 1)

    def condition(self, x: Any) -> str:
        """1 where something holds, else 0."""
        return self.style("bracket", self.text(x))

    def bare(self, x: Any) -> Any:
        """An argument before only axes of length 1 were put in or taken out, or it was repeated."""
        while (made := self.made_by(x, "reshape", "broadcast", "astype")) is not None:
            inner = made.args[0]
            if made.operation.name == "reshape" and not same_but_ones(inner.shape, x.shape):
                break
            x = inner
        return x

    def _batch(self) -> Variable | None:
        return None

    def _counts(self, v: Variable) -> bool:
        """Whether a variable is N, or a number times it."""
        made = self.made_by(v)
        return v.name == ROWS or (made is not None and all(map(self._counts, made.inputs())))

    def _stands_alone(self, i: Instruction, word: str) -> bool:
        share = (
            i.operation.name == "divide" and not i.result.shape and number(i.args[0]) is not None
        )
        share = share or (not i.result.shape and all(map(self._counts, i.inputs())))
        short = (i.operation.name == "subtract" or share) and i.result not in self.outputs
        named = share or all(map(self._is_named, i.inputs()))
        short = short or i.operation.name in COMPARISONS
        if short and not word and i.result not in self.cotangents and named:
            return False
        return super()._stands_alone(i, word)


def batch_of(program: Program, inputs: list[Variable]) -> Variable | None:
    """The input whose length is `N`: what a loss, one number, is divided by."""
    divisors = {
        number(i.args[1])
        for i in program.instructions
        if i.operation.name == "divide" and not i.result.shape
    } | {
        round(1 / number(y))
        for i in program.instructions
        if i.operation.name == "multiply" and not i.result.shape
        for y in i.args
        if number(y) and abs(number(y)) < 1
    }
    found = [v for v in inputs if v.shape and v.shape[0] > 1 and v.shape[0] in divisors]
    return min(found, key=lambda v: (v.name not in ("x", "X"), -len(v.shape)), default=None)


def _pattern(matrix: Any) -> str:
    n, m = matrix.shape
    if np.array_equal(matrix, np.eye(n, m)):
        return "I"
    return "tril" if np.array_equal(matrix.astype(bool), np.tri(n, m, dtype=bool)) else "c"
