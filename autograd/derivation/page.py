"""The derivation itself: steps, their equations and gradients, as text, LaTeX and NumPy source."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd.compile.program import Instruction, Program, Variable
from autograd.derivation.mathematics import Mathematics, batch_of
from autograd.derivation.notation import Style
from autograd.derivation.problem import Problem
from autograd.derivation.reasons import instructions_of, reasons
from autograd.derivation.trace import Trace, traced
from autograd.derivation.words import AsGiven

COLUMN = 52  # where shapes stand


class Gradient(NamedTuple):
    """One gradient of a step.

    Attributes:
        name: what it is called, such as "dW1".
        equation: how it is computed.
        shape: its shape.
        because: local derivatives, or what is known about it.
        value: with numbers put in, for a graph of scalars; else "".
    """

    name: str
    equation: str
    shape: tuple[int, ...]
    because: tuple[str, ...]
    value: str


class Step(NamedTuple):
    """One equation of the forward pass, and the gradients that it leads to.

    Attributes:
        equation: such as "h1 = max(z1, 0)".
        shape: of its result.
        module: the module that computes it, "" for none.
        gradients: what the backward pass computes in its turn at this step.
        value: the equation with numbers put in, for a graph of scalars; else "".
    """

    equation: str
    shape: tuple[int, ...]
    module: str
    gradients: tuple[Gradient, ...]
    value: str


class Standalone(AsGiven):
    """The source of `forward_and_backward`."""

    called = "forward_and_backward"

    def given_back(self) -> list[Variable]:
        """The result, then one gradient for each that was asked for."""
        return [self.outputs[n] for n in self.results]

    def _batch(self) -> Variable | None:
        if "N" in self.names.values():
            return None
        return batch_of(self.program, self.inputs)


class Derivation:
    """The chain rule, step by step; print it, or look at it in a notebook.

    Attributes:
        steps: the equations of the forward pass with their gradients, in the order of computation.
        text: what `print` shows.
        latex: the same for LaTeX, as one `aligned` block.
        source: a program in NumPy alone that defines `forward_and_backward`.
        arguments: what that function is called with to give what the graph holds, by name.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._trace = traced(problem.merged(), True)
        self._mathematics = Mathematics(self._trace.program, self._trace.roles)

    # --- steps ---

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every equation of the forward pass."""
        return self._steps(True)

    def _steps(self, flat: bool) -> tuple[Step, ...]:
        m = self._mathematics
        m.write(flat)
        forward, backward = _parts(m)
        groups = _grouped(m, forward, backward)
        aliases = self._aliases(forward, groups)
        if not forward:  # the result is one of its inputs
            result = m.outputs[m.results[0]]
            text = f"{m.style.plain(self._problem.names[self._problem.root])} = {m.text(result)}"
            return (Step(text, result.shape, "", tuple(aliases[0]), ""),)
        values = self._values if flat else {}
        found = []
        for n, (name, i) in enumerate(forward):
            given = [self._gradient(word, j, values) for word, j in groups[n]]
            given += aliases[n]
            text = m.equation(name, i)
            found.append(
                Step(text, i.result.shape, i.module, tuple(given), _valued(m, name, i, values))
            )
        return tuple(found)

    def _gradient(self, name: str, i: Instruction, values: dict[str, Any]) -> Gradient:
        m = self._mathematics
        return Gradient(
            name,
            m.equation(name, i),
            i.result.shape,
            tuple(reasons(m, name, i)),
            _valued(m, name, i, values),
        )

    def _aliases(self, forward: list[Line], groups: list[list[Line]]) -> list[list[Gradient]]:
        """Gradients that are known by another name, or are plain numbers: db = dz, dx = 1."""
        m = self._mathematics
        found: list[list[Gradient]] = [[] for _ in forward or " "]
        places = {word: n for n, group in enumerate(groups) for word, _ in group}
        inputs = {v.name: v for v in m.inputs}
        for x, at in zip(self._problem.by, m.results[m.words.count :], strict=True):
            name, v = self._problem.names[x], m.outputs[at]
            word, known = f"d{name}", m.names.get(v)
            if known != word and not (known or "").startswith(f"{word}_"):
                reader = _first_reader(m, forward, inputs[name]) if name in inputs else len(forward)
                n = min(reader, len(found) - 1, places.get(known or "", len(forward)))
                m.gradients.add(word)
                equation = f"{m.style.name(word)} = {m.text(v)}"
                value = _rounded(self._values[known]) if known in self._values else ""
                found[n].append(Gradient(word, equation, v.shape, (), value))
        return found

    @cached_property
    def _values(self) -> dict[str, Any]:
        """The numbers of a graph of scalars, by name; {} for arrays."""
        m = self._mathematics
        if any(i.result.shape for i in m.program.instructions) or any(v.shape for v in m.inputs):
            return {}
        known: dict[Variable, Any] = {v: self._trace.data[v] for v in m.program.inputs}
        interpreted = Program(
            m.program.inputs, m.program.instructions, [i.result for _, i in m.formulas]
        ).run([known[v] for v in m.program.inputs])
        found = {m.names[v]: float(known[v]) for v in m.inputs}
        for (name, _), value in zip(m.formulas, interpreted, strict=True):
            found[name] = float(value)
        return found

    # --- texts ---

    @cached_property
    def text(self) -> str:
        """The derivation in Unicode, one equation a line."""
        result = _in_brackets([self._problem.names[x] for x in self._problem.roots])
        asked = _in_brackets([self._problem.names[x] for x in self._problem.by])
        lines = [f"∂{result}/∂{asked}", "", "Forward"]
        module = ""
        for step in self.steps:
            lines.append(_line(f"  {step.equation}", step.shape, step.module, module))
            lines += [f"      = {step.value}"] if step.value else []
            module = step.module
        seeds = [f"d{self._problem.names[x]}" for x in self._problem.roots]
        verb = "comes" if len(seeds) == 1 else "come"
        outside = f"; {', '.join(seeds)} {verb} from outside"
        seed = outside if self._problem.seeds is not None else ""
        first = next(
            g.name
            for s in self.steps[::-1]
            for g in s.gradients
            if g.name in self._mathematics.gradients
        )
        style = self._mathematics.write(True)
        of = style("partial", style.plain(result), style.plain(self._mathematics.of(first)))
        lines += ["", f"Backward: {style.name(first)} stands for {of}{seed}"]
        for step in reversed(self.steps):
            lines.append(f"  {step.equation}")
            if step.gradients:
                lines += [line for g in step.gradients for line in _told(g)]
        return "\n".join(line.rstrip() for line in lines)

    @cached_property
    def latex(self) -> str:
        """The derivation in LaTeX: the rows of an `aligned` environment, between double dollars."""
        rows: list[str] = [r"\textbf{Forward} &"]
        steps = self._steps(False)
        rows += [_row(step.equation) for step in steps]
        rows.append(r"\textbf{Backward} &")
        for step in reversed(steps):
            for g in step.gradients:
                rows += [rf"& {reason}" for reason in g.because]
                rows.append(_row(g.equation))
        body = " \\\\\n".join(rows)
        return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"

    def _repr_latex_(self) -> str:
        return self.latex

    def _repr_markdown_(self) -> str:
        return f"{self.latex}\n\n```python\n{self.source}```\n"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    # --- the function ---

    @cached_property
    def _plain(self) -> tuple[Trace, Standalone]:
        trace = traced(self._problem, False)
        return trace, Standalone(trace.program, trace.roles)

    @property
    def source(self) -> str:
        """NumPy source of `forward_and_backward`."""
        return self._plain[1].source

    @property
    def arguments(self) -> dict[str, Any]:
        """The arrays that the graph was computed from, by the names of the function's arguments."""
        trace, printed = self._plain
        return {printed.names[v]: np.array(trace.data[v]) for v in printed.inputs}

    def function(self) -> Callable[..., Any]:
        """The function that `source` defines: it returns the result and then the gradients."""
        space: dict[str, Any] = {}
        exec(compile(self.source, "<derivation>", "exec"), space)
        return space["forward_and_backward"]  # type: ignore[no-any-return]


