"""`python docs/coefficients.py` computes the polynomials of the native elementary functions.

They are minimax polynomials, by the exchange algorithm of Remez in 50 digits (mpmath), rounded.
Each corrects a leading term that is exact, so the rounding counts for little. The table becomes
autograd/compile/native/coefficients.py. It takes about ten seconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np

OUT = Path(__file__).parents[1] / "autograd/compile/native/coefficients.py"
GRID = 400
SMALL = mp.mpf(10) ** -25  # near 0, where a quotient of differences would cancel

mp.mp.dps = 50


@dataclass
class Wanted:
    """A polynomial p(t) close to f(t) for low <= t <= high; weight(t) |p(t) - f(t)| counts."""

    name: str
    f: Callable[[Any], Any]
    weight: Callable[[Any], Any]
    low: Any
    high: Any
    count: dict[str, int]  # coefficients, by dtype
    meaning: str


ROOT_HALF = mp.sqrt(mp.mpf(1) / 2)
HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.0001")  # n is rounded from a rounded product
QUARTER = mp.pi / 4 * mp.mpf("1.0001")
S = (ROOT_HALF - 1) / (1 + ROOT_HALF)

WANTED = [
    Wanted(
        "EXP",
        lambda r: (mp.expm1(r) - r) / r**2,
        lambda r: r**2 / mp.expm1(r),
        -HALF_LN2,
        HALF_LN2,
        {"float32": 6, "float64": 11},
        "(eʳ - 1 - r) / r², |r| <= ln 2 / 2",
    ),
    Wanted(
        "LOG",
        lambda f: (mp.log1p(f) - f + f**2 / 2) / f**3,
        lambda f: f**3 / mp.log1p(f),
        ROOT_HALF - 1,
        mp.sqrt(2) - 1,
        {"float32": 9},
        "(ln(1 + f) - f + f²/2) / f³, sqrt(1/2) <= 1 + f <= sqrt(2)",
    ),
    Wanted(
        "LOG_QUOTIENT",
        lambda z: 2 * (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
        lambda z: z,
        0,
        S**2,
        {"float64": 7},
        "(2 artanh(s) - 2s) / s³ with z = s² and s = f / (2 + f), the same f",
    ),
    Wanted(
        "POWER",
        lambda z: ((mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z * 2 - mp.mpf(2) / 3) / z,
        lambda z: z**2,
        0,
        S**2,
        {"float64": 9},
        "the same without its first term: (2 artanh(s) - 2s - 2/3 s³) / s⁵",
    ),
    Wanted(
        "TANH",
        lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
        lambda z: z,
        0,
        mp.mpf("0.625") ** 2,
        {"float32": 6, "float64": 12},
        "(tanh(x) - x) / x³ with z = x², |x| <= 0.625",
    ),
    Wanted(
        "ERF",
        lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
        lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)),
        0,
        1,
        {"float32": 8, "float64": 13},
        "(erf(x) - x) / x with z = x², |x| <= 1",
    ),
    Wanted(
        "LOG_ERFC",
        lambda u: mp.log(mp.erfc(u + 1)),
        lambda u: mp.erfc(u + 1),
        0,
        mp.mpf("2.95"),
        {"float32": 10},
        "ln(erfc(x)) with u = x - 1, 1 <= x <= 3.95",
    ),
    Wanted(
        "LOG_ERFC",
        lambda u: mp.log(mp.erfc(u + 1)),
        lambda u: mp.erfc(u + 1),
        0,
        5,
        {"float64": 22},
        "ln(erfc(x)) with u = x - 1, 1 <= x <= 6",
    ),
    Wanted(
        "SIN",
        lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
        lambda z: z,
        0,
        QUARTER**2,
        {"float32": 4, "float64": 7},
        "(sin(r) - r) / r³ with z = r², |r| <= π/4",
    ),
    Wanted(
        "COS",
        lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2,
        lambda z: z**2,
        0,
        QUARTER**2,
        {"float32": 4, "float64": 7},
        "(cos(r) - 1 + r²/2) / r⁴ with z = r², |r| <= π/4",
    ),
]


def extrema(error: np.ndarray) -> list[int]:
    """The places of the largest errors between changes of sign, as many as there are."""
    ends = [i + 1 for i in range(len(error) - 1) if (error[i] > 0) != (error[i + 1] > 0)]
    pieces = itertools.pairwise([0, *ends, len(error)])
    return [low + int(np.argmax(np.abs(error[low:high]))) for low, high in pieces]


def remez(t: Any, f: Any, weight: Any, count: int) -> list[Any]:
    """The coefficients of the minimax polynomial, by exchange on a grid."""
    at = [round(i * (len(t) - 1) / count) for i in range(count + 1)]
    powers = np.array([t**p for p in range(count)])
    for _ in range(30):
        rows = [[*powers[:, i], (-1) ** j / weight[i]] for j, i in enumerate(at)]
        *c, level = mp.lu_solve(mp.matrix(rows), mp.matrix([f[i] for i in at]))
        error = weight * (f - np.array(c) @ powers)
        new = extrema(error)
        while len(new) > count + 1:
            new.pop(0 if abs(error[new[0]]) < abs(error[new[-1]]) else -1)
        if len(new) <= count or max(abs(error[i]) for i in new) < abs(level) * mp.mpf("1.01"):
            break
        at = new
    return list(c)


def rounded(wanted: Wanted, count: int, dtype: str) -> tuple[list[float], Any]:
    """The coefficients in `dtype`, lowest power first, and the largest error."""
    x = [mp.cos(mp.pi * (2 * i + 1) / (2 * GRID)) for i in range(GRID)]
    low, high = mp.mpf(wanted.low), mp.mpf(wanted.high)
    t = np.array([(low + high) / 2 + (high - low) / 2 * xi for xi in x], dtype=object)
    weight = np.array([abs(wanted.weight(ti)) + SMALL for ti in t], dtype=object)
    f = np.array([wanted.f(ti) for ti in t], dtype=object)
    c = [float(np.dtype(dtype).type(float(ci))) for ci in remez(t, f, weight, count)]
    return c, max(abs(weight * (f - sum(mp.mpf(ci) * t**p for p, ci in enumerate(c)))))


def parts(x: Any, dtype: str, digits: int) -> tuple[float, float]:
    """x as a number of so many digits and what is left of it."""
    unit = mp.mpf(2) ** (digits - 1 - int(mp.floor(mp.log(x, 2))))
    high = mp.nint(x * unit) / unit
    return float(high), float(np.dtype(dtype).type(float(x - high)))


def main() -> None:
    """Compute all polynomials and write the module."""
    lines = [
        '"""Polynomials of the elementary functions, lowest power first.',
        "",
        "Written by docs/coefficients.py, which says how. Errors are those of the whole function.",
        '"""',
        "",
        "# fmt: off",
    ]
    tables: dict[str, dict[str, list[float]]] = {}
    for wanted in WANTED:
        lines.append(f"# {wanted.name}: {wanted.meaning}")
        for dtype, count in wanted.count.items():
            coefficients, error = rounded(wanted, count, dtype)
            tables.setdefault(wanted.name, {})[dtype] = coefficients
            lines.append(f"# {dtype}: {count} coefficients, 2^{float(mp.log(error, 2)):.1f}")
            print(lines[-2], lines[-1])
    lines.append("# LN2: ln 2 in two parts; LN2_SHORT: the first times an exponent is exact")
    tables["LN2"] = {
        "float32": [*parts(mp.log(2), "float32", 24)],
        "float64": [*parts(mp.log(2), "float64", 53)],
    }
    tables["LN2_SHORT"] = {
        "float32": [*parts(mp.log(2), "float32", 16)],
        "float64": [*parts(mp.log(2), "float64", 42)],
    }
    lines.append("# PI_HALF: π/2 in two parts")
    tables["PI_HALF"] = {"float64": [*parts(mp.pi / 2, "float64", 53)]}
    for name, table in tables.items():
        lines.append(f"{name} = {{")
        for dtype, values in table.items():
            lines.append(f'    "{dtype}": (')
            lines += [f"        {value!r}," for value in values]
            lines.append("    ),")
        lines.append("}")
    OUT.write_text("\n".join([*lines, "# fmt: on", ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
