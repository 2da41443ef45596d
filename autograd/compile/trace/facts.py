"""Facts about operations: whether arguments decide the shape of a result, and how it lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.program import Operation, of_kernel
from autograd.compile.trace.tape import Stand, tree

# Where shapes and dtypes of the arguments decide those of the result; elsewhere they are checked.
STABLE_FORMS = frozenset(
    {"ufunc", "reduce", "attribute", "kernel", "copy", "draw", "python", "math"}
)
UNSTABLE_METHODS = frozenset({"compress", "nonzero", "repeat", "choose", "searchsorted"})
STABLE_FUNCTIONS = frozenset(
    {
        *("all", "any", "amax", "amin", "argmax", "argmin", "argsort", "array", "asarray"),
        *("asanyarray", "ascontiguousarray", "asfortranarray", "atleast_1d", "atleast_2d"),
        *("broadcast_to", "clip", "concatenate", "copy", "cumprod", "cumsum", "diagonal", "diff"),
        *("dot", "einsum", "empty_like", "expand_dims", "flip", "full_like", "inner", "max"),
        *("mean", "median", "min", "moveaxis", "ones_like", "outer", "prod", "ravel", "reshape"),
        *("roll", "round", "sort", "squeeze", "stack", "std", "sum", "swapaxes", "take"),
        *("take_along_axis", "tensordot", "tile", "trace", "transpose", "tril", "triu", "var"),
        *("vstack", "hstack", "where", "zeros_like"),
    }
)


COPIES = frozenset(
    {
        *("ndarray.copy", "ndarray.astype", "numpy.array", "numpy.asarray", "numpy.asanyarray"),
        *("numpy.copy", "numpy.ascontiguousarray", "numpy.asfortranarray"),
    }
)


def _relaid(x: Any, dtype: Any, order: Any) -> Any:
    """The same entries in another order of memory, which decides the last bits of sums."""
    return np.array(x, dtype, order=order)


RELAID = of_kernel(_relaid)


def relaid(x: Any, out: Any) -> bool:
    """Whether a copy lies in memory otherwise than what was copied."""
    if not isinstance(out, np.ndarray) or not isinstance(x, np.ndarray) or x.shape != out.shape:
        return False
    factor = x.itemsize, out.itemsize
    return any(
        n > 1 and a * factor[1] != b * factor[0]
        for n, a, b in zip(x.shape, x.strides, out.strides, strict=True)
    )


def order_of(x: Any) -> str:
    """The order of memory in which NumPy makes such an array."""
    return "C" if x.flags.c_contiguous else "F" if x.flags.f_contiguous else "K"


def is_slice_of_stands(index: Any) -> bool:
    """Whether an index has a slice whose length depends on a number that may differ: x[:n]."""
    parts = index if type(index) is tuple else (index,)
    return any(
        isinstance(bound, Stand)
        for x in parts
        if type(x) is slice
        for bound in (x.start, x.stop, x.step)
    )


def is_stable(operation: Operation, args: tuple[Any, ...]) -> bool:
    """Whether shapes and dtypes of the arguments decide those of the result."""
    form, name = operation.form, operation.name.rpartition(".")[2]
    if form in ("getitem", "setitem"):
        found: list[Any] = []
        tree(found.append, args[1])
        return not is_slice_of_stands(args[1]) and not any(
            isinstance(x, Stand) and np.asarray(x._value).dtype.kind == "b" for x in found
        )
    if form == "method":
        return name not in UNSTABLE_METHODS
    if form == "function":
        return name in STABLE_FUNCTIONS and not (name == "where" and len(args) == 1)
    return form in STABLE_FORMS
