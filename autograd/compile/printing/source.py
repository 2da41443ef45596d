"""Prints a program as NumPy source, as a person would write it: named by parameters and modules.

What it prints is complete: it imports NumPy, and defines what NumPy does not have.
"""

from __future__ import annotations

import itertools
import textwrap
import types
from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from autograd.compile.passes import readable
from autograd.compile.passes.rewrite import complement, number
from autograd.compile.printing.helpers import helper
from autograd.compile.printing.literals import literal
from autograd.compile.printing.naming import Role, Words
from autograd.compile.printing.text import Names
from autograd.compile.printing.wording import STATEMENT, assignment, expression_of
from autograd.compile.program import Instruction, Program, Variable
from autograd.primitives.indexing import is_basic

WIDTH = 64  # of an expression; a longer one is split
COLUMN = 44  # where the shape of a result stands
HEADED = 5  # lines of a module that get a heading
UPDATE = 3  # the same of the update of a parameter
MOVES = frozenset({"transpose", "reshape", "getitem", "broadcast", "item"})
STATEMENTS = frozenset({"setitem", "write", "add_at", "pieces", "draw"})


class Line(NamedTuple):
    """A line, the shape of what it computes, and the module that it belongs to."""

    code: str
    shape: str
    section: str


class Source(Names):
    """The text of a program.

    Args:
        program: what to print; it is simplified for reading first.
        roles: what each output is: ("grad", "0.weight"), ("new", "0.weight"), ("result", "loss").

    Attributes:
        source: the text, which defines `step`.
        inputs: the inputs that `step` takes, in order.
        results: for each output of the program, its place in what `step` returns.
    """

    called = "step"  # the function
    width = WIDTH
    naming = Words

    def __init__(self, program: Program, roles: list[Role]) -> None:
        super().__init__()
        before = program.outputs
        program = self.simplified(program)
        self.program = program
        self.outputs = list(dict.fromkeys(program.outputs))
        self.results = [self.outputs.index(v) for v in program.outputs]
        assert len(before) == len(self.results)
        self.made = {i.result: i for i in program.instructions}
        self.uses = Counter(v for i in program.instructions for v in i.inputs())
        self.uses.update(self.outputs)
        used = [v for v in program.inputs if self.uses[v]]
        self.inputs = sorted(used, key=lambda v: ("." in v.name, v.dtype == object))
        self.words = self.naming(program, roles, self.inputs, self.uses)
        for v in self.inputs:
            self.names[v] = self.fresh(self.words.of_input(v))
        self.batch = self._batch()
        self.helpers: dict[str, str] = {}
        self.imports: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.counted: dict[str, int] = {}
        self.inline: dict[Variable, Instruction] = {}
        self.lines: list[Line] = []
        self.last = self._last_reads()
        for n, i in enumerate(program.instructions):
            self.statement(n, i)
        self.source = self._whole()

    # --- what a text of another kind has otherwise ---

    def simplified(self, program: Program) -> Program:
        """The program in the form that is printed."""
        return readable(program)

    def expression(self, i: Instruction) -> tuple[str, int]:
        """The text of an instruction, and how tightly it binds."""
        return expression_of(self, i)

    def written(self, i: Instruction, name: str) -> list[str]:
        """The lines that give the result of an instruction its name."""
        return STATEMENT.get(i.operation.form, assignment)(self, i, name)  # type: ignore[no-any-return]

    def given_back(self) -> list[Variable]:
        """What the function returns: each result once."""
        return self.outputs

    # --- the whole ---

    def _whole(self) -> str:
        results = [self.names.get(v) or self.text(v) for v in self.given_back()]
        head = [wrapped(f"def {self.called}(", [self.names[v] for v in self.inputs], "):", 100)]
        facts = [described(self.names[v], v) for v in self.inputs]
        width = max((len(a) for a, _ in facts), default=0)
        body = [f"# {a.ljust(width)}  {b}" for a, b in facts]
        if self.batch is not None:
            body.append(f"N = len({self.names[self.batch]})")
        for name, n in self.counted.items():
            length = "N" if self.batch is not None and n == self.batch.shape[0] else str(n)
            body.append(f"{name} = np.arange({length})")
        body += laid_out(updates_together(self.lines))
        body += returned(results)
        before = [*self.imports.values(), "import numpy as np", ""]
        before += [f"{name} = {text}" for name, text in self.constants.items()]
        for text in self.helpers.values():
            before += ["", text.strip(), ""]
        return "\n".join([*before, "", *head, *(f"    {line}" for line in body)]) + "\n"

    def _batch(self) -> Variable | None:
        """The argument whose length is what sums are divided by: `N`."""
        divisors = [
            number(i.args[1])
            for i in self.program.instructions
            if i.operation.name == "divide" and len(i.args) == 2
        ]
        for v in self.inputs:
            if "." not in v.name and v.shape and v.shape[0] > 1 and v.shape[0] in divisors:
                return v
        return None

    def _last_reads(self) -> dict[Variable, int]:
        last: dict[Variable, int] = {}
        for n, i in enumerate(self.program.instructions):
            for v in i.inputs():
                last[v] = n
        return last

    # --- statements ---

    def statement(self, n: int, i: Instruction) -> None:
        """The lines of an instruction, unless it is written where it is used."""
        word = self.words.of_result(i, self.names)
        if not self._stands_alone(i, word):
            self.inline[i.result] = i
            if len(self.expression(i)[0]) <= self.width:
                return
            del self.inline[i.result]
        name = self._name(n, i, word)
        lines = self.written(i, name)
        self.names[i.result] = name
        shape = " × ".join(map(str, i.result.shape))
        section = self._section(i)
        self.lines += [Line(line, "" if k else shape, section) for k, line in enumerate(lines)]

    def _stands_alone(self, i: Instruction, word: str) -> bool:
        if i.result in self.outputs or i.operation.form in STATEMENTS or word:
            return True
        if self.uses[i.result] <= 1:
            return False
        name = i.operation.name
        if name == "getitem" and not is_basic(i.args[1]):
            return True
        short = name in MOVES or name in ("greater", "less", "equal", "negative")
        return not (short and all(self._is_named(x) for x in i.inputs()))

    def _is_named(self, v: Variable) -> bool:
        return v in self.names or v.kind == "constant"

    def _name(self, n: int, i: Instruction, word: str) -> str:
        """A name; a parameter's own for its new value, if the old one is not read any more."""
        old = self.words.replaces(i.result)
        if old is not None and old in self.names:
            mine = self.names[old]
            waiting = [x for x in self.inline.values() if old in x.inputs()]
            read_here = all(self.last.get(x.result, n) <= n for x in waiting)
            free = self.names_of(mine) == [old] and old not in self.outputs
            if self.last.get(old, -1) <= n and read_here and free:
                return mine
            return self.fresh(f"new_{mine}")
        if not word:
            return self.numbered("t")
        return self.numbered(word[:-1]) if word.endswith("#") else self.fresh(word)

    def names_of(self, name: str) -> list[Variable]:
        """The variables that a name stands for."""
        return [v for v, known in self.names.items() if known == name]

    def _section(self, i: Instruction) -> str:
        """The module that an instruction belongs to, or the part of the step."""
        old = self.words.replaces(i.result)
        if i.module or old is None:
            return i.module
        return f"update of {old.name.rpartition(' of ')[2]}"

    # --- texts ---

    def variable(self, v: Variable, above: int = 0) -> str:
        """A variable: its name, what computes it, or a constant."""
        if v in self.names:
            return self.names[v]
        if v in self.inline:
            text, level = self.expression(self.inline[v])
            return f"({text})" if level < above else text
        if v.kind == "constant":
            return self.constant(v, above)
        raise KeyError(v)

    def constant(self, v: Variable, above: int) -> str:
        """A number as such; `rows` for one that counts; other arrays by a name."""
        value = v.value
        if not v.shape:
            return self.static(value[()], above)
        if v.shape and value.ndim == 1 and np.array_equal(value, np.arange(len(value))):
            name = self.bound.get(id(value))
            if name is None:
                name = self.bound[id(value)] = (
                    "rows" if "rows" not in self.counted else self.fresh("count")
                )
                self.counted[name] = len(value)
            return name
        name = self.bind(value, "c")
        self.constants[name] = literal(value)
        return name

    def static(self, x: Any, above: int = 0) -> str:
        """A fact that is not an array; `1 - 0.9` and the limits of floats by name."""
        rest = complement(x) if type(x) is float else None
        if rest is not None:
            return f"(1 - {rest!r})" if above else f"1 - {rest!r}"
        if isinstance(x, np.floating):
            for word in ("min", "max", "eps"):
                if x == getattr(np.finfo(x.dtype), word):
                    return f"np.finfo(np.{x.dtype.name}).{word}"
        if isinstance(x, (float, np.floating)) and not np.isfinite(x):
            text = {"nan": "np.nan", "inf": "np.inf"}.get(str(float(x)), "-np.inf")
            return f"({text})" if above > 4 and text[0] == "-" else text
        return super().static(x, above)

    def bind(self, value: Any, word: str) -> str:
        """A function that NumPy has not, with its definition, or a module."""
        name = super().bind(value, word)
        if isinstance(value, types.ModuleType):
            self.imports[word] = f"import {word}"
        text = helper(word)
        if text:
            self.helpers[word] = text
        return name

    def count(self, value: Any) -> str:
        """A divisor: N where it is the number of rows."""
        if self.batch is not None and value == self.batch.shape[0]:
            return "N"
        return repr(value)


