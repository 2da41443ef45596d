"""A program as mathematics: the compiler's printer, with formulas in place of Python's expressions.

What gets a line of its own, and what it is called, is decided as for the NumPy source. A table
gives each operation its formula; `style` says whether that is text or LaTeX.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.naming import Role, Words
from autograd.compile.numpy_source import Source
from autograd.compile.passes.rewrite import number
from autograd.compile.program import Instruction, Program, Variable
from autograd.derivation.notation import Style, Text, letters_of, number_text
from autograd.derivation.rewriting import for_people

ADD, TIMES, PRODUCT, POWER, ATOM = 4, 5, 6, 7, 9  # how tightly a text binds
Formula = tuple[str, int]


class Whiteboard(Words):
    """Words as on a whiteboard: dz for what is the gradient of z and of a bias alike."""

    def of_result(self, i: Instruction, names: dict[Variable, str]) -> str:
        word = i.result.name
        shared = [v for v in self.program.cotangents.get(i.result, ()) if v.kind != "input"]
        if not word and any(v in names for v in shared):
            word = self._cotangent(i.result, names)
        return word or super().of_result(i, names)

    def _cotangent(self, g: Variable, names: dict[Variable, str]) -> str:
        """d of the value that it is the cotangent of, of the last one if of several."""
        of = [v for v in self.program.cotangents.get(g, ()) if v in names]
        of.sort(key=lambda v: (v.kind == "input", not v.name))
        return f"d{names[of[0]]}" if of else ""


class Mathematics(Source):
    """The formulas of a program.

    Attributes:
        formulas: for each line, the name of what it computes, and the instruction.
        style: how they are written.
    """

    naming = Whiteboard

    def __init__(self, program: Program, roles: list[Role]) -> None:
        self.style: Style = Text()
        self.formulas: list[tuple[str, Instruction]] = []
        self.cotangents = {v for of in program.cotangents.values() for v in of}
        super().__init__(program, roles)
        self.style.gradients = self.gradients = {
            self.names[i.result] for _, i in self.formulas if self.is_gradient(i.result)
        }
        self.gradients |= {self.names[v] for v in self.inputs if v.name == self.seed_name}
        self.style.gradients = self.gradients
        self.backward = self.gradients | {
            name for name, i in self.formulas if i.result not in self.forward
        }

    @functools.cached_property
    def forward(self) -> set[Variable]:
        """What the result is computed from."""
        found: set[Variable] = set()
        stack = [self.outputs[self.results[0]]]
        while stack:
            v = stack.pop()
            if v not in found:
                found.add(v)
                made = self.made.get(v)
                stack += made.inputs() if made is not None else []
        return found

    @property
    def seed_name(self) -> str:
        """What the gradient is called that comes in from outside."""
        of = [path for kind, path in self.words.roles.values() if kind == "result"]
        return f"d{of[0]}" if of else ""

    def is_gradient(self, v: Variable) -> bool:
        """Whether a variable is "d of" another."""
        word = self.names.get(v, "")
        return word.startswith("d") and (
            v in self.program.cotangents or self.words.roles.get(v, ("",))[0] == "grad"
        )

    def simplified(self, program: Program) -> Program:
        return for_people(program)

    def expression(self, i: Instruction) -> Formula:
        rule = FORMULAS.get(i.operation.name) or FORMS.get(i.operation.form) or _function
        return rule(self, i)  # type: ignore[no-any-return]

    def written(self, i: Instruction, name: str) -> list[str]:
        self.formulas.append((name, i))
        return [self.equation(name, i)]

    def equation(self, name: str, i: Instruction) -> str:
        """A line."""
        return f"{self.style.name(name)} = {self.expression(i)[0]}"

    # --- parts ---

    def variable(self, v: Variable, above: int = 0) -> str:
        if v in self.names:
            return self.style.name(self.names[v])
        if v in self.inline:
            text, level = self.expression(self.inline[v])
            return f"({text})" if level < above else text
        return self.constant(v, above)

    def constant(self, v: Variable, above: int) -> str:
        value = number(v)
        if value is not None:
            return self.number(value, above)
        if v.value.size == 1:
            return self.number(v.value.reshape(()), above)
        rows = v.value.reshape(-1)
        if rows.dtype.kind in "iu" and np.array_equal(rows, np.arange(len(rows))):
            return "n" if v.shape[0] == len(rows) else "j"
        matrix = v.value.reshape(v.shape[-2:]) if v.value.size == math.prod(v.shape[-2:]) and len(v.shape) > 1 else None
        return _pattern(matrix) if matrix is not None else "c"

    def number(self, x: Any, above: int = 0) -> str:
        """A number, in brackets where its sign would be read otherwise."""
        text = number_text(self.style, x)
        return f"({text})" if text.startswith(self.style.minus) and above > ADD else text

    def static(self, x: Any, above: int = 0) -> str:
        if isinstance(x, (int, float, np.number)) and not isinstance(x, bool):
            return self.number(x, above)
        return str(x)

    def made_by(self, x: Any, *names: str) -> Instruction | None:
        """The instruction that makes an argument, if that is written where it is used."""
        made = self.inline.get(x) if type(x) is Variable else None
        return made if made is not None and (not names or made.operation.name in names) else None

    def factor(self, x: Any) -> str:
        """An argument of an elementwise product: a condition in Iverson's brackets."""
        if type(x) is Variable and x.dtype == bool:
            return self.condition(x)
        return self.text(x, PRODUCT + 1)

    def condition(self, x: Any) -> str:
        """1 where something holds, else 0."""
        return self.style.bracket(self.text(x))

    def bare(self, x: Any) -> Any:
        """An argument before only axes of length 1 were put in or taken out, or it was repeated."""
        while (made := self.made_by(x, "reshape", "broadcast", "astype")) is not None:
            inner = made.args[0]
            if made.operation.name == "reshape" and not _same_but_ones(inner.shape, x.shape):
                break
            x = inner
        return x

    def fresh(self, word: str) -> str:
        if word == "N":
            return word  # the number of rows, which nothing else is called
        return super().fresh(word)

    def _batch(self) -> Variable | None:
        return None

    def _stands_alone(self, i: Instruction, word: str) -> bool:
        share = i.operation.name == "divide" and not i.result.shape and number(i.args[0]) is not None
        short = (i.operation.name == "subtract" or share) and i.result not in self.outputs
        if short and not word and i.result not in self.cotangents and all(map(self._is_named, i.inputs())):
            return False
        return super()._stands_alone(i, word)


