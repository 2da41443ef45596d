"""The elementary functions of programs in LLVM IR, by NumPy's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from autograd.compile.native import exponential as e
from autograd.compile.native import libm, power
from autograd.compile.native import rounding as r
from autograd.compile.native import trigonometric as t
from autograd.compile.native.scalar import REAL, WIDTH, Definition, Function, copysign, sqrt
from autograd.errors import message

# Straight-line code, which vectorizes: each with its bounds in float32 and float64, in units of the
# last place of the true value; of `logaddexp`, of its larger term, because the two may cancel.
FORMULAS: Mapping[str, tuple[Callable[..., Any], float, float]] = {
    "absolute": (abs, 0.0, 0.0),
    "ceil": (r.ceil, 0.0, 0.0),
    "copysign": (copysign, 0.0, 0.0),
    "cos": (t.cos, 0.6, 1.0),
    "erf": (e.erf, 1.2, 1.2),
    "exp": (e.exp, 1.0, 1.0),
    "exp2": (e.exp2, 1.0, 1.0),
    "expm1": (e.expm1, 1.5, 1.9),
    "floor": (r.floor, 0.0, 0.0),
    "log": (e.log, 1.0, 1.0),
    "log1p": (e.log1p, 1.0, 1.0),
    "log2": (e.log2, 1.8, 1.8),
    "logaddexp": (e.logaddexp, 2.5, 2.5),
    "power": (power.power, 0.6, 1.0),
    "rint": (r.rint, 0.0, 0.0),
    "sigmoid": (e.sigmoid, 2.5, 2.5),
    "sign": (r.sign, 0.0, 0.0),
    "sin": (t.sin, 0.6, 1.0),
    "sinc": (t.sinc, 1.6, 1.6),
    "sqrt": (sqrt, 0.5, 0.5),
    "tan": (t.tan, 0.6, 2.0),
    "tanh": (e.tanh, 1.5, 1.5),
    "trunc": (r.trunc, 0.0, 0.0),
}
# Calls of the C library, one number at a time, as NumPy's own are without its vector code; bounds
# are those of glibc's functions.
OUTSIDE: Mapping[str, tuple[Callable[..., Any], float, float]] = {
    "arccos": (partial(libm.call, "acos"), 1.0, 1.0),
    "arccosh": (partial(libm.call, "acosh"), 2.5, 2.5),
    "arcsin": (partial(libm.call, "asin"), 1.0, 1.0),
    "arcsinh": (partial(libm.call, "asinh"), 2.5, 2.5),
    "arctan": (partial(libm.call, "atan"), 1.0, 1.0),
    "arctan2": (partial(libm.call, "atan2"), 2.0, 1.0),
    "arctanh": (partial(libm.call, "atanh"), 2.5, 2.5),
    "cbrt": (partial(libm.call, "cbrt"), 1.0, 4.0),
    "cosh": (partial(libm.call, "cosh"), 2.0, 2.0),
    "floor_divide": (r.floor_divide, 2.0, 2.0),
    "fmod": (r.fmod, 0.0, 0.0),
    "hypot": (partial(libm.call, "hypot"), 1.0, 1.0),
    "log10": (partial(libm.call, "log10"), 2.0, 2.0),
    "remainder": (r.remainder, 1.0, 1.0),
    "sinh": (partial(libm.call, "sinh"), 2.5, 2.5),
}
FUNCTIONS = {**FORMULAS, **OUTSIDE}
BINARY = frozenset(
    {"arctan2", "copysign", "floor_divide", "fmod", "hypot", "logaddexp", "power", "remainder"}
)


@cache
def definition(name: str, dtype: Any) -> Definition:
    """A function on scalars, as text in LLVM IR, which LLVM inlines.

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
    formula = _found(name)[0]
    function = Function(f"{name}.f{WIDTH[kind]}", [kind] * (2 if name in BINARY else 1))
    return function.definition(formula(*function.arguments))


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


def bound(name: str, dtype: Any) -> float:
    """The error that the function stays below, in units of the last place of the true value.

    Example:
        >>> from autograd.compile.native import math
        >>> math.bound("exp", "float32")
        1.0
    """
    _, single, double = _found(name)
    return single if np.dtype(dtype) == np.float32 else double


def _found(name: str) -> tuple[Callable[..., Any], float, float]:
    if name not in FUNCTIONS:
        raise ValueError(message("native", f"the function {name!r}", ", ".join(sorted(FUNCTIONS))))
    return FUNCTIONS[name]
