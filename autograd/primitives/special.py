"""Kernels that NumPy lacks and SciPy has, in the dtypes that NumPy's own functions would give.

Importing SciPy takes a quarter of a second, so the first call of a kernel does it.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.primitives.kernels import beside

# Where arrays of another type, such as those of a GPU, have the functions of scipy.special.
SPECIAL: dict[type[Any], Any] = {}


@lru_cache(1)
def _scipy() -> Any:
    """scipy.special. A trace watches what a step calls, and this import is none of it."""
    watch = sys.getprofile()
    sys.setprofile(None)
    try:
        from scipy import special
    finally:
        sys.setprofile(watch)
    return special


def _of_entries(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that applies `function(scipy.special, x)`, or with an order before x.

    float16 and extended precision, which SciPy does not have, are computed in the next best dtype.
    Integers and booleans become float64: SciPy's functions would give float32 for small ones.
    """

    def kernel(*args: Any) -> Any:
        *orders, x = args
        if type(x) in SPECIAL:
            return function(SPECIAL[type(x)], *orders, x)
        x = np.asarray(x)
        if x.dtype.kind not in "biufc":
            raise TypeError(f"{name} takes numbers, and not dtype {x.dtype}")
        dtype = x.dtype if x.dtype.kind in "fc" else np.dtype(float)
        if dtype.char not in "efdFD" or x.dtype != dtype:
            x = x.astype(float)
        out = function(_scipy(), *orders, x)
        return out if out.dtype == dtype else out.astype(dtype)

    kernel.__name__ = kernel.__qualname__ = f"{name}_of_entries"
    return kernel


def _polygamma(special: Any, n: Any, x: Any) -> Any:
    """(-1)ⁿ⁺¹ n! ζ(n + 1, x), and the digamma function for n = 0."""
    n = n.astype(x.dtype) if type(n) is type(x) else beside(x, np.asarray(n, x.dtype))
    sign = np.where(n % 2 == 0, -1, 1).astype(x.dtype)
    higher = sign * special.gamma(n + 1) * special.zeta(n + 1, x)
    return np.where(n == 0, special.psi(x), higher)


erf_of_entries = _of_entries("erf", lambda special, x: special.erf(x))
erfc_of_entries = _of_entries("erfc", lambda special, x: special.erfc(x))
erfinv_of_entries = _of_entries("erfinv", lambda special, x: special.erfinv(x))
gammaln_of_entries = _of_entries("gammaln", lambda special, x: special.gammaln(x))
digamma_of_entries = _of_entries("digamma", lambda special, x: special.psi(x))
polygamma_of_entries = _of_entries("polygamma", _polygamma)

# By name, under which a trace has other functions.
KERNELS = (
    *("erf_of_entries", "erfc_of_entries", "erfinv_of_entries"),
    *("gammaln_of_entries", "digamma_of_entries", "polygamma_of_entries"),
)