def batch_of(program: Program, inputs: list[Variable]) -> Variable | None:
    """The input whose length is `N`: what a loss, one number, is divided by."""
    divisors = {
        number(i.args[1])
        for i in program.instructions
        if i.operation.name == "divide" and not i.result.shape
    } | {
        round(1 / number(y))
        for i in program.instructions
        if i.operation.name == "multiply" and not i.result.shape
        for y in i.args
        if number(y) and abs(number(y)) < 1
    }
    found = [v for v in inputs if v.shape and v.shape[0] > 1 and v.shape[0] in divisors]
    return min(found, key=lambda v: (v.name not in ("x", "X"), -len(v.shape)), default=None)


def _same_but_ones(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return [n for n in a if n != 1] == [n for n in b if n != 1]


def _pattern(matrix: Any) -> str:
    n, m = matrix.shape
    if np.array_equal(matrix, np.eye(n, m)):
        return "I"
    return "tril" if np.array_equal(matrix.astype(bool), np.tri(n, m, dtype=bool)) else "c"


# --- Arithmetic -----------------------------------------------------------------------------------


def _signed(m: Mathematics, left: str, right: str) -> str:
    minus = m.style.minus
    if right.startswith(minus):
        return f"{left} {minus} {right[len(minus) :].lstrip()}"
    return f"{left} + {right}"


def _add(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    return _signed(m, m.text(x, ADD), m.text(y, ADD)), ADD


def _subtract(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    return f"{m.text(x, ADD)} {m.style.minus} {m.text(y, ADD + 1)}", ADD


def _negative(m: Mathematics, i: Instruction) -> Formula:
    return f"{m.style.minus}{m.text(i.args[0], TIMES)}", ADD


def _multiply(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    if m.bare(x) is m.bare(y):
        return _square(m, i)
    for c, other in ((x, y), (y, x)):
        value = number(c)
        if value is not None:
            return _scaled(m, value, other)
    if getattr(x, "dtype", None) == bool or _is_single(x) < _is_single(y):
        x, y = y, x
    for share, other in ((m.made_by(y, "divide"), x), (m.made_by(x, "divide"), y)):
        if share is not None and not share.result.shape and number(share.args[0]) in (1, -1):
            return _quotient(m, other, share.args[1], number(share.args[0]))
    sign = m.style.dot if _is_single(x) or _is_single(y) else m.style.odot
    return f"{_factor_of(m, x)}{sign}{_factor_of(m, y)}", TIMES


def _is_single(x: Any) -> bool:
    return type(x) is not Variable or math.prod(x.shape) == 1 and not x.shape


def _scaled(m: Mathematics, value: float, x: Any) -> Formula:
    """A number times something."""
    if value == -1:
        return f"{m.style.minus}{m.text(x, TIMES)}", ADD
    if value == 1:
        return m.factor(x), TIMES
    text = m.number(value)
    return f"{text}{m.style.dot}{m.factor(x)}", ADD if value < 0 else TIMES


def _over(m: Mathematics, above: str, below: str) -> str:
    return m.style.fraction(above, below)  # type: ignore[attr-defined, no-any-return]


def _divide(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    value = number(y)
    flat = isinstance(m.style, Text)
    if value is not None and value < 0:
        over = _over(m, m.text(x, TIMES if flat else 0), m.number(-value))
        return f"{m.style.minus}{over}", ADD
    total = m.made_by(x, "add.reduce")
    below = m.text(y, POWER if flat else 0)
    if total is not None and not i.result.shape:
        over = f"1/{below}" if flat else _over(m, "1", below)
        return f"{over} {m.expression(total)[0]}", TIMES
    return _over(m, m.text(x, TIMES if flat else 0), below), TIMES


def _quotient(m: Mathematics, x: Any, y: Any, sign: float) -> Formula:
    flat = isinstance(m.style, Text)
    over = _over(m, m.text(x, TIMES if flat else 0), m.text(y, POWER if flat else 0))
    return (f"{m.style.minus}{over}", ADD) if sign < 0 else (over, TIMES)


def _power(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    return m.style.power(m.text(x, ATOM), m.text(y, 0)), POWER  # type: ignore[attr-defined]


def _square(m: Mathematics, i: Instruction) -> Formula:
    return m.style.power(m.text(i.args[0], ATOM), "2"), POWER  # type: ignore[attr-defined]


def _sqrt(m: Mathematics, i: Instruction) -> Formula:
    text = m.text(i.args[0])
    atom = m.bare(i.args[0]) in m.names or text.isalnum()
    return m.style.root(text, atom), ATOM  # type: ignore[attr-defined]


def _reciprocal(m: Mathematics, i: Instruction) -> Formula:
    return _over(m, "1", m.text(i.args[0], POWER if isinstance(m.style, Text) else 0)), TIMES


def _exp(m: Mathematics, i: Instruction) -> Formula:
    return m.style.exponential(m.text(i.args[0])), ATOM  # type: ignore[attr-defined]


def _absolute(m: Mathematics, i: Instruction) -> Formula:
    return m.style.absolute(m.text(i.args[0])), ATOM  # type: ignore[attr-defined]


def _log(m: Mathematics, i: Instruction) -> Formula:
    text = m.text(i.args[0], ATOM)
    space = " " if isinstance(m.style, Text) else r"\,"
    word = "ln" if isinstance(m.style, Text) else r"\ln"
    return (f"{word}{text}" if text.startswith("(") else f"{word}{space}{text}"), POWER


def _named(name: str) -> Callable[[Mathematics, Instruction], Formula]:
    def formula(m: Mathematics, i: Instruction) -> Formula:
        return m.style.function(name, *map(m.text, i.args)), ATOM  # type: ignore[attr-defined]

    return formula


COMPARISONS = {"greater": ">", "less": "<", "equal": "=", "greater_equal": "geq",
               "less_equal": "leq", "not_equal": "other"}  # fmt: skip
OPPOSITE = {"greater": "less_equal", "less": "greater_equal", "equal": "not_equal",
            "greater_equal": "less", "less_equal": "greater", "not_equal": "equal"}  # fmt: skip


def _compared(m: Mathematics, i: Instruction, name: str = "") -> Formula:
    sign = COMPARISONS[name or i.operation.name]
    x, y = i.args
    return f"{m.text(x, ADD)} {getattr(m.style, sign, sign)} {m.text(y, ADD)}", 2


def _where(m: Mathematics, i: Instruction) -> Formula:
    if len(i.args) != 3:
        return _function(m, i)
    condition, x, y = i.args
    if number(y) == 0:
        return f"{_factor_of(m, x)}{m.style.odot}{m.condition(condition)}", TIMES
    if number(x) == 0:
        return f"{_factor_of(m, y)}{m.style.odot}{_otherwise(m, condition)}", TIMES
    return m.style.cases(m.text(condition), m.text(x), m.text(y)), ATOM  # type: ignore[attr-defined]


def _factor_of(m: Mathematics, x: Any) -> str:
    return m.text(x, TIMES) if m.made_by(m.bare(x), "multiply") else m.factor(x)


def _otherwise(m: Mathematics, condition: Any) -> str:
    made = m.made_by(condition, *OPPOSITE)
    if made is not None:
        return m.style.bracket(_compared(m, made, OPPOSITE[made.operation.name])[0])  # type: ignore[attr-defined, no-any-return]
    return f"(1 {m.style.minus} {m.text(condition, ADD + 1)})"


# --- Sums and products of arrays ------------------------------------------------------------------


def _letters(x: Any, axis: Any) -> str:
    axes = range(len(x.shape)) if axis is None else axis if type(axis) is tuple else (axis,)
    return letters_of(axes, len(x.shape))


def _sum(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    letters = _letters(x, i.kwargs.get("axis"))
    return m.style.total(letters, m.text(x, TIMES)), TIMES  # type: ignore[attr-defined]


def _mean(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    return m.style.mean(_letters(x, i.kwargs["axis"]), m.text(x)), ATOM  # type: ignore[attr-defined]


def _largest(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    word = "max"
    if i.operation.name == "box.extremum":
        word = "max" if i.kwargs["largest"] else "min"
    elif i.operation.name.startswith("minimum"):
        word = "min"
    return m.style.function(word, m.text(x)), ATOM  # type: ignore[attr-defined]


def _matmul(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    return f"{m.text(x, PRODUCT)} {m.text(y, PRODUCT + 1)}", PRODUCT


def _transpose(m: Mathematics, i: Instruction) -> Formula:
    x, axes = i.args
    n = len(axes)
    if axes == (*range(n - 2), n - 1, n - 2):
        return m.style.transposed(m.text(x, ATOM)), ATOM  # type: ignore[attr-defined]
    return m.style.function("permute", m.text(x)), ATOM  # type: ignore[attr-defined]


def _reshape(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    if _same_but_ones(x.shape, i.result.shape):
        return _same(m, i)
    return m.style.function("reshape", m.text(x)), ATOM  # type: ignore[attr-defined]


def _same(m: Mathematics, i: Instruction) -> Formula:
    """What only moves: written as what is moved."""
    x = i.args[0]
    made = m.made_by(x)
    if made is not None:
        return m.expression(made)
    if type(x) is Variable and x.dtype == bool and i.operation.name == "astype":
        return m.condition(x), ATOM
    text = m.text(x)
    return text, ADD if text.startswith(m.style.minus) else ATOM


def _cast(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    return (m.condition(x), ATOM) if getattr(x, "dtype", None) == bool else _same(m, i)


def _softmax(m: Mathematics, i: Instruction) -> Formula:
    return m.style.function("softmax", m.text(i.args[0])), ATOM  # type: ignore[attr-defined]


def _log_sum_exp(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    inner = m.style.exponential(m.text(x))  # type: ignore[attr-defined]
    word = "ln " if isinstance(m.style, Text) else r"\ln "
    return f"{word}{m.style.total(_letters(x, i.kwargs['axis']), inner)}", ADD  # type: ignore[attr-defined]


# --- Entries --------------------------------------------------------------------------------------


def _index(m: Mathematics, index: Any) -> str:
    parts = index if type(index) is tuple else (index,)
    words = [_part(m, p) for p in parts]
    if "n" in words and len(words) > 1:  # the rows one by one, and an entry of each
        words = [w if w == "n" or not w.isidentifier() else m.style.entries(w, "n") for w in words]  # type: ignore[attr-defined]
    return ", ".join(words)


def _part(m: Mathematics, p: Any) -> str:
    if type(p) is slice:
        parts = ["" if q is None else str(q) for q in (p.start, p.stop, p.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if type(p) is Variable:
        return m.text(p)
    return {None: "new", Ellipsis: "…"}.get(p, str(p)) if p is None or p is Ellipsis else str(p)


def _entries(m: Mathematics, i: Instruction) -> Formula:
    x, index = i.args
    return m.style.entries(m.text(x, ATOM), _index(m, index)), ATOM  # type: ignore[attr-defined]


def _one_hot(m: Mathematics, i: Instruction) -> Formula:
    index = i.args[0] if type(i.args[0]) is tuple else (i.args[0],)
    words = [w for w in (_part(m, p) for p in index) if w not in ("n", "j")]
    return m.style.function("onehot", *(words[-1:] or ["y"])), ATOM  # type: ignore[attr-defined]


def _pieces(m: Mathematics, i: Instruction) -> Formula:
    """Parts laid side by side, in the order of their places."""
    _, _, indices, *parts = i.args
    order = sorted(range(len(parts)), key=lambda k: _start(indices[k]))
    return m.style.joined([m.text(parts[k]) for k in order]), ATOM  # type: ignore[attr-defined]


def _start(index: Any) -> tuple[int, ...]:
    parts = index if type(index) is tuple else (index,)
    starts = [(p.start or 0) if type(p) is slice else p for p in parts]
    return tuple(p if type(p) is int else 0 for p in starts)


def _joined(m: Mathematics, i: Instruction) -> Formula:
    return m.style.joined([m.text(x) for x in i.args[0]]), ATOM  # type: ignore[attr-defined]


def _added_at(m: Mathematics, i: Instruction) -> Formula:
    x, index, value = i.args
    place = m.style.function("place", m.text(value), _index(m, index))  # type: ignore[attr-defined]
    return f"{m.text(x, ADD)} + {place}", ADD


def _scattered(m: Mathematics, i: Instruction) -> Formula:
    place = _index(m, i.kwargs["index"])
    return m.style.function("place", m.text(i.args[0]), place), ATOM  # type: ignore[attr-defined]


def _einsum(m: Mathematics, i: Instruction) -> Formula:
    subscripts, *operands = i.args
    rule = str(subscripts).replace("->", "→" if isinstance(m.style, Text) else r"{\to}")
    words = [m.text(x) for x in operands]
    text = f"einsum[{rule}]" if isinstance(m.style, Text) else rf"\mathrm{{einsum}}_{{{rule}}}"
    return f"{text}({', '.join(words)})", ATOM


def _function(m: Mathematics, i: Instruction) -> Formula:
    """Anything else: its name, and what it is given."""
    name = i.operation.name.rpartition(".")[2]
    args = [m.text(x) for x in i.args if type(x) is Variable or isinstance(x, (int, float))]
    return m.style.function(name, *args), ATOM  # type: ignore[attr-defined]


FORMULAS: dict[str, Callable[[Mathematics, Instruction], Formula]] = {
    "add": _add, "subtract": _subtract, "multiply": _multiply, "divide": _divide,
    "negative": _negative, "power": _power, "square": _square, "sqrt": _sqrt,
    "reciprocal": _reciprocal, "exp": _exp, "log": _log, "absolute": _absolute,
    "maximum": _named("max"), "minimum": _named("min"),
    **dict.fromkeys(COMPARISONS, _compared),
    "numpy.where": _where,
    "add.reduce": _sum, "maximum.reduce": _largest, "minimum.reduce": _largest,
    "matmul": _matmul, "ndarray.dot": _matmul, "transpose": _transpose, "reshape": _reshape,
    "broadcast": _same, "copy": _same, "astype": _cast,
    "getitem": _entries, "pieces": _pieces, "add_at": _added_at,
    "numpy.concatenate": _joined, "numpy.einsum": _einsum,
    "kernel.scatter_add": _scattered,
    "box.because": _same, "box.softmax": _softmax, "box.one_hot": _one_hot, "box.mean": _mean,
    "box.sigmoid": _named("σ"), "box.softplus": _named("softplus"),
    "box.logsumexp": _log_sum_exp, "box.extremum": _largest,
    "box.Phi": _named("Φ"), "box.phi": _named("φ"),
}  # fmt: skip
FORMS: dict[str, Callable[[Mathematics, Instruction], Formula]] = {}
