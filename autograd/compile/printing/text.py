"""What both printers of programs share: names, and the text of what is not an array."""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from typing import Any

import numpy as np

from autograd.compile.program import Variable

SYMBOLS = {
    "add": ("+", 4), "subtract": ("-", 4), "multiply": ("*", 5), "divide": ("/", 5),
    "floor_divide": ("//", 5), "remainder": ("%", 5),
    "matmul": ("@", 5), "power": ("**", 7), "greater": (">", 2), "greater_equal": (">=", 2),
    "less": ("<", 2), "less_equal": ("<=", 2), "equal": ("==", 2), "not_equal": ("!=", 2),
    "bitwise_and": ("&", 3), "bitwise_or": ("|", 3), "logical_and": ("&", 3),
    "logical_or": ("|", 3),
}  # fmt: skip
ATOM = 9  # what needs no brackets anywhere
RESERVED = frozenset({"np", "step", "rows", "N"})


class Names:
    """The names of one text: no two things share one."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {"np": np}
        self.names: dict[Variable, str] = {}
        self.used: set[str] = set(RESERVED)
        self.counts: Counter[str] = Counter()
        self.bound: dict[int, str] = {}

    def fresh(self, word: str) -> str:
        """A name that nothing has yet."""
        word = re.sub(r"\W+", "_", word).strip("_") or "t"
        if keyword.iskeyword(word) or word[0].isdigit():
            word = f"v{word}" if word[0].isdigit() else f"{word}_"
        name = word
        while name in self.used:
            self.counts[word] += 1
            name = f"{word}_{self.counts[word] + 1}"
        self.used.add(name)
        return name

    def numbered(self, letter: str) -> str:
        """z1, z2, ..."""
        while True:
            self.counts[f"{letter}#"] += 1
            name = f"{letter}{self.counts[f'{letter}#']}"
            if name not in self.used:
                return self.fresh(name)

    def bind(self, value: Any, word: str) -> str:
        """A name for something that has no short text; the same for the same thing."""
        name = self.bound.get(id(value))
        if name is None:
            name = self.bound[id(value)] = self.fresh(word)
            self.space[name] = value
        return name

    # --- texts ---

    def text(self, x: Any, above: int = 0) -> str:
        """An argument; `above` is how tightly what is around it binds."""
        return self.variable(x, above) if type(x) is Variable else self.static(x, above)

    def variable(self, v: Variable, above: int) -> str:
        """A variable by its name."""
        if v.kind == "constant" and v not in self.names:
            return self.bind(v.value, "c")
        return self.names[v]

    def static(self, x: Any, above: int = 0) -> str:
        """A fact that is not an array."""
        rule = STATIC.get(type(x))
        if rule is not None:
            return str(rule(self, x, above))
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        if isinstance(x, type) and x in (float, int, bool):
            return str(x.__name__)
        if isinstance(x, np.dtype) and x.kind in "fiub":
            return f"np.dtype({x.name!r})"
        if isinstance(x, np.generic) and x.dtype.kind in "fiub":
            return f"np.{x.dtype.name}({self.static(x.item())})"
        if isinstance(x, np.ufunc):
            return f"np.{x.__name__}"
        return self.bind(x, "k")

    def index(self, x: Any) -> str:
        """What stands in brackets."""
        if type(x) is tuple and x:
            return ", ".join(map(self.index, x)) + "," * (len(x) == 1)
        if type(x) is slice:
            parts = ["" if p is None else self.text(p) for p in (x.start, x.stop, x.step)]
            return ":".join(parts if parts[2] else parts[:2])
        return self.text(x)

    def call(self, args: Any, kwargs: Any) -> str:
        """Arguments in parentheses."""
        words = [self.text(a) for a in args]
        words += [f"{key}={self.text(value)}" for key, value in kwargs.items()]
        return f"({', '.join(words)})"


def _float(n: Names, x: float, above: int) -> str:
    text = repr(x) if math.isfinite(x) else f"float({str(x)!r})"
    return f"({text})" if math.copysign(1, x) < 0 and above > 4 else text


def _int(n: Names, x: int, above: int) -> str:
    return f"({x!r})" if x < 0 and above > 4 else repr(x)


def _plain(n: Names, x: Any, above: int) -> str:
    return repr(x)


def _tuple(n: Names, x: Any, above: int) -> str:
    return f"({', '.join(n.text(e) for e in x)}{',' * (len(x) == 1)})"


def _list(n: Names, x: Any, above: int) -> str:
    return f"[{', '.join(n.text(e) for e in x)}]"


def _dict(n: Names, x: Any, above: int) -> str:
    return f"{{{', '.join(f'{k!r}: {n.text(e)}' for k, e in x.items())}}}"


def _slice(n: Names, x: Any, above: int) -> str:
    return f"slice({n.text(x.start)}, {n.text(x.stop)}, {n.text(x.step)})"


STATIC: dict[type, Any] = {
    float: _float,
    int: _int,
    tuple: _tuple,
    list: _list,
    dict: _dict,
    slice: _slice,
    type(Ellipsis): lambda n, x, above: "...",
    **dict.fromkeys((type(None), bool, str), _plain),
}
