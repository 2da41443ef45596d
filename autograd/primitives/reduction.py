"""Primitives that reduce or accumulate along axes, and broadcasting, the adjoint of the sum.

Static arguments arrive normalized: `axis` is a sorted tuple of non-negative ints. prod, cumsum and
cumprod take none, and work along the last axis.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.engine.primitive import Primitive
from autograd.primitives.arithmetic import maximum, where
from autograd.primitives.elementary import exp
from autograd.primitives.indexing import getitem
from autograd.primitives.kernels import beside, largest, reduce_along, sum_of_few, sum_of_rows
from autograd.primitives.shaping import concatenate, reshape

# np.sum of an array, without the Python functions that NumPy calls first.
add_up: Any = np.add.reduce

NUMPYS = (np.ndarray, np.generic)


@lru_cache
def kept(shape: tuple[int, ...], axis: tuple[int, ...]) -> tuple[int, ...]:
    """`shape` reduced with keepdims=True."""
    return tuple(1 if i in axis else n for i, n in enumerate(shape))


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """`g` summed down to `shape`, which NumPy had broadcast up: (3, 4) to (4,), (1, 4), (3, 1), ()."""
    extra = len(g.shape) - len(shape)
    if extra:
        g = sum_of_rows(g, extra)
    if g.shape == shape:
        return g
    stretched = (i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    return sum_(g, axis=tuple(stretched), keepdims=True)


@lru_cache
def count(shape: tuple[int, ...], axis: tuple[int, ...]) -> int:
    """The number of entries along the axes."""
    return math.prod(shape[i] for i in axis)


def _mean(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return add_up(x, axis=axis, keepdims=keepdims) / count(x.shape, axis)


def _with_axes(x: Any, shape: tuple[int, ...], axis: tuple[int, ...]) -> Any:
    """A result reduced from `shape`, with its axes kept; a single number broadcasts as it is."""
    return x.reshape(kept(shape, axis)) if x.shape else x


def _broadcast_to(x: Any, *, shape: tuple[int, ...]) -> Any:
    """A read-only view, as by `np.broadcast_to`, which takes three times as long."""
    if isinstance(x, NUMPYS) and not x.dtype.hasobject:
        strides = _repeating(x.shape, x.strides, x.itemsize, shape)
        if strides is not None:
            view = np.ndarray(shape, x.dtype, x, 0, strides)
            view.flags.writeable = False
            return view
    return np.broadcast_to(x, shape)


@lru_cache
def _repeating(
    shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int, wider: tuple[int, ...]
) -> tuple[int, ...] | None:
    """The strides that repeat a contiguous array in a wider shape; None if that is not possible."""
    new, apart = [0] * len(wider), itemsize
    for i in range(-1, -1 - len(shape), -1):
        if shape[i] != 1:
            if i < -len(wider) or shape[i] != wider[i] or strides[i] != apart:
                return None
            new[i] = apart
            apart *= shape[i]
    return tuple(new) if len(shape) <= len(wider) else None


def _sum_rule(g: Any, out: Any, x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return broadcast_to(_with_axes(g, x.shape, axis), shape=x.shape)


def _mean_rule(g: Any, out: Any, x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    share = g / count(x.shape, axis)
    return broadcast_to(_with_axes(share, x.shape, axis), shape=x.shape)


FLOATS, ALL = np.typecodes["Float"], np.typecodes["All"]
LOWEST = {c: np.finfo(c if c in FLOATS else float).min for c in ALL}


def _logsumexp(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Shifted by the largest entry, so nothing overflows; a finite one, because -inf - -inf is nan."""
    lowest = LOWEST[x.dtype.char]
    shift = np.minimum(np.maximum.reduce(x, axis=axis, keepdims=True, initial=lowest), -lowest)
    out = np.log(sum_of_few(np.exp(x - shift), axis))
    return out.reshape(shift.shape) + shift if keepdims else out + shift.reshape(out.shape)


