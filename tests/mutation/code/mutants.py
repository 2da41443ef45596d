"""Small mistakes in the engine's own code: which there are, and what each changes.

Every operator is applied at every place where it fits, except in what only words an error (the
arguments of `raise`, `message` and its kin, and the variables that hold them), in annotations, in
`assert`, and in `strict=`, which asserts as well.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
PLACES = (
    "autograd/engine/*.py",
    "autograd/nodes/*.py",
    "autograd/transforms/*.py",
    "autograd/testing/*.py",
    "nn/optim/**/*.py",
    "nn/training/checkpoint*.py",
    "nn/training/*_file.py",
    "nn/training/pickle_stream.py",
    "nn/training/skeleton.py",
)
# Functions whose arguments are the words of an error.
TEXTS = {"got", "expected", "hint", "text", "write", "article", "needs"}
WORDING = {"message", "described", "counted", "kind", "warn", "one_of", "TypeVar", "ParamSpec"}


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Attributes:
        file: where it is planted, from the root of the repository.
        function: the qualified name of the outermost function around it, or "" at module level.
        operator: what kind of mistake.
        change: the source before and after; with a number if it is not the first such change.
        place: the number of the changed node in the order of `ast.walk`.
        choice: which of the operator's offers for that node.
        line: the line in the file.
    """

    file: str
    function: str
    operator: str
    change: str
    place: int
    choice: int
    line: int

    @property
    def key(self) -> str:
        """What a result or an explanation is found by; it does not change with the line."""
        return f"{self.file}:{self.function}: {self.operator}: {self.change}"

    @property
    def home(self) -> str:
        """The function, for which tests are listed."""
        return f"{self.file}:{self.function}"

    def tree(self) -> ast.Module:
        """The syntax tree of the file with the mistake in it."""
        tree = ast.parse(source_of(self.file))
        node = list(ast.walk(tree))[self.place]
        new = list(_offers(node))[self.choice][1]
        _Exchange(node, ast.copy_location(new, node)).visit(tree)
        return ast.fix_missing_locations(tree)


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


# --- operators ------------------------------------------------------------------------------------

Offer = tuple[str, ast.AST]
OPPOSITE: dict[type, type] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
BOUNDARY: dict[type, type] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OTHER_ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip


def _offers(node: ast.AST) -> Iterator[Offer]:
    """What may stand in place of a node, each with the name of the mistake."""
    for offers in (_of_conditions, _of_arithmetic, _of_constants, _of_statements, _of_calls):
        yield from offers(node)


def _of_conditions(node: ast.AST) -> Iterator[Offer]:
    if isinstance(node, ast.Compare):
        first = type(node.ops[0])
        yield "comparison inverted", _compared(node, OPPOSITE[first])
        if first in BOUNDARY:
            yield "boundary moved", _compared(node, BOUNDARY[first])
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and for or", ast.BoolOp(other, node.values)
        for i in range(len(node.values)):
            left = node.values[:i] + node.values[i + 1 :]
            new = left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
            yield "condition dropped", new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", node.operand
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and isinstance(
        node.test, (ast.Name, ast.Attribute, ast.Call)
    ):
        new = copy.copy(node)
        new.test = ast.UnaryOp(ast.Not(), node.test)
        yield "condition inverted", new


def _compared(node: ast.Compare, first: type) -> ast.Compare:
    return ast.Compare(node.left, [first(), *node.ops[1:]], node.comparators)


