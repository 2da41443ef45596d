"""The errors of attributes that do not exist here, of packages and of classes."""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

from autograd.errors import message
from autograd.names.functions import FUNCTIONS, RANDOM
from autograd.names.libraries import LINALG, NUMPY


def missing(home: str, name: str, *tables: Mapping[str, str]) -> AttributeError:
    """The error for an attribute that is not there: it says what to write, if a table knows.

    Args:
        home: where the attribute was looked up, as users write it, such as "ag".
        name: the attribute.
        tables: what to write instead, by name; the first that has the name is used.

    Example:
        >>> from autograd import names
        >>> print(names.missing("ag", "cat", names.FUNCTIONS))
        ag.cat: no such name here; write ag.concatenate(tensors, axis=0)
    """
    for table in tables:
        if name in table:
            hint = table[name] if table[name].startswith("there is") else f"write {table[name]}"
            return AttributeError(f"{message(f'{home}.{name}', hint='no such name here')}; {hint}")
    return AttributeError(f"module {home!r} has no attribute {name!r}")


def of(
    home: str, module: str, *tables: Mapping[str, str], later: Collection[str] = ()
) -> Callable[[str], Any]:
    """A `__getattr__` for a module, which Python calls for the names that the module lacks.

    Those of `later` are modules in it that few programs need; asking for one imports it.

    `from module import name` drops the text of an AttributeError, so it gets an ImportError, which
    it passes on; no class can be both. `hasattr` and `getattr` with a default
    work as usual.
    """

    def __getattr__(name: str) -> Any:
        if name in later:
            return import_module(f"{module}.{name}")
        known = any(name in table for table in tables)
        error = missing(home if known else module, name, *tables)
        if known and _imports(sys._getframe(1)):
            raise ImportError(str(error), name=name)
        raise error

    return __getattr__


def _imports(frame: FrameType) -> bool:
    """Whether the frame is at `from module import name`; of a package, importlib asks first."""
    at = frame.f_code.co_code[frame.f_lasti]
    return frame.f_code.co_name == "_handle_fromlist" or at == opcode.opmap.get("IMPORT_FROM")


of_package = of("ag", "autograd", FUNCTIONS, NUMPY)
of_linalg = of(
    "ag.linalg",
    "autograd.linalg",
    {name.removeprefix("linalg."): write for name, write in NUMPY.items() if "linalg" in name},
    LINALG,
)
of_random = of("ag.random", "autograd.random", RANDOM)
of_numpy = of("ag.numpy", "autograd.numpy", FUNCTIONS, NUMPY)
of_numpy_random = of(
    "ag.numpy.random", "autograd.numpy.random", RANDOM, {"seed": "ag.random.seed(seed)"}
)


class Elsewhere:
    """An attribute of a class that stands for another library's name; reading it raises.

    Unlike a `__getattr__`, which takes the fast path from every attribute of the class (28 → 32 ns
    and more for a slot), it costs nothing when other attributes are read. It is not a data
    descriptor, so a subclass or an instance may use the name for something of its own.
    """

    __slots__ = ("_home", "_name", "_write")

    def __init__(self, home: str, name: str, write: str) -> None:
        self._home, self._name, self._write = home, name, write

    def __get__(self, instance: object, owner: type | None = None) -> NoReturn:
        raise missing(self._home, self._name, {self._name: self._write})


def install(kind: type, home: str, *tables: Mapping[str, str]) -> None:
    """Give a class an `Elsewhere` for each name of the tables that it does not define itself."""
    for table in tables:
        for name, write in table.items():
            if not any(name in vars(base) for base in kind.__mro__):
                setattr(kind, name, Elsewhere(home, name, write))


def visible(x: object) -> list[str]:
    """The attributes of `x`, without other libraries' names: what `dir` and so editors show."""
    kind, names = type(x), object.__dir__(x)
    return [name for name in names if not isinstance(_static(kind, name), Elsewhere)]


def _static(kind: type, name: str) -> Any:
    return next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
