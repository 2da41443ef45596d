"""The elementary functions of programs in LLVM IR, by NumPy's names.

Those of `FORMULAS` are straight-line code, which vectorizes; those of `OUTSIDE` call the C library,
as NumPy does.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np

from autograd.compile.native import exponential as e
from autograd.compile.native import rounding as r
from autograd.compile.native.scalar import REAL, WIDTH, Definition, Function, copysign, sqrt
from autograd.errors import message

FORMULAS: Mapping[str, Callable[..., Any]] = {
    "absolute": abs,
    "ceil": r.ceil,
    "copysign": copysign,
    "erf": e.erf,
    "exp": e.exp,
    "exp2": e.exp2,
    "expm1": e.expm1,
    "floor": r.floor,
    "log": e.log,
    "log1p": e.log1p,
    "log2": e.log2,
    "logaddexp": e.logaddexp,
    "rint": r.rint,
    "sigmoid": e.sigmoid,
    "sign": r.sign,
    "sqrt": sqrt,
    "tanh": e.tanh,
    "trunc": r.trunc,
}
# NumPy's name, and the name in C.
OUTSIDE = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "cbrt": "cbrt",
    "cos": "cos",
    "cosh": "cosh",
    "hypot": "hypot",
    "log10": "log10",
    "power": "pow",
    "sin": "sin",
    "sinh": "sinh",
    "tan": "tan",
}
BINARY = frozenset({"arctan2", "copysign", "hypot", "logaddexp", "power"})
NAMES = frozenset({*FORMULAS, *OUTSIDE})


@cache
def definition(name: str, dtype: Any) -> Definition:
    """A function on scalars, as text in LLVM IR.

    Args:
        name: NumPy's name, or "erf" or "sigmoid".
        dtype: float32 or float64.

    Raises:
        ValueError: there is no such function.

    Example:
        >>> from autograd.compile.native import math
        >>> print(math.definition("floor", "float32").text)
        define internal float @floor.f32(float %x0) alwaysinline nounwind {
          %v0 = call float @llvm.floor.f32(float %x0)
          ret float %v0
        }
        <BLANKLINE>
    """
    kind = REAL[np.dtype(dtype)]
    if name not in NAMES:
        raise ValueError(message("native", f"the function {name!r}", ", ".join(sorted(NAMES))))
    function = Function(f"{name}.f{WIDTH[kind]}", [kind] * (2 if name in BINARY else 1))
    if name in FORMULAS:
        return function.definition(FORMULAS[name](*function.arguments))
    symbol = OUTSIDE[name] + ("f" if kind == "float" else "")
    result = function.outside(symbol, *function.arguments)
    return function.definition(result, {symbol: address(symbol)})


def definitions(uses: Iterable[tuple[str, Any]]) -> tuple[str, dict[str, int]]:
    """The text of several functions with all that they call, and the addresses they need.

    Args:
        uses: names and dtypes, as `definition` takes them; any may be there twice.

    Example:
        >>> from autograd.compile.native import math
        >>> text, symbols = math.definitions([("exp", "float32"), ("sqrt", "float64")])
        >>> text.count("define"), symbols
        (2, {})
    """
    found = {(name, np.dtype(dtype)): definition(name, np.dtype(dtype)) for name, dtype in uses}
    declarations = dict.fromkeys(line for one in found.values() for line in one.declarations)
    text = "\n".join([*declarations, *(one.text for one in found.values())])
    return text, {name: at for one in found.values() for name, at in one.symbols.items()}


@cache
def _library() -> ctypes.CDLL:
    """The C library's mathematics: what NumPy itself was linked with."""
    if sys.platform == "win32":
        return ctypes.CDLL("ucrtbase")
    file = importlib.import_module("numpy._core._multiarray_umath").__file__
    return ctypes.CDLL(file)


def address(symbol: str) -> int:
    """The address of a function of the C library."""
    return ctypes.cast(_library()[symbol], ctypes.c_void_p).value or 0


def bound(name: str, dtype: Any) -> float:
    """The largest error in units of the last place of the true value."""
    return 4.0
