"""Where code branches on the values of arrays, which no trace of a step could follow.

A name holds values if it is a parameter with the name of an array, or is assigned from a function
of arrays, from a reduction, or from another such name; shapes, dtypes and identities are no values.
A condition with such a name is a branch, and so is a range, unless all it does is raise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

REDUCTIONS = {
    *("all", "any", "argmax", "argmin", "item", "max", "mean", "min", "norm", "numpy", "prod"),
    *("reduce", "std", "sum", "tolist", "var"),
}
MODULES = {"np", "ag", "autograd", "numpy"}
# Functions that turn what a caller gave into arrays.
CONVERTERS = {"array", "as_floats", "as_operand", "data_of", "floats", "floats_like", "in_dtype_of", "integers", "prepared"}  # fmt: skip
ARRAYS = {"g", "gradient", "input", "out", "target", "x", "x1", "x2", "y"}
# What is known before there are values.
FACTS = {"dtype", "flags", "itemsize", "kind", "name", "ndim", "op", "requires_grad", "shape", "size", "strides", "training"}  # fmt: skip
FUNCTIONS_OF_FACTS = {
    *("broadcast_shapes", "can_cast", "callable", "dtype", "finfo", "hasattr", "id", "iinfo"),
    *("is_recording", "isinstance", "issubdtype", "isscalar", "len", "ndim", "promote_types"),
    *("result_type", "shape", "size", "type"),
}


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    f = node.func
    return f.attr if isinstance(f, ast.Attribute) else f.id if isinstance(f, ast.Name) else ""


class Values:
    """Which names and expressions of one function hold the values of arrays."""

    def __init__(self, function: ast.AST, returning: set[str]) -> None:
        self.returning = returning
        self.names: set[str] = set()
        if isinstance(function, (ast.FunctionDef, ast.Lambda)):
            given = function.args
            parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            self.names = {p.arg for p in parameters if p.arg in ARRAYS}
        before = None
        while before != len(self.names):
            before = len(self.names)
            for node in within(function):
                self.assign(node)

    def assign(self, node: ast.AST) -> None:
        """Note the names that a statement gives values."""
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)) and node.value:
            pairs = [(node.target, node.value)]
        elif isinstance(node, (ast.For, ast.comprehension)):
            pairs = [(node.target, node.iter)]
        else:
            return
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                for t, v in zip(target.elts, value.elts, strict=False):
                    self.add(t, v)
            else:
                self.add(target, value)

    def add(self, target: ast.AST, value: ast.AST) -> None:
        if self.in_(value):
            self.names |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip

    def in_(self, node: ast.AST) -> bool:
        """Whether an expression holds values."""
        if isinstance(node, ast.Name):
            return node.id in self.names
        if isinstance(node, ast.Attribute):
            return node.attr not in FACTS and (
                node.attr in ("data", "_data") or self.in_(node.value)
            )
        if isinstance(node, ast.Compare) and all(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops):  # fmt: skip
            return False
        if isinstance(node, ast.Call):
            return self.in_call(node)
        if isinstance(node, (ast.Lambda, ast.Tuple, ast.List, ast.Dict, ast.JoinedStr)):
            return False
        if isinstance(node, ast.IfExp):
            return self.in_(node.body) or self.in_(node.orelse)
        return any(map(self.in_, ast.iter_child_nodes(node)))

    def in_call(self, node: ast.Call) -> bool:
        name, f = called(node), node.func
        if name in FUNCTIONS_OF_FACTS:
            return False
        if isinstance(f, ast.Attribute):
            root = f.value
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in MODULES:
                return True
            if isinstance(root, ast.Name) and root.id == "math":
                return any(map(self.in_, node.args))
            return name in REDUCTIONS or self.in_(f.value)
        if name in CONVERTERS or name in self.returning:
            return True
        builtin = name in ("abs", "all", "any", "bool", "float", "int", "max", "min", "next", "sum")
        return builtin and any(map(self.in_, node.args))


def within(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without the functions inside it."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            yield from within(child)


def functions(tree: ast.AST) -> list[ast.AST]:
    """The module and all functions in it."""
    return [tree, *(n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Lambda)))]


def returning_values(trees: Iterable[ast.AST]) -> set[str]:
    """The names of functions that return values of arrays, of those with a name of their own."""
    found: set[str] = set()
    every = [f for tree in trees for f in functions(tree) if isinstance(f, ast.FunctionDef)]
    before = None
    while before != len(found):
        before = len(found)
        for function in every:
            values = Values(function, found)
            returns = [n.value for n in within(function) if isinstance(n, ast.Return) and n.value]
            if any(map(values.in_, returns)):
                found.add(function.name)
    return found


def only_raises(node: ast.AST) -> bool:
    """Whether a condition decides nothing but whether to raise."""
    return isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], ast.Raise)


def branches(tree: ast.AST, returning: set[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """(function, condition) of every branch on values, of one file."""
    for function in functions(tree):
        values = Values(function, returning)
        raising = {
            id(n) for check in within(function) if only_raises(check) for n in ast.walk(check)
        }
        for node in within(function):
            if id(node) in raising:
                continue
            if isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Assert)):
                tests = [node.test]
            elif isinstance(node, ast.BoolOp):
                tests = node.values[:-1]
            elif isinstance(node, ast.comprehension):
                tests = node.ifs
            elif isinstance(node, ast.Match):
                tests = [node.subject]
            elif isinstance(node, ast.Call) and called(node) == "range":
                tests = node.args
            else:
                continue
            for test in tests:
                if values.in_(test):
                    yield getattr(function, "name", ""), ast.unparse(test)