def _logsumexp_rule(g: Any, out: Any, x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    """g times the softmax of x; 0 where all entries, and so the result, are -inf.

    The logarithm of a large sum is rounded: that of two entries of 1e17 is 1e17, without ln 2, and
    both would get a slope of 1. The error is the same for all, so division by their sum takes it out.
    """
    shape = kept(x.shape, axis)
    shares = exp(x - maximum(out.reshape(shape), LOWEST[x.dtype.char]))
    total = sum_(shares, axis=axis, keepdims=True)
    return g.reshape(shape) / (total + (total == 0)) * shares


def _extremum_rule(g: Any, out: Any, x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The gradient goes to the extreme entry; a tie shares it evenly."""
    is_extremum = x == _with_axes(out, x.shape, axis)
    g = _with_axes(g, x.shape, axis)
    count = reduce_along(np.add, is_extremum, axis, True, np.intp)
    return is_extremum * (g / np.maximum(count, 1))  # no entry equals a result of nan


def _reversed(x: Any) -> Any:
    return getitem(x, index=(Ellipsis, slice(None, None, -1)))


def _product_before(x: Any) -> Any:
    """For each entry, the product of those before it along the last axis."""
    start = beside(x, np.ones((*x.shape[:-1], min(1, x.shape[-1])), x.dtype))
    return concatenate(
        start, cumprod(getitem(x, index=(Ellipsis, slice(-1)))), axis=len(x.shape) - 1
    )


def _prod_rule(g: Any, out: Any, x: Any) -> Any:
    """The product of the other entries; out / x would be nan where an entry is 0."""
    others = _product_before(x) * _reversed(_product_before(_reversed(x)))
    return reshape(g, shape=(*g.shape, 1)) * others


def _cumprod_rule(g: Any, out: Any, x: Any) -> Any:
    """Sum over k >= j of g_k times x_0 ... x_k without x_j; right where entries are 0."""
    n = x.shape[-1]
    without = where(beside(x, np.eye(n, dtype=bool)), 1.0, reshape(x, shape=(*x.shape[:-1], 1, n)))
    weights = where(
        beside(x, np.tri(n, dtype=bool).T), reshape(g, shape=(*g.shape[:-1], 1, n)), 0.0
    )
    return sum_(cumprod(without) * weights, axis=(len(x.shape),), keepdims=False)


# fmt: off
sum_: Primitive         = Primitive("sum",          lambda x, *, axis, keepdims: add_up(x, axis=axis, keepdims=keepdims), _sum_rule,         formula="Σ x")
broadcast_to: Primitive = Primitive("broadcast_to", _broadcast_to, lambda g, out, x, *, shape: unbroadcast(g, x.shape), formula="x repeated to a shape")
mean: Primitive         = Primitive("mean",         _mean,                            _mean_rule, formula="Σ x / n")
max_: Primitive         = Primitive("max",          lambda x, *, axis, keepdims: largest(x, axis, keepdims), _extremum_rule, formula="the largest of x")
min_: Primitive         = Primitive("min",          lambda x, *, axis, keepdims: reduce_along(np.minimum, x, axis, keepdims), _extremum_rule, formula="the smallest of x")
logsumexp: Primitive    = Primitive("logsumexp",    _logsumexp,                       _logsumexp_rule,                                             formula="ln Σ eˣ")
prod: Primitive         = Primitive("prod",         lambda x: np.prod(x, axis=-1),    _prod_rule,                                           formula="Π x")
cumsum: Primitive       = Primitive("cumsum",       lambda x: np.cumsum(x, axis=-1),  lambda g, out, x: _reversed(cumsum(_reversed(g))),  formula="partial sums")
cumprod: Primitive      = Primitive("cumprod",      lambda x: np.cumprod(x, axis=-1), _cumprod_rule,                                        formula="partial products")
# fmt: on
