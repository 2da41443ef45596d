"""Which of our functions stands for which of NumPy's: how `np.sum(tensor)` finds its way.

Three kinds of NumPy functions. Those with a counterpart here are differentiated. Those whose
results carry no gradient anyway (shapes, comparisons, positions) just run on the data. All others
are refused, and the message names the nearest that would work: an array without its gradient is
never returned silently.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.errors import UnsupportedError
from autograd.primitives import PRIMITIVES

F = TypeVar("F", bound=Callable[..., Any])

DIFFERENTIABLE: dict[Any, Callable[..., Any]] = {
    p.kernel: p for p in PRIMITIVES.values() if isinstance(p.kernel, np.ufunc)
}
DIFFERENTIABLE |= {
    np.rint: PRIMITIVES["rint"],
    np.fabs: PRIMITIVES["abs"],
    np.float_power: PRIMITIVES["pow"],
    np.power: PRIMITIVES["pow"],
    np.conjugate: PRIMITIVES["positive"],
}

WITHOUT_GRADIENT = frozenset(
    {
        *(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal),
        *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not),
        *(np.isnan, np.isinf, np.isfinite, np.signbit, np.isposinf, np.isneginf),
        *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type, np.iscomplexobj),
        *(np.isrealobj, np.shares_memory, np.may_share_memory, np.array_repr, np.array_str),
        *(np.array2string, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort),
        *(np.argpartition, np.searchsorted, np.nonzero, np.argwhere, np.flatnonzero, np.digitize),
        *(
            np.count_nonzero,
            np.allclose,
            np.isclose,
            np.array_equal,
            np.array_equiv,
            np.all,
            np.any,
        ),
        *(
            np.zeros_like,
            np.ones_like,
            np.empty_like,
            np.full_like,
            np.isin,
            np.iscomplex,
            np.isreal,
        ),
        *(np.bincount, np.histogram, np.lexsort, np.unravel_index, np.ravel_multi_index),
        *(np.linalg.matrix_rank, np.save, np.savetxt, np.savez),
    }
)


def implements(*numpy_functions: Any) -> Callable[[F], F]:
    """Make a function the one that NumPy's dispatch finds."""

    def register(function: F) -> F:
        for numpy_function in numpy_functions:
            DIFFERENTIABLE[numpy_function] = function
        return function

    return register


def name_of(numpy_function: Any) -> str:
    """'np.linalg.inv' for `np.linalg.inv`."""
    module = str(getattr(numpy_function, "__module__", None) or "numpy")
    module = module.removeprefix("numpy").removeprefix("._core").removeprefix(".lib")
    public = ".linalg" if "linalg" in module else ""
    return f"np{public}.{numpy_function.__name__}"


def unsupported(numpy_function: Any, what: str = "") -> UnsupportedError:
    """The error for a NumPy function, or an argument of one, that is not differentiable here."""
    name = name_of(numpy_function)
    if what:
        return UnsupportedError(f"{name}: {what}")
    import difflib  # here, as few programs come here

    known = sorted({name_of(f) for f in DIFFERENTIABLE})
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return UnsupportedError(
        f"{name} has no derivative here, and would return an array without its gradient; the "
        f"nearest name that has one is {near[0]}. If you need no gradient, pass tensor.data"
    )
