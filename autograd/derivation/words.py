"""What things are called in a derivation and in its program: as the reader's program calls them."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Iterable
from typing import Any

from autograd.compile.printing.naming import Role, Words
from autograd.compile.printing.source import Source
from autograd.compile.program import Instruction, Program, Variable

ROWS = "#N"  # the input that is the number of rows; the # keeps it apart from a reader's own N
FREE = frozenset({"N", "step"})  # words that the compiler keeps to itself


def forward_of(program: Program, results: Iterable[Variable]) -> set[Variable]:
    """What results are computed from, and they themselves."""
    made = {i.result: i for i in program.instructions}
    found: set[Variable] = set()
    stack = list(results)
    while stack:
        v = stack.pop()
        if v not in found:
            found.add(v)
            stack += made[v].inputs() if v in made else []
    return found


class Taught(Words):
    """Words for a program of results and gradients: d… is only what is a gradient.

    A gradient can be what the forward pass has computed, such as t in λ·t. It keeps its own name.
    """

    def __init__(self, program: Program, roles: list[Role], *rest: Any) -> None:
        super().__init__(program, roles, *rest)
        self.count = sum(kind == "result" for kind, _ in roles)

    def of_input(self, v: Variable) -> str:
        """Its own name, which is short already."""
        return v.name or "x"

    @functools.cached_property
    def forward(self) -> set[Variable]:
        """What the result is computed from."""
        return forward_of(self.program, self.program.outputs[: self.count])

    def _role(self, v: Variable, names: dict[Variable, str]) -> str:
        """The role of an output; what is a result, too, is no gradient."""
        if v in self.forward and self.roles.get(v, ("",))[0] == "grad":
            return ""
        return super()._role(v, names)

    def _cotangent(self, g: Variable, names: dict[Variable, str]) -> str:
        return "" if g in self.forward else super()._cotangent(g, names)


class Whiteboard(Taught):
    """Words as on a whiteboard: dz for what is the gradient of z and of a bias alike."""

    def of_result(self, i: Instruction, names: dict[Variable, str]) -> str:
        """A word for a result, its own first."""
        word = i.result.name
        shared = [v for v in self.program.cotangents.get(i.result, ()) if v.kind != "input"]
        if not word and any(v in names for v in shared):
            word = self._cotangent(i.result, names)
        return word or super().of_result(i, names)

    def _role(self, v: Variable, names: dict[Variable, str]) -> str:
        """The role of an output; dh also for what is no input."""
        kind, path = self.roles.get(v, ("", ""))
        return f"d{path}" if kind == "grad" and v not in self.forward else super()._role(v, names)

    def _cotangent(self, g: Variable, names: dict[Variable, str]) -> str:
        """d of the value that it is the cotangent of, of the last one if of several."""
        if g in self.forward:
            return ""
        of = [v for v in self.program.cotangents.get(g, ()) if v in names]
        of.sort(key=lambda v: (v.kind == "input", not v.name))
        return f"d{names[of[0]]}" if of else ""


class AsGiven(Source):
    """A source in which arguments have the names that the reader gave them: N, lambda_."""

    naming: type[Words] = Taught

    def fresh(self, word: str) -> str:
        """A name that nothing has yet."""
        word = word.lstrip("#")
        used = self.names.values() if word in FREE else self.used
        if not word.isidentifier() or keyword.iskeyword(word) or word in used:
            return super().fresh(word)
        self.used.add(word)
        return word
