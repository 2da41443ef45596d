"""What a function's code says of itself: its globals, its imports, whether it asks for identity."""

from __future__ import annotations

import dis
import functools
import importlib.util
import types
from typing import Any, NamedTuple

GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
SINGLE = (None, True, False, Ellipsis)  # `x is None` asks nothing about other objects


class Facts(NamedTuple):
    """What code says of itself, inner functions included.

    Attributes:
        globals: the names that it looks up among the globals and builtins.
        imports: the modules that it imports, with the number of dots in front of each.
        compares: whether it asks if two objects are one.
    """

    globals: frozenset[str]
    imports: tuple[tuple[int, str], ...]
    compares: bool


@functools.lru_cache(maxsize=4096)
def facts_of(code: types.CodeType) -> Facts:
    """Read a function's code.

    Example:
        >>> def f(x):
        ...     import settings
        ...     return x is other
        >>> facts_of(f.__code__)
        Facts(globals=frozenset({'other'}), imports=((0, 'settings'),), compares=True)
    """
    names: set[str] = set()
    imports: list[tuple[int, str]] = []
    compares = False
    before: list[Any] = [None, None]  # what the last two instructions load
    for i in dis.get_instructions(code):
        if i.opname in GLOBAL:
            names.add(i.argval)
        elif i.opname == "IMPORT_NAME":
            level, fromlist = before
            imports.append((level or 0, i.argval))
            imports += [(level or 0, f"{i.argval}.{name}".lstrip(".")) for name in fromlist or ()]
        elif i.opname == "IS_OP":
            compares = compares or not any(before[1] is x for x in SINGLE)
        before = [before[1], i.argval if i.opname.startswith("LOAD") else i]
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found = facts_of(inner)
            names |= found.globals
            imports += found.imports
            compares = compares or found.compares
    return Facts(frozenset(names), tuple(dict.fromkeys(imports)), compares)


def modules_of(code: types.CodeType, package: str | None) -> list[str]:
    """The full names of the modules that code may import, with those that they are parts of."""
    found: dict[str, None] = {}
    for level, name in facts_of(code).imports:
        try:
            full = importlib.util.resolve_name("." * level + name, package)
        except ImportError:
            continue  # the import itself will raise
        parts = full.split(".")
        found |= dict.fromkeys(".".join(parts[: n + 1]) for n in range(len(parts)))
    return list(found)
