"""Reductions, products and moves of the program as operators of ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.onnx.builder import Builder, bound, dtype_of, shape_of
from nn.onnx.elementwise import Emitter


def axes_of(axis: Any, ndim: int) -> list[int]:
    """The axes of a reduction as a list of numbers from 0."""
    if axis is None:
        return list(range(ndim))
    return sorted(int(a) % ndim for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def reduce(b: Builder, kind: str, x: Any, axis: Any, keepdims: Any, dtype: Any) -> str:
    """A reduction, computed in `dtype`."""
    axes = axes_of(axis, len(shape_of(x)))
    given = b.value(x, dtype)
    if not axes:
        return b.node("Identity", given)
    return b.node(kind, given, b.ints(*axes), keepdims=int(bool(keepdims)))


def reduction(kind: str) -> Emitter:
    """`ufunc.reduce`, whose axis is the first one unless another is given."""

    def emit(b: Builder, i: Any) -> str:
        x, axis, dtype, keepdims, initial = bound(
            i, "x", "axis", "dtype", "keepdims", "initial",
            axis=0, dtype=None, keepdims=False, initial=None,
        )  # fmt: skip
        del dtype  # it is that of the result
        out = reduce(b, kind, x, axis, keepdims, i.result.dtype)
        if initial is None:
            return out
        joined = {"ReduceSum": "Add", "ReduceMax": "Max", "ReduceMin": "Min", "ReduceProd": "Mul"}
        return b.node(joined[kind], out, b.value(initial, i.result.dtype))

    return emit


def along(kind: str, *names: str) -> Emitter:
    """A function of an array, an axis and `keepdims`."""

    def emit(b: Builder, i: Any) -> str:
        x, axis, keepdims = bound(i, "x", "axis", "keepdims", axis=None, keepdims=False)
        return reduce(b, kind, x, axis, keepdims, i.result.dtype)

    return emit


def truth(kind: str) -> Emitter:
    """Whether all or any entries are true, by the least or the largest of their numbers."""

    def emit(b: Builder, i: Any) -> str:
        x, axis, keepdims = bound(i, "x", "axis", "keepdims", axis=None, keepdims=False)
        if i.operation.form == "reduce" and axis is None:
            axis = 0
        name = b.cast(b.value(x, np.bool_), np.bool_, np.int32)
        axes = axes_of(axis, len(shape_of(x)))
        if axes:
            name = b.node(kind, name, b.ints(*axes), keepdims=int(bool(keepdims)))
        return b.cast(name, np.int32, np.bool_)

    return emit


def reduce_along(b: Builder, i: Any) -> str:
    """The kernel that takes its ufunc as an argument."""
    ufunc, x, axis, keepdims, _ = bound(i, "ufunc", "x", "axis", "keepdims", "dtype", dtype=None)
    kinds = {"add": "ReduceSum", "maximum": "ReduceMax", "minimum": "ReduceMin"}
    return reduce(b, kinds[ufunc.__name__], x, axis, keepdims, i.result.dtype)


def sum_of_rows(b: Builder, i: Any) -> str:
    """The sum along the first axes."""
    x, count = bound(i, "x", "count", count=1)
    return reduce(b, "ReduceSum", x, tuple(range(count)), False, i.result.dtype)


def position(kind: str) -> Emitter:
    """argmax or argmin."""

    def emit(b: Builder, i: Any) -> str:
        x, axis, keepdims = bound(i, "x", "axis", "keepdims", axis=None, keepdims=False)
        name, ndim = b.value(x), len(shape_of(x))
        if axis is None:
            name, axis, ndim = b.reshape(name, (-1,)), 0, 1
        return b.node(kind, name, axis=int(axis) % ndim, keepdims=int(bool(keepdims)))

    return emit


def cumsum(b: Builder, i: Any) -> str:
    """Sums so far."""
    x, axis = bound(i, "x", "axis", axis=None)
    name = b.value(x, i.result.dtype)
    if axis is None:
        name, axis = b.reshape(name, (-1,)), 0
    return b.node("CumSum", name, b.constant(np.array(int(axis), np.int64)))


def cumprod(b: Builder, i: Any) -> str:
    """Products so far, one after the other: ONNX has no operator for them before version 26."""
    x, axis = bound(i, "x", "axis", axis=-1)
    name, axis = b.value(x, i.result.dtype), int(axis) % len(shape_of(x))
    length = shape_of(x)[axis]
    parts = [
        b.node("Gather", name, b.constant(np.array([k], np.int64)), axis=axis)
        for k in range(length)
    ]
    for k in range(1, length):
        parts[k] = b.node("Mul", parts[k - 1], parts[k])
    return b.node("Concat", *parts, axis=axis)


def all_so_far(b: Builder, i: Any) -> str:
    """logical_and.accumulate: whether the number of false entries so far is 0."""
    x, axis = bound(i, "x", "axis", axis=0)
    false = b.cast(b.node("Not", b.value(x, np.bool_)), np.bool_, np.int32)
    count = b.node("CumSum", false, b.constant(np.array(int(axis), np.int64)))
    return b.node("Equal", count, b.constant(np.array(0, np.int32)))


def matmul(b: Builder, i: Any) -> str:
    """A matrix product; `dot` of a stack means another one, which no program of ours uses."""
    x, y = bound(i, "x", "y")
    if i.operation.name == "ndarray.dot" and not (len(shape_of(y)) <= 2 and shape_of(x)):
        raise NotImplementedError("dot of a stack of matrices")
    return b.node("MatMul", b.value(x, i.result.dtype), b.value(y, i.result.dtype))


def einsum(b: Builder, i: Any) -> str:
    """Einstein summation."""
    subscripts, *operands = i.args
    return b.node("Einsum", *(b.value(x, i.result.dtype) for x in operands), equation=subscripts)


def reshape(b: Builder, i: Any) -> str:
    """Another shape; that of the result, because the one given may have a -1."""
    return b.reshape(b.value(i.args[0]), i.result.shape)


def transpose(b: Builder, i: Any) -> str:
    """Another order of the axes."""
    x, axes = bound(i, "x", "axes")
    name = b.value(x)
    moved = b.transpose(name, axes)
    return b.node("Identity", name) if moved == name else moved


def broadcast(b: Builder, i: Any) -> str:
    """Repeated to the shape of the result."""
    return b.expand(b.value(i.args[0]), i.result.shape)


def concatenate(b: Builder, i: Any) -> str:
    """Joined along an axis."""
    parts, axis = bound(i, "parts", "axis", axis=0)
    given = [b.value(x, i.result.dtype) for x in parts]
    return b.node("Concat", *given, axis=int(axis) % len(i.result.shape))


def determinant(b: Builder, i: Any) -> str:
    """The determinant of square matrices."""
    return b.node("Det", b.value(i.args[0], dtype_of(i.result)))


REDUCTIONS: dict[str, Emitter] = {
    "add.reduce": reduction("ReduceSum"),
    "multiply.reduce": reduction("ReduceProd"),
    "maximum.reduce": reduction("ReduceMax"),
    "minimum.reduce": reduction("ReduceMin"),
    "logical_and.reduce": truth("ReduceMin"),
    "logical_or.reduce": truth("ReduceMax"),
    "logical_and.accumulate": all_so_far,
    "ndarray.all": truth("ReduceMin"),
    "ndarray.any": truth("ReduceMax"),
    "numpy.all": truth("ReduceMin"),
    "numpy.any": truth("ReduceMax"),
    "numpy.prod": along("ReduceProd"),
    "ndarray.prod": along("ReduceProd"),
    "kernel.sum_of_few": along("ReduceSum"),
    "kernel.largest": along("ReduceMax"),
    "kernel.reduce_along": reduce_along,
    "kernel.sum_of_rows": sum_of_rows,
    "ndarray.argmax": position("ArgMax"),
    "ndarray.argmin": position("ArgMin"),
    "numpy.argmax": position("ArgMax"),
    "numpy.argmin": position("ArgMin"),
    "numpy.cumsum": cumsum,
    "numpy.cumprod": cumprod,
    "matmul": matmul,
    "ndarray.dot": matmul,
    "numpy.einsum": einsum,
    "reshape": reshape,
    "ndarray.ravel": reshape,
    "transpose": transpose,
    "broadcast": broadcast,
    "numpy.concatenate": concatenate,
    "numpy.linalg.det": determinant,
}
