"""The formula of each operation: one entry per operation of a program."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compile.passes.rewrite import number
from autograd.compile.program import Instruction, Variable
from autograd.derivation import sliding
from autograd.derivation.notation import letters_of
from autograd.primitives.special import KERNELS

if TYPE_CHECKING:
    from autograd.derivation.mathematics import Mathematics

ADD, TIMES, PRODUCT, POWER, ATOM = 4, 5, 6, 7, 9  # how tightly a text binds
Formula = tuple[str, int]


def same_but_ones(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two shapes differ in axes of length 1 only."""
    return [n for n in a if n != 1] == [n for n in b if n != 1]


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
    right = m.text(y, ADD)
    if right.startswith(m.style.minus) and m.made_by(m.bare(y), "multiply", "divide", "negative"):
        return f"{m.text(x, ADD)} + {right[len(m.style.minus) :].lstrip()}", ADD
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
    if is_condition(x) or _is_single(x) < _is_single(y):
        x, y = y, x
    for share, other in ((m.made_by(y, "divide"), x), (m.made_by(x, "divide"), y)):
        if share is not None and not share.result.shape and number(share.args[0]) is not None:
            return _quotient(m, other, share.args[1], number(share.args[0]))
    sign = m.style("dot") if _is_single(x) or _is_single(y) else m.style("odot")
    return f"{_factor_of(m, x)}{sign}{_factor_of(m, y)}", TIMES


def is_condition(x: Any) -> bool:
    """Whether an argument is an array of truth values."""
    return type(x) is Variable and bool(x.dtype == np.bool_)


def _is_single(x: Any) -> bool:
    return type(x) is not Variable or not x.shape


def _scaled(m: Mathematics, value: float, x: Any) -> Formula:
    """A number times something."""
    if value == -1:
        return f"{m.style.minus}{m.text(x, TIMES)}", ADD
    if value == 1:
        return m.factor(x), TIMES
    over = m.made_by(m.bare(x), "divide")
    if over is not None and number(over.args[0]) is None and number(over.args[1]) is None:
        above, below = over.args
        return _quotient(m, above, below, value)
    text = m.number(value)
    return f"{text}{m.style('dot')}{m.factor(x)}", ADD if value < 0 else TIMES


def _over(m: Mathematics, above: str, below: str) -> str:
    return m.style("fraction", above, below)


