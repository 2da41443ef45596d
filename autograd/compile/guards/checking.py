"""Guards as the lines of a function: each container is asked once for all that guards look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

# An entry of a container that has a name: o12['weight'], o83[0], o76[o11], args[1].
ENTRY = re.compile(r"(?<![.\w])(o\d+|args)\[('(?:[^'\\]|\\.)*'|\d+|o\d+)\]")
LENGTH = re.compile(r"len\((o\d+|args)\) == (\d+)")
ORDER = re.compile(r"\[\*(o\d+)\] == k\d+")


class Checking:
    """The lines and tests of a function that checks guards.

    A look-up in a dictionary takes longer than all the rest of a guard, so an `itemgetter` makes
    all those of one dictionary, and a list is unpacked, which also tells its length. A container
    that lacks an entry raises, which is a guard that fails.

    Args:
        sources: the guards' expressions.
        names: the objects that the guards name.
        bind: makes an object known to the lines by a name.

    Attributes:
        lines: statements that read what the guards look at.
        tests: expressions that must all be true after them.

    Example:
        >>> made = Checking(["o1['a'] is None", "o1['b'] is o2"], {}, {}.__setitem__)
        >>> made.lines, made.tests
        (['e0, e1 = get0(o1)'], ['e0 is None', 'e1 is o2'])
    """

    def __init__(
        self, sources: Iterable[str], names: dict[str, Any], bind: Callable[[str, Any], None]
    ) -> None:
        self.names = names
        self.entries: dict[str, dict[str, str]] = {}  # of each container: locals by keys
        self.count = 0
        tests = [ENTRY.sub(self._local, source) for source in dict.fromkeys(sources)]
        ordered = {found[1] for found in map(ORDER.fullmatch, tests) if found}
        unpacked: set[str] = set()
        self.tests: list[str] = []
        for test in tests:
            found = LENGTH.fullmatch(test)
            if found is None:
                self.tests.append(test)
            elif self._is_whole(found[1], int(found[2])):
                unpacked.add(found[1])
            elif found[1] not in ordered:  # the keys in their order say how many there are
                self.tests.append(self._of_length(found))
        self.lines = [
            self._line(n, container, keys, container in unpacked, bind)
            for n, (container, keys) in enumerate(self.entries.items())
        ]

    def _local(self, found: re.Match[str]) -> str:
        """The local variable of an entry."""
        keys = self.entries.setdefault(found[1], {})
        if found[2] not in keys:
            keys[found[2]] = f"e{self.count}"
            self.count += 1
        return keys[found[2]]

    def _is_whole(self, container: str, length: int) -> bool:
        """Whether all entries of a list, or all arguments, are read: then they can be unpacked."""
        sequence = container == "args" or type(self.names.get(container)) is list
        return sequence and length > 0 and len(self.entries.get(container, ())) == length

    def _of_length(self, found: re.Match[str]) -> str:
        """A test of a length; the shortest for what is empty."""
        if found[2] == "0" and type(self.names.get(found[1])) in (dict, list):
            return f"not {found[1]}"
        return found[0]

    def _line(
        self,
        n: int,
        container: str,
        keys: dict[str, str],
        unpacked: bool,
        bind: Callable[[str, Any], None],
    ) -> str:
        if unpacked:
            places = sorted(keys, key=int)
            return f"{', '.join(keys[k] for k in places)}, = {container}"
        if len(keys) == 1:
            ((key, name),) = keys.items()
            return f"{name} = {container}[{key}]"
        given = [self.names[key] if key in self.names else eval(key) for key in keys]
        bind(f"get{n}", itemgetter(*given))
        return f"{', '.join(keys.values())} = get{n}({container})"