def wrapped(before: str, words: list[str], after: str, width: int) -> str:
    """Words in brackets, on lines of their own where one line is too long."""
    line = f"{before}{', '.join(words)}{after}"
    if len(line) <= width:
        return line
    text = textwrap.fill(", ".join(words) + ",", width - 4, break_long_words=False)
    return f"{before}\n{textwrap.indent(text, '    ')}\n{after}"


def returned(results: list[str]) -> list[str]:
    """The last line: one result as such, several as a tuple."""
    if len(results) < 2:
        return [f"return {results[0] if results else None}"]
    line = f"return {', '.join(results)}"
    return [line] if len(line) <= 96 else wrapped("return (", results, ")", 96).split("\n")


def updates_together(lines: list[Line]) -> list[Line]:
    """What is computed between the new values of one parameter and of its state is part of its
    update."""
    found = list(lines)
    first = next((n for n, x in enumerate(found) if x.section.startswith("update")), len(found))
    for n in range(len(found) - 2, first, -1):
        if not found[n].section:
            found[n] = found[n]._replace(section=found[n + 1].section)
    return found


def laid_out(lines: list[Line]) -> list[str]:
    """Lines with comments: a module with many gets a heading, one with few is named beside them."""
    out: list[str] = []
    part = "forward"
    for section, group in itertools.groupby(lines, key=lambda line: line.section):
        run = list(group)
        now = section.partition(" ")[0]
        now = now if now in ("backward", "update") or now.endswith("_") else "forward"
        if now != part and not (now == "forward" and not section):
            out.append(f"# {now}")
            part = now
        module = section.removeprefix("backward of ")
        module = "" if module == "backward" or now == "update" or now == section else module
        if len(run) >= HEADED and module:
            out.append(f"# {section}")
            module = ""
        if now == "update" and len(run) >= UPDATE:
            out.append(f"# {section.removeprefix('update of ')}")
        for line in run:
            comment = ", ".join(filter(None, (line.shape, module)))
            out.append(f"{line.code.ljust(COLUMN)}  # {comment}" if comment else line.code)
            module = ""
    return out


def described(name: str, v: Variable) -> tuple[str, str]:
    """A name with its shape, and what it is."""
    path = f", {v.name}" if "." in v.name and name != v.name else ""
    if v.dtype == object:
        return name, "a random generator"
    if v.weak:
        return name, f"a number{path}"
    shape = " × ".join(map(str, v.shape)) or "one number"
    return name, f"{shape}, {v.dtype.name}{path}"


def source_of(program: Program, roles: list[Role] | None = None) -> str:
    """NumPy source of a program, as people read it."""
    return Source(program, roles or [("result", "")] * len(program.outputs)).source
