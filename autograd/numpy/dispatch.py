"""Which of our functions replaces which NumPy function: how `np.sum(tensor)` finds `ag.sum`.

NumPy's functions are of three kinds. Those with a counterpart here are differentiated. Those whose
results never carry a gradient (shapes, comparisons, positions) run on the data. All others raise,
and the message says what to write instead if something does the same job: no gradient is ever
dropped silently.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autograd.engine.graph import Node, data_of
from autograd.engine.recording import is_recording
from autograd.errors import UnsupportedError, message
from autograd.names import NUMPY, SCIPY
from autograd.primitives import PRIMITIVES, arithmetic, elementary

F = TypeVar("F", bound=Callable[..., Any])

DIFFERENTIABLE: dict[Any, Callable[..., Any]] = {
    p.kernel: p for p in PRIMITIVES.values() if isinstance(p.kernel, np.ufunc)
}
DIFFERENTIABLE |= {
    np.rint: arithmetic.rint,
}

WITHOUT_GRADIENT = frozenset(
    {
        # comparisons and logic
        *(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal),
        *(np.logical_and, np.logical_or, np.logical_xor, np.logical_not, np.all, np.any),
        *(np.allclose, np.isclose, np.array_equal, np.array_equiv, np.isin),
        # properties of entries
        *(np.isnan, np.isinf, np.isfinite, np.signbit, np.isposinf, np.isneginf, np.iscomplex),
        *(np.isreal, np.iscomplexobj, np.isrealobj),
        # shapes, dtypes, memory
        *(np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type),
        *(np.shares_memory, np.may_share_memory, np.zeros_like, np.ones_like, np.empty_like),
        *(np.full_like, np.linalg.matrix_rank),
        # positions and counts
        *(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition),
        *(np.searchsorted, np.nonzero, np.argwhere, np.flatnonzero, np.digitize, np.count_nonzero),
        *(np.bincount, np.histogram, np.lexsort, np.unravel_index, np.ravel_multi_index),
        # text and files
        *(np.array_repr, np.array_str, np.array2string, np.save, np.savetxt, np.savez),
    }
)


# Those whose results are positions or counts, which a program may turn into floats: a function that
# ends in such a float has no derivative.
POSITIONS = frozenset(
    {
        *(np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.argsort, np.argpartition),
        *(np.searchsorted, np.nonzero, np.argwhere, np.flatnonzero, np.digitize, np.count_nonzero),
        *(np.bincount, np.histogram, np.lexsort, np.linalg.matrix_rank),
    }
)


def depends(x: Any) -> bool:
    """Whether `x` is, or a list or tuple that contains, a node that requires a gradient."""
    if isinstance(x, Node):
        return x.requires_grad
    return type(x) in (list, tuple) and any(map(depends, x))


def check_dropped(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise where a function without gradient would return floats that depend on a node.

    Its other results are truth values, positions, counts, or depend on shapes and dtypes only.
    """
    names = ARGUMENTS.get(function)
    if names is None or not is_recording():
        return
    given = dict(zip(names, args, strict=False)) | kwargs
    if function is np.histogram:
        bins, fixed = given.get("bins", 10), given.get("range") is not None
        edges = isinstance(bins, str) or (np.ndim(data_of(bins)) == 0 and not fixed)
        if given.get("density") and depends(given.get("a")):
            raise dropped(function, "density=True for a Tensor that requires a gradient")
        if edges and depends(given.get("a")):
            got = f"bins={bins!r} for a Tensor that requires a gradient, whose range sets the edges"
            raise dropped(function, got)
        for name in ("bins", "range"):
            if depends(given.get(name)):
                raise dropped(function, f"{name}= that require a gradient")
    for name in ("weights", "fill_value"):
        if depends(given.get(name)):
            raise dropped(function, f"{name}= that requires a gradient")


ARGUMENTS = {
    np.bincount: ("x", "weights"),
    np.histogram: ("a", "bins", "range", "density", "weights"),
    np.full_like: ("a", "fill_value"),
}
CURES = {
    np.bincount: "write ag.Tensor(np.zeros(n)).at[x].add(weights)",
    np.histogram: "pass edges, or range= and a number of bins, and no weights",
    np.full_like: "write value + np.zeros_like(x)",
}


def dropped(function: Any, got: str) -> UnsupportedError:
    """The error for floats that would come out without their gradient."""
    hint = f"the result would lose its gradient; {CURES[function]}, or pass tensor.data"
    return UnsupportedError(message(name_of(function), got, hint=hint))


def implements(*numpy_functions: Any) -> Callable[[F], F]:
    """Register a function as the one that dispatch calls for these functions of NumPy."""

    def register(function: F) -> F:
        for numpy_function in numpy_functions:
            DIFFERENTIABLE[numpy_function] = function
        return function

    return register


# Those of SciPy's functions that are ufuncs, by name: SciPy is not imported to compare them.
SPECIAL: dict[str, Callable[..., Any]] = {
    **{p.name: p for p in (elementary.erf, elementary.erfc, elementary.erfinv, elementary.gammaln)},
    **dict.fromkeys(("psi", "digamma"), elementary.digamma),
    "expit": elementary.sigmoid,
    **{p.name: p for p in (elementary.exp2, elementary.expm1, elementary.log1p, arithmetic.cbrt)},
}


def of_scipy(name: str) -> Callable[[F], F]:
    """Register a function as the one that `scipy.special.NAME(tensor)` calls."""

    def register(function: F) -> F:
        SPECIAL[name] = function
        return function

    return register


def counterpart(function: Any) -> Callable[..., Any] | None:
    """Our function in place of one of NumPy's or SciPy's; None if there is none."""
    found = DIFFERENTIABLE.get(function)
    if found is None and isinstance(function, np.ufunc):
        special = sys.modules.get("scipy.special")
        name = str(getattr(function, "__name__", ""))
        if getattr(special, name, None) is function:
            return SPECIAL.get(name)
    return found


def name_of(function: Any) -> str:
    """The name that programs write: 'np.linalg.inv', or 'scipy.special.erf' for SciPy's."""
    name = getattr(function, "__name__", type(function).__name__)
    for prefix in ("", "linalg.", "fft.", "emath."):
        home = getattr(np, prefix[:-1]) if prefix else np
        if getattr(home, name, None) is function:
            return f"np.{prefix}{name}"
    # A ufunc knows no module; SciPy's are found in the package that the program has imported.
    for title in ("scipy.special", "scipy.linalg"):
        if getattr(sys.modules.get(title), name, None) is function:
            return f"{title}.{name}"
    module = getattr(function, "__module__", None)
    if isinstance(function, np.ufunc) or not isinstance(module, str):
        return str(name)
    if module.split(".")[0] == "numpy":
        public = [part for part in module.split(".")[1:] if not part.startswith("_")]
        return ".".join(["np", *public, str(name)])
    return f"{module}.{name}"


def unsupported(
    numpy_function: Any, got: str = "", expected: str = "", hint: str = ""
) -> UnsupportedError:
    """The error for a NumPy function, or an argument of one, that is not differentiable here."""
    name = name_of(numpy_function)
    if got or hint:
        return UnsupportedError(message(name, got, expected, hint))
    home, _, rest = name.partition(".")
    table = {"np": NUMPY, "scipy": SCIPY}.get(home, {})
    same = table.get(rest.removeprefix("special."))
    hint = "has no derivative here and would return an array without its gradient"
    write = f"write {same}, or " if same else ""
    return UnsupportedError(
        message(name, hint=f"{hint}; {write}pass tensor.data if you need no gradient")
    )
