"""Which words of memory say that a guard still holds."""

from __future__ import annotations

import ast
import operator
import weakref
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.compile.guards import memory
from autograd.compile.guards.memory import Unwatched, Word

COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
UNCHANGING = (int, float, complex, str, bytes, bool, type(None), np.generic, type, np.dtype, range)
FLAGS = type(np.zeros(0).flags)
NAMES = {"len": len, "type": type, "str": str}


class Watching:
    """Evaluates the expression of a guard, and notes the words that its value depends on.

    An expression stays true as long as they are what they were: the rest of what it reads, such as
    a number or a tuple, cannot change. Whoever compares the words later must keep `values` until
    then, so that no other object gets the address of one of them.

    Args:
        names: what the names in expressions mean; a step's arguments are not among them.
        own: lists that nobody but the program changes. Its constants, such as k12, count as such.

    Attributes:
        values: all that stood where a word is, for the expressions so far.

    Example:
        >>> from autograd.compile.guards import memory
        >>> where = {"rate": 0.1}
        >>> words = Watching({"o1": where}).words("o1['rate'] == 0.1") if memory.readable() else []
        >>> all(memory.word(address) == value for address, value in words)
        True
        >>> where["rate"] = 0.2
        >>> not words or any(memory.word(address) != value for address, value in words)
        True
    """

    def __init__(self, names: Mapping[str, Any], own: tuple[Any, ...] = ()) -> None:
        self.names = {**NAMES, **names}
        self.own = own
        self.lists = [x for name, x in names.items() if name[:1] == "k" and type(x) is list]
        self.found: list[Word] = []
        self.values: list[Any] = []

    def words(self, source: str) -> list[Word]:
        """The words that the truth of an expression depends on.

        Raises:
            Unwatched: it reads what is not a word, or it is not true.
        """
        _, found = self.read(source)
        return found

    def read(self, source: str) -> tuple[Any, list[Word]]:
        """The value of an expression that is not false, and its words."""
        self.found = []
        try:
            value = self._value(_parsed(source))
        except Unwatched:
            raise
        except Exception as error:  # such as an entry that is not there
            raise Unwatched from error
        if value is False:
            raise Unwatched
        return value, self.found

    def _value(self, node: ast.expr) -> Any:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise Unwatched
        return method(node)

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise Unwatched
        return self.names[node.id]

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple([self._value(e) for e in node.elts])

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self._value(node.operand)
        if isinstance(node.op, ast.USub):
            return -value
        if not isinstance(node.op, ast.Not):
            raise Unwatched
        if not isinstance(value, UNCHANGING):
            self.found.append(memory.length(value))
        return not value

    def _boolop(self, node: ast.BoolOp) -> Any:
        """As Python: the terms after the one that decides are not read."""
        value: Any = None
        for term in node.values:
            value = self._value(term)
            if type(value) is not bool:
                raise Unwatched
            if value is isinstance(node.op, ast.Or):
                break
        return value

    def _compare(self, node: ast.Compare) -> Any:
        (op,), (right,) = node.ops, node.comparators
        if type(op) not in COMPARISONS:
            raise Unwatched
        x, y = self._value(node.left), self._value(right)
        if not isinstance(op, (ast.Is, ast.IsNot)):
            self._settled(x)
            self._settled(y)
        return COMPARISONS[type(op)](x, y)

    def _settled(self, x: Any) -> None:
        """An operand of == can be read here only if its value cannot change."""
        if isinstance(x, (tuple, frozenset)) or any(x is known for known in self.lists):
            for e in x:
                self._settled(e)
        elif not isinstance(x, UNCHANGING):
            raise Unwatched

    def _subscript(self, node: ast.Subscript) -> Any:
        container, key = self._value(node.value), self._value(node.slice)
        if any(container is x for x in self.own):
            return container[key]
        if type(container) is dict:
            self.found += memory.entry(container, key)
        elif type(container) is list:
            self.found += memory.item(container, key)
        elif type(container) is not tuple:
            raise Unwatched
        self.values.append(container[key])
        return self.values[-1]

    def _attribute(self, node: ast.Attribute) -> Any:
        x, name = self._value(node.value), node.attr
        if type(x) is FLAGS:  # those of an array, which was read
            return getattr(x, name)
        if type(x) is np.ndarray:
            if name not in ("shape", "strides", "dtype", "flags"):
                raise Unwatched
            self.found += memory.array(x)
            self.values.append(x.dtype)
            return getattr(x, name)
        self.found += memory.attribute(x, name)
        self.values.append(getattr(x, name))
        return self.values[-1]

    def _list(self, node: ast.List) -> Any:
        """[*x]: the keys of a dictionary in their order."""
        (starred,) = node.elts
        if not isinstance(starred, ast.Starred):
            raise Unwatched
        x = self._value(starred.value)
        self.found += memory.order(x)
        self.lists.append([*x])
        return self.lists[-1]

    def _call(self, node: ast.Call) -> Any:
        args = [self._value(a) for a in node.args]
        if isinstance(node.func, ast.Attribute):
            x = self._value(node.func.value)
            if node.func.attr == "isdisjoint" and type(x) is frozenset and len(args) == 1:
                self.found += memory.order(args[0])
                return x.isdisjoint(args[0])
            raise Unwatched
        f = self._value(node.func)
        if f is len and type(args[0]) is not tuple:
            self.found.append(memory.length(args[0]))
        elif type(f) is weakref.ref:
            if not any(f() is x for x in self.names.values()):  # else it is alive, and stays so
                raise Unwatched
        elif f is str:
            self._settled(args[0])
        elif f not in (len, type):
            raise Unwatched
        return f(*args)


@lru_cache(4096)
def _parsed(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body