# --- Which gradient belongs to which step ---------------------------------------------------------

Line = tuple[str, Instruction]


def _parts(m: Mathematics) -> tuple[list[Line], list[Line]]:
    """The lines of the forward pass, and those of the backward pass."""
    forward = [line for line in m.formulas if line[1].result in m.forward]
    backward = [line for line in m.formulas if line[1].result not in m.forward]
    return forward, backward


def _first_reader(m: Mathematics, forward: list[Line], v: Variable) -> int:
    """The first line of the forward pass that reads a variable; the last line if none does."""
    for n, (_, i) in enumerate(forward):
        if any(v in j.inputs() for j in instructions_of(m, i)):
            return n
    return len(forward) - 1


def _grouped(m: Mathematics, forward: list[Line], backward: list[Line]) -> list[list[Line]]:
    """The backward lines by the forward line whose turn completes them.

    The gradient of z is complete after the turn of the first line that reads z. What is no
    gradient of a named value goes with the next gradient, which reads it.
    """
    groups: list[list[Line]] = [[] for _ in forward]
    waiting: list[Line] = []
    by_name = {m.names[v]: v for v in (*m.inputs, *(i.result for _, i in forward))}
    for name, i in backward:
        of = by_name.get(m.of(name)) if name in m.gradients else None
        if of is None:
            waiting.append((name, i))
            continue
        groups[_first_reader(m, forward, of)] += [*waiting, (name, i)]
        waiting = []
    if waiting:
        groups[0] += waiting
    return groups


# --- Lines ----------------------------------------------------------------------------------------


def _in_brackets(words: list[str]) -> str:
    return f"({', '.join(words)})" if len(words) > 1 else words[0]


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _line(text: str, shape: tuple[int, ...], module: str = "", before: str = "") -> str:
    facts = ", ".join(filter(None, (_shape(shape), module if module != before else "")))
    width = sum(not unicodedata.combining(c) for c in text)  # the hat of x̂ takes no room
    return f"{text}{' ' * (COLUMN - width)}  {facts}" if facts else text


def _told(g: Gradient) -> list[str]:
    lines = [f"      {reason}" for reason in g.because]
    lines.append(_line(f"    {g.equation}", g.shape))
    return [*lines, f"        = {g.value}"] if g.value else lines


def _row(equation: str) -> str:
    left, _, right = equation.partition(" = ")
    return f"{left} &= {right}"


def _rounded(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


class Valued(Style):
    """Text with numbers in place of names."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(True, set())
        self.values = values

    def name(self, word: str) -> str:
        """The number that a name stands for."""
        text = _rounded(self.values[word])
        return f"({text})" if text.startswith(self.minus) else text


def _valued(m: Mathematics, name: str, i: Instruction, values: dict[str, Any]) -> str:
    """The right side with numbers, and what it comes to."""
    if name not in values:
        return ""
    style, m.style = m.style, Valued(values)
    right = m.expression(i)[0]
    result = m.style.name(name).strip("()")
    m.style = style
    return result if right == result else f"{right} = {result}"
