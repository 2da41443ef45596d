"""The native elementary functions: how far they are from the truth, and how long they take.

`python -m benchmarks functions` prints a table, beside NumPy's own functions. The true values are
mpmath's.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from autograd.compile.native import llvm
from autograd.compile.native import math as native
from autograd.compile.native.scalar import REAL
from autograd.primitives.special import erf_of_entries

LOOP = """
define void @loop(ptr noalias %x, ptr noalias %y, ptr noalias %out, i64 %count) {{
entry:
  br label %body
body:
  %i = phi i64 [ 0, %entry ], [ %next, %body ]
  %px = getelementptr {kind}, ptr %x, i64 %i
  %vx = load {kind}, ptr %px
  %py = getelementptr {kind}, ptr %y, i64 %i
  %vy = load {kind}, ptr %py
  %result = call {kind} @{symbol}({kind} %vx{second})
  %po = getelementptr {kind}, ptr %out, i64 %i
  store {kind} %result, ptr %po
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %body, label %done
done:
  ret void
}}
"""
# Where a function does something, beside the whole range of numbers.
RANGES = {
    "arccosh": (1, 30),
    "arcsin": (-1, 1),
    "arccos": (-1, 1),
    "arctanh": (-1, 1),
    "cos": (-10, 10),
    "erf": (-6, 6),
    "exp": (-110, 95),
    "exp2": (-155, 135),
    "expm1": (-20, 95),
    "log": (0, 2),
    "log10": (0, 2),
    "log1p": (-1, 2),
    "log2": (0, 2),
    "power": (0, 4),
    "sigmoid": (-110, 20),
    "sin": (-10, 10),
    "sinc": (-10, 10),
    "tan": (-10, 10),
    "tanh": (-10, 10),
}
WIDE = {"exp": (-750, 715), "exp2": (-1080, 1030), "expm1": (-40, 715), "sigmoid": (-750, 40)}
OTHERS: dict[str, Callable[..., Any]] = {
    "erf": erf_of_entries,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "sinc": np.sinc,
}


class Loop:
    """A native function over arrays of one length: `loop(x)` or `loop(x, y)`."""

    def __init__(self, name: str, dtype: Any, machine: llvm.Machine | None = None) -> None:
        self.dtype = np.dtype(dtype)
        kind = REAL[self.dtype]
        text, symbols = native.definitions([(name, dtype)])
        symbol = native.definition(name, self.dtype).symbol
        second = f", {kind} %vy" if name in native.BINARY else ""
        self.text = text + LOOP.format(kind=kind, symbol=symbol, second=second)
        self.library = llvm.load(self.text, ["loop"], symbols, machine)
        prototype = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)
        self._function = prototype(self.library.address["loop"])

    def __call__(self, *x: Any) -> Any:
        """The function of each entry."""
        x = tuple(np.ascontiguousarray(part, self.dtype) for part in x)
        out = np.empty_like(x[0])
        self.prepared(*x, out=out)()
        return out

    def prepared(self, *x: Any, out: Any) -> Callable[[], None]:
        """The call with these arrays, which must stay alive."""
        pointers = x[0].ctypes.data, x[-1].ctypes.data, out.ctypes.data
        return partial(self._function, *pointers, out.size)


def numpys(name: str) -> Callable[..., Any]:
    """NumPy's function, or how one writes it with NumPy's."""
    found: Callable[..., Any] = OTHERS.get(name) or getattr(np, name)
    return found


def points(name: str, dtype: Any, count: int = 3000) -> list[Any]:
    """Arguments: half of them spread over all numbers, half over the range where it counts."""
    dtype = np.dtype(dtype)
    rng = np.random.default_rng(0)
    whole = np.dtype(f"u{dtype.itemsize}")
    wide = WIDE if dtype == np.float64 else {}
    low, high = wide.get(name) or RANGES.get(name, (-3, 3))
    arguments = []
    for _ in range(2 if name in native.BINARY else 1):
        bits = rng.integers(0, np.iinfo(whole).max, count // 2, dtype=whole, endpoint=True)
        dense = rng.uniform(low, high, count - count // 2).astype(dtype)
        x = np.concatenate([bits.view(dtype), dense])
        arguments.append(np.where(np.isfinite(x), x, dtype.type(0.5)))
    with np.errstate(all="ignore"):
        real = ~np.isnan(numpys(name)(*arguments))  # in the domain
    return [x[real] for x in arguments]


def truth(name: str, *x: Any) -> Any:
    """The true value for one number, or two, by mpmath."""
    import mpmath as mp

    def fraction(v: Any) -> Fraction:
        return Fraction(float(v))

    def ratio(a: Any, b: Any) -> Fraction:
        return fraction(a) / fraction(b)

    exact: dict[str, Callable[..., Any]] = {
        "absolute": abs,
        "arccos": mp.acos,
        "arccosh": mp.acosh,
        "arcsin": mp.asin,
        "arcsinh": mp.asinh,
        "arctan": mp.atan,
        "arctan2": mp.atan2,
        "arctanh": mp.atanh,
        "copysign": lambda v, sign: abs(v) * (1 if sign >= 0 else -1),
        "cbrt": lambda v: mp.sign(v) * mp.cbrt(abs(v)),
        "exp2": lambda v: mp.power(2, v),
        "floor_divide": lambda a, b: mp.mpf(ratio(a, b) // 1),
        "fmod": lambda a, b: fraction(a) - fraction(b) * int(ratio(a, b)),
        "log1p": mp.log1p,
        "log2": lambda v: mp.log(v, 2) if v else -mp.inf,
        "logaddexp": lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))),
        "power": mp.power,
        "remainder": lambda a, b: fraction(a) - fraction(b) * (ratio(a, b) // 1),
        "rint": mp.nint,
        "sigmoid": lambda v: 1 / (1 + mp.exp(-v)),
        "sinc": lambda v: mp.sinc(mp.mpf(float(x[0] * x[0].dtype.type(np.pi)))),
        "trunc": lambda v: mp.sign(v) * mp.floor(abs(v)),
    }
    with mp.workprec(200):
        value = (exact.get(name) or getattr(mp, name))(*(mp.mpf(float(v)) for v in x))
        if isinstance(value, Fraction):
            value = mp.mpf(value.numerator) / value.denominator
        return mp.mpf(value)


def ulps(y: Any, true: Any, size: float = 0.0) -> float:
    """The distance from the true value in units of the last place there, or of a larger size."""
    import mpmath as mp

    info = np.finfo(y.dtype)
    limit = mp.mpf(2) ** info.maxexp  # what inf stands for
    with mp.workprec(200):
        true = mp.sign(true) * min(abs(true), limit)
        got = mp.sign(y) * limit if np.isinf(y) else mp.mpf(float(y))
        exponent = mp.frexp(max(abs(true), size))[1] - 1
        unit = mp.mpf(2) ** max(min(exponent, info.maxexp - 1), info.minexp) * info.eps
        return float(abs(got - true) / unit)


def errors(name: str, dtype: Any, function: Callable[..., Any], count: int = 3000) -> Any:
    """The error of each point in ulp, and the points."""
    x = points(name, dtype, count)
    y = np.asarray(function(*x), dtype)
    sizes = np.zeros(len(y))
    if name == "logaddexp":  # its two terms may cancel: the error is theirs, as NumPy's is
        sizes = np.maximum(abs(np.maximum(*x)), np.logaddexp(0, -abs(x[0] - x[1])))
    each = zip(y, sizes, *x, strict=True)
    return np.array([ulps(yi, truth(name, *xi), float(size)) for yi, size, *xi in each]), x


def nanoseconds(name: str, loop: Loop, rounds: int = 15) -> tuple[float, float]:
    """Processor time for each of 16,384 numbers, native and NumPy's, in turns; the medians."""
    rng = np.random.default_rng(0)
    arity = 2 if name in native.BINARY else 1
    x = [rng.uniform(0.1, 3.0, 16384).astype(loop.dtype) for _ in range(arity)]
    out, other = np.empty_like(x[0]), numpys(name)
    contestants = [loop.prepared(*x, out=out), lambda: other(*x)]
    times: list[list[float]] = [[], []]
    for _ in range(rounds):
        for run, seen in zip(contestants, times, strict=True):
            start = time.process_time()
            for _ in range(10):
                run()
            seen.append((time.process_time() - start) / 163840 * 1e9)
    return float(np.median(times[0])), float(np.median(times[1]))


def row(name: str, count: int = 3000) -> list[float]:
    """For each dtype: the largest error, native and NumPy's, and the nanoseconds of both."""
    found: list[float] = []
    for dtype in ("float32", "float64"):
        loop = Loop(name, dtype)
        with np.errstate(all="ignore"):
            found += [errors(name, dtype, f, count)[0].max() for f in (loop, numpys(name))]
        found += nanoseconds(name, loop)
    return found


def main() -> int:
    """Print the table, or what is missing; return the exit code."""
    missing = llvm.missing()
    if not missing and importlib.util.find_spec("mpmath") is None:
        missing = "benchmarks: got no mpmath; run pip install mpmath"
    print(missing or table(), file=sys.stderr if missing else sys.stdout)
    return 2 if missing else 0


def table() -> str:
    """The rows of all functions that round, as Markdown."""
    names = [n for n in sorted(native.FORMULAS) if native.bound(n, "float32") > 0]
    head = "| | " + " | ".join(["ulp", "NumPy", "ns", "NumPy"] * 2) + " |"
    lines = [f"| {n} | " + " | ".join(f"{x:.3g}" for x in row(n)) + " |" for n in names]
    return "\n".join([head, "|---" * 9 + "|", *lines])