def _of_arithmetic(node: ast.AST) -> Iterator[Offer]:
    if isinstance(node, ast.BinOp) and type(node.op) in OTHER_ARITHMETIC:
        yield "other operator", ast.BinOp(node.left, OTHER_ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in OTHER_ARITHMETIC:
        yield (
            "other operator",
            ast.AugAssign(node.target, OTHER_ARITHMETIC[type(node.op)](), node.value),
        )
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign dropped", node.operand


def _of_constants(node: ast.AST) -> Iterator[Offer]:
    if not isinstance(node, ast.Constant):
        return
    if type(node.value) is bool:
        yield "constant changed", ast.Constant(not node.value)
    elif type(node.value) is int:
        yield "constant changed", ast.Constant(node.value + 1)
    elif type(node.value) is float:
        yield "constant changed", ast.Constant(node.value * 1.1 or 0.1)


def _of_statements(node: ast.AST) -> Iterator[Offer]:
    if isinstance(node, ast.Return) and not _is_nothing(node.value):
        yield "returns None", ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise) and node.exc is not None:
        yield "raise dropped", ast.Pass()
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await)):
        yield "call dropped", ast.Pass()
    elif isinstance(node, ast.Assign) and isinstance(
        node.targets[0], (ast.Attribute, ast.Subscript)
    ):
        yield "assignment dropped", ast.Pass()
    elif isinstance(node, ast.Delete):
        yield "deletion dropped", ast.Pass()
    elif isinstance(node, ast.Try) and node.finalbody:
        yield "finally dropped", _with(node, finalbody=[ast.Pass()])
    elif isinstance(node, ast.Break):
        yield "break for continue", ast.Continue()
    elif isinstance(node, ast.Continue):
        yield "continue for break", ast.Break()


def _of_calls(node: ast.AST) -> Iterator[Offer]:
    if not isinstance(node, ast.Call) or _called(node) in WORDING:
        return
    for i, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "strict"):
            yield (
                f"{keyword.arg}= dropped",
                ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :]),
            )


def _with(node: ast.stmt, **changes: object) -> ast.stmt:
    new = copy.copy(node)
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def _is_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _called(node: ast.Call) -> str:
    function = node.func
    return getattr(function, "id", "") or getattr(function, "attr", "")


# --- all of them ----------------------------------------------------------------------------------


@cache
def tree_of(file: str) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(source_of(file))


@cache
def source_of(file: str) -> str:
    """The text of a file."""
    return (REPOSITORY / file).read_text(encoding="utf-8")


def files() -> list[str]:
    """The files that are changed."""
    found = {path for place in PLACES for path in REPOSITORY.glob(place)}
    names = sorted(path.relative_to(REPOSITORY).as_posix() for path in found)
    return [name for name in names if not name.endswith("__init__.py")]


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every place with every operator that applies there."""
    return tuple(mutant for file in files() for mutant in _of_file(file))


def _of_file(file: str) -> Iterator[Mutant]:
    tree = tree_of(file)
    place = {node: i for i, node in enumerate(ast.walk(tree))}
    seen: Counter[tuple[str, str, str]] = Counter()
    for node, function in _code(tree, "", ""):
        for choice, (operator, new) in enumerate(_offers(node)):
            change = f"{_text(node)} → {_text(new)}"
            if isinstance(new, ast.Pass):
                change = _text(node)
            seen[function, operator, change] += 1
            n = seen[function, operator, change]
            change += f" #{n}" * (n > 1)
            yield Mutant(file, function, operator, change, place[node], choice, node.lineno)


def _text(node: ast.AST) -> str:
    """One line of source: of a longer statement, its first."""
    first, *more = ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split("\n")
    return first + " …" * bool(more)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _code(node: ast.AST, scope: str, function: str) -> Iterator[tuple[ast.AST, str]]:
    """The nodes that may change, each with the outermost function around it."""
    if isinstance(node, ast.expr | ast.stmt):
        yield node, function
    if isinstance(node, ast.Raise) or _is_wording(node):
        return
    for name, field in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params"):
            continue
        inner_scope, inner = scope, function
        if isinstance(node, Function | ast.ClassDef) and name in ("body", "args"):
            inner_scope = f"{scope}.{node.name}" if scope else node.name
            if isinstance(node, Function) and not function:
                inner = inner_scope
        for child in field if isinstance(field, list) else [field]:
            if isinstance(child, ast.AST) and not _is_declaration(child):
                yield from _code(child, inner_scope, inner)


def _is_wording(node: ast.AST) -> bool:
    """The words of an error, and what only asserts that two lists are of one length."""
    if isinstance(node, ast.Assign):
        named = [
            name.id for t in node.targets for name in ast.walk(t) if isinstance(name, ast.Name)
        ]
        return bool(named) and TEXTS.issuperset(named)
    if isinstance(node, ast.Call):
        return _called(node) in WORDING
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _is_declaration(node: ast.AST) -> bool:
    """What is not run, or only for a type checker."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, Function):
        return any(ast.unparse(d) == "overload" for d in node.decorator_list)
    return isinstance(node, ast.Assert | ast.Import | ast.ImportFrom)
