"""Primitives that multiply and sum: matrix products and Einstein summation.

`matmul` gets arrays of two or more axes. `einsum` gets explicit subscripts such as "ij,jk->ik", without
an ellipsis; the first letters of the alphabet serve its public wrapper for those.
"""

from typing import Any

import numpy as np

from autograd.primitive import Primitive
from autograd.primitives.indexing import scatter_add
from autograd.primitives.reduction import broadcast_to, unbroadcast
from autograd.primitives.shaping import reshape, transpose


def swap(x: Any) -> Any:
    """The transpose of a matrix, or of each in a stack."""
    n = len(x.shape)
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def _matmul_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    return unbroadcast(matmul(g, swap(y)), x.shape)


def _matmul_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    return unbroadcast(matmul(swap(x), g), y.shape)


def _einsum(*operands: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *operands)


def _einsum_rule(g: Any, out: Any, *operands: Any, subscripts: str, argument: int) -> Any:
    """Contract the cotangent with the other operands.

    A letter that stands in this operand alone was summed, so its gradient is spread along that axis. A
    letter that stands twice in this operand read a diagonal, so its gradient goes onto that diagonal.
    """
    terms, result = subscripts.split("->")
    letters = terms.split(",")
    mine, shape = letters.pop(argument), operands[argument].shape
    others = [*operands[:argument], *operands[argument + 1 :]]
    distinct = "".join(dict.fromkeys(mine))
    found = "".join(c for c in distinct if c in result or any(c in term for term in letters))
    part = einsum(g, *others, subscripts=f"{','.join([result, *letters])}->{found}")
    size = {c: shape[mine.index(c)] for c in distinct}
    part = reshape(part, shape=tuple(size[c] if c in found else 1 for c in distinct))
    part = broadcast_to(part, shape=tuple(size[c] for c in distinct))
    if distinct == mine:
        return part
    grid = dict(zip(distinct, np.indices(tuple(size.values()), sparse=True), strict=True))
    return scatter_add(part, index=tuple(grid[c] for c in mine), shape=shape)


# fmt: off
matmul: Primitive = Primitive("matmul", np.matmul, _matmul_left, _matmul_right,           formula="x @ y")
einsum: Primitive = Primitive("einsum", _einsum,   _einsum_rule,          variadic=True,  formula="Einstein summation")
# fmt: on
