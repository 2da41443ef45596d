"""Prints a program as NumPy source, as a person would write it: named by parameters and modules."""

from __future__ import annotations

import keyword
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.program import Instruction, Program, Variable

SYMBOLS = {
    "add": ("+", 4), "subtract": ("-", 4), "multiply": ("*", 5), "divide": ("/", 5),
    "matmul": ("@", 5), "power": ("**", 7), "greater": (">", 2), "greater_equal": (">=", 2),
    "less": ("<", 2), "less_equal": ("<=", 2), "equal": ("==", 2), "not_equal": ("!=", 2),
    "bitwise_and": ("&", 3), "bitwise_or": ("|", 3),
}  # fmt: skip
ATOM = 9
REDUCTIONS = {"add.reduce": "sum", "maximum.reduce": "max", "minimum.reduce": "min"}
HINTS = {"maximum": "h", "tanh": "h", "add.reduce": "s", "maximum.reduce": "m", "ndarray.dot": "p"}


class Source:
    """The text of a program, and what its names stand for.

    Args:
        program: what to print.
        names: names that outputs should get.
        fast: whether to print what runs fastest: ufuncs' own `reduce`, and `del` of what is no
            longer needed.
    """

    def __init__(
        self, program: Program, names: dict[Variable, str] | None = None, fast: bool = False
    ) -> None:
        self.program, self.fast = program, fast
        self.space: dict[str, Any] = {"np": np}
        self.taken: Counter[str] = Counter()
        self.names: dict[Variable, str] = {}
        self.inline: dict[Variable, Instruction] = {}
        self.wanted = dict(names or {})
        self.uses = Counter(v for i in program.instructions for v in i.inputs())
        self.uses.update(program.roots())
        self.inputs = [v for v in program.inputs if self.uses[v]]
        for v in self.inputs:
            self.names[v] = self.called(v)
        self.lines: list[str] = []
        module = ""
        for i in program.instructions:
            if i.module != module and not fast:
                module = i.module
                if module:
                    self.lines.append(f"# {module}")
            self.statement(i)
        results = ", ".join(self.text(v) for v in program.roots())
        if fast:
            self.release(results)
        head = f"def step({', '.join(self.names[v] for v in self.inputs)}):"
        shapes = [] if fast else [f"# {self.names[v]}: {described(v)}" for v in self.inputs]
        body = [*shapes, *self.lines, f"return [{results}]"]
        self.source = "\n".join([head, *(f"    {line}" for line in body)]) + "\n"

    def function(self) -> Callable[..., list[Any]]:
        """The compiled source: a function of the inputs that are used."""
        space = dict(self.space)
        exec(compile(self.source, "<ag.compile>", "exec"), space)
        return space["step"]  # type: ignore[no-any-return]

    def release(self, results: str) -> None:
        """Let go of large arrays after the last line that mentions them."""
        large = {
            name
            for v, name in self.names.items()
            if v.kind == "computed" and math.prod(v.shape) * v.dtype.itemsize >= 65536
        }
        large -= set(re.findall(r"\w+", results))
        lines: list[str] = []
        for line in reversed(self.lines):
            dead = sorted(large & set(re.findall(r"\w+", line)))
            large.difference_update(dead)
            if dead:
                lines.append(f"del {', '.join(dead)}")
            lines.append(line)
        self.lines = lines[::-1]

    # --- names ---

    def fresh(self, word: str) -> str:
        """A name that nothing has yet."""
        word = re.sub(r"\W+", "_", word).strip("_") or "t"
        if keyword.iskeyword(word) or word in ("np", "step") or word[0].isdigit():
            word = f"{word}_" if not word[0].isdigit() else f"v{word}"
        self.taken[word] += 1
        count = self.taken[word]
        name = word if count == 1 else f"{word}_{count}"
        while name in self.space or name in self.names.values():
            count += 1
            name = f"{word}_{count}"
        return name

    def numbered(self, letter: str) -> str:
        """z1, z2, ..."""
        self.taken[f"{letter}#"] += 1
        return self.fresh(f"{letter}{self.taken[f'{letter}#']}")

    def called(self, v: Variable) -> str:
        """The name of an input: W for a weight, b for a bias, else its own."""
        last = v.name.split(".")[-1]
        if last in ("weight", "bias"):
            return self.numbered("W" if last == "weight" else "b")
        return self.fresh("_".join(v.name.split(".")[-2:]) if last.isdigit() else last)

    def result_name(self, i: Instruction) -> str:
        """The name of a result: what the caller wants, or a letter that its operation suggests."""
        wanted = self.wanted.get(i.result)
        if wanted is not None:
            return self.fresh(wanted)
        if i.operation.name == "add" and any(n in self.names.values() for n in self.biases(i)):
            return self.numbered("z")
        return self.numbered(HINTS.get(i.operation.name, "t"))

    def biases(self, i: Instruction) -> list[str]:
        """The names of biases among the arguments."""
        found = (self.names.get(a, "") for a in i.args if isinstance(a, Variable))
        return [name for name in found if re.fullmatch(r"b\d+", name)]

    def bind(self, value: Any, word: str) -> str:
        """A name for something that has no short text."""
        for name, known in self.space.items():
            if known is value:
                return name
        name = self.fresh(word)
        self.space[name] = value
        return name

    # --- statements ---

    def statement(self, i: Instruction) -> None:
        """The lines of an instruction, unless it is written where it is used."""
        kind = i.operation.form
        if kind in ("setitem", "write"):
            name = self.result_name(i)
            index = self.index(i.args[1]) if kind == "setitem" else "..."
            made = "np.array" if kind == "setitem" else "np.empty_like"
            self.lines.append(f"{name} = {made}({self.text(i.args[0])})")
            self.lines.append(f"{name}[{index}] = {self.text(i.args[-1])}")
            self.names[i.result] = name
            return
        short = kind in ("ufunc", "reduce", "method", "attribute", "getitem", "item")
        if self.uses[i.result] == 1 and short and i.result not in self.wanted:
            self.inline[i.result] = i
            if len(self.expression(i)[0]) <= 48:
                return
            del self.inline[i.result]
        text = self.expression(i)[0]
        name = self.result_name(i)
        self.names[i.result] = name
        self.lines.append(f"{name} = {text}")

    def text(self, x: Any, above: int = 0) -> str:
        """An argument."""
        if type(x) is Variable:
            if x in self.names:
                return self.names[x]
            if x in self.inline:
                text, level = self.expression(self.inline[x])
                return f"({text})" if level < above else text
            if x.kind == "constant":
                return self.bind(x.value, "c")
            raise KeyError(x)
        return self.static(x, above)

    def static(self, x: Any, above: int = 0) -> str:
        """A fact that is no array."""
        kind = type(x)
        if kind is float:
            text = repr(x) if np.isfinite(x) else f"float({str(x)!r})"
            return f"({text})" if x < 0 and above > 4 else text
        if x is None or kind in (int, bool, str):
            return f"({x!r})" if kind is int and x < 0 and above > 4 else repr(x)
        if x is Ellipsis:
            return "..."
        if kind is tuple:
            return f"({', '.join(self.text(e) for e in x)}{',' * (len(x) == 1)})"
        if kind is list:
            return f"[{', '.join(self.text(e) for e in x)}]"
        if kind is slice:
            return f"slice({self.text(x.start)}, {self.text(x.stop)}, {self.text(x.step)})"
        if isinstance(x, np.dtype) and not self.fast:
            return repr(x.name)
        if isinstance(x, np.generic) and x.dtype.kind in "iub":
            return f"np.{x.dtype.name}({x})"
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

    def expression(self, i: Instruction) -> tuple[str, int]:
        """The text of an instruction, and how tightly it binds."""
        op, args, kwargs = i.operation, i.args, i.kwargs
        if op.form == "ufunc":
            if op.name in SYMBOLS and len(args) == 2 and not kwargs:
                symbol, level = SYMBOLS[op.name]
                left = level + (op.name == "power")
                return f"{self.text(args[0], left)} {symbol} {self.text(args[1], level + 1)}", level
            if op.name == "negative" and not kwargs:
                return f"-{self.text(args[0], 6)}", 6
            return f"np.{op.name}{self.call(args, kwargs)}", ATOM
        if op.form == "reduce":
            short = REDUCTIONS.get(op.name)
            if short and not self.fast and len(args) == 1 and "initial" not in kwargs:
                facts = {"axis": 0} | kwargs
                if facts["axis"] in (None, tuple(range(len(args[0].shape)))):
                    del facts["axis"]
                elif type(facts["axis"]) is tuple and len(facts["axis"]) == 1:
                    facts["axis"] = facts["axis"][0]
                facts = {k: v for k, v in facts.items() if v is not None and v is not False}
                return f"{self.text(args[0], ATOM)}.{short}{self.call((), facts)}", ATOM
            return f"np.{op.name}{self.call(args, kwargs)}", ATOM
        if op.form == "attribute":
            return f"{self.text(args[0], ATOM)}.{op.name.split('.')[-1]}", ATOM
        if op.form == "method":
            name = op.name.split(".")[-1]
            if name == "dot" and not self.fast and len(args[0].shape) == 2:
                return f"{self.text(args[0], 5)} @ {self.text(args[1], 6)}", 5
            return f"{self.text(args[0], ATOM)}.{name}{self.call(args[1:], kwargs)}", ATOM
        if op.form in ("getitem", "item"):
            return f"{self.text(args[0], ATOM)}[{self.index(args[1])}]", ATOM
        if op.form == "copy":
            return f"np.array({self.text(args[0])})", ATOM
        if op.form == "draw":
            return f"{self.text(args[0])}.{args[1]}{self.call(args[2:], kwargs)}", ATOM
        name = op.name.split(".")[-1]
        if op.name == f"numpy.{name}" and getattr(np, name, None) is op.compute:
            return f"np.{name}{self.call(args, kwargs)}", ATOM
        return f"{self.bind(op.compute, name)}{self.call(args, kwargs)}", ATOM


def described(v: Variable) -> str:
    """Shape and dtype in words."""
    if v.dtype == object:
        return "a random generator"
    lengths = " × ".join(map(str, v.shape)) or "a number"
    return f"{lengths}, {v.dtype.name}" + (f", {v.name}" if "." in v.name else "")
