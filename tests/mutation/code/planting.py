"""Planting a mistake in code that is loaded already, or while it is loaded."""

from __future__ import annotations

import ast
import gc
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from tests.mutation.code.mutants import REPOSITORY, Mutant, files, source_of, tree_of


class NeedsImport(Exception):
    """The mistake is in code that runs, or in a closure that is made, when the module is loaded."""


@cache
def live_functions() -> dict[CodeType, list[FunctionType]]:
    """The functions of the files that are changed, by their code."""
    paths = {str(REPOSITORY / file) for file in files()}
    found: dict[CodeType, list[FunctionType]] = {}
    gc.unfreeze()  # the tests' conftest.py freezes what is loaded, which is not listed then
    for x in gc.get_objects():
        if isinstance(x, FunctionType) and x.__code__.co_filename in paths:
            found.setdefault(x.__code__, []).append(x)
    return found


@cache
def unchanged(file: str) -> CodeType:
    """The code of a file as it is."""
    return compile(tree_of(file), str(REPOSITORY / file), "exec")


def plant(mutant: Mutant) -> None:
    """Exchange the code of all live functions that the mistake is in.

    Raises:
        NeedsImport: no live function has it.
    """
    before = unchanged(mutant.file)
    after = compile(mutant.tree(), before.co_filename, "exec")
    planted = False
    for old, new in _pairs(before, after):
        for function in live_functions().get(old, ()) if old != new else ():
            try:
                function.__code__ = new
            except ValueError:  # the mistake uses other variables of an outer function
                _exchange_method(function, new)
            planted = True
    if not planted:
        _plant_default(mutant)


def _exchange_method(function: FunctionType, new: CodeType) -> None:
    """Put a new function in the class, as when `super()` is dropped, which hides in a closure."""
    owner: Any = sys.modules[function.__module__]
    for name in function.__qualname__.split(".")[:-1]:
        owner = getattr(owner, name, None)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    if vars(owner).get(function.__name__) is not function or not cells.keys() >= {*new.co_freevars}:
        raise NeedsImport
    closure = tuple(cells[name] for name in new.co_freevars)
    exchanged = FunctionType(
        new, function.__globals__, function.__name__, function.__defaults__, closure
    )
    exchanged.__kwdefaults__ = function.__kwdefaults__
    setattr(owner, function.__name__, exchanged)


def _plant_default(mutant: Mutant) -> None:
    """Exchange the defaults of the function whose parameters the mistake is in."""
    before, after = tree_of(mutant.file), mutant.tree()
    path = str(REPOSITORY / mutant.file)
    for old, new in zip(_functions(before), _functions(after), strict=True):
        if ast.dump(old.args) == ast.dump(new.args):
            continue
        line = min(node.lineno for node in (old, *old.decorator_list))
        for code, functions in live_functions().items():
            found = code.co_filename, code.co_name, code.co_firstlineno
            if found == (path, old.name, line):
                for function in functions:
                    _set_defaults(function, new.args)
                return
    raise NeedsImport


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _set_defaults(function: FunctionType, parameters: ast.arguments) -> None:
    def value(node: ast.expr) -> Any:
        try:
            return eval(compile(ast.Expression(node), "<default>", "eval"), function.__globals__)
        except NameError:  # a name of the class around it
            raise NeedsImport from None

    function.__defaults__ = tuple(map(value, parameters.defaults)) or None
    function.__kwdefaults__ = {
        p.arg: value(default)
        for p, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        if default is not None
    } or None


def _pairs(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    yield before, after
    old, new = ([x for x in code.co_consts if isinstance(x, CodeType)] for code in (before, after))
    if len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _pairs(one, other)


class Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Load one module from a syntax tree, so that all that imports it gets the mistake."""

    def __init__(self, mutant: Mutant) -> None:
        self.file, self.tree = mutant.file, mutant.tree()
        self.name = mutant.file.removesuffix(".py").replace("/", ".")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """A spec for the one module, None for every other."""
        if name != self.name:
            return None
        location = str(REPOSITORY / self.file)
        return importlib.util.spec_from_file_location(name, location, loader=self)

    def get_source(self, name: str) -> str:
        """The unchanged source, which doctests and `inspect` read."""
        return source_of(self.file)

    def exec_module(self, module: Any) -> None:
        """Run the changed module."""
        exec(compile(self.tree, module.__file__, "exec"), vars(module))


def import_with(mutant: Mutant) -> None:
    """Let a process that has not imported the module yet import it with the mistake."""
    importer = Importer(mutant)
    assert importer.name not in sys.modules
    sys.meta_path.insert(0, importer)


def enclosing_lines(file: str) -> dict[str, list[int]]:
    """For each outermost function of a file, the first lines of the code objects in it."""
    found: dict[str, list[int]] = {}

    def visit(node: ast.AST, scope: str, function: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner_scope, inner = scope, function
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner_scope = f"{scope}.{child.name}" if scope else child.name
                if not isinstance(child, ast.ClassDef):
                    inner = function or inner_scope
                    lines = [child.lineno, *(d.lineno for d in child.decorator_list)]
                    found.setdefault(inner, []).extend(lines)
            elif isinstance(child, ast.Lambda):
                found.setdefault(function, []).append(child.lineno)
            visit(child, inner_scope, inner)

    visit(tree_of(file), "", "")
    return found
