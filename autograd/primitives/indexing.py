"""Primitives of indexing, an adjoint pair: reading entries, and adding to entries.

`index` is what NumPy takes in brackets; arrays in it are read-only copies.
"""

from types import EllipsisType
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives.kernels import add_rows, picks_many_rows

BASIC = (int, slice, EllipsisType, type(None), np.integer)


def is_basic(index: Any) -> bool:
    """Whether NumPy would return a view, which cannot contain an entry twice."""
    for i in index if isinstance(index, tuple) else (index,):
        if type(i) is not slice and not isinstance(i, BASIC):
            return False
    return True


def _scatter_add(x: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `x` added at `index`; an entry that occurs twice gets both."""
    is_array = type(x) is np.ndarray  # np.zeros takes a third of the time of np.zeros_like
    out = np.zeros(shape, x.dtype) if is_array else np.zeros_like(x, shape=shape)
    _add_at(out, x, out, index=index)
    return out


def _add_at(total: Any, g: Any, x: Any, *, index: Any) -> None:
    """Add `g` to `total` at `index`, in place; an entry that occurs twice gets both."""
    if isinstance(index, tuple) and len(index) == 1:
        (index,) = index
    if is_basic(index) or (isinstance(index, np.ndarray) and index.dtype == np.bool_):
        total[index] += g
    elif picks_many_rows(index, g):
        add_rows(total, index, g)
    else:
        np.add.at(total, index, g)


# fmt: off
getitem: Primitive     = Primitive("getitem",     lambda x, *, index: x[index], lambda g, out, x, *, index: scatter_add(g, index=index, shape=x.shape), add_to=_add_at, formula="x[index]")
scatter_add: Primitive = Primitive("scatter_add", _scatter_add,                 lambda g, out, x, *, index, shape: getitem(g, index=index),             formula="0[index] += x")
# fmt: on
