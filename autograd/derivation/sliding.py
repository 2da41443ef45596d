"""The formulas of a convolution, entry by entry, as in a lecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.compile.program import Instruction
from autograd.derivation.notation import AXES

if TYPE_CHECKING:
    from autograd.derivation.mathematics import Mathematics

TIMES = 5
KERNEL = {1: "v", 2: "uv"}  # letters of the places in a kernel
PLACES = {1: "q", 2: "pq"}  # letters of the places in x, where a gradient is asked for


class Letters(NamedTuple):
    """What the axes are called: out[n, k, i, j], W[k, l, u, v] and x[n, l, ...]."""

    channel: str
    out: str
    kernel: str
    at: tuple[str, ...]  # for each axis the place in x, such as 2i+u−1


def _letters(m: Mathematics, i: Instruction, axes: int) -> Letters:
    channel, out = AXES[axes + 2][1], AXES[axes + 2][2:]
    facts = zip(
        out, KERNEL[axes], *(i.kwargs[k] for k in ("stride", "dilation", "padding")), strict=True
    )
    at = tuple(
        f"{_times(s, o)}+{_times(d, k)}{f'{m.style.minus}{p}' if p else ''}"
        for o, k, s, d, p in facts
    )
    return Letters(channel, out, KERNEL[axes], at)


def _times(count: int, letter: str) -> str:
    return letter if count == 1 else f"{count}{letter}"


def _entries(m: Mathematics, x: Any, *places: str) -> str:
    return m.style.entries(m.text(x, 9), ",".join(places))


def _product(m: Mathematics, summed: str, left: str, right: str) -> tuple[str, int]:
    return m.style.total(summed, f"{left}{m.style('dot')}{right}"), TIMES


def forward(m: Mathematics, i: Instruction) -> tuple[str, int]:
    """Σ W[k, l, u, v] · x[n, l, i+u, j+v]."""
    x, weight = i.args
    a = _letters(m, i, len(i.result.shape) - 2)
    kernel = _entries(m, weight, a.channel, "l", *a.kernel)
    return _product(m, f"l{a.kernel}", kernel, _entries(m, x, "n", "l", *a.at))


def by_weight(m: Mathematics, i: Instruction) -> tuple[str, int]:
    """Σ dy[n, k, i, j] · x[n, l, i+u, j+v], for each k, l, u and v."""
    g, x, _ = i.args
    a = _letters(m, i, len(i.result.shape) - 2)
    above = _entries(m, g, "n", a.channel, *a.out)
    return _product(m, f"n{a.out}", above, _entries(m, x, "n", "l", *a.at))


def by_x(m: Mathematics, i: Instruction) -> tuple[str, int]:
    """Σ dy[n, k, p-u, q-v] · W[k, l, u, v], for each n, l, p and q."""
    g, _, weight = i.args
    axes = len(i.result.shape) - 2
    a, places = _letters(m, i, axes), PLACES[axes]
    kernel = _entries(m, weight, a.channel, "l", *a.kernel)
    if set(i.kwargs["stride"]) == {1}:
        facts = zip(places, a.kernel, i.kwargs["dilation"], i.kwargs["padding"], strict=True)
        from_ = [
            f"{p}{m.style.minus}{_times(d, k)}{f'+{pad}' if pad else ''}" for p, k, d, pad in facts
        ]
        above = _entries(m, g, "n", a.channel, *from_)
        return _product(m, f"{a.channel}{a.kernel}", above, kernel)
    above = _entries(m, g, "n", a.channel, *a.out)
    text, _ = _product(m, f"{a.channel}{a.out}{a.kernel}", above, kernel)
    where = ", ".join(f"{at} = {p}" for at, p in zip(a.at, places, strict=True))
    return f"{text}{m.style('dot')}{m.style('bracket', where)}", TIMES


def told(m: Mathematics, i: Instruction) -> str:
    """The local derivative."""
    axes = len(i.result.shape) - 2
    a = _letters(m, i, axes)
    if i.operation.name.endswith("weight"):
        of = m.style.entries(m.text(i.args[2], 9), ",".join((a.channel, "l", *a.kernel)))
        right = _entries(m, i.args[1], "n", "l", *a.at)
    else:
        of = _entries(m, i.args[1], "n", "l", *a.at)
        right = _entries(m, i.args[2], a.channel, "l", *a.kernel)
    g = i.args[0]
    word = m.style.plain(m.of(m.names[g])) if g in m.names else "y"
    y = m.style.entries(word, ",".join(("n", a.channel, *a.out)))
    return f"{m.style('partial', y, of)} = {right}"
