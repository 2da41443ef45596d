"""The source of every derivative rule, taken apart by `ast` and put together again with one change.

What can be changed is a `Text`: the lambda of one rule, or a named function that rules call. It is
compiled in a copy of its module's namespace, together with all other functions there, and yields
the rules of the primitives that use it. The module itself is never touched.
"""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from autograd import primitives
from autograd.backends import numpy as arrays
from autograd.engine import backward, cotangents, primitive, unrolled
from autograd.engine.graph import Node
from autograd.engine.primitive import Primitive
from autograd.primitives.shaping import transpose

# --- What a changed rule may call besides the names of its module ---------------------------------


def one_zeroed(c: Any) -> Any:
    """The same with its largest entry set to 0."""
    mask = np.ones(np.shape(_plain(c)))
    if mask.size:
        mask.flat[np.argmax(np.abs(_plain(c)))] = 0.0
    return c * mask


def transposed(c: Any) -> Any:
    """The same with its axes reversed."""
    return transpose(c, axes=tuple(reversed(range(np.ndim(_plain(c))))))


def wrong_axis(axis: Any) -> Any:
    """Each axis one too low; an order of axes turned by one."""
    if isinstance(axis, int):
        return axis - 1
    if len(axis) > 1 and sorted(axis) == list(range(len(axis))):
        return (*axis[1:], axis[0])
    return tuple(i - 1 for i in axis)


def one_more(static: dict[str, Any], name: str) -> dict[str, Any]:
    """The static facts of a window with one of them too large by one."""
    return static | {name: tuple(n + 1 for n in static[name])}


TOOLS = {f.__name__: f for f in (one_zeroed, transposed, wrong_axis, one_more)}


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x


# --- Finding the texts ----------------------------------------------------------------------------

Tree = ast.Lambda | ast.FunctionDef


# The argument of a function that is only asked where it is, on the host or on a device.
PLACE = {"beside": 0, "_eye": 1}


@dataclass(frozen=True, eq=False)
class Text:
    """A piece of source that derivatives depend on.

    Attributes:
        module: where it stands.
        name: of the primitive with the number of the argument, "mul[0]", or of the function.
        tree: the lambda or the function.
        users: the primitives whose rules depend on it.
        is_rule: whether it is a rule itself, so that what it returns is a gradient.
    """

    module: ModuleType
    name: str
    tree: Tree
    users: tuple[Primitive, ...]
    is_rule: bool

    @property
    def parameters(self) -> list[str]:
        """The names of the data that it is given."""
        return [a.arg for a in self.tree.args.args]

    @cached_property
    def places(self) -> frozenset[ast.AST]:
        """The names that only tell where an array is, for which another does as well: x in
        `beside(x, constant)`."""
        calls = [n for n in ast.walk(self.tree) if isinstance(n, ast.Call)]
        named = [(n, n.func.id) for n in calls if isinstance(n.func, ast.Name)]
        return frozenset(n.args[PLACE[name]] for n, name in named if name in PLACE)


@dataclass
class _Table:
    """A module of primitives, read."""

    module: ModuleType
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    rules: dict[Primitive, list[ast.expr]] = field(default_factory=dict)

    def needed(self, tree: ast.AST) -> set[str]:
        """The functions of the module that a piece of source calls, and those that they call."""
        found: set[str] = set()
        waiting = [tree]
        while waiting:
            names = {n.id for n in ast.walk(waiting.pop()) if isinstance(n, ast.Name)}
            new = (names & self.functions.keys()) - found
            found |= new
            waiting += [self.functions[name] for name in new]
        return found


@cache
def table_of(module: ModuleType) -> _Table:
    """The functions of a module, and the rules of its primitives as they are written there."""
    table = _Table(module)
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.FunctionDef):
            table.functions[statement.name] = statement
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            op = getattr(module, statement.target.id)
            if isinstance(op, Primitive):
                assert isinstance(statement.value, ast.Call)
                table.rules[op] = statement.value.args[2:]
    return table


@cache
def texts() -> tuple[Text, ...]:
    """All texts, in the order of the tables."""
    return tuple(text for module in primitives.TABLES for text in texts_of(table_of(module)))