def _divide(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    value = number(y)
    flat = m.style.flat
    if value is not None and value < 0:
        over = _over(m, m.text(x, TIMES if flat else 0), m.number(-value))
        return f"{m.style.minus}{over}", ADD
    share = number(x)
    if share is not None and share < 0:
        over = _over(m, m.number(-share), m.text(y, POWER if flat else 0))
        return f"{m.style.minus}{over}", ADD
    total = m.made_by(x, "add.reduce")
    below = m.text(y, POWER if flat else 0)
    if total is not None and not i.result.shape:
        over = f"1/{below}" if flat else _over(m, "1", below)
        return f"{over} {m.expression(total)[0]}", TIMES
    return _over(m, m.text(x, TIMES if flat else 0), below), TIMES


def _quotient(m: Mathematics, x: Any, y: Any, factor: float) -> Formula:
    flat = m.style.flat
    scaled = f"{m.number(abs(factor))}{m.style('dot')}{m.factor(x)}"
    above = m.text(x, TIMES if flat else 0) if abs(factor) == 1 else scaled
    over = _over(m, above, m.text(y, POWER if flat else 0))
    return (f"{m.style.minus}{over}", ADD) if factor < 0 else (over, TIMES)


def _power(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    return m.style.power(m.text(x, ATOM), m.text(y, ATOM if m.style.flat else 0)), POWER


def _square(m: Mathematics, i: Instruction) -> Formula:
    return m.style.power(m.text(i.args[0], ATOM), "2"), POWER


def _sqrt(m: Mathematics, i: Instruction) -> Formula:
    text = m.text(i.args[0])
    atom = m.bare(i.args[0]) in m.names or text.isalnum()
    return m.style("short root" if atom else "root", text), ATOM


def _reciprocal(m: Mathematics, i: Instruction) -> Formula:
    return _over(m, "1", m.text(i.args[0], POWER if m.style.flat else 0)), TIMES


def _exp(m: Mathematics, i: Instruction) -> Formula:
    return m.style("exp", m.text(i.args[0])), ATOM


def _absolute(m: Mathematics, i: Instruction) -> Formula:
    return m.style("absolute", m.text(i.args[0])), ATOM


def _log(m: Mathematics, i: Instruction) -> Formula:
    text = m.text(i.args[0], ATOM)
    return m.style("ln(" if text.startswith("(") else "ln", text), POWER


def _named(name: str) -> Callable[[Mathematics, Instruction], Formula]:
    def formula(m: Mathematics, i: Instruction) -> Formula:
        return m.style.function(name, *map(m.text, i.args)), ATOM

    return formula


COMPARISONS = {"greater": ">", "less": "<", "equal": "=", "greater_equal": ">=",
               "less_equal": "<=", "not_equal": "!="}  # fmt: skip
OPPOSITE = {"greater": "less_equal", "less": "greater_equal", "equal": "not_equal",
            "greater_equal": "less", "less_equal": "greater", "not_equal": "equal"}  # fmt: skip


def _compared(m: Mathematics, i: Instruction, name: str = "") -> Formula:
    sign = COMPARISONS[name or i.operation.name]
    x, y = i.args
    return f"{m.text(x, ADD)} {m.style(sign) if len(sign) > 1 else sign} {m.text(y, ADD)}", 2


def _where(m: Mathematics, i: Instruction) -> Formula:
    if len(i.args) != 3:
        return any_function(m, i)
    condition, x, y = i.args
    if number(y) == 0:
        return _gated(m, x, m.condition(condition))
    if number(x) == 0:
        return _gated(m, y, _otherwise(m, condition))
    return m.style("cases", m.text(condition), m.text(x), m.text(y)), ATOM


def _gated(m: Mathematics, x: Any, bracket: str) -> Formula:
    """x where a condition holds, else 0."""
    x = m.bare(x)
    share = m.made_by(x, "divide")
    value = number(x)
    if value is not None:
        scaled = m.number(value) + m.style("dot") + bracket
        return (bracket, ATOM) if value == 1 else (scaled, TIMES)
    if share is not None and not share.result.shape and number(share.args[0]) == 1:
        below = m.text(share.args[1], POWER if m.style.flat else 0)
        return _over(m, bracket, below), TIMES
    return f"{_factor_of(m, x)}{m.style('odot')}{bracket}", TIMES


def _factor_of(m: Mathematics, x: Any) -> str:
    return m.text(x, TIMES) if m.made_by(m.bare(x), "multiply") else m.factor(x)


def _otherwise(m: Mathematics, condition: Any) -> str:
    made = m.made_by(condition, *OPPOSITE)
    if made is not None:
        return m.style("bracket", _compared(m, made, OPPOSITE[made.operation.name])[0])
    return m.style("rest", m.text(condition, ADD + 1))


# --- Sums and products of arrays ------------------------------------------------------------------


def _letters(x: Any, axis: Any) -> str:
    axes = range(len(x.shape)) if axis is None else axis if type(axis) is tuple else (axis,)
    return letters_of(axes, len(x.shape))


def _sum(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    letters = _letters(x, i.kwargs.get("axis"))
    return m.style.total(letters, m.text(x, TIMES)), TIMES


def _mean(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    return m.style.mean(_letters(x, i.kwargs["axis"]), m.text(x)), ATOM


def _largest(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    word = "max"
    if i.operation.name == "box.extremum":
        word = "max" if i.kwargs["largest"] else "min"
    elif i.operation.name.startswith("minimum"):
        word = "min"
    letters = _letters(x, i.kwargs.get("axis"))
    if len(letters) in (0, len(x.shape)):
        return m.style.function(word, m.text(x)), ATOM
    return m.style.largest(word, letters, m.text(x)), ATOM


def _matmul(m: Mathematics, i: Instruction) -> Formula:
    x, y = i.args
    return m.style("product", m.text(x, PRODUCT), m.text(y, PRODUCT + 1)), PRODUCT


def _transpose(m: Mathematics, i: Instruction) -> Formula:
    x, axes = i.args
    n = len(axes)
    if axes == (*range(n - 2), n - 1, n - 2):
        return m.style.transposed(m.text(x, ATOM)), ATOM
    return m.style.function("permute", m.text(x), " ".join(map(str, axes))), ATOM


def _reshape(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    if same_but_ones(x.shape, i.result.shape):
        return _same(m, i)
    lengths = m.style("times").join(map(str, i.result.shape))
    return m.style.function("reshape", m.text(x), lengths), ATOM


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
    return (m.condition(x), ATOM) if is_condition(x) else _same(m, i)


def _softmax(m: Mathematics, i: Instruction) -> Formula:
    return m.style.function("softmax", m.text(i.args[0])), ATOM


def _log_sum_exp(m: Mathematics, i: Instruction) -> Formula:
    x = i.args[0]
    inner = m.style("exp", m.text(x))
    return m.style("ln", m.style.total(_letters(x, i.kwargs["axis"]), inner)), ADD


# --- Entries --------------------------------------------------------------------------------------


def _index(m: Mathematics, index: Any) -> str:
    parts = index if type(index) is tuple else (index,)
    words = [_part(m, p) for p in parts]
    if "n" in words and len(words) > 1:  # the rows one by one, and an entry of each
        words = [w if w == "n" or not w.isidentifier() else m.style.entries(w, "n") for w in words]
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
    return m.style.entries(m.text(x, ATOM), _index(m, index)), ATOM


def _one_hot(m: Mathematics, i: Instruction) -> Formula:
    index = i.args[0] if type(i.args[0]) is tuple else (i.args[0],)
    words = [w for w in (_part(m, p) for p in index) if w not in ("n", "j")]
    return m.style.function("onehot", *(words[-1:] or ["y"])), ATOM


def _pieces(m: Mathematics, i: Instruction) -> Formula:
    """Parts laid side by side, in the order of their places."""
    shape, _, indices, *parts = i.args
    if len(parts) == 1:
        text = m.text(parts[0])
        whole = math.prod(parts[0].shape) == math.prod(shape)
        return (
            (text, ATOM if text.isalnum() else ADD)
            if whole
            else (m.style.function("pad", text), ATOM)
        )
    order = sorted(range(len(parts)), key=lambda k: _start(indices[k]))
    return m.style.joined([m.text(parts[k]) for k in order]), ATOM


def _start(index: Any) -> tuple[int, ...]:
    parts = index if type(index) is tuple else (index,)
    starts = [(p.start or 0) if type(p) is slice else p for p in parts]
    return tuple(p if type(p) is int else 0 for p in starts)


def _joined(m: Mathematics, i: Instruction) -> Formula:
    return m.style.joined([m.text(x) for x in i.args[0]]), ATOM


def _added_at(m: Mathematics, i: Instruction) -> Formula:
    x, index, value = i.args
    place = m.style.function("place", m.text(value), _index(m, index))
    return f"{m.text(x, ADD)} + {place}", ADD


def _scattered(m: Mathematics, i: Instruction) -> Formula:
    place = _index(m, i.kwargs["index"])
    return m.style.function("place", m.text(i.args[0]), place), ATOM


def _einsum(m: Mathematics, i: Instruction) -> Formula:
    subscripts, *operands = i.args
    rule = str(subscripts).replace("->", "→" if m.style.flat else r"{\to}")
    words = [m.text(x) for x in operands]
    return m.style("einsum", rule, ", ".join(words)), ATOM


def _log_one_plus(m: Mathematics, i: Instruction) -> Formula:
    return m.style("ln(", f"(1 + {m.text(i.args[0], ADD)})"), POWER


def _exp_minus_one(m: Mathematics, i: Instruction) -> Formula:
    return f"{m.style('exp', m.text(i.args[0]))} {m.style.minus} 1", ADD


def _joint(sign: str) -> Callable[[Mathematics, Instruction], Formula]:
    """Two conditions."""

    def formula(m: Mathematics, i: Instruction) -> Formula:
        x, y = i.args
        return f"{m.text(x, ADD)} {m.style(sign)} {m.text(y, ADD)}", 1

    return formula


def any_function(m: Mathematics, i: Instruction) -> Formula:
    """Anything else: its name, and what it is given."""
    name = i.operation.name.rpartition(".")[2]
    args = [m.text(x) for x in i.args if type(x) is Variable or isinstance(x, (int, float))]
    return m.style.function(name, *args), ATOM


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
    "log1p": _log_one_plus, "expm1": _exp_minus_one,
    **{f"kernel.{name}": _named(name.removesuffix("_of_entries")) for name in KERNELS},
    "bitwise_and": _joint("and"), "bitwise_or": _joint("or"), "invert": _named("not"),
    "kernel.scatter_add": _scattered,
    "box.because": _same, "box.softmax": _softmax, "box.one_hot": _one_hot, "box.mean": _mean,
    "box.sigmoid": _named("σ"), "box.softplus": _named("softplus"),
    "box.logsumexp": _log_sum_exp, "box.extremum": _largest,
    "box.convolution": sliding.forward, "box.convolution by x": sliding.by_x,
    "box.convolution by weight": sliding.by_weight,
    "box.Phi": _named("Φ"), "box.phi": _named("φ"),
}  # fmt: skip
