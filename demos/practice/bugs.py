"""Find the bug: reference solutions with one mistake, made by the mutation operators."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from autograd.errors import as_int, message
from autograd.testing.mutation import operators, rules
from demos.practice import passes
from demos.practice.exercises import EXERCISES, Exercise, source_of

# What the operators do, and the kinds of mistakes that it may be for a gradient.
OPERATORS = {
    "sign flipped": {"sign"},
    "factor dropped": {"factor", "slope missing", "upstream ignored"},
    "term dropped": {"term missing"},
    "operands exchanged": {"operands exchanged", "transposed", "sign"},
    "transpose skipped": {"transposed"},
    "condition inverted": {"mask"},
    "branches exchanged": {"mask"},
    "sum skipped": {"not summed"},
    "mean for sum": {"factor"},
    "other axis": {"summed over the wrong axis"},
    "`=` for `+=`": {"overwritten"},
}


KINDS = sorted(set().union(*OPERATORS.values()))


@dataclass(frozen=True)
class Bug:
    """A backward pass with one mistake.

    Attributes:
        exercise: that it is a solution of.
        source: the program.
        kind: of the mistake.
        line: its line in the source, from 1.
        text: what the examiner says of it.
    """

    exercise: Exercise
    source: str
    kind: str
    line: int
    text: str

    def judge(self, kind: str, line: int) -> str:
        """What to say to a reader's answer."""
        if (kind, line) == (self.kind, self.line):
            return f"Yes. {self.text}."
        if line == self.line:
            return "The line is right. What does it do to the gradient? Look at the kind again."
        if kind == self.kind:
            return "The kind is right. In which line does it happen?"
        return "Not yet. Compare each line with the forward pass, and each shape with its variable."

    @property
    def numbered(self) -> str:
        """The source with numbers of lines."""
        lines = self.source.splitlines()
        return "\n".join(f"{i:3}  {line}" for i, line in enumerate(lines, 1))


@cache
def draw(seed: int) -> Bug:
    """The bug of a seed; the same for the same seed, and another for the next one.

    Each round of as many seeds as there are exercises goes through all of them, and begins further
    on in the changes of each.

    Raises:
        ValueError: the seed is no integer of at least 0.
    """
    number = as_int(seed)
    if number is None or number < 0:
        raise ValueError(message("practice", f"seed={seed!r}", "an integer of at least 0"))
    turn, first = divmod(number, len(EXERCISES))
    rng = np.random.default_rng(0)
    order = rng.permutation(len(EXERCISES))
    for step in range(len(EXERCISES)):
        exercise = EXERCISES[order[(first + step) % len(EXERCISES)]]
        candidates = list(changes_of(exercise))
        places = np.random.default_rng(1).permutation(len(candidates))
        start = int((turn + 0.5 * step) * 0.618 * len(candidates))
        for j in np.roll(places, -start):
            found = planted(exercise, *candidates[j])
            if found is not None:
                return found
    raise RuntimeError("no exercise has a mistake that the examiner names")


Change = tuple[str, int, ast.AST]  # the operator, the place in the tree, what stands there instead


@cache
def _tree(exercise: Exercise) -> ast.FunctionDef:
    [tree] = ast.parse(source_of(exercise.reference)).body
    assert isinstance(tree, ast.FunctionDef)
    return tree


def changes_of(exercise: Exercise) -> Iterator[Change]:
    """All changes that the operators make of a reference solution."""
    tree = _tree(exercise)
    text = rules.Text(ModuleType("solution"), exercise.key, tree, (), True)
    for place, node in enumerate(ast.walk(tree)):
        for name, operator in {**operators.ON_ANY_NODE, **ON_SUMS}.items():
            if name in OPERATORS:
                for new in operator(node, text):
                    if is_likely(name, node):
                        yield name, place, new


def _is_sum(node: Any) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "sum"


def sum_skipped(node: Any, text: Any) -> Iterator[ast.AST]:
    """g for g.sum(axis=0)."""
    if _is_sum(node):
        yield node.func.value


def mean_for_sum(node: Any, text: Any) -> Iterator[ast.AST]:
    """g.mean(axis=0) for g.sum(axis=0)."""
    if _is_sum(node):
        yield ast.Call(ast.Attribute(node.func.value, "mean", ast.Load()), [], node.keywords)


def other_axis(node: Any, text: Any) -> Iterator[ast.AST]:
    """axis=1 for axis=0, axis=0 for axis=-1."""
    if isinstance(node, ast.keyword) and node.arg == "axis":
        yield ast.keyword("axis", ast.Constant(1 if ast.unparse(node.value) == "0" else 0))


def sum_forgotten(node: Any, text: Any) -> Iterator[ast.AST]:
    """d[i] = g for d[i] += g, and d[i] += g, which counts a repeated i once, for np.add.at."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        yield ast.copy_location(ast.Assign([node.target], node.value), node)
    if isinstance(node, ast.Expr) and ast.unparse(node).startswith("np.add.at("):
        assert isinstance(node.value, ast.Call)
        array, index, value = node.value.args
        target = ast.Subscript(array, index, ast.Store())
        yield ast.copy_location(ast.AugAssign(target, ast.Add(), value), node)


ON_SUMS = {
    "sum skipped": sum_skipped,
    "mean for sum": mean_for_sum,
    "other axis": other_axis,
    "`=` for `+=`": sum_forgotten,
}


def is_likely(operator: str, node: Any) -> bool:
    """Whether a person might make that mistake: nobody writes 4 / x for x / 4."""
    if operator == "operands exchanged":
        return isinstance(node.op, (ast.Sub, ast.MatMult)) if isinstance(node, ast.BinOp) else False
    return True


def planted(exercise: Exercise, operator: str, place: int, new: ast.AST) -> Bug | None:
    """The bug that a change makes; None if it is none, or has another name than it should."""
    tree = _tree(exercise)
    changed = rules.changed(tree, place, new)
    before, after = (ast.unparse(t).splitlines() for t in (tree, changed))
    lines = [i for i, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]]
    if len(lines) != 1:
        return None
    namespace: dict[str, Any] = dict(vars(passes))
    exec("\n".join(after), namespace)
    try:
        report = exercise.grade(namespace[f"{exercise.key}_backward"])
    except Exception:  # the change made a program that does not run
        return None
    if report.passed or len(report.mistakes) != 1 or report.mistakes[0].argument == "":
        return None
    [mistake] = report.mistakes
    if mistake.kind not in OPERATORS[operator]:
        return None
    if operator not in ON_SUMS and "has the shape" in mistake.evidence:
        return None
    lost = ast.unparse(tree).count("grad_output") > ast.unparse(changed).count("grad_output")
    if lost != (mistake.kind == "upstream ignored"):
        return None
    return Bug(exercise, "\n".join(after), mistake.kind, lines[0], mistake.text)
