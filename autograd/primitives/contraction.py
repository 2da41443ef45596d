"""Primitives that multiply and sum: matrix products and Einstein summation.

`matmul` takes arrays of two or more axes, `inner` an array of one or more axes and a matrix.
`einsum` takes explicit subscripts such as "ij,jk->ik"; its public wrapper replaces an ellipsis by
letters.
"""

import math
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives.indexing import scatter_add
from autograd.primitives.kernels import product
from autograd.primitives.reduction import broadcast_to, unbroadcast
from autograd.primitives.shaping import reshape


def _rows(x: Any) -> Any:
    """All axes but the last joined, so that a stack takes one matrix product instead of many."""
    rows = -1 if x.size else math.prod(x.shape[:-1])  # of nothing, NumPy cannot tell how many
    return x.reshape(rows, x.shape[-1])


def _inner(x: Any, w: Any) -> Any:
    if x.ndim == 2:
        return product(x, w.T)
    return product(_rows(x), w.T).reshape(*x.shape[:-1], w.shape[0])


def _inner_left(g: Any, out: Any, x: Any, w: Any) -> Any:
    return product(g, w) if x.ndim == 2 else product(_rows(g), w).reshape(x.shape)


def _inner_right(g: Any, out: Any, x: Any, w: Any) -> Any:
    return product(g.T, x) if x.ndim == 2 else product(_rows(g).T, _rows(x))


def _einsum(*operands: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *operands)


def _einsum_rule(g: Any, out: Any, *operands: Any, subscripts: str, argument: int) -> Any:
    """Contract the cotangent with the other operands.

    A letter that only this operand has was summed, so the gradient is broadcast along its axis.
    An axis of length 1 that met a longer one was repeated, so the gradient is summed along it. A
    letter that this operand has twice read a diagonal, so the gradient goes to that diagonal.
    """
    terms, result = subscripts.split("->")
    letters = terms.split(",")
    mine, shape = letters.pop(argument), operands[argument].shape
    others = [*operands[:argument], *operands[argument + 1 :]]
    size = dict(zip(mine, shape, strict=True))
    elsewhere = {*result, *"".join(letters)}
    found = "".join(c for c in size if size[c] != 1 and c in elsewhere)
    part = einsum(g, *others, subscripts=f"{','.join([result, *letters])}->{found}")
    lengths = dict(zip(found, part.shape, strict=True))  # 1 where all others were repeated
    part = reshape(part, shape=tuple(lengths.get(c, 1) for c in size))
    part = broadcast_to(part, shape=tuple(size.values()))
    if len(size) == len(mine):
        return part
    grid = dict(zip(size, np.indices(tuple(size.values()), sparse=True), strict=True))
    return scatter_add(part, index=tuple(grid[c] for c in mine), shape=shape)


# fmt: off
matmul: Primitive = Primitive("matmul", np.matmul, lambda g, out, x, y: unbroadcast(g @ y.mT, x.shape), lambda g, out, x, y: unbroadcast(x.mT @ g, y.shape), formula="x @ y", symbol="@", labels=("x", "y"))
inner: Primitive  = Primitive("inner",  _inner,    _inner_left, _inner_right, formula="Σₖ x[…, k] · W[j, k]", symbol="x Wᵀ", labels=("x", "W"))
einsum: Primitive = Primitive("einsum", _einsum,   _einsum_rule, variadic=True, formula="Einstein summation")
# fmt: on