def texts_of(table: _Table) -> Iterator[Text]:
    """The texts of one module."""
    as_rules = {r.id for rules in table.rules.values() for r in rules if isinstance(r, ast.Name)}
    users: dict[str, dict[Primitive, None]] = {}
    for op, rules in table.rules.items():
        for k, rule in enumerate(rules):
            if isinstance(rule, ast.Lambda):
                yield Text(table.module, f"{op.name}[{k}]", rule, (op,), True)
            for name in table.needed(rule):
                users.setdefault(name, {})[op] = None
    for name, function in table.functions.items():
        if name in users:
            yield Text(table.module, name, function, tuple(users[name]), name in as_rules)


# --- Changing and compiling -----------------------------------------------------------------------


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def changed(tree: Tree, place: int, new: ast.AST) -> Tree:
    """A copy of `tree` with another node at a place, counted in the order of `ast.walk`."""
    tree = copy.deepcopy(tree)
    old = list(ast.walk(tree))[place]
    exchanged: Tree = _Exchange(old, copy.deepcopy(new)).visit(tree)
    return ast.fix_missing_locations(exchanged)


def _code(tree: ast.AST) -> CodeType:
    if isinstance(tree, ast.expr):
        return compile(ast.Expression(tree), "<rule>", "eval")
    assert isinstance(tree, ast.stmt)
    return compile(ast.Module([tree], type_ignores=[]), "<rule>", "exec")


@cache
def _unchanged_code(tree: ast.AST) -> CodeType:
    return _code(tree)


def rules_with(text: Text, tree: Tree) -> dict[Primitive, Any]:
    """The rules of the text's users, with `tree` in place of the text's own."""
    table = table_of(text.module)
    namespace = vars(text.module) | TOOLS
    for function in table.functions.values():
        exec(_code(tree) if function is text.tree else _unchanged_code(function), namespace)
    result: dict[Primitive, Any] = {}
    for op in text.users:
        rules = [
            eval(_code(tree) if rule is text.tree else _unchanged_code(rule), namespace)
            for rule in table.rules[op]
        ]
        result[op] = type(op.rules)(rules[0] if op.variadic else rules)
    return result


@contextmanager
def installed(rules: dict[Primitive, Any]) -> Iterator[None]:
    """Let primitives have other rules for a while."""
    before = {op: op.rules for op in rules}
    try:
        for op, new in rules.items():
            op.rules = new
        yield
    finally:
        for op, old in before.items():
            op.rules = old


# --- The engine's own part ------------------------------------------------------------------------
#
# A pass adds up what comes back over a fan-out, and the backend of arrays sums a gradient down to
# the shape that was broadcast.


@dataclass(frozen=True, eq=False)
class EnginePart:
    """A function of the engine: where it stands, who looks it up by which name, its source."""

    module: ModuleType
    owners: tuple[Any, ...]
    name: str
    tree: ast.FunctionDef

    def compiled(self, tree: ast.FunctionDef) -> Any:
        """The function with another source, in a copy of its module's namespace."""
        namespace = dict(vars(self.module))
        exec(_code(tree), namespace)
        return namespace[self.name]

    @contextmanager
    def replaced(self, function: Any) -> Iterator[None]:
        """Let the engine use another function for a while."""
        before = vars(self.owners[0])[self.name]
        try:
            for owner in self.owners:
                setattr(owner, self.name, function)
            yield
        finally:
            for owner in self.owners:
                setattr(owner, self.name, before)


@cache
def engine() -> tuple[EnginePart, ...]:
    """The parts of the engine that are changed too."""
    return (
        _part("add", cotangents, backward, primitive, unrolled),
        _part("pull_nodes", backward),
        _part("_walk_alone", unrolled),
        EnginePart(arrays, (arrays.NumPyArrays,), "fit", _function(arrays, "fit")),
        EnginePart(arrays, (arrays.NumPyArrays,), "_broadcast", _function(arrays, "_broadcast")),
    )


def _part(name: str, home: ModuleType, *users: ModuleType) -> EnginePart:
    """A function of a module, which others import by its name."""
    return EnginePart(home, (home, *users), name, _function(home, name))


def _function(module: ModuleType, name: str) -> ast.FunctionDef:
    [found] = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    return found
