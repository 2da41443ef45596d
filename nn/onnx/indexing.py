"""Indexing and windows, and their adjoints, as operators of ONNX.

An index is taken apart into its slices, which are moves along single axes, and its arrays, which
are taken together once the axes that they name stand in front.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from nn.onnx.builder import Builder, bound, is_variable, shape_of
from nn.onnx.elementwise import Emitter


class Index:
    """An index taken apart.

    Attributes:
        slices: one for each axis of the array; None for all of it.
        dropped: the axes that an integer takes away.
        added: where None adds an axis, in the result of the slices.
        arrays: the arrays of integers, by the axis of what the slices leave.
    """

    def __init__(self, index: Any, shape: tuple[int, ...]) -> None:
        items = list(index) if isinstance(index, tuple) else [index]
        items = [part for item in items for part in _whole(item)]
        named = sum(1 for item in items if item is not None and item is not Ellipsis)
        fill = [slice(None)] * (len(shape) - named)
        if Ellipsis in [x for x in items if not hasattr(x, "shape")]:
            at = next(k for k, x in enumerate(items) if x is Ellipsis)
            items[at : at + 1] = fill
        else:
            items += fill
        takes = any(is_variable(x) or isinstance(x, np.ndarray) for x in items)
        self.slices: list[Any] = []
        self.dropped: list[int] = []
        self.added: list[int] = []
        self.arrays: dict[int, Any] = {}
        place = axis = 0  # in what the slices leave, and in the array
        for item in items:
            if item is None:
                self.added.append(place)
                place += 1
                continue
            self._axis(item, axis, place, shape[axis], takes)
            place += axis not in self.dropped
            axis += 1

    def _axis(self, item: Any, axis: int, place: int, length: int, takes: bool) -> None:
        """One axis of the array."""
        if isinstance(item, slice):
            start, stop, step = item.indices(length)
            steps = range(start, stop, step)
            self.slices.append(None if steps == range(length) else steps)
        elif takes:
            self.slices.append(None)
            self.arrays[place] = item
        else:
            at = int(item) % length
            self.slices.append(range(at, at + 1))
            self.dropped.append(axis)

    @property
    def adjacent(self) -> bool:
        """Whether the arrays stand side by side, so that what they pick stays in their place."""
        axes = sorted(self.arrays)
        return axes == list(range(axes[0], axes[0] + len(axes)))


def _whole(item: Any) -> list[Any]:
    """An entry of an index; a mask as the positions where it is true."""
    value = item.value if is_variable(item) and item.kind == "constant" else item
    if isinstance(value, (np.ndarray, np.bool_)) and value.dtype == np.bool_:
        return list(np.nonzero(value))
    if is_variable(item) and np.dtype(item.dtype) == np.bool_:
        raise NotImplementedError("a mask that is computed as an index")
    return [value]


# --- reading --------------------------------------------------------------------------------------


def sliced(b: Builder, x: str, index: Index) -> str:
    """What the slices of an index leave."""
    axes = [a for a, steps in enumerate(index.slices) if steps is not None]
    if axes:
        steps = [index.slices[a] for a in axes]
        ends = [s.stop if s.step > 0 or s.stop >= 0 else -(2**62) for s in steps]
        starts, strides = [s.start for s in steps], [s.step for s in steps]
        x = b.node("Slice", x, b.ints(*starts), b.ints(*ends), b.ints(*axes), b.ints(*strides))
    if index.dropped:
        x = b.node("Squeeze", x, b.ints(*index.dropped))
    if index.added:
        x = b.node("Unsqueeze", x, b.ints(*index.added))
    return x


def left_by_slices(shape: tuple[int, ...], index: Index) -> tuple[int, ...]:
    """The shape that the slices of an index leave."""
    kept = [
        n if steps is None else len(steps)
        for axis, (n, steps) in enumerate(zip(shape, index.slices, strict=True))
        if axis not in index.dropped
    ]
    for place in index.added:
        kept.insert(place, 1)
    return tuple(kept)


def positions(b: Builder, index: Index) -> tuple[str, tuple[int, ...]]:
    """The arrays of an index side by side along a last axis, and their common shape."""
    arrays = [index.arrays[axis] for axis in sorted(index.arrays)]
    shape = np.broadcast_shapes(*(shape_of(x) for x in arrays))
    parts = []
    for x in arrays:
        name = b.value(x, np.int64)
        if shape_of(x) != shape:
            name = b.expand(name, shape)
        parts.append(b.node("Unsqueeze", name, b.ints(-1)))
    return (parts[0] if len(parts) == 1 else b.node("Concat", *parts, axis=-1)), shape


def front(index: Index, ndim: int) -> list[int]:
    """The order of axes in which those that arrays name come first."""
    axes = sorted(index.arrays)
    return axes + [a for a in range(ndim) if a not in axes]


def moved_back(index: Index, ndim: int, picked: int) -> list[int]:
    """The order of axes that puts what was picked, which stands in front, into its place."""
    rest = ndim - len(index.arrays)
    before = min(index.arrays) if index.adjacent else 0
    first, others = list(range(picked)), list(range(picked, picked + rest))
    return others[:before] + first + others[before:]


def getitem(b: Builder, i: Any) -> str:
    """x[index]."""
    x, given = bound(i, "x", "index")
    index = Index(given, shape_of(x))
    name = sliced(b, b.value(x), index)
    if not index.arrays:
        return b.node("Identity", name) if name == b.names.get(x) else name
    ndim = len(left_by_slices(shape_of(x), index))
    if len(index.arrays) == 1:
        ((axis, at),) = index.arrays.items()
        return b.node("Gather", name, b.value(at, np.int64), axis=axis)
    at, shape = positions(b, index)
    name = b.node("GatherND", b.transpose(name, front(index, ndim)), at)
    return b.transpose(name, moved_back(index, ndim, len(shape)))


def unravel_index(b: Builder, i: Any) -> str:
    """Positions in a flattened array as positions along each axis, stacked along a first axis."""
    at, shape, order = bound(i, "at", "shape", "order", order="C")
    if order != "C":
        raise NotImplementedError(f"order={order!r}")
    ndim = len(shape_of(at))
    strides = [math.prod(shape[k + 1 :]) for k in range(len(shape))]
    lengths, steps = (
        b.reshape(b.ints(*numbers), (len(shape), *(1,) * ndim)) for numbers in (shape, strides)
    )
    flat = b.node("Unsqueeze", b.value(at, np.int64), b.ints(0))
    return b.node("Mod", b.node("Div", flat, steps), lengths)


def item(b: Builder, i: Any) -> str:
    """One of several results, which stand along a first axis."""
    results, k = bound(i, "results", "k")
    return b.node("Gather", b.names[results], b.constant(np.array(k, np.int64)), axis=0)


# --- writing --------------------------------------------------------------------------------------


def picked_shape(shape: tuple[int, ...], index: Any) -> tuple[int, ...]:
    """The shape of x[index]."""
    stands = index if isinstance(index, tuple) else (index,)
    plain = tuple(_stand(x) for x in stands)
    return tuple(np.broadcast_to(np.int8(0), shape)[plain].shape)


def _stand(x: Any) -> Any:
    if not is_variable(x):
        return x
    return x.value if x.kind == "constant" else np.zeros(x.shape, np.int64)


def unsliced(
    b: Builder, x: str, shape: tuple[int, ...], index: Index, dtype: Any, leave: bool = False
) -> str:
    """Zeros of a shape, with x where the slices of an index read."""
    if index.added:
        x = b.node("Squeeze", x, b.ints(*index.added))
    if index.dropped:
        x = b.node("Unsqueeze", x, b.ints(*index.dropped))
    now = [n if s is None else len(s) for n, s in zip(shape, index.slices, strict=True)]
    pads = [[0, 0] for _ in shape]
    for axis, steps in enumerate(index.slices):
        if steps is None:
            continue
        if steps.step == 1:
            pads[axis] = [steps.start, shape[axis] - steps.stop]
            continue
        order = [axis, *(a for a in range(len(shape)) if a != axis)]
        back = np.argsort(order)
        now[axis] = shape[axis]
        zeros = b.filled([now[a] for a in order], 0, dtype)
        at = b.constant(np.array(steps, np.int64).reshape(-1, 1))
        x = b.transpose(b.node("ScatterND", zeros, at, b.transpose(x, order)), back)
    if any(map(any, pads)):
        sides = [p[0] for p in pads] + [p[1] for p in pads]
        x = b.node("Pad", x, b.ints(*sides), b.constant(np.array(0, dtype)))
    return x


def placed(
    b: Builder, x: str, now: tuple[int, ...], shape: tuple[int, ...], given: Any, dtype: Any
) -> str:
    """Zeros of a shape, with x added at an index; x has the shape `now`, or less axes."""
    index, whole = Index(given, shape), picked_shape(shape, given)
    if now != whole:
        x = b.expand(x, whole)
    left = left_by_slices(shape, index)
    if index.arrays:
        at, picked = positions(b, index)
        back = moved_back(index, len(left), len(picked))
        order = front(index, len(left))
        zeros = b.filled([left[a] for a in order], 0, dtype)
        x = b.transpose(x, np.argsort(back))
        x = b.node("ScatterND", zeros, at, x, reduction="add")
        x = b.transpose(x, np.argsort(order))
    return unsliced(b, x, shape, index, dtype)


def scatter_add(b: Builder, i: Any) -> str:
    """Zeros, with x added at an index."""
    x, index, shape = bound(i, "x", "index", "shape")
    dtype = i.result.dtype
    return placed(b, b.value(x, dtype), shape_of(x), tuple(shape), index, dtype)


def pieces(b: Builder, i: Any) -> str:
    """Zeros, and parts at places of their own."""
    shape, dtype, indices, *parts = i.args
    names = [
        placed(b, b.value(x, dtype), shape_of(x), tuple(shape), index, dtype)
        for index, x in zip(indices, parts, strict=True)
    ]
    total = names[0]
    for name in names[1:]:
        total = b.node("Add", total, name)
    return total


def add_at(b: Builder, i: Any) -> str:
    """x with a value added at an index."""
    x, index, value = bound(i, "x", "index", "value")
    dtype = i.result.dtype
    part = placed(b, b.value(value, dtype), shape_of(value), shape_of(x), index, dtype)
    return b.node("Add", b.value(x, dtype), part)


def setitem(b: Builder, i: Any) -> str:
    """x with other values at an index."""
    x, index, value = bound(i, "x", "index", "value")
    dtype, shape = i.result.dtype, shape_of(x)
    if Index(index, shape).arrays:
        raise NotImplementedError(
            "an assignment at positions in an array, of which two may be equal"
        )
    part = placed(b, b.value(value, dtype), shape_of(value), shape, index, dtype)
    whole = picked_shape(shape, index)
    there = placed(b, b.filled(whole, 1, np.float32), whole, shape, index, np.float32)
    there = b.node("Greater", there, b.constant(np.array(0, np.float32)))
    return b.node("Where", there, part, b.value(x, dtype))


# --- windows --------------------------------------------------------------------------------------


def windows(b: Builder, i: Any) -> str:
    """All windows of a size: along each axis, the positions that they read."""
    x, size, stride, dilation = bound(i, "x", "size", "stride", "dilation")
    k, ndim = len(size), len(shape_of(x))
    name = b.value(x)
    for n in range(k):
        count = i.result.shape[ndim - k + n]
        at = np.arange(count)[:, None] * stride[n] + np.arange(size[n]) * dilation[n]
        name = b.node("Gather", name, b.constant(at.astype(np.int64)), axis=ndim - k + 2 * n)
    first = list(range(ndim - k))
    counts = [ndim - k + 2 * n for n in range(k)]
    return b.transpose(name, [*first, *counts, *(c + 1 for c in counts)])


def fold(b: Builder, i: Any) -> str:
    """Windows added back to their places, by the position of each entry in the flattened axes."""
    x, shape, size, stride, dilation = bound(i, "x", "shape", "size", "stride", "dilation")
    k, ndim, dtype = len(size), len(shape_of(x)), i.result.dtype
    lead = ndim - 2 * k
    counts, lengths = shape_of(x)[lead : lead + k], tuple(shape[-k:])
    at = np.zeros((*counts, *size), np.int64)
    for n, place in enumerate(itertools.product((0, 1), range(k))):
        inside, axis = place
        steps = dilation[axis] if inside else stride[axis]
        grid = np.arange(at.shape[n]) * steps * math.prod(lengths[axis + 1 :])
        at += grid.reshape([-1 if m == n else 1 for m in range(2 * k)])
    order = [*range(lead, ndim), *range(lead)]
    front_shape = shape_of(x)[:lead]
    name = b.reshape(b.transpose(b.value(x, dtype), order), (at.size, *front_shape))
    zeros = b.filled((math.prod(lengths), *front_shape), 0, dtype)
    name = b.node("ScatterND", zeros, b.constant(at.reshape(-1, 1)), name, reduction="add")
    name = b.reshape(name, (*lengths, *front_shape))
    return b.transpose(name, [*range(k, k + lead), *range(k)])


INDEXING: dict[str, Emitter] = {
    "getitem": getitem,
    "numpy.unravel_index": unravel_index,
    "item": item,
    "setitem": setitem,
    "add_at": add_at,
    "pieces": pieces,
    "kernel.scatter_add": scatter_add,
    "kernel.windows": windows,
    "kernel.fold": fold,
}
