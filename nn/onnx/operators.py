"""The operators of ONNX that `load` runs, by functions that are differentiable: a line for each.

Shapes, axes and positions arrive as plain arrays of integers, and what is computed from them stays
plain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd import data_of

Run = Callable[..., Any]


def ints(x: Any) -> tuple[int, ...]:
    """A plain array of integers as a tuple."""
    return tuple(int(n) for n in np.asarray(data_of(x)).reshape(-1))


def plain(x: Any) -> Any:
    """The array itself, of what has no derivative."""
    return np.asarray(data_of(x))


# --- the longer ones ---


def reshape(x: Any, shape: Any, *, allowzero: int = 0) -> Any:
    """Reshape, where a 0 may stand for the length that the axis has."""
    wanted = ints(shape)
    if not allowzero:
        wanted = tuple(x.shape[k] if n == 0 else n for k, n in enumerate(wanted))
    return ag.reshape(x, wanted)


def expand(x: Any, shape: Any) -> Any:
    """Expand; axes of x that are longer than the shape asks stay."""
    return ag.broadcast_to(x, np.broadcast_shapes(x.shape, ints(shape)))


def reduce(function: Run) -> Run:
    """A reduction; no axes mean all of them."""

    def run(x: Any, axes: Any = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Any:
        if axes is None or not len(ints(axes)):
            if noop_with_empty_axes:
                return x
            return function(x, axis=tuple(range(len(x.shape))), keepdims=bool(keepdims))
        return function(x, axis=ints(axes), keepdims=bool(keepdims))

    return run


def truths(function: Run, plain_function: Run) -> Run:
    """A reduction of floats, or of the numbers of truth values."""

    def run(x: Any, axis: Any, keepdims: bool) -> Any:
        chosen = function if plain(x).dtype.kind == "f" else plain_function
        return chosen(x, axis=axis, keepdims=keepdims)

    return reduce(run)


def prod(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """The product along axes, one after the other."""
    for k in sorted(axis, reverse=True):
        x = ag.prod(x, axis=k, keepdims=keepdims)
    return x


def position(function: Run) -> Run:
    """ArgMax and ArgMin."""

    def run(x: Any, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Any:
        if select_last_index:
            raise NotImplementedError("the last of several equal entries")
        return function(plain(x), axis=axis, keepdims=bool(keepdims))

    return run


def slices(x: Any, starts: Any, ends: Any, axes: Any = None, steps: Any = None) -> Any:
    """Slice."""
    first, last = ints(starts), ints(ends)
    along = range(len(first)) if axes is None else ints(axes)
    strides = (1,) * len(first) if steps is None else ints(steps)
    index: list[Any] = [slice(None)] * len(x.shape)
    for axis, a, b, step in zip(along, first, last, strides, strict=True):
        beyond = step < 0 and b < -x.shape[axis]  # from the end to the very first entry
        index[axis] = slice(a, None if beyond else b, step)
    return x[tuple(index)]


def squeeze(x: Any, axes: Any = None) -> Any:
    """Squeeze."""
    return ag.squeeze(x, axis=None if axes is None else ints(axes))


def unsqueeze(x: Any, axes: Any) -> Any:
    """Unsqueeze."""
    return ag.expand_dims(x, ints(axes))


def gather(x: Any, at: Any, *, axis: int = 0) -> Any:
    """Gather."""
    return ag.take(x, plain(at), axis=axis)


def gather_nd(x: Any, at: Any, *, batch_dims: int = 0) -> Any:
    """GatherND: each row of positions names an entry."""
    if batch_dims:
        raise NotImplementedError(f"batch_dims={batch_dims}")
    return x[tuple(np.moveaxis(plain(at), -1, 0))]


def scatter_nd(x: Any, at: Any, updates: Any, *, reduction: str = "none") -> Any:
    """ScatterND that adds, or that writes into zeros where no position is named twice.

    For each place, the updates that it receives are taken side by side and summed.
    """
    if reduction not in ("none", "add") or (reduction == "none" and plain(x).any()):
        raise NotImplementedError(f"reduction={reduction!r} into an array that is not zero")
    places = plain(at)
    depth = places.shape[-1]
    lead, rest = x.shape[:depth], x.shape[depth:]
    lengths = np.array(lead, np.int64)
    flat = np.ravel_multi_index(tuple((places.reshape(-1, depth) % lengths).T), lead)
    rows = int(np.prod(lead))
    order = np.argsort(flat, kind="stable")
    counts = np.bincount(flat, minlength=rows)
    most = int(counts.max(initial=0))
    table = np.full((rows, most), len(flat))  # the last row is zero
    starts = np.cumsum(counts) - counts
    table[flat[order], np.arange(len(flat)) - np.repeat(starts, counts)] = order
    lines = ag.reshape(updates, (len(flat), *rest))
    zero = np.zeros((1, *rest), plain(updates).dtype)
    added = ag.sum(ag.take(ag.concatenate([lines, zero]), table, axis=0), axis=1)
    return x + ag.reshape(added, (*lead, *rest))


def pad(x: Any, pads: Any, value: Any = None, axes: Any = None, *, mode: str = "constant") -> Any:
    """Pad with one value."""
    if mode != "constant":
        raise NotImplementedError(f"mode={mode!r}")
    widths, along = ints(pads), range(len(x.shape)) if axes is None else ints(axes)
    sides = [(0, 0)] * len(x.shape)
    for k, axis in enumerate(along):
        sides[axis] = (widths[k], widths[k + len(widths) // 2])
    return ag.pad(x, sides, constant_values=0.0 if value is None else plain(value).item())


def shape_of(x: Any, *, start: int = 0, end: int | None = None) -> Any:
    """Shape."""
    return np.array(x.shape[start:end], np.int64)


def where(c: Any, x: Any, y: Any) -> Any:
    """Where."""
    return ag.where(plain(c), x, y)


def cast(x: Any, *, to: Any) -> Any:
    """Cast."""
    if isinstance(x, ag.Tensor) and to.kind == "f":
        return ag.astype(x, to)
    return plain(x).astype(to)


def filled(shape: Any, *, value: Any = None) -> Any:
    """ConstantOfShape."""
    one = np.zeros(1, np.float32) if value is None else value
    return np.broadcast_to(one.reshape(()), ints(shape)).copy()


def mod(x: Any, y: Any, *, fmod: int = 0) -> Any:
    """Mod."""
    return ag.fmod(x, y) if fmod else ag.remainder(x, y)


def divide(x: Any, y: Any) -> Any:
    """Div: of integers, without the fraction."""
    if plain(x).dtype.kind in "iu":
        return np.trunc(plain(x) / plain(y)).astype(plain(x).dtype)
    return x / y


def compared(function: Run) -> Run:
    """A comparison, or an operation on truth values or bits."""
    return lambda *inputs: function(*map(plain, inputs))


def several(function: Run) -> Run:
    """Max and Min of any number of arrays."""

    def run(x: Any, *others: Any) -> Any:
        for other in others:
            x = function(x, other)
        return x

    return run


# fmt: off
OPERATORS: dict[str, Run] = {
    "Identity":   lambda x: x,
    "Add":        lambda x, y: x + y,
    "Sub":        lambda x, y: x - y,
    "Mul":        lambda x, y: x * y,
    "Div":        divide,
    "Pow":        lambda x, y: ag.power(x, y),
    "Mod":        mod,
    "Max":        several(ag.maximum),
    "Min":        several(ag.minimum),
    "Neg":        lambda x: -x,
    "Abs":        lambda x: ag.abs(x),
    "Sign":       lambda x: ag.sign(x),
    "Sqrt":       lambda x: ag.sqrt(x),
    "Reciprocal": lambda x: ag.reciprocal(x),
    "Floor":      lambda x: ag.floor(x),
    "Ceil":       lambda x: ag.ceil(x),
    "Round":      lambda x: ag.rint(x),
    "Exp":        lambda x: ag.exp(x),
    "Log":        lambda x: ag.log(x),
    "Sin":        lambda x: ag.sin(x),
    "Cos":        lambda x: ag.cos(x),
    "Tan":        lambda x: ag.tan(x),
    "Asin":       lambda x: ag.arcsin(x),
    "Acos":       lambda x: ag.arccos(x),
    "Atan":       lambda x: ag.arctan(x),
    "Sinh":       lambda x: ag.sinh(x),
    "Cosh":       lambda x: ag.cosh(x),
    "Tanh":       lambda x: ag.tanh(x),
    "Asinh":      lambda x: ag.arcsinh(x),
    "Acosh":      lambda x: ag.arccosh(x),
    "Atanh":      lambda x: ag.arctanh(x),
    "Erf":        lambda x: ag.erf(x),
    "IsNaN":      compared(np.isnan),
    "IsInf":      compared(np.isinf),
    "Not":        compared(np.logical_not),
    "And":        compared(np.logical_and),
    "Or":         compared(np.logical_or),
    "BitwiseNot": compared(np.invert),
    "BitwiseAnd": compared(np.bitwise_and),
    "BitwiseOr":  compared(np.bitwise_or),
    "Equal":      compared(np.equal),
    "Less":       compared(np.less),
    "Greater":    compared(np.greater),
    "LessOrEqual":    compared(np.less_equal),
    "GreaterOrEqual": compared(np.greater_equal),
    "Where":      where,
    "Cast":       cast,
    "Reshape":    reshape,
    "Transpose":  lambda x, *, perm=None: ag.transpose(x, perm),
    "Expand":     expand,
    "ConstantOfShape": filled,
    "Shape":      shape_of,
    "Range":      lambda a, b, step: np.arange(plain(a), plain(b), plain(step)),
    "Slice":      slices,
    "Squeeze":    squeeze,
    "Unsqueeze":  unsqueeze,
    "Gather":     gather,
    "GatherND":   gather_nd,
    "ScatterND":  scatter_nd,
    "Pad":        pad,
    "Concat":     lambda *parts, axis: ag.concatenate(parts, axis=axis),
    "ReduceSum":  reduce(ag.sum),
    "ReduceProd": reduce(prod),
    "ReduceMax":  truths(ag.max, np.max),
    "ReduceMin":  truths(ag.min, np.min),
    "ArgMax":     position(np.argmax),
    "ArgMin":     position(np.argmin),
    "CumSum":     lambda x, axis: ag.cumsum(x, axis=int(plain(axis))),
    "MatMul":     lambda x, y: ag.matmul(x, y),
    "Einsum":     lambda *operands, equation: ag.einsum(equation, *operands),
    "Det":        lambda x: ag.linalg.det(x),
}
# fmt: on
