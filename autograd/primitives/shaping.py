"""Primitives that move entries without changing them, and the one that changes the dtype.

Static arguments arrive normalized: `shape` and `axes` are tuples of non-negative ints.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives.indexing import getitem
from autograd.primitives.kernels import DEVICES


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))


def _concatenate(*arrays: Any, axis: int) -> Any:
    return np.concatenate(arrays, axis=axis)


def _concatenate_rule(g: Any, out: Any, *arrays: Any, axis: int) -> Iterator[Any]:
    """For each argument, the part of `g` that belongs to it."""
    whole, stop = (slice(None),) * axis, 0
    for array in arrays:
        start, stop = stop, stop + array.shape[axis]
        yield getitem(g, index=(*whole, slice(start, stop)))


# fmt: off
reshape: Primitive     = Primitive("reshape",     lambda x, *, shape: np.reshape(x, shape),    lambda g, out, x, *, shape: reshape(g, shape=x.shape),           formula="the same entries in another shape")
transpose: Primitive   = Primitive("transpose",   lambda x, *, axes: np.transpose(x, axes),    lambda g, out, x, *, axes: transpose(g, axes=_inverse(axes)),    formula="the axes in another order")
cast: Primitive        = Primitive("cast",        lambda x, *, dtype: (x if type(x) in DEVICES else np.asanyarray(x)).astype(dtype), lambda g, out, x, *, dtype: cast(g, dtype=x.dtype),              formula="the same values in another dtype", analytic=False)
concatenate: Primitive = Primitive("concatenate", _concatenate, _concatenate_rule, variadic=True, at_once=True, formula="arrays joined along an axis")
# fmt: on
