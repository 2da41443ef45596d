"""What a program remembers between calls: it is put back, so that nothing of the caller's changes.

A forward pass may keep a mask in a dictionary, in a variable of the function around it, in a global
variable or on an object, and it may draw random numbers. All of that is saved here and restored.
"""

from __future__ import annotations

import copy
import random as python_random
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import random
from autograd.engine.graph import Node

PLAIN = (str, bytes, int, float, complex, bool, type(None), type, types.ModuleType, Node)


class Surroundings:
    """The state that functions can reach, as it is now.

    Args:
        functions: those whose cells, defaults, globals and callees are searched.
    """

    def __init__(self, *functions: Any) -> None:
        self._put_back: list[Callable[[], Any]] = []
        self._seen: set[int] = set()
        for function in functions:
            self._visit(function)
        self._draws = _draws()

    def restore(self) -> None:
        """Put everything back as it was."""
        for put_back in self._put_back:
            put_back()
        self.rewind()

    def rewind(self) -> None:
        """Let every random generator draw the same numbers again."""
        for put_back in self._draws:
            put_back()

    def _visit(self, x: Any) -> None:
        if isinstance(x, PLAIN) or id(x) in self._seen:
            return
        self._seen.add(id(x))
        if isinstance(x, types.MethodType):
            self._visit(x.__self__)
            x = x.__func__
        if isinstance(x, types.FunctionType):
            self._of_function(x)
        elif isinstance(x, np.random.Generator):
            self._put_back.append(_state_of(x))
        elif isinstance(x, (dict, list, np.ndarray)):
            self._of_container(x)
        elif hasattr(x, "__dict__") and not callable(getattr(type(x), "__array__", None)):
            self._of_object(x)

    def _of_function(self, function: types.FunctionType) -> None:
        home = function.__module__ or ""  # None for a function made by exec
        if home.split(".")[0] in ("numpy", "autograd", "nn", "scipy"):
            return
        for cell in function.__closure__ or ():
            self._of_cell(cell)
        for default in function.__defaults__ or ():
            self._visit(default)
        for name in _names(function.__code__):
            if name in function.__globals__:
                value = function.__globals__[name]
                self._put_back.append(_item(function.__globals__, name, value))
                self._visit(value)

    def _of_cell(self, cell: types.CellType) -> None:
        try:
            value = cell.cell_contents
        except ValueError:  # the variable has no value yet
            return
        self._put_back.append(lambda: setattr(cell, "cell_contents", value))
        self._visit(value)

    def _of_container(self, x: Any) -> None:
        saved = _copied(x)
        if isinstance(x, np.ndarray):
            if x.flags.writeable and not x.dtype.hasobject:
                self._put_back.append(lambda: np.copyto(x, saved))
            return
        if isinstance(x, dict):
            self._put_back.append(_contents(x, saved))
        else:
            self._put_back.append(lambda: x.__setitem__(slice(None), saved))
        for item in list(x.values() if isinstance(x, dict) else x):
            self._visit(item)

    def _of_object(self, x: Any) -> None:
        attributes, saved = vars(x), dict(vars(x))
        if isinstance(attributes, dict):
            self._put_back.append(_contents(attributes, saved))
        for value in saved.values():
            self._visit(value)


def _names(code: types.CodeType) -> Iterator[str]:
    """The global names that a function mentions, and those of functions inside of it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _contents(x: dict[Any, Any], saved: dict[Any, Any]) -> Callable[[], None]:
    def put_back() -> None:
        x.clear()
        x.update(saved)

    return put_back


def _item(scope: dict[str, Any], name: str, value: Any) -> Callable[[], None]:
    return lambda: scope.__setitem__(name, value)


def _copied(x: Any) -> Any:
    """A container with its items; an array with its entries."""
    return np.array(x, subok=True) if isinstance(x, np.ndarray) else copy.copy(x)


def _state_of(generator: np.random.Generator) -> Callable[[], None]:
    state = copy.deepcopy(generator.bit_generator.state)
    return lambda: setattr(generator.bit_generator, "state", state)


def _draws() -> list[Callable[[], Any]]:
    """What rewinds the generators that every program shares."""
    shared, python = np.random.get_state(legacy=False), python_random.getstate()  # noqa: NPY002
    return [
        lambda: np.random.set_state(shared),  # noqa: NPY002
        lambda: python_random.setstate(python),
        _state_of(random.generator()),
    ]


def fresh(x: Any) -> Any:
    """A copy of an object down to its arrays, so that running it changes nothing of the caller's.

    What cannot be copied, such as a lock or an open file, is shared.
    """
    try:
        return copy.deepcopy(x)
    except Exception:  # whatever a __deepcopy__ or a __reduce__ of the caller's raises
        other = copy.copy(x)
        for name, value in vars(x).items():
            try:
                setattr(other, name, copy.deepcopy(value))
            except Exception:
                setattr(other, name, value)
        return other
