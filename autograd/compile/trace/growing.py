"""The list that a traced step appends to, and that it does not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd.compile.trace.tape import Tape


class Growing:
    """Stands for a list from outside while a step is traced: it notes what is appended.

    A history grows with each call, so that no guard on its length could hold, and need not: the
    program appends what the step would. Whoever reads the list gets the list itself, and the step
    stays eager. To C code it is no list, and so it is asked, not looked into.

    Attributes:
        added: what was appended; None once the list was read, which then has it.
    """

    __slots__ = ("_list", "_path", "_tape", "added")

    __class__ = property(lambda self: list)

    def __init__(self, of: list[Any], path: str, tape: Tape) -> None:
        self._list, self._path, self._tape = of, path, tape
        self.added: list[Any] | None = []

    def append(self, x: Any) -> None:
        """As a list's."""
        (self._list if self.added is None else self.added).append(x)

    def extend(self, values: Iterable[Any]) -> None:
        """As a list's."""
        for x in list(values):
            self.append(x)

    def __iadd__(self, values: Iterable[Any]) -> Any:
        self.extend(values)
        return self

    def read(self) -> list[Any]:
        """The list itself, with what was appended."""
        if self.added is not None:
            self._list.extend(self.added)
            self.added = None
            self._tape.lose(f"the step reads {self._path or 'a list'}, to which it appends")
        return self._list

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.read(), name)


def _install(name: str) -> None:
    def method(self: Growing, *args: Any) -> Any:
        given = [x.read() if type(x) is Growing else x for x in args]
        return getattr(self.read(), name)(*given)

    setattr(Growing, name, method)


for _name in (
    *("__len__", "__iter__", "__reversed__", "__getitem__", "__setitem__", "__delitem__"),
    *("__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__add__"),
    *("__mul__", "__rmul__", "__imul__", "__repr__", "__str__", "__format__"),
):
    _install(_name)
